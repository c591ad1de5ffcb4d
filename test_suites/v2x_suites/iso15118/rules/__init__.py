"""Passive rules of ISO 15118: what can be judged by looking at what passes, live or in a journal or capture."""

from __future__ import annotations

from v2x_suites.iso15118.rules.engine import Iso15118Judge, all_infos

__all__ = ["Iso15118Judge", "all_infos", "judge"]


def judge(version: str | None = None) -> Iso15118Judge:
    """Return a new judge with all rules; the edition is always read off the negotiation."""
    del version
    return Iso15118Judge()
