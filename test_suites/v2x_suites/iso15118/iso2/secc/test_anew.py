"""A session after a session."""

from __future__ import annotations

from v2x_suites.iso15118.anew import after_a_broken_one
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case


@case("V2X_SECC_CMN_VTB_SessionAnew_001", verifies="15118-2#session.anew")
async def test_session_after_a_broken_one(ev: EvTester) -> None:
    """An SECC whose EV breaks the connection off in the middle of a session holds a new session, with an id of its own."""
    await after_a_broken_one(ev, "15118-2#session.anew")
