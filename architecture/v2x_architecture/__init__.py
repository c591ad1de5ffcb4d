"""The open architecture of smart and bidirectional charging, and the reference implementation of its interfaces."""
