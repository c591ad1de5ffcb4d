"""Passive rules of OCPP: what can be judged by looking at what passes, live or in a journal or log."""

from __future__ import annotations

from v2x_suites.ocpp.rules.catalogue import all_infos
from v2x_suites.ocpp.rules.engine import OcppJudge

__all__ = ["OcppJudge", "all_infos", "judge"]


def judge(version: str | None = None) -> OcppJudge:
    """Return a new judge with all rules; the version is read off each link when None."""
    return OcppJudge(version)
