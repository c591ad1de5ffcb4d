"""How long things take, by the table of timers. Times are the tap's, or the capture's: what the wire adds counts."""

from __future__ import annotations

from v2x_architecture.iso15118.editions import Edition
from v2x_architecture.iso15118.sequences import END
from v2x_architecture.iso15118.timers import timers
from v2x_harness.finding import Axis, Layer

from v2x_suites.iso15118.rules.looking import GOOD, REQUESTS, RESPONSES, Found, Look, LookBack, look
from v2x_suites.iso15118.rules.rule import EVCC, SECC, Ending, Problem, described
from v2x_suites.iso15118.rules.said import Said
from v2x_suites.iso15118.rules.session import FAILED, NEGOTIATION, Session

# What a clock and a bystander may be off (s).
_SLACK = 0.01
# What an SECC may take to end a connection once its timer has run out (s).
_ENDING = 5.0
_ENDING_IN_LOOP = 1.0
_LOOPS = {"AC_ChargeLoop": "V2G_SECC_Sequence_Timeout_AC_CL", "DC_ChargeLoop": "V2G_SECC_Sequence_Timeout_DC_CL"}
_WAITING = "Ongoing_WaitingForCustomerInteraction"

_PERFORMED = "performance:"
_WORST = "worst:"
_ALL = "all:"
_LATE = "late:"

TIMEOUT = described(
    "timing.message_timeout",
    Layer.TIMING,
    "V2G_EVCC_Msg_Timeout",
    "An SECC answers before V2G_EVCC_Msg_Timeout is over, at which an EVCC ends the session.",
    party=SECC,
)
PERFORMANCE = described(
    "timing.performance",
    Layer.TIMING,
    "V2G_SECC_Msg_Performance_Time",
    "An SECC answers within V2G_SECC_Msg_Performance_Time.",
    party=SECC,
    axis=Axis.COMPATIBILITY,
)
NOT_ENFORCED = described(
    "timing.sequence_timeout",
    Layer.TIMING,
    "V2G_SECC_Sequence_Timeout.secc",
    "An SECC ends a session whose next request has not come before V2G_SECC_Sequence_Timeout is over.",
    party=SECC,
    numbered={"2": "V2G2-443"},
)

_CHECKS = ("CableCheck", "DC_CableCheck")
_PRE_CHARGES = ("PreChargeReq", "DC_PreChargeReq")


def timeout(session: Session, said: Said) -> Found:
    """Look for an answer at which the EVCC has given up: the first of each kind is told, the others are counted."""
    taken, limit = _taken(session, said), timers(session.edition or Edition.ISO2).timeout(said.pair)
    if taken is None:
        return None
    if taken <= limit + _SLACK or session.count(_LATE + said.pair) > 1:
        return GOOD
    words = f"it comes {taken:.3f} s after its request, when an EVCC has given up"
    return [Problem(TIMEOUT, words, said.root, f"{limit:g} s", f"{taken:.3f} s")]


def timed_out(session: Session, ending: Ending) -> Found:
    """Say how often an answer came too late that did so more than once."""
    found = []
    for key, times in session.tally.items():
        pair = key.removeprefix(_LATE)
        if not key.startswith(_LATE) or times < 2:
            continue
        limit, worst = timers(session.edition or Edition.ISO2).timeout(pair), session.tally[_WORST + pair]
        words = f"{pair}Res came later than {limit:g} s {times:.0f} times of {session.tally[_ALL + pair]:.0f}"
        found.append(Problem(TIMEOUT, words, "", f"{limit:g} s", f"{worst:.3f} s", SECC, session.worst[pair]))
    return found or None


def performance(session: Session, said: Said) -> Found:
    """Keep how long an answer has taken: what there is to say of it is said when the session is over."""
    taken = _taken(session, said)
    if taken is None:
        return None
    key = said.pair
    session.count(_ALL + key)
    if taken > timers(session.edition or Edition.ISO2).pair(key).performance + _SLACK:
        session.count(_PERFORMED + key)
        if taken > session.tally.get(_WORST + key, 0.0):
            session.tally[_WORST + key] = taken
            session.worst[key] = said.n
    return GOOD


def performed(session: Session, ending: Ending) -> Found:
    """Say which answers have taken too long, each kind once."""
    late = [key.removeprefix(_PERFORMED) for key in session.tally if key.startswith(_PERFORMED)]
    if not late:
        return None
    found = []
    for pair in sorted(late):
        limit, worst = timers(session.edition or Edition.ISO2).pair(pair).performance, session.tally[_WORST + pair]
        times, of = session.tally[_PERFORMED + pair], session.tally[_ALL + pair]
        often = "once" if times == 1 else f"{times:.0f} times"
        words = f"{pair}Res took longer than {limit:g} s {often} of {of:.0f}, {worst:.3f} s at most"
        problem = Problem(PERFORMANCE, words, "", f"{limit:g} s", f"{worst:.3f} s", SECC, session.worst[pair])
        found.append(problem)
    return found


@look(
    "timing.next_request",
    Layer.TIMING,
    "V2G_SECC_Sequence_Timeout.evcc",
    at=(REQUESTS,),
    party=EVCC,
    timed=True,
)
def next_request(session: Session, said: Said) -> Found:
    """An EVCC's next request comes before V2G_SECC_Sequence_Timeout is over."""
    waited = _waited(session, said)
    if waited is None:
        return None
    limit = _sequence_timeout(session, said.pair)
    if waited <= limit + _SLACK:
        return GOOD
    words = f"it comes {waited:.3f} s after the last response, when an SECC has given up"
    return [Problem(next_request.info, words, said.root, f"{limit:g} s", f"{waited:.3f} s")]


@look(
    "timing.sequence_performance",
    Layer.TIMING,
    "V2G_EVCC_Sequence_Performance_Time",
    at=(REQUESTS,),
    party=EVCC,
    axis=Axis.COMPATIBILITY,
    timed=True,
)
def pace(session: Session, said: Said) -> Found:
    """An EVCC's next request comes within V2G_EVCC_Sequence_Performance_Time."""
    waited = _waited(session, said)
    if waited is None or session.edition is None or waited > _sequence_timeout(session, said.pair) + _SLACK:
        return None
    limit = timers(session.edition).session["V2G_EVCC_Sequence_Performance_Time"]
    if waited <= limit + _SLACK:
        return GOOD
    words = f"it comes {waited:.3f} s after the last response"
    return [Problem(pace.info, words, said.root, f"{limit:g} s", f"{waited:.3f} s")]


def not_enforced(session: Session, said: Said) -> Found:
    """Look for an answer to a request that has come too late."""
    request = said.request
    if request is None or session.edition is None or not session.waited_for:
        return None
    limit = _sequence_timeout(session, request.pair)
    longer = _ENDING_IN_LOOP if request.pair in _LOOPS else _ENDING
    if session.waited_for <= limit + longer or said.failed:
        return GOOD
    words = f"it answers a request that came {session.waited_for:.3f} s after the last response"
    return [Problem(NOT_ENFORCED, words, said.root, f"the end of the session after {limit:g} s", f"{session.waited_for:.3f} s")]


def not_ended(session: Session, ending: Ending) -> Found:
    """Look for a connection that an SECC keeps though nothing is asked."""
    last = session.said_last
    if (
        last is None
        or session.edition is None
        or session.pending is not None
        or session.state in (None, END, FAILED, NEGOTIATION)
    ):
        return None
    if not ending.closed:
        return None
    in_loop = session.state is not None and session.state.startswith(("AC_ChargeLoop", "DC_ChargeLoop"))
    limit = _sequence_timeout(session, last.pair if in_loop else "")
    waited = ending.t - last.t
    if waited <= limit + (_ENDING_IN_LOOP if in_loop else _ENDING):
        return GOOD if ending.by == SECC else None
    words = f"nothing was asked for {waited:.3f} s, and the connection was still there"
    return [Problem(NOT_ENFORCED, words, "", f"the end of the session after {limit:g} s", f"{waited:.3f} s", SECC)]


@look(
    "timing.ongoing",
    Layer.TIMING,
    "V2G_EVCC_Ongoing_Timeout",
    at=(RESPONSES,),
    party=SECC,
    versions=("2", "20"),
    numbered={"2": "V2G2-713"},
    timed=True,
)
def ongoing(session: Session, said: Said) -> Found:
    """An SECC has an EVCC wait for no longer than V2G_EVCC_Ongoing_Timeout."""
    first = session.first_of
    if said.processing != "Ongoing" or first is None or first.pair != said.pair or said.pair in _CHECKS or not said.timely:
        return None
    if said.text("EVSEProcessing") == _WAITING or not said.text("EVSEProcessing") or session.edition is None:
        return None
    limit, waited = timers(session.edition).session["V2G_EVCC_Ongoing_Timeout"], said.t - first.t
    if waited <= limit + _SLACK:
        return GOOD
    words = f"the EVCC has been told to wait for {waited:.1f} s"
    return [Problem(ongoing.info, words, said.at("EVSEProcessing"), f"{limit:g} s", f"{waited:.1f} s")]


@look(
    "timing.cable_check",
    Layer.TIMING,
    "V2G_EVCC_CableCheck_Timeout",
    at=tuple(f"{name}Res" for name in _CHECKS),
    party=SECC,
    timed=True,
)
def cable_check(session: Session, said: Said) -> Found:
    """A cable check is over within V2G_EVCC_CableCheck_Timeout."""
    first = session.first_of
    if first is None or first.pair != said.pair or session.edition is None or said.failed or not said.timely:
        return None
    limit, taken = timers(session.edition).session["V2G_EVCC_CableCheck_Timeout"], said.t - first.t
    if taken <= limit + _SLACK:
        return GOOD
    if not session.once(cable_check.info.id):
        return GOOD
    words = f"{taken:.2f} s after the first request it is {said.processing}"
    return [Problem(cable_check.info, words, said.at("EVSEProcessing"), f"{limit:g} s", f"{taken:.2f} s")]


@look(
    "timing.pre_charge",
    Layer.TIMING,
    "V2G_EVCC_PreCharge_Timeout",
    at=_PRE_CHARGES,
    party=EVCC,
    timed=True,
)
def pre_charge(session: Session, said: Said) -> Found:
    """An EVCC gives up pre-charging when V2G_EVCC_PreCharge_Timeout is over."""
    first = session.first_of
    if session.edition is None or not said.timely:
        return None
    if first is None or first.name != said.name:
        return GOOD
    limit, taken = timers(session.edition).session["V2G_EVCC_PreCharge_Timeout"], said.t - first.t
    if taken <= limit + _SLACK or not session.once(pre_charge.info.id):
        return GOOD
    words = f"pre-charging goes on {taken:.1f} s after it began"
    return [Problem(pre_charge.info, words, said.root, f"{limit:g} s", f"{taken:.1f} s")]


@look(
    "timing.setup",
    Layer.TIMING,
    "V2G_EVCC_CommunicationSetup_Timeout",
    at=("SessionSetupRes",),
    party=SECC,
    timed=True,
)
def setup(session: Session, said: Said) -> Found:
    """A session is set up within V2G_EVCC_CommunicationSetup_Timeout of its connection."""
    asked, agreed = session.last.get("supportedAppProtocolReq"), session.last.get("supportedAppProtocolRes")
    request = said.request
    if session.opened is None or said.failed or asked is None or agreed is None or request is None:
        return None
    if any(each.held for each in (asked, agreed, request, said)):
        return None
    limit = timers(session.edition or Edition.ISO2).session["V2G_EVCC_CommunicationSetup_Timeout"]
    taken = said.t - request.t + agreed.t - asked.t
    if taken <= limit + _SLACK:
        return GOOD
    words = f"it comes {said.t - session.opened:.1f} s after the connection, of which the SECC has taken {taken:.1f} s"
    return [Problem(setup.info, words, said.root, f"{limit:g} s", f"{taken:.1f} s")]


def _taken(session: Session, said: Said) -> float | None:
    request = said.request
    return said.t - request.t if request is not None and request.timely and not said.held else None


def _waited(session: Session, said: Said) -> float | None:
    last = session.said_last
    if last is None or not last.timely or said.held or session.pending is not None or not session.clear:
        return None
    return said.t - last.t if session.state not in (None, END, FAILED) else None


def _sequence_timeout(session: Session, pair: str) -> float:
    edition = session.edition or Edition.ISO2
    in_loop = session.said_last is not None and session.said_last.pair == pair and pair in _LOOPS
    timer = _LOOPS[pair] if edition is Edition.ISO20 and in_loop else "V2G_SECC_Sequence_Timeout"
    return timers(edition).session[timer]


LOOKS = (
    Look(TIMEOUT, (RESPONSES,), timeout, timed=True),
    Look(PERFORMANCE, (RESPONSES,), performance, timed=True),
    next_request,
    pace,
    Look(NOT_ENFORCED, (RESPONSES,), not_enforced, timed=True),
    ongoing,
    cable_check,
    pre_charge,
    setup,
)
LOOKS_BACK = (
    LookBack(TIMEOUT, SECC, timed_out, timed=True),
    LookBack(PERFORMANCE, SECC, performed, timed=True),
    LookBack(NOT_ENFORCED, SECC, not_ended, timed=True),
)
