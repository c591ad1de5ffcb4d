"""What cases with an EVCC under test do again and again."""

from __future__ import annotations

from collections.abc import Mapping

from v2x_architecture.coupling import CpState
from v2x_harness.blocks import CannotJudge, NotSeen, requirement
from v2x_harness.events import Json, LinkEvent

from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import Message

NO_CURRENT = 1.0
"""What is as good as no current (A)."""
SLACK = 5.0
"""Within which an EVCC must have ended the connection once one of its timers has run out (s); see PIXIT ``termination``."""


async def reach(se: SeTester, evcc: UnderTest, response: str, nth: int = 1) -> Message:
    """Go through a good session up to a response of ours, which is held; what the EVCC said until then is done with.

    Returns:
        The request that the response belongs to.

    Raises:
        CannotJudge: it does not come so far, or what the EVCC says is not of our session.
    """
    await se.until(response, nth)
    request = evcc.said(f"{response.removesuffix('Res')}Req")[-1]
    if request.name not in ("supportedAppProtocolReq", "SessionSetupReq") and request.session_id.peek() != se.session_id:
        raise CannotJudge(f"{request.name} is of session {request.session_id.peek()}, not of ours, {se.session_id}")
    evcc.from_now()
    return request


async def comes(se: SeTester, evcc: UnderTest, request: str, *, within: float | None = None, refused: bool = False) -> Message:
    """Let our side go on until the EVCC has sent a request, whose response is held; what it said until then is done with.

    Args:
        request: name of it.
        within: seconds; the subject's ``settle`` when None.
        refused: take it also when a good SECC refuses it.

    Raises:
        NotSeen: it does not come, or is none that a good SECC grants.
    """
    try:
        await se.until(f"{request.removesuffix('Req')}Res", within=within, refused=refused)
    except CannotJudge as error:
        raise NotSeen(f"{request} does not come: {error}", expected=request) from error
    evcc.from_now()
    return evcc.said(request)[-1]


async def over(se: SeTester, evcc: UnderTest, *parting: str, within: float | None = None) -> None:
    """See the EVCC end the session and its connection, and the EV let go.

    Args:
        parting: names of messages that may still come; SessionStopReq always may.
        within: seconds; the time to end a connection when None.

    Raises:
        AssertionError: it goes on, keeps the connection, or its hold on the plug.
    """
    await evcc.ends("SessionStopReq", *parting, within=within)
    released(se)


async def once_more(se: SeTester, driver: EvccOperator) -> None:
    """Have the EV plugged in anew, and wait for its connection.

    Raises:
        CannotJudge: it does not come.
    """
    await driver.unplug()
    await se.disconnect()
    await driver.plug_in()
    try:
        await se.next_session()
    except NotSeen as error:
        raise CannotJudge(str(error)) from error


def released(se: SeTester) -> None:
    """See that the EV has let go: no current, contactors open, control pilot in state B; where it can be measured.

    Raises:
        AssertionError: it has not.
    """
    if not se.measured:
        return
    plug = se.plug
    assert plug.cp_state in (CpState.A, CpState.B), f"the control pilot stays in state {plug.cp_state.value}"
    assert not plug.ev_contactor_closed, "the EV's contactors stay closed"
    assert abs(plug.ac_set_w) < 1.0, f"the EV's charger stays set to {plug.ac_set_w:g} W"


async def put_off(
    se: SeTester, evcc: UnderTest, response: str, change: Mapping[str, Json], seconds: float
) -> tuple[list[Message], Message | LinkEvent | None]:
    """Give the same response to every request of one kind, until the EVCC does something else.

    Args:
        response: name of it; it is like the last one of this name that the EVCC has been given.
        change: what is otherwise in it, see `editing`.
        seconds: for how long at most.

    Returns:
        The requests, and what the EVCC did then: another message or the end of the connection; None when it has not yet.
    """
    requests: list[Message] = []
    end = evcc.watch.now + seconds
    while (left := end - evcc.watch.now) > 0:
        try:
            did = await evcc.then(left)
        except NotSeen:
            break
        if not isinstance(did, Message) or did.name != f"{response.removesuffix('Res')}Req":
            return requests, did
        requests.append(did)
        last = [each.content.peek() for each in evcc.heard(response)[-1:]]
        se.put_other(response, change, like=last[0] if last and isinstance(last[0], dict) else None)
    return requests, None


async def unanswered(evcc: UnderTest, request: Message, *, seconds: float = 2.0, least: float = 1.4) -> None:
    """Leave a request without its response, and see that the EVCC ends the connection, in time and not too soon.

    Args:
        request: whose response is held.
        seconds: V2G_EVCC_Msg_Timeout of the request (s).
        least: for so long an SECC may take to answer (s).

    Raises:
        AssertionError: it gives up too soon.
        NotSeen: it does not, or says something.
    """
    end = await evcc.ends(within=seconds + evcc.termination)
    waited = end.t - request.t
    assert waited >= least, f"it gives up after {waited:.2f} s, before an SECC has to have answered"


def asks_on(requests: list[Message], first: Message, seconds: float) -> None:
    """See that an EVCC that was put off has asked again and again, see `put_off`.

    Args:
        requests: its requests from then on.
        first: its first one.
        seconds: for longer than that.

    Raises:
        AssertionError: it has not.
    """
    assert len(requests) >= 2, f"it asks {len(requests)} times more"
    assert requests[-1].t - first.t > seconds, f"it asks for {requests[-1].t - first.t:.0f} s only"


def gives_up(se: SeTester, evcc: UnderTest, did: Message | LinkEvent | None) -> None:
    """See that an EVCC that was put off has ended the session, and that the EV has let go.

    Args:
        did: what it did at last, see `put_off`.

    Raises:
        AssertionError: it goes on, or keeps its hold on the plug.
    """
    assert is_over(did, evcc), f"it does not end the session, but {did!r}"
    released(se)


async def unplugged(se: SeTester, driver: EvccOperator, evcc: UnderTest, cites: str) -> None:
    """Have the cable pulled out while energy flows, and judge that the EVCC holds its session no longer.

    Args:
        cites: id of the requirement.
    """
    old = se.session_id
    await driver.unplug()
    evcc.from_now()
    with requirement(cites, hard=True):
        await evcc.stays_quiet(for_=1.0)
        released(se)
    await se.disconnect()
    with requirement(cites):
        evcc.from_now()
        await driver.plug_in()
        await se.next_session()
        assert (await comes(se, evcc, "SessionSetupReq")).session_id != old


def is_over(did: Message | LinkEvent | None, evcc: UnderTest) -> bool:
    """Tell whether what an EVCC did is the end of the session: SessionStopReq, or the end of the connection."""
    if isinstance(did, Message):
        return did.name == "SessionStopReq"
    return did is not None and did.by == evcc.role
