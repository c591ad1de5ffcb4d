"""Energy that flows back: signs, the services that allow it, and its limits."""

from __future__ import annotations

from v2x_architecture.iso15118.editions import Edition
from v2x_architecture.iso15118.services20 import ControlMode
from v2x_harness.finding import Layer

from v2x_suites.iso15118.rules.limits import DELIVERIES, DEMANDS
from v2x_suites.iso15118.rules.looking import GOOD, Found, look
from v2x_suites.iso15118.rules.rule import EVCC, SECC, Problem
from v2x_suites.iso15118.rules.said import Said
from v2x_suites.iso15118.rules.session import Session

# What a current of nothing may be measured as (A).
_NOISE = 2.0
_SETTLING = 5.0
_SLACK, _SHARE = 5.0, 0.05
# How long an EV may take to follow what the EVSE sets (s), and what counts as following the other way (W).
_FOLLOWING = 15.0
_AGAINST = 1000.0

_MODES = ("DC_ChargeLoopReq", "DC_ChargeLoopRes", "AC_ChargeLoopReq", "AC_ChargeLoopRes")


@look(
    "bpt.target_sign",
    Layer.SEMANTICS,
    "CurrentDemand.target-sign",
    at=DEMANDS,
    party=EVCC,
)
def target_sign(session: Session, said: Said) -> Found:
    """An EVCC asks for a negative current only where a service of both ways was selected."""
    value = said.number("EVTargetCurrent")
    if value is None or _both_ways(session) is not False:
        return None
    if not session.begins(target_sign.info.id, wrong=value < 0):
        return GOOD
    words = "a negative current is asked for in a session of one way"
    return [Problem(target_sign.info, words, said.at("EVTargetCurrent"), "at least 0 A", f"{value:g} A")]


@look(
    "bpt.present_sign",
    Layer.SEMANTICS,
    "CurrentDemand.present-sign",
    at=DELIVERIES,
    party=SECC,
)
def present_sign(session: Session, said: Said) -> Found:
    """An EVSE takes energy back only where a service of both ways was selected."""
    value = said.number("EVSEPresentCurrent")
    if value is None or _both_ways(session) is not False:
        return None
    if not session.begins(present_sign.info.id, wrong=value < -_NOISE):
        return GOOD
    words = "energy flows back in a session of one way"
    return [Problem(present_sign.info, words, said.at("EVSEPresentCurrent"), "at least 0 A", f"{value:g} A")]


@look(
    "bpt.target_limit",
    Layer.SEMANTICS,
    "DC_ChargeLoop.target-discharge",
    at=("DC_ChargeLoopReq",),
    party=EVCC,
    versions=("20",),
)
def target_limit(session: Session, said: Said) -> Found:
    """An EVCC gives back no more current than the EVSE takes, or it has said that it gives."""
    value = said.number("EVTargetCurrent")
    limits = _discharge(session, said)
    if value is None or value >= 0 or not limits:
        return None
    limit = min(limits)
    if not session.begins(target_limit.info.id, wrong=-value > limit + max(1.0, _SHARE * limit)):
        return GOOD
    words = f"{-value:g} A are to flow back"
    return [Problem(target_limit.info, words, said.at("EVTargetCurrent"), f"at most {limit:g} A", f"{-value:g} A")]


@look(
    "bpt.present_limit",
    Layer.SEMANTICS,
    "DC_ChargeLoop.present-discharge",
    at=("DC_ChargeLoopRes",),
    party=SECC,
    versions=("20",),
)
def present_limit(session: Session, said: Said) -> Found:
    """An EVSE takes back no more current than both sides have said that they can."""
    value = said.number("EVSEPresentCurrent")
    limits = _discharge(session, said)
    if value is None or value >= 0 or not limits:
        return None
    limit = min(limits)
    if not session.begins(present_limit.info.id, wrong=-value > limit + max(_SLACK, _SHARE * limit)):
        return GOOD
    words = f"{-value:g} A flow back"
    return [Problem(present_limit.info, words, said.at("EVSEPresentCurrent"), f"at most {limit:g} A", f"{-value:g} A")]


@look(
    "bpt.mode",
    Layer.SEMANTICS,
    "ChargeLoop.mode",
    at=_MODES,
    versions=("20",),
)
def mode(session: Session, said: Said) -> Found:
    """The control mode of a charge loop is the one that was selected with the service."""
    if session.service is None:
        return None
    found = next((name for name in said.values if name.endswith(("CLReqControlMode", "CLResControlMode"))), "")
    both, dynamic = found.startswith("BPT_"), "Dynamic_" in found
    wanted = session.service.bidirectional
    if not found or (both == wanted and (session.control is None or dynamic == (session.control is ControlMode.DYNAMIC))):
        return GOOD if found else None
    told = session.control.name.title() if session.control is not None else "any"
    words = f"{found} does not go with {session.service.name} and {told} control"
    return [Problem(mode.info, words, said.at(found), f"{'BPT_' if wanted else ''}{told}", found)]


@look(
    "bpt.followed",
    Layer.SEMANTICS,
    "AC_ChargeLoop.target-power",
    at=("AC_ChargeLoopReq",),
    party=EVCC,
    versions=("20",),
    timed=True,
)
def followed(session: Session, said: Said) -> Found:
    """In dynamic control an EV's power flows the way that the EVSE sets."""
    power, since = said.number("EVPresentActivePower"), said.t - _FOLLOWING
    series = session.series.get("EVSETargetActivePower")
    if power is None or not series or session.control is not ControlMode.DYNAMIC:
        return None
    lowest, highest = session.smallest("EVSETargetActivePower", since), session.largest("EVSETargetActivePower", since)
    if series[0][0] > since or lowest is None or highest is None:
        return None
    against = (highest < -_AGAINST < _AGAINST < power) or (power < -_AGAINST < _AGAINST < lowest)
    if not against or not session.once(followed.info.id):
        return GOOD
    words = f"it is set to {highest:.0f} W, and its power is {power:.0f} W"
    return [Problem(followed.info, words, said.at("EVPresentActivePower"), f"{highest:.0f} W", f"{power:.0f} W")]


def _both_ways(session: Session) -> bool | None:
    """Tell whether energy may flow back; None where that is not known."""
    if session.edition is Edition.ISO20:
        return session.service.bidirectional if session.service is not None else None
    return False if session.edition is not None else None


def _discharge(session: Session, said: Said) -> list[float]:
    """Return what either side gives or takes back at most (A), as far as they have told."""
    since, found = said.t - _SETTLING, []
    for name in ("EVMaximumDischargeCurrent", "EVSEMaximumDischargeCurrent"):
        limits = [abs(each) for each in (said.number(name), session.largest(name, since)) if each is not None]
        found += [max(limits)] if limits else []
    return found


LOOKS = (
    target_sign,
    present_sign,
    target_limit,
    present_limit,
    mode,
    followed,
)
