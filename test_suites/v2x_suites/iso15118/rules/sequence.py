"""Which request may come, who answers what, and what an SECC says to a request that has no place."""

from __future__ import annotations

from v2x_architecture.iso15118.sequences import END
from v2x_harness.finding import Layer

from v2x_suites.iso15118.rules.choices import judge_refusal
from v2x_suites.iso15118.rules.looking import GOOD, REQUESTS, RESPONSES, Found, look
from v2x_suites.iso15118.rules.rule import EVCC, SECC, Problem
from v2x_suites.iso15118.rules.said import Said
from v2x_suites.iso15118.rules.session import FAILED, NEGOTIATION, Session

_SEQUENCE_ERROR = {"din": "V2G-DC-666", "2": "V2G2-538"}


@look(
    "sequence.pending",
    Layer.SEQUENCE,
    "sequence.one-request",
    at=(REQUESTS,),
    party=EVCC,
)
def pending(session: Session, said: Said) -> Found:
    """An EVCC sends no request before the last one is answered."""
    if not session.clear:
        return None
    if session.pending is None:
        return GOOD
    words = f"{session.pending.name} (frame {session.pending.n}) has not been answered"
    return [Problem(pending.info, words, said.root, f"{session.pending.pair}Res first", said.name)]


@look(
    "sequence.request",
    Layer.SEQUENCE,
    "sequence.request",
    at=(REQUESTS,),
    party=EVCC,
)
def illegal(session: Session, said: Said) -> Found:
    """An EVCC sends the requests that may come where the session is."""
    if session.state in (None, FAILED, END) or session.pending is not None:
        return None
    if not said.illegal:
        return GOOD
    words = f"it has no place in {session.state}"
    return [Problem(illegal.info, words, said.root, _expected(session), said.name)]


@look(
    "sequence.after_failed",
    Layer.SEQUENCE,
    "sequence.after-failed",
    at=(REQUESTS,),
    party=EVCC,
)
def after_failed(session: Session, said: Said) -> Found:
    """After a response that says no, an EVCC stops the session and does nothing else."""
    if session.state != FAILED or session.pending is not None:
        return None
    if said.name == "SessionStopReq" or (said.name == "supportedAppProtocolReq" and session.edition is None):
        return GOOD
    if not session.once(after_failed.info.id):
        return GOOD
    words = "the last response said no, which ends the session"
    return [Problem(after_failed.info, words, said.root, "SessionStopReq, or the end of the connection", said.name)]


@look(
    "sequence.after_stop",
    Layer.SEQUENCE,
    "SessionStop.end",
    at=(REQUESTS,),
    party=EVCC,
)
def after_stop(session: Session, said: Said) -> Found:
    """Once a session is stopped or paused, its EVCC asks for nothing more on that connection."""
    if session.state != END:
        return None
    return [Problem(after_stop.info, "the session is over", said.root, "the end of the connection", said.name)]


@look(
    "sequence.response",
    Layer.SEQUENCE,
    "sequence.response",
    at=(RESPONSES,),
    party=SECC,
)
def unasked(session: Session, said: Said) -> Found:
    """An SECC answers each request once, with the response that belongs to it."""
    if not session.clear:
        return None
    if said.request is not None:
        return GOOD
    asked = session.pending.name if session.pending is not None else "nothing"
    expected = f"{session.pending.pair}Res" if session.pending is not None else "no response"
    return [Problem(unasked.info, f"{asked} was asked", said.root, expected, said.name)]


@look(
    "sequence.accepted",
    Layer.SEQUENCE,
    "sequence.error",
    at=(RESPONSES,),
    party=SECC,
    numbered=_SEQUENCE_ERROR,
)
def accepted(session: Session, said: Said) -> Found:
    """An SECC does not say OK to a request that has no place where the session is."""
    request = _out_of_place(session, said)
    if request is None:
        return None
    words = f"{request.name} (frame {request.n}) has no place in {request.illegal}, and is answered {said.code or 'all the same'}"
    return judge_refusal(accepted.info, words, said, "FAILED_SequenceError")


@look(
    "sequence.code",
    Layer.SEQUENCE,
    "sequence.error",
    at=(RESPONSES,),
    party=SECC,
    numbered=_SEQUENCE_ERROR,
)
def code(session: Session, said: Said) -> Found:
    """An SECC refuses a request that has no place with FAILED_SequenceError."""
    request = _out_of_place(session, said)
    if request is None or not said.failed:
        return None
    wrong_session = session.session_id is not None and request.session_id != session.session_id
    if said.code == "FAILED_SequenceError" or (said.code == "FAILED_UnknownSession" and wrong_session):
        return GOOD
    words = f"{request.name} (frame {request.n}) has no place in {request.illegal}, and is refused with {said.code}"
    return [Problem(code.info, words, said.at("ResponseCode"), "FAILED_SequenceError", said.code)]


@look(
    "sequence.false_error",
    Layer.SEQUENCE,
    "sequence.false-error",
    at=(RESPONSES,),
    party=SECC,
)
def false_error(session: Session, said: Said) -> Found:
    """An SECC does not answer FAILED_SequenceError to a request that has its place."""
    if said.request is None or session.state in (None, FAILED, NEGOTIATION) or said.request.illegal:
        return None
    if said.code != "FAILED_SequenceError":
        return GOOD
    if said.pair == "CertificateInstallation":
        # There is a place for it in the table, and none at an SECC that installs no certificates.
        return None
    words = f"{said.request.name} has its place in {session.state}"
    return [Problem(false_error.info, words, said.at("ResponseCode"), "OK", said.code)]


@look(
    "sequence.goes_on",
    Layer.SEQUENCE,
    "sequence.failed-is-the-end",
    at=(RESPONSES,),
    party=SECC,
)
def goes_on(session: Session, said: Said) -> Found:
    """An SECC that has said no does not say OK to what comes next, but to SessionStopReq."""
    if session.state != FAILED or session.edition is None or said.request is None:
        return None
    if said.failed or said.name == "SessionStopRes":
        return GOOD
    return [Problem(goes_on.info, "the last response said no", said.at("ResponseCode"), "the end of the session", said.code)]


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
    pending,
    illegal,
    after_failed,
    after_stop,
    unasked,
    accepted,
    code,
    false_error,
    goes_on,
)
