"""What cases about broken messages end with."""

from __future__ import annotations

from v2x_suites.iso15118 import secc_steps
from v2x_suites.iso15118.ev_tester import EvTester


async def serves(ev: EvTester) -> None:
    """See that an SECC, whatever it was sent before, holds a session with the next EV."""
    await secc_steps.serves(ev, "15118-2#session.anew")
