"""Times in messages, held against the time at which the tap saw them."""

from __future__ import annotations

from datetime import datetime

from v2x_harness.field import Field

from v2x_suites.ocpp.watch import Message

# A clock may be off by so much before its time is of no use to a station that sets its own by it (s).
CLOCK = 60.0


def seconds_off(stamp: Field, message: Message) -> float:
    """Return by how much a timestamp differs from the time at which the tap saw its message (s).

    Raises:
        AssertionError: it is no timestamp.
    """
    text = stamp.value
    assert isinstance(text, str), f"{stamp!r} is no timestamp"
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        told = None
    assert told is not None, f"{stamp!r} is no timestamp"
    assert told.tzinfo is not None, f"{stamp!r} has no offset from UTC"
    return abs((told - datetime.fromisoformat(message.at)).total_seconds())
