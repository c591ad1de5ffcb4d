"""Meter and state of charge against what flows."""

from __future__ import annotations

from v2x_harness.finding import Axis, Layer

from v2x_suites.iso15118.rules.limits import DELIVERIES, DEMANDS
from v2x_suites.iso15118.rules.looking import GOOD, Found, look
from v2x_suites.iso15118.rules.rule import EVCC, SECC, Problem
from v2x_suites.iso15118.rules.said import Said
from v2x_suites.iso15118.rules.session import Session

_READINGS = ("MeterReading", "ChargedEnergyReadingWh")
_METERED = ("CurrentDemandRes", "ChargingStatusRes", "DC_ChargeLoopRes", "AC_ChargeLoopRes")
_SOC = ("EVRESSSOC", "PresentSOC")
_SOC_SAID = (
    "ChargeParameterDiscoveryReq",
    "CableCheckReq",
    "PreChargeReq",
    "PowerDeliveryReq",
    "CurrentDemandReq",
    "WeldingDetectionReq",
    "DC_ChargeLoopReq",
    "AC_ChargeLoopReq",
)
# From here on the energy that has flowed tells a meter from a broken one (Wh), with room for losses and resolution.
_ENOUGH = 200.0
_SHARE, _SLACK = 0.3, 150.0
# What a state of charge may move against the flow (percent), and what has to have flowed (Wh).
_POINTS = 2.0
_FLOWED = 50.0
# So many percent at once are too much for any flow, which needs to be there only.
_LEAP = 10.0
_AT_ALL = 1.0
# When no more than so much (Wh) has flowed for so long (s), a state of charge may go either way: an EV heats, and measures anew.
_IDLE, _TRICKLE = 10.0, 0.5
_REQUESTS_WITHOUT = 3

# What the rules keep of a session.
_FIRST, _FIRST_AT = "first reading", "flowed in at the first reading"
_HIGH, _HIGH_AT = "highest SoC", "flowed in at the highest SoC"
_LOW, _LOW_AT, _LOW_IN = "lowest SoC", "flowed out at the lowest SoC", "flowed in at the lowest SoC"
_TOLD, _MARK, _MARKED = " SoC", " flowed", " at"


@look(
    "energy.meter_falls",
    Layer.SEMANTICS,
    "MeterInfo.falls",
    at=_METERED,
    party=SECC,
    versions=("2", "20"),
)
def falls(session: Session, said: Said) -> Found:
    """A meter's reading of energy to the EV does not go back within a session."""
    now, before = said.first(*_READINGS), session.latest(*_READINGS)
    if now is None or before is None:
        return None
    if now >= before:
        return GOOD
    words = f"the reading goes back by {before - now:g} Wh"
    return [Problem(falls.info, words, said.at(*_READINGS), f"at least {before:g} Wh", f"{now:g} Wh")]


@look(
    "energy.meter_against_power",
    Layer.SEMANTICS,
    "MeterInfo.energy",
    at=DELIVERIES,
    party=SECC,
    versions=("2", "20"),
    timed=True,
)
def against_power(session: Session, said: Said) -> Found:
    """A meter's reading grows by the energy that has flowed."""
    now, kept = said.first(*_READINGS), session.tally
    # A meter may tell what a battery gives back in a register of its own, or not at all.
    if now is None or session.out_wh > 1.0:
        return None
    if _FIRST not in kept:
        kept[_FIRST], kept[_FIRST_AT] = now, session.in_wh
        return None
    counted, flowed = now - kept[_FIRST], session.in_wh - kept[_FIRST_AT]
    if max(counted, flowed) < _ENOUGH:
        return None
    if abs(counted - flowed) <= _SHARE * flowed + _SLACK or not session.once(against_power.info.id):
        return GOOD
    words = f"the reading has grown by {counted:g} Wh, and {flowed:.0f} Wh have flowed by voltage and current"
    return [Problem(against_power.info, words, said.at(*_READINGS), f"about {flowed:.0f} Wh", f"{counted:g} Wh")]


@look(
    "energy.meter_requested",
    Layer.SEMANTICS,
    "ChargeLoop.meter-info",
    at=("DC_ChargeLoopRes", "AC_ChargeLoopRes"),
    party=SECC,
    versions=("20",),
)
def requested(session: Session, said: Said) -> Found:
    """An SECC tells the meter's reading when the EVCC asks for it."""
    request = said.request
    if request is None or not request.true("MeterInfoRequested") or said.failed:
        return None
    if "MeterInfo" in said.values:
        session.tally[requested.info.id] = 0.0
        return GOOD
    if session.count(requested.info.id) != _REQUESTS_WITHOUT:
        return GOOD
    words = f"MeterInfoRequested was true {_REQUESTS_WITHOUT} times"
    return [Problem(requested.info, words, said.root, "MeterInfo", "none")]


@look(
    "energy.soc_falls",
    Layer.SEMANTICS,
    "SOC.falls",
    at=_SOC_SAID,
    party=EVCC,
    axis=Axis.COMPATIBILITY,
    timed=True,
)
def soc_falls(session: Session, said: Said) -> Found:
    """A state of charge does not fall while energy flows into the battery."""
    soc, kept = said.first(*_SOC), session.tally
    if soc is None:
        return None
    of_its_own = _moved_idly(session, said, soc_falls.info.id, soc, session.in_wh)
    if soc > kept.get(_HIGH, -1.0) or session.out_wh > 1.0 or of_its_own:
        kept[_HIGH], kept[_HIGH_AT] = soc, session.in_wh
        return GOOD
    high, flowed = kept[_HIGH], session.in_wh - kept[_HIGH_AT]
    if not _against(high - soc, flowed) or not session.once(soc_falls.info.id):
        return GOOD
    words = f"it has fallen from {high:g} to {soc:g} while {flowed:.0f} Wh flowed in"
    return [Problem(soc_falls.info, words, said.at(*_SOC), f"at least {high:g} %", f"{soc:g} %")]


@look(
    "energy.soc_rises",
    Layer.SEMANTICS,
    "SOC.rises",
    at=_SOC_SAID,
    party=EVCC,
    axis=Axis.COMPATIBILITY,
    timed=True,
)
def soc_rises(session: Session, said: Said) -> Found:
    """A state of charge does not rise while energy flows out of the battery."""
    soc, kept = said.first(*_SOC), session.tally
    if soc is None or session.out_wh <= 0.0:
        return None
    of_its_own = _moved_idly(session, said, soc_rises.info.id, soc, session.out_wh)
    if soc < kept.get(_LOW, 101.0) or session.in_wh > kept.get(_LOW_IN, 0.0) + 1.0 or of_its_own:
        kept[_LOW], kept[_LOW_AT], kept[_LOW_IN] = soc, session.out_wh, session.in_wh
        return GOOD
    low, flowed = kept[_LOW], session.out_wh - kept[_LOW_AT]
    if not _against(soc - low, flowed) or not session.once(soc_rises.info.id):
        return GOOD
    words = f"it has risen from {low:g} to {soc:g} while {flowed:.0f} Wh flowed out"
    return [Problem(soc_rises.info, words, said.at(*_SOC), f"at most {low:g} %", f"{soc:g} %")]


def _moved_idly(session: Session, said: Said, rule: str, soc: float, flowed: float) -> bool:
    """Tell whether a state of charge has moved since it was told last, and next to nothing has flowed for a while (Wh)."""
    kept = session.tally
    moved = soc != kept.get(rule + _TOLD, soc)
    kept[rule + _TOLD] = soc
    begun = rule + _MARKED in kept
    if (not begun and said.name in DEMANDS) or (begun and flowed > kept[rule + _MARK] + _TRICKLE):
        kept[rule + _MARK], kept[rule + _MARKED] = flowed, said.t
    return moved and said.t - kept.get(rule + _MARKED, float("-inf")) > _IDLE


def _against(points: float, flowed: float) -> bool:
    """Tell whether a state of charge has gone too far against what has flowed (Wh)."""
    return (points > _POINTS and flowed >= _FLOWED) or (points > _LEAP and flowed >= _AT_ALL)


LOOKS = (
    falls,
    against_power,
    requested,
    soc_falls,
    soc_rises,
)
