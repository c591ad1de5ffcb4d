"""Which session a message belongs to, and who the two are: SessionID, EVCCID, EVSEID, GenChallenge."""

from __future__ import annotations

import re

from v2x_architecture.iso15118.editions import Edition
from v2x_harness.finding import Axis, Layer

from v2x_suites.iso15118.rules.choices import judge_refusal
from v2x_suites.iso15118.rules.looking import GOOD, REQUESTS, RESPONSES, Found, look
from v2x_suites.iso15118.rules.rule import EVCC, SECC, Problem
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


@look(
    "session.id_length",
    Layer.FORMAT,
    "SessionID.length",
    at=("SessionSetupRes",),
    party=SECC,
)
def length(session: Session, said: Said) -> Found:
    """An SECC gives a session an id of 8 octets."""
    given = said.session_id
    if given is None or said.failed:
        return None
    if len(given) == _OCTETS:
        return GOOD
    return [Problem(length.info, f"the SessionID has {len(given)} octets", said.id_pointer, "8 octets", given.hex() or "empty")]


@look(
    "session.asked_length",
    Layer.FORMAT,
    "SessionID.asked-length",
    at=("SessionSetupReq",),
    party=EVCC,
)
def asked_length(session: Session, said: Said) -> Found:
    """An EVCC that begins a session sends a SessionID: one that is zero, or that of a session it has paused."""
    asked = said.session_id
    if asked is None:
        return None
    if len(asked) == _OCTETS or (asked and not any(asked) and said.edition is not Edition.ISO20):
        return GOOD
    words = f"the SessionID has {len(asked)} octets"
    return [Problem(asked_length.info, words, said.id_pointer, "8 octets, or a zero", asked.hex() or "empty")]


@look(
    "session.id_zero",
    Layer.SEMANTICS,
    "SessionSetup.id-zero",
    at=("SessionSetupRes",),
    party=SECC,
    numbered=_NEW,
)
def zero(session: Session, said: Said) -> Found:
    """An SECC gives a new session an id that is not zero."""
    given = said.session_id
    if given is None or said.failed:
        return None
    if any(given):
        return GOOD
    return [Problem(zero.info, "the SessionID is zero", said.id_pointer, "another than zero", given.hex())]


@look(
    "session.id_changed",
    Layer.SEQUENCE,
    "SessionID.response",
    at=(RESPONSES,),
    party=SECC,
)
def changed(session: Session, said: Said) -> Found:
    """An SECC's responses carry the id that it gave to the session."""
    if session.session_id is None or said.session_id is None or said.name == "SessionSetupRes":
        return None
    if said.session_id == session.session_id:
        return GOOD
    request = said.request
    if said.code == "FAILED_UnknownSession" and request is not None and said.session_id == request.session_id:
        return GOOD
    words = "the SessionID is not that of the session"
    return [Problem(changed.info, words, said.id_pointer, session.session_id.hex(), said.session_id.hex())]


@look(
    "session.id_foreign",
    Layer.SEQUENCE,
    "SessionID.request",
    at=(REQUESTS,),
    party=EVCC,
)
def foreign(session: Session, said: Said) -> Found:
    """An EVCC's requests carry the id that the session was given."""
    if session.session_id is None or said.session_id is None or said.name == "SessionSetupReq":
        return None
    if said.session_id == session.session_id:
        return GOOD
    words = "the SessionID is not that of the session"
    return [Problem(foreign.info, words, said.id_pointer, session.session_id.hex(), said.session_id.hex())]


@look(
    "session.id_accepted",
    Layer.SEQUENCE,
    "SessionID.unknown",
    at=(RESPONSES,),
    party=SECC,
    numbered=_UNKNOWN,
)
def accepted(session: Session, said: Said) -> Found:
    """An SECC refuses a request of another session with FAILED_UnknownSession."""
    request = said.request
    if request is None or request.name == "SessionSetupReq" or session.session_id is None or request.session_id is None:
        return None
    if request.session_id == session.session_id:
        return None
    words = f"{request.name} (frame {request.n}) is of another session, and is answered {said.code}"
    return judge_refusal(accepted.info, words, said, "FAILED_UnknownSession")


@look(
    "session.false_unknown",
    Layer.SEQUENCE,
    "SessionID.false-unknown",
    at=(RESPONSES,),
    party=SECC,
)
def false_refusal(session: Session, said: Said) -> Found:
    """An SECC does not answer FAILED_UnknownSession to a request of the session."""
    request = said.request
    if request is None or session.session_id is None or request.session_id != session.session_id:
        return None
    if said.code != "FAILED_UnknownSession":
        return GOOD
    words = f"{request.name} (frame {request.n}) is of this session"
    return [Problem(false_refusal.info, words, said.at("ResponseCode"), "OK", said.code)]


@look(
    "session.joined",
    Layer.SEQUENCE,
    "SessionSetup.joined",
    at=("SessionSetupRes",),
    party=SECC,
    numbered={"2": "V2G2-756", "din": "V2G-DC-872"},
)
def joined(session: Session, said: Said) -> Found:
    """An SECC joins the session that it was asked for, or gives a new one an id of its own."""
    given, request = said.session_id, said.request
    if given is None or said.failed or request is None or request.session_id is None:
        return None
    asked = request.session_id
    same = given == asked
    if said.code == "OK_OldSessionJoined" and not (same and any(asked)):
        words = "it joins a session that was not asked for"
        return [Problem(joined.info, words, said.at("ResponseCode"), "OK_NewSessionEstablished", said.code)]
    if said.code == "OK_NewSessionEstablished" and same and any(asked):
        words = "a new session has the id of the one that was asked for"
        return [Problem(joined.info, words, said.id_pointer, "another SessionID", given.hex())]
    return GOOD


@look(
    "session.id_reused",
    Layer.SECURITY,
    "SessionID.reused",
    at=("SessionSetupRes",),
    party=SECC,
    axis=Axis.COMPATIBILITY,
)
def reused(session: Session, said: Said) -> Found:
    """An SECC gives no two sessions one id."""
    given, site = said.session_id, session.site
    if given is None or said.code != "OK_NewSessionEstablished" or not any(given):
        return None
    before = site.session_ids.get(given)
    if before is None or given not in site.over:
        site.keep(site.session_ids, given, said.n)
        return GOOD
    words = f"another session had this SessionID (frame {before})"
    return [Problem(reused.info, words, said.id_pointer, "a new one", given.hex())]


@look(
    "session.id_poor",
    Layer.SECURITY,
    "SessionID.entropy",
    at=("SessionSetupRes",),
    party=SECC,
    numbered={"20": "V2G20-2621"},
    axis=Axis.COMPATIBILITY,
)
def poor(session: Session, said: Said) -> Found:
    """A SessionID is random, and looks like it."""
    given = said.session_id
    if given is None or len(given) != _OCTETS or said.code != "OK_NewSessionEstablished" or not any(given):
        return None
    digits = given.isdigit()
    if given.count(0) < _MANY_ZEROS and not digits:
        return GOOD
    seen = f"{'digits only' if digits else f'{given.count(0)} of 8 octets zero'}: {given.hex()}"
    return [Problem(poor.info, "the SessionID is not random", said.id_pointer, "at least 58 bits of entropy", seen)]


@look(
    "session.challenge_reused",
    Layer.SECURITY,
    "GenChallenge.reused",
    at=("PaymentDetailsRes", "AuthorizationSetupRes"),
    party=SECC,
    versions=("2", "20"),
    numbered={"2": "V2G2-698", "20": "V2G20-698"},
    axis=Axis.COMPATIBILITY,
)
def challenge(session: Session, said: Said) -> Found:
    """An SECC has a new challenge for every authorization."""
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
    return [Problem(challenge.info, words, said.at("GenChallenge"), "a new one", value)]


@look(
    "identity.evccid",
    Layer.FORMAT,
    "EVCCID",
    at=("SessionSetupReq",),
    party=EVCC,
    versions=("din",),
    axis=Axis.COMPATIBILITY,
)
def evccid(session: Session, said: Said) -> Found:
    """An EVCCID is the 6 octets of a MAC address."""
    octets = said.text("EVCCID")
    if len(octets) == 2 * _MAC:
        return GOOD
    words = f"the EVCCID has {len(octets) // 2} octets, for which SECCs have ended the session"
    return [Problem(evccid.info, words, said.at("EVCCID"), "6 octets", octets)]


@look(
    "identity.evseid",
    Layer.FORMAT,
    "EVSEID",
    at=("SessionSetupRes",),
    party=SECC,
    versions=("2", "20"),
    axis=Axis.COMPATIBILITY,
)
def evseid(session: Session, said: Said) -> Found:
    """An EVSEID has a country, an operator and an outlet, or says that there is none."""
    value = said.text("EVSEID")
    # A length that the schema does not allow is found as that.
    if said.failed or not _SHORTEST <= len(value) <= _LONGEST:
        return None
    if value == _NO_EVSE_ID or _EVSE_ID.fullmatch(value):
        return GOOD
    return [Problem(evseid.info, "the EVSEID has not the form of one", said.at("EVSEID"), "DE*ABC*E123, or ZZ00000", value)]


@look(
    "identity.evseid_changed",
    Layer.SEMANTICS,
    "EVSEID.changed",
    at=("ChargingStatusRes", "CurrentDemandRes"),
    party=SECC,
    versions=("2",),
)
def evseid_changed(session: Session, said: Said) -> Found:
    """An EVSEID is the same throughout a session."""
    first, value = session.last.get("SessionSetupRes"), said.text("EVSEID")
    if first is None or not value or said.failed:
        return None
    if first.text("EVSEID") == value or not session.once(evseid_changed.info.id):
        return GOOD
    words = "the EVSEID is another than in SessionSetupRes"
    return [Problem(evseid_changed.info, words, said.at("EVSEID"), first.text("EVSEID"), value)]


LOOKS = (
    length,
    asked_length,
    zero,
    changed,
    foreign,
    accepted,
    false_refusal,
    joined,
    reused,
    poor,
    challenge,
    evccid,
    evseid,
    evseid_changed,
)
