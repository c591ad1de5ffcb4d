"""Which request may come, who answers what, and what an SECC says to a request that has no place."""

from __future__ import annotations

from v2x_architecture.iso15118.sequences import END
from v2x_harness.finding import Layer

from v2x_suites.iso15118.rules.choices import judge_refusal
from v2x_suites.iso15118.rules.looking import GOOD, REQUESTS, RESPONSES, Found, Look
from v2x_suites.iso15118.rules.rule import EVCC, SECC, Problem, described
from v2x_suites.iso15118.rules.said import Said
from v2x_suites.iso15118.rules.session import FAILED, NEGOTIATION, Session

_SEQUENCE_ERROR = {"din": "V2G-DC-666", "2": "V2G2-538"}

PENDING = described(
    "sequence.pending",
    Layer.SEQUENCE,
    "sequence.one-request",
    "An EVCC sends no request before the last one is answered.",
    party=EVCC,
)
ILLEGAL = described(
    "sequence.request",
    Layer.SEQUENCE,
    "sequence.request",
    "An EVCC sends the requests that may come where the session is.",
    party=EVCC,
)
AFTER_FAILED = described(
    "sequence.after_failed",
    Layer.SEQUENCE,
    "sequence.after-failed",
    "After a response that says no, an EVCC stops the session and does nothing else.",
    party=EVCC,
)
AFTER_STOP = described(
    "sequence.after_stop",
    Layer.SEQUENCE,
    "SessionStop.end",
    "Once a session is stopped or paused, its EVCC asks for nothing more on that connection.",
    party=EVCC,
)
UNASKED = described(
    "sequence.response",
    Layer.SEQUENCE,
    "sequence.response",
    "An SECC answers each request once, with the response that belongs to it.",
    party=SECC,
)
ACCEPTED = described(
    "sequence.accepted",
    Layer.SEQUENCE,
    "sequence.error",
    "An SECC does not say OK to a request that has no place where the session is.",
    party=SECC,
    numbered=_SEQUENCE_ERROR,
)
CODE = described(
    "sequence.code",
    Layer.SEQUENCE,
    "sequence.error",
    "An SECC refuses a request that has no place with FAILED_SequenceError.",
    party=SECC,
    numbered=_SEQUENCE_ERROR,
)
FALSE_ERROR = described(
    "sequence.false_error",
    Layer.SEQUENCE,
    "sequence.false-error",
    "An SECC does not answer FAILED_SequenceError to a request that has its place.",
    party=SECC,
)
GOES_ON = described(
    "sequence.goes_on",
    Layer.SEQUENCE,
    "sequence.failed-is-the-end",
    "An SECC that has said no does not say OK to what comes next, but to SessionStopReq.",
    party=SECC,
)


def pending(session: Session, said: Said) -> Found:
    """Look for a request that did not wait."""
    if not session.clear:
        return None
    if session.pending is None:
        return GOOD
    words = f"{session.pending.name} (frame {session.pending.n}) has not been answered"
    return [Problem(PENDING, words, said.root, f"{session.pending.pair}Res first", said.name)]


def illegal(session: Session, said: Said) -> Found:
    """Look for a request that has no place."""
    if session.state in (None, FAILED, END) or session.pending is not None:
        return None
    if not said.illegal:
        return GOOD
    words = f"it has no place in {session.state}"
    return [Problem(ILLEGAL, words, said.root, _expected(session), said.name)]


def after_failed(session: Session, said: Said) -> Found:
    """Look for what an EVCC does after it was told no; the first of it is told."""
    if session.state != FAILED or session.pending is not None:
        return None
    if said.name == "SessionStopReq" or (said.name == "supportedAppProtocolReq" and session.edition is None):
        return GOOD
    if not session.once(AFTER_FAILED.id):
        return GOOD
    words = "the last response said no, which ends the session"
    return [Problem(AFTER_FAILED, words, said.root, "SessionStopReq, or the end of the connection", said.name)]


def after_stop(session: Session, said: Said) -> Found:
    """Look for a request when all is over."""
    if session.state != END:
        return None
    return [Problem(AFTER_STOP, "the session is over", said.root, "the end of the connection", said.name)]


def unasked(session: Session, said: Said) -> Found:
    """Look for a response that belongs to no request."""
    if not session.clear:
        return None
    if said.request is not None:
        return GOOD
    asked = session.pending.name if session.pending is not None else "nothing"
    expected = f"{session.pending.pair}Res" if session.pending is not None else "no response"
    return [Problem(UNASKED, f"{asked} was asked", said.root, expected, said.name)]


def accepted(session: Session, said: Said) -> Found:
    """Look for an OK to what has no place."""
    request = _out_of_place(session, said)
    if request is None:
        return None
    words = f"{request.name} (frame {request.n}) has no place in {request.illegal}, and is answered {said.code or 'all the same'}"
    return judge_refusal(ACCEPTED, words, said, "FAILED_SequenceError")


def code(session: Session, said: Said) -> Found:
    """Look for another refusal than the one that is meant."""
    request = _out_of_place(session, said)
    if request is None or not said.failed:
        return None
    wrong_session = session.session_id is not None and request.session_id != session.session_id
    if said.code == "FAILED_SequenceError" or (said.code == "FAILED_UnknownSession" and wrong_session):
        return GOOD
    words = f"{request.name} (frame {request.n}) has no place in {request.illegal}, and is refused with {said.code}"
    return [Problem(CODE, words, said.at("ResponseCode"), "FAILED_SequenceError", said.code)]


def false_error(session: Session, said: Said) -> Found:
    """Look for a refusal of what has its place."""
    if said.request is None or session.state in (None, FAILED, NEGOTIATION) or said.request.illegal:
        return None
    if said.code != "FAILED_SequenceError":
        return GOOD
    if said.pair == "CertificateInstallation":
        # There is a place for it in the table, and none at an SECC that installs no certificates.
        return None
    words = f"{said.request.name} has its place in {session.state}"
    return [Problem(FALSE_ERROR, words, said.at("ResponseCode"), "OK", said.code)]


def goes_on(session: Session, said: Said) -> Found:
    """Look for an SECC that goes on as if it had not said no."""
    if session.state != FAILED or session.edition is None or said.request is None:
        return None
    if said.failed or said.name == "SessionStopRes":
        return GOOD
    return [Problem(GOES_ON, "the last response said no", said.at("ResponseCode"), "the end of the session", said.code)]


def _out_of_place(session: Session, said: Said) -> Said | None:
    """Return the request that a response answers, if it had no place; None also where the SECC had given up before."""
    request = said.request
    if request is None or not request.illegal or request.illegal in (NEGOTIATION, FAILED):
        return None
    return request


def _expected(session: Session) -> str:
    names = session.takes()
    return " or ".join(sorted(names)) if names else ""


LOOKS = (
    Look(PENDING, (REQUESTS,), pending),
    Look(ILLEGAL, (REQUESTS,), illegal),
    Look(AFTER_FAILED, (REQUESTS,), after_failed),
    Look(AFTER_STOP, (REQUESTS,), after_stop),
    Look(UNASKED, (RESPONSES,), unasked),
    Look(ACCEPTED, (RESPONSES,), accepted),
    Look(CODE, (RESPONSES,), code),
    Look(FALSE_ERROR, (RESPONSES,), false_error),
    Look(GOES_ON, (RESPONSES,), goes_on),
)
