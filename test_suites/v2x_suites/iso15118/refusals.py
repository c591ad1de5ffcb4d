"""What an SECC does about a request that it must not take: the same in every state of the older editions."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.secc_steps import waits
from v2x_suites.iso15118.testers import NO_SESSION
from v2x_suites.iso15118.under_test import UnderTest
from v2x_suites.iso15118.watch import Message

SEQUENCE_ERROR: Final = {"din": ("V2G-DC-666", "V2G-DC-390", "V2G-DC-116"), "2": ("V2G2-538", "V2G2-459", "V2G2-539")}
"""Which response comes, what it says, and that the connection ends."""
UNKNOWN_SESSION: Final = {"din": ("V2G-DC-391", "V2G-DC-116"), "2": ("V2G2-460", "V2G2-034")}
"""What the response says, and that the connection ends."""
ENDED: Final = {"din": "V2G-DC-116", "2": "V2G2-034"}
SILENCE: Final = {"din": "V2G-DC-432", "2": "V2G2-443"}

SEQUENCE_TIMEOUT: Final = 60.0
"""V2G_SECC_Sequence_Timeout (s)."""
# What a clock and the way to the tap may take from it (s).
_EARLY = 2.0


async def out_of_sequence(ev: EvTester, secc: UnderTest, name: str, *, session_id: str | None = None) -> Message:
    """Send a request that has no place, and judge what becomes of it.

    Args:
        name: of the request; it takes the place of what our EVCC holds.
        session_id: that it carries; the session's when None, which the response must carry, too.

    Returns:
        The response.
    """
    belongs, code, end = SEQUENCE_ERROR[ev.version]
    # Before there is a session, an SECC may say what it likes.
    own = ev.session_id if session_id is None and ev.session_id != NO_SESSION else None
    with requirement(belongs, hard=True):
        answer = await ev.sends_other(name, session_id=session_id)
        assert answer.name == f"{name.removesuffix('Req')}Res"
        assert own is None or answer.session_id == own
    with requirement(code):
        assert answer.code == "FAILED_SequenceError"
    with requirement(end):
        await secc.closes()
    return answer


async def unknown_session(ev: EvTester, secc: UnderTest) -> Message:
    """Send what our EVCC holds with one octet of the SessionID changed, and judge what becomes of it.

    Returns:
        The response.
    """
    code, end = UNKNOWN_SESSION[ev.version]
    name, session_id = ev.held.name, ev.session_id
    with requirement(code, hard=True):
        answer = await ev.sends({"/Header/SessionID": other_than(session_id)})
        assert answer.name == f"{name.removesuffix('Req')}Res"
        assert answer.code == "FAILED_UnknownSession"
    with requirement(end):
        await secc.closes()
    return answer


async def only_its_own(ev: EvTester, *ids: str) -> None:
    """Judge that the SECC holds a session that is one: it tells its own requests from those of another.

    What says OK to everything would otherwise pass for an SECC that has looked at what it is asked.

    Args:
        ids: of the requirements that are only met by an SECC that does.
    """
    with requirement(*ids):
        answer = await ev.sends({"/Header/SessionID": other_than(ev.session_id)})
        assert answer.code == "FAILED_UnknownSession"


async def silence(ev: EvTester, secc: UnderTest, *, least: float = SEQUENCE_TIMEOUT - _EARLY) -> None:
    """Keep silent, and judge that the SECC waits for as long as it must after its last response, and no longer.

    Args:
        least: seconds that it must wait; before there is a session it may give up sooner.
    """
    with requirement(SILENCE[ev.version]):
        waited = await waits(secc, SEQUENCE_TIMEOUT)
        assert waited >= least, f"it gave up after {waited:.1f} s"


async def refused(secc: UnderTest, sent: Awaitable[Message], requirement_id: str, *codes: str) -> None:
    """Judge the response to a request, which must say no: to end the connection without one is none.

    Args:
        sent: the request, whose response is waited for.
        requirement_id: by which it must.
        codes: that it may say.
    """
    with requirement(requirement_id):
        answer = await sent
        assert answer.code.is_in(*codes)
    with requirement(ENDED[secc.version]):
        await secc.closes()


def other_than(session_id: str) -> str:
    """Return a SessionID that differs in one octet (hexadecimal)."""
    return session_id[:-2] + f"{int(session_id[-2:], 16) ^ 0xFF:02X}"
