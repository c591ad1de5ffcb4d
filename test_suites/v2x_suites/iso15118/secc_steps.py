"""What cases with an SECC under test do again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from v2x_harness.blocks import NotSeen, requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.under_test import UnderTest
from v2x_suites.iso15118.watch import Message


async def granted(ev: EvTester, change: Mapping[str, Json] | None = None, without: Sequence[str] = ()) -> Message:
    """Send what our EVCC holds, changed, and see that the SECC grants it.

    Args:
        change: pointers to new values, see `editing`.
        without: pointers of what is left out.

    Returns:
        The response.

    Raises:
        AssertionError: it does not belong to the request, or does not say OK.
        NotSeen: there is none.
    """
    name = ev.held.name
    answer = await ev.sends(change, without)
    assert answer.name == f"{name.removesuffix('Req')}Res"
    assert answer.code == "OK"
    return answer


async def if_answered(ev: EvTester, start: int, name: str, seconds: float = 2.0) -> Message | None:
    """Return what the SECC says to what it need not answer; None where it keeps silent, or has ended the connection.

    Args:
        start: index in the watch from which on it counts.
        name: of what it was sent, for the finding.
        seconds: for how long an answer is waited for.
    """
    try:
        return await ev.response(start, name, within=seconds)
    except NotSeen:
        return None


async def unreadable(ev: EvTester, octets: bytes) -> None:
    """Send what cannot be read instead of what our EVCC holds, and see that it is not taken for a request.

    Args:
        octets: behind a good header of V2GTP.

    Raises:
        AssertionError: it is answered with OK.
    """
    start = len(ev.watch.items)
    ev.put_octets(octets)
    answer = await if_answered(ev, start, "what cannot be read")
    assert answer is None or not str(answer.code.value).startswith("OK")


async def waits(secc: UnderTest, seconds: float) -> float:
    """Send nothing more, and see that the SECC ends the connection when a timer of its own has run out.

    Args:
        seconds: that the timer runs from its last response on.

    Returns:
        How long it has waited (s).

    Raises:
        NotSeen: it does not end the connection in time.
    """
    secc.from_now()
    last = secc.said()[-1]
    end = await secc.closes(within=last.t + seconds + secc.termination - secc.watch.now)
    return end.t - last.t


async def serves(ev: EvTester, cites: str) -> None:
    """Judge that an SECC, whatever it was sent before, holds a session with the next EV.

    Args:
        cites: id of the requirement.
    """
    with requirement(cites):
        answer = await ev.begins()
        assert answer.code == "OK_NewSessionEstablished", "no new session was set up"
