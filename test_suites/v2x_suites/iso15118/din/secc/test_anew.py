"""A session after a session."""

from __future__ import annotations

from v2x_suites.iso15118.anew import after_a_broken_one
from v2x_suites.iso15118.din.secc import case
from v2x_suites.iso15118.ev_tester import EvTester


@case("TC_DIN_SECC_SessionAnew_001", verifies="DIN70121#session.anew")
async def test_session_after_a_broken_one(ev: EvTester) -> None:
    """An SECC whose EV breaks the connection off in the middle of a session holds a new session, with an id of its own."""
    await after_a_broken_one(ev, "DIN70121#session.anew")
