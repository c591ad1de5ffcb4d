"""Runs, records and judges; knows no protocol."""
