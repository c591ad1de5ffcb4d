"""Timestamps, as far as they can be told."""

from __future__ import annotations

from datetime import datetime


def instant(text: object) -> datetime | None:
    """Return the moment a timestamp means; None for one that cannot be read or has no offset."""
    try:
        moment = datetime.fromisoformat(text)  # type: ignore[arg-type]  # what is no text is refused below
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo is not None else None


def later(time: str, than: str) -> bool:
    """Tell whether a timestamp is later than another; False when that cannot be told."""
    if len(time) == len(than) and time[-1:] == than[-1:] == "Z":
        return time > than
    try:
        return datetime.fromisoformat(time) > datetime.fromisoformat(than)
    except (ValueError, TypeError):
        return False
