"""Which session a message belongs to, and who the two are: SessionID, EVCCID, EVSEID, GenChallenge."""

from __future__ import annotations

import re

from v2x_architecture.iso15118.editions import Edition
from v2x_harness.finding import Axis, Layer

from v2x_suites.iso15118.rules.choices import judge_refusal
from v2x_suites.iso15118.rules.looking import GOOD, REQUESTS, RESPONSES, Found, Look
from v2x_suites.iso15118.rules.rule import EVCC, SECC, Problem, described
from v2x_suites.iso15118.rules.said import Said
from v2x_suites.iso15118.rules.session import Session

_OCTETS = 8
_MAC = 6
# An id of 8 random octets has as many zeros less than once in 400 million times.
_MANY_ZEROS = 4
# DIN SPEC 91286 and 15118-2, annex H: country, operator, E, outlet; or that there is none.
_EVSE_ID = re.compile(r"[A-Z]{2}\*?[A-Z0-9]{3}\*?E[A-Z0-9](\*?[A-Z0-9])*", re.IGNORECASE)
_NO_EVSE_ID = "ZZ00000"
_SHORTEST, _LONGEST = 7, 255

_NEW = {"din": "V2G-DC-993", "2": "V2G2-750", "20": "V2G20-2106"}
_UNKNOWN = {"din": "V2G-DC-391", "2": "V2G2-460", "20": "V2G20-460"}

LENGTH = described(
    "session.id_length",
    Layer.FORMAT,
    "SessionID.length",
    "An SECC gives a session an id of 8 octets.",
    party=SECC,
)
ASKED_LENGTH = described(
    "session.asked_length",
    Layer.FORMAT,
    "SessionID.asked-length",
    "An EVCC that begins a session sends a SessionID: one that is zero, or that of a session it has paused.",
    party=EVCC,
)
ZERO = described(
    "session.id_zero",
    Layer.SEMANTICS,
    "SessionSetup.id-zero",
    "An SECC gives a new session an id that is not zero.",
    party=SECC,
    numbered=_NEW,
)
CHANGED = described(
    "session.id_changed",
    Layer.SEQUENCE,
    "SessionID.response",
    "An SECC's responses carry the id that it gave to the session.",
    party=SECC,
)
FOREIGN = described(
    "session.id_foreign",
    Layer.SEQUENCE,
    "SessionID.request",
    "An EVCC's requests carry the id that the session was given.",
    party=EVCC,
)
ACCEPTED = described(
    "session.id_accepted",
    Layer.SEQUENCE,
    "SessionID.unknown",
    "An SECC refuses a request of another session with FAILED_UnknownSession.",
    party=SECC,
    numbered=_UNKNOWN,
)
FALSE_REFUSAL = described(
    "session.false_unknown",
    Layer.SEQUENCE,
    "SessionID.false-unknown",
    "An SECC does not answer FAILED_UnknownSession to a request of the session.",
    party=SECC,
)
JOINED = described(
    "session.joined",
    Layer.SEQUENCE,
    "SessionSetup.joined",
    "An SECC joins the session that it was asked for, or gives a new one an id of its own.",
    party=SECC,
    numbered={"2": "V2G2-756", "din": "V2G-DC-872"},
)
REUSED = described(
    "session.id_reused",
    Layer.SECURITY,
    "SessionID.reused",
    "An SECC gives no two sessions one id.",
    party=SECC,
    axis=Axis.COMPATIBILITY,
)
POOR = described(
    "session.id_poor",
    Layer.SECURITY,
    "SessionID.entropy",
    "A SessionID is random, and looks like it.",
    party=SECC,
    numbered={"20": "V2G20-2621"},
    axis=Axis.COMPATIBILITY,
)
CHALLENGE = described(
    "session.challenge_reused",
    Layer.SECURITY,
    "GenChallenge.reused",
    "An SECC has a new challenge for every authorization.",
    party=SECC,
    versions=("2", "20"),
    numbered={"2": "V2G2-698", "20": "V2G20-698"},
    axis=Axis.COMPATIBILITY,
)
EVCCID = described(
    "identity.evccid",
    Layer.FORMAT,
    "EVCCID",
    "An EVCCID is the 6 octets of a MAC address.",
    party=EVCC,
    versions=("din",),
    axis=Axis.COMPATIBILITY,
)
EVSEID = described(
    "identity.evseid",
    Layer.FORMAT,
    "EVSEID",
    "An EVSEID has a country, an operator and an outlet, or says that there is none.",
    party=SECC,
    versions=("2", "20"),
    axis=Axis.COMPATIBILITY,
)
EVSEID_CHANGED = described(
    "identity.evseid_changed",
    Layer.SEMANTICS,
    "EVSEID.changed",
    "An EVSEID is the same throughout a session.",
    party=SECC,
    versions=("2",),
)


def length(session: Session, said: Said) -> Found:
    """Look at the length of a new session's id."""
    given = said.session_id
    if given is None or said.failed:
        return None
    if len(given) == _OCTETS:
        return GOOD
    return [Problem(LENGTH, f"the SessionID has {len(given)} octets", said.id_pointer, "8 octets", given.hex())]


def asked_length(session: Session, said: Said) -> Found:
    """Look at the length of the id that is asked for: zero may be written in any length but none."""
    asked = said.session_id
    if asked is None:
        return None
    if len(asked) == _OCTETS or (asked and not any(asked) and said.edition is not Edition.ISO20):
        return GOOD
    words = f"the SessionID has {len(asked)} octets"
    return [Problem(ASKED_LENGTH, words, said.id_pointer, "8 octets, or a zero", asked.hex())]


def zero(session: Session, said: Said) -> Found:
    """Look for an id that is none."""
    given = said.session_id
    if given is None or said.failed:
        return None
    return GOOD if any(given) else [Problem(ZERO, "the SessionID is zero", said.id_pointer, "another than zero", given.hex())]


def changed(session: Session, said: Said) -> Found:
    """Look for another id in a response."""
    if session.session_id is None or said.session_id is None or said.name == "SessionSetupRes":
        return None
    if said.session_id == session.session_id:
        return GOOD
    request = said.request
    if said.code == "FAILED_UnknownSession" and request is not None and said.session_id == request.session_id:
        return GOOD
    words = "the SessionID is not that of the session"
    return [Problem(CHANGED, words, said.id_pointer, session.session_id.hex(), said.session_id.hex())]


def foreign(session: Session, said: Said) -> Found:
    """Look for another id in a request."""
    if session.session_id is None or said.session_id is None or said.name == "SessionSetupReq":
        return None
    if said.session_id == session.session_id:
        return GOOD
    words = "the SessionID is not that of the session"
    return [Problem(FOREIGN, words, said.id_pointer, session.session_id.hex(), said.session_id.hex())]


def accepted(session: Session, said: Said) -> Found:
    """Look for an OK to a request of another session."""
    request = said.request
    if request is None or request.name == "SessionSetupReq" or session.session_id is None or request.session_id is None:
        return None
    if request.session_id == session.session_id:
        return None
    words = f"{request.name} (frame {request.n}) is of another session, and is answered {said.code}"
    return judge_refusal(ACCEPTED, words, said, "FAILED_UnknownSession")


def false_refusal(session: Session, said: Said) -> Found:
    """Look for a refusal of a request that is of the session."""
    request = said.request
    if request is None or session.session_id is None or request.session_id != session.session_id:
        return None
    if said.code != "FAILED_UnknownSession":
        return GOOD
    words = f"{request.name} (frame {request.n}) is of this session"
    return [Problem(FALSE_REFUSAL, words, said.at("ResponseCode"), "OK", said.code)]


def joined(session: Session, said: Said) -> Found:
    """Look for a session that is joined under another id, or begun under an old one."""
    given, request = said.session_id, said.request
    if given is None or said.failed or request is None or request.session_id is None:
        return None
    asked = request.session_id
    same = given == asked
    if said.code == "OK_OldSessionJoined" and not (same and any(asked)):
        words = "it joins a session that was not asked for"
        return [Problem(JOINED, words, said.at("ResponseCode"), "OK_NewSessionEstablished", said.code)]
    if said.code == "OK_NewSessionEstablished" and same and any(asked):
        words = "a new session has the id of the one that was asked for"
        return [Problem(JOINED, words, said.id_pointer, "another SessionID", given.hex())]
    return GOOD


def reused(session: Session, said: Said) -> Found:
    """Look for an id that a session that is over had already."""
    given, site = said.session_id, session.site
    if given is None or said.code != "OK_NewSessionEstablished" or not any(given):
        return None
    before = site.session_ids.get(given)
    if before is None or given not in site.over:
        site.keep(site.session_ids, given, said.n)
        return GOOD
    words = f"another session had this SessionID (frame {before})"
    return [Problem(REUSED, words, said.id_pointer, "a new one", given.hex())]


def poor(session: Session, said: Said) -> Found:
    """Look for an id that cannot be random."""
    given = said.session_id
    if given is None or len(given) != _OCTETS or said.code != "OK_NewSessionEstablished" or not any(given):
        return None
    digits = given.isdigit()
    if given.count(0) < _MANY_ZEROS and not digits:
        return GOOD
    seen = f"{'digits only' if digits else f'{given.count(0)} of 8 octets zero'}: {given.hex()}"
    return [Problem(POOR, "the SessionID is not random", said.id_pointer, "at least 58 bits of entropy", seen)]


def challenge(session: Session, said: Said) -> Found:
    """Look for a challenge that was there before."""
    site, value = session.site, said.text("GenChallenge")
    if not value or said.failed:
        return None
    octets = value.encode()
    before = site.challenges.get(octets)
    # A capture of a tap has both of its sides, where one challenge passes twice.
    if before is None or session.session_id is None or before[1] == session.session_id:
        site.keep(site.challenges, octets, (said.n, session.session_id or b""))
        return GOOD
    words = f"another session had this GenChallenge (frame {before[0]})"
    return [Problem(CHALLENGE, words, said.at("GenChallenge"), "a new one", value)]


def evccid(session: Session, said: Said) -> Found:
    """Look at the length of an EVCCID of DIN SPEC 70121."""
    octets = said.text("EVCCID")
    if len(octets) == 2 * _MAC:
        return GOOD
    words = f"the EVCCID has {len(octets) // 2} octets, for which SECCs have ended the session"
    return [Problem(EVCCID, words, said.at("EVCCID"), "6 octets", octets)]


def evseid(session: Session, said: Said) -> Found:
    """Look at the form of an EVSEID."""
    value = said.text("EVSEID")
    # A length that the schema does not allow is found as that.
    if said.failed or not _SHORTEST <= len(value) <= _LONGEST:
        return None
    if value == _NO_EVSE_ID or _EVSE_ID.fullmatch(value):
        return GOOD
    return [Problem(EVSEID, "the EVSEID has not the form of one", said.at("EVSEID"), "DE*ABC*E123, or ZZ00000", value)]


def evseid_changed(session: Session, said: Said) -> Found:
    """Look for another EVSEID while energy flows."""
    first, value = session.last.get("SessionSetupRes"), said.text("EVSEID")
    if first is None or not value or said.failed:
        return None
    if first.text("EVSEID") == value or not session.once(EVSEID_CHANGED.id):
        return GOOD
    words = "the EVSEID is another than in SessionSetupRes"
    return [Problem(EVSEID_CHANGED, words, said.at("EVSEID"), first.text("EVSEID"), value)]


LOOKS = (
    Look(LENGTH, ("SessionSetupRes",), length),
    Look(ASKED_LENGTH, ("SessionSetupReq",), asked_length),
    Look(ZERO, ("SessionSetupRes",), zero),
    Look(CHANGED, (RESPONSES,), changed),
    Look(FOREIGN, (REQUESTS,), foreign),
    Look(ACCEPTED, (RESPONSES,), accepted),
    Look(FALSE_REFUSAL, (RESPONSES,), false_refusal),
    Look(JOINED, ("SessionSetupRes",), joined),
    Look(REUSED, ("SessionSetupRes",), reused),
    Look(POOR, ("SessionSetupRes",), poor),
    Look(CHALLENGE, ("PaymentDetailsRes", "AuthorizationSetupRes"), challenge),
    Look(EVCCID, ("SessionSetupReq",), evccid),
    Look(EVSEID, ("SessionSetupRes",), evseid),
    Look(EVSEID_CHANGED, ("ChargingStatusRes", "CurrentDemandRes"), evseid_changed),
)
