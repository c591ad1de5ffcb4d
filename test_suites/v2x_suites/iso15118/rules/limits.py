"""Currents, voltages and powers against the limits that both sides have told.

What is set and what is measured follows a limit with some delay, and a measurement has an error: both are allowed for.
"""

from __future__ import annotations

from typing import Final

from v2x_harness.finding import Axis, Layer
from v2x_harness.rule import RuleInfo

from v2x_suites.iso15118.rules.looking import GOOD, Found, look
from v2x_suites.iso15118.rules.rule import EVCC, SECC, Problem
from v2x_suites.iso15118.rules.said import Said
from v2x_suites.iso15118.rules.session import Session

EV_MAX_A: Final = ("EVMaximumCurrentLimit", "EVMaximumChargeCurrent")
EVSE_MAX_A: Final = ("EVSEMaximumCurrentLimit", "EVSEMaximumChargeCurrent")
EV_MAX_V: Final = ("EVMaximumVoltageLimit", "EVMaximumVoltage")
EVSE_MAX_V: Final = ("EVSEMaximumVoltageLimit", "EVSEMaximumVoltage")
EV_MAX_W: Final = ("EVMaximumPowerLimit", "EVMaximumChargePower")
EVSE_MAX_W: Final = ("EVSEMaximumPowerLimit", "EVSEMaximumChargePower")

DEMANDS: Final = ("CurrentDemandReq", "DC_ChargeLoopReq")
DELIVERIES: Final = ("CurrentDemandRes", "DC_ChargeLoopRes")
_VOLTAGES: Final = ("PreChargeReq", "DC_PreChargeReq", *DEMANDS)

# How long what is set may still keep to the limit before (s), and what is measured to the target before.
_SETTING = 2.0
_SETTLING = 5.0
# Steps of values, and IEC 61851-23's errors of regulation and measurement, with room.
_STEP = 0.02
_ERROR = 0.05
_AMPERES, _VOLTS, _WATTS = 5.0, 10.0, 500.0
_DISCOVERIES = ("ChargeParameterDiscoveryRes", "DC_ChargeParameterDiscoveryRes", "AC_ChargeParameterDiscoveryRes")


@look(
    "limits.target_current",
    Layer.SEMANTICS,
    "CurrentDemand.target-current",
    at=DEMANDS,
    party=EVCC,
)
def target_current(session: Session, said: Said) -> Found:
    """An EVCC asks for no more current than the EVSE can give."""
    return _within(target_current.info, session, said, "EVTargetCurrent", _largest(session, EVSE_MAX_A, said.t - _SETTING), 1.0)


@look(
    "limits.own_current",
    Layer.SEMANTICS,
    "CurrentDemand.own-current",
    at=DEMANDS,
    party=EVCC,
)
def own_current(session: Session, said: Said) -> Found:
    """An EVCC asks for no more current than it has said that it takes."""
    limit = said.first(*EV_MAX_A)
    return _within(own_current.info, session, said, "EVTargetCurrent", session.latest(*EV_MAX_A) if limit is None else limit, 1.0)


@look(
    "limits.target_voltage",
    Layer.SEMANTICS,
    "CurrentDemand.target-voltage",
    at=_VOLTAGES,
    party=EVCC,
)
def target_voltage(session: Session, said: Said) -> Found:
    """An EVCC asks for no more voltage than the EVSE can give."""
    return _within(target_voltage.info, session, said, "EVTargetVoltage", _largest(session, EVSE_MAX_V, said.t - _SETTING), 1.0)


@look(
    "limits.own_voltage",
    Layer.SEMANTICS,
    "CurrentDemand.own-voltage",
    at=_VOLTAGES,
    party=EVCC,
)
def own_voltage(session: Session, said: Said) -> Found:
    """An EVCC asks for no more voltage than it has said that it takes."""
    limit = said.first(*EV_MAX_V)
    return _within(own_voltage.info, session, said, "EVTargetVoltage", session.latest(*EV_MAX_V) if limit is None else limit, 1.0)


@look(
    "limits.present_current",
    Layer.SEMANTICS,
    "CurrentDemand.present-current",
    at=DELIVERIES,
    party=SECC,
    timed=True,
)
def present_current(session: Session, said: Said) -> Found:
    """An EVSE gives no more current than the EV asks for."""
    asked = session.largest("EVTargetCurrent", said.t - _SETTLING)
    return _within(present_current.info, session, said, "EVSEPresentCurrent", asked, _AMPERES, _ERROR)


@look(
    "limits.present_limit",
    Layer.SEMANTICS,
    "CurrentDemand.present-limit",
    at=DELIVERIES,
    party=SECC,
    timed=True,
)
def present_limit(session: Session, said: Said) -> Found:
    """An EVSE gives no more current than it has said that it can, and the EV that it takes."""
    since = said.t - _SETTLING
    limits = [limit for names in (EV_MAX_A, EVSE_MAX_A) if (limit := _largest(session, names, since)) is not None]
    return _within(present_limit.info, session, said, "EVSEPresentCurrent", min(limits, default=None), _AMPERES, _ERROR)


@look(
    "limits.present_voltage",
    Layer.SEMANTICS,
    "CurrentDemand.present-voltage",
    at=DELIVERIES,
    party=SECC,
    timed=True,
)
def present_voltage(session: Session, said: Said) -> Found:
    """While energy flows, an EVSE's voltage is not above what the EV takes."""
    limit = _largest(session, EV_MAX_V, said.t - _SETTLING)
    return _within(present_voltage.info, session, said, "EVSEPresentVoltage", limit, _VOLTS, _STEP)


@look(
    "limits.power",
    Layer.SEMANTICS,
    "CurrentDemand.power",
    at=DELIVERIES,
    party=SECC,
    timed=True,
)
def power(session: Session, said: Said) -> Found:
    """An EVSE gives no more power than both sides have said that they can."""
    amperes, volts, since = said.number("EVSEPresentCurrent"), said.number("EVSEPresentVoltage"), said.t - _SETTLING
    limits = [limit for names in (EV_MAX_W, EVSE_MAX_W) if (limit := _largest(session, names, since))]
    if amperes is None or volts is None or not limits:
        return None
    drawn, limit = amperes * volts, min(limits)
    if not session.begins(power.info.id, wrong=drawn > limit * (1 + _ERROR) + _WATTS):
        return GOOD
    words = f"{volts:.0f} V and {amperes:.1f} A are {drawn:.0f} W"
    return [Problem(power.info, words, said.at("EVSEPresentCurrent"), f"at most {limit:.0f} W", f"{drawn:.0f} W")]


@look(
    "limits.order",
    Layer.SEMANTICS,
    "limits.order",
    at=(*_DISCOVERIES, "DC_ChargeParameterDiscoveryReq", "AC_ChargeParameterDiscoveryReq", *DEMANDS, *DELIVERIES),
)
def order(session: Session, said: Said) -> Found:
    """A least value is not above the greatest one."""
    found, seen = [], False
    for name, value in said.values.items():
        if "Minimum" not in name or not isinstance(value.value, float):
            continue
        greatest = said.number(name.replace("Minimum", "Maximum"))
        if greatest is None:
            continue
        seen = True
        if value.value > greatest:
            words = f"{name} is above {name.replace('Minimum', 'Maximum')}"
            found.append(Problem(order.info, words, value.pointer, f"at most {greatest:g}", f"{value.value:g}"))
    return found if seen else None


@look(
    "limits.raised",
    Layer.SEMANTICS,
    "limits.raised",
    at=(*DELIVERIES, "ChargingStatusRes"),
    party=SECC,
    axis=Axis.COMPATIBILITY,
)
def raised(session: Session, said: Said) -> Found:
    """While energy flows, an EVSE tells of no more than it did when parameters were discovered."""
    seen, found = False, []
    discovered = [session.last.get(name) for name in _DISCOVERIES]
    for names in (EVSE_MAX_A, EVSE_MAX_V, EVSE_MAX_W, ("EVSEMaxCurrent",)):
        now = said.first(*names)
        before = next((value for each in discovered if each is not None and (value := each.first(*names)) is not None), None)
        if now is None or before is None:
            continue
        seen = True
        if now > before * (1 + _STEP) + 1.0 and session.once(f"{raised.info.id} {names[0]}"):
            words = f"{now:g} is above the {before:g} of parameter discovery"
            found.append(Problem(raised.info, words, said.at(*names), f"at most {before:g}", f"{now:g}"))
    return found if seen else None


@look(
    "limits.reached",
    Layer.SEMANTICS,
    "CurrentDemand.limit-achieved",
    at=DELIVERIES,
    party=SECC,
    axis=Axis.COMPATIBILITY,
    timed=True,
)
def reached(session: Session, said: Said) -> Found:
    """An EVSE says that a limit is reached when it is."""
    amperes, flag = said.number("EVSEPresentCurrent"), said.true("EVSECurrentLimitAchieved")
    since = said.t - _SETTLING
    limit = said.first(*EVSE_MAX_A)
    low = session.smallest(EVSE_MAX_A[0], since) if limit is None else limit
    if amperes is None or flag is None or not low or session.largest("EVTargetCurrent", since) is None:
        return None
    # While the current still changes, the flag may be ahead of it.
    steady = session.largest("EVTargetCurrent", since) == session.smallest("EVTargetCurrent", since)
    if not flag or not steady or amperes >= 0.8 * low - _AMPERES or not session.once(reached.info.id):
        return GOOD
    words = f"EVSECurrentLimitAchieved is true at {amperes:.1f} A of {low:g} A"
    return [Problem(reached.info, words, said.at("EVSECurrentLimitAchieved"), "false", "true")]


@look(
    "limits.ac_power",
    Layer.SEMANTICS,
    "AC_ChargeLoop.power",
    at=("AC_ChargeLoopReq",),
    party=EVCC,
    versions=("20",),
)
def ac_power(session: Session, said: Said) -> Found:
    """An EV draws no more AC power than the EVSE allows."""
    drawn = _phases(said, "EVPresentActivePower")
    told = session.last.get("AC_ChargeParameterDiscoveryRes")
    limit = _phases(told, "EVSEMaximumChargePower") if told is not None else None
    if drawn is None or limit is None:
        return None
    if not session.begins(ac_power.info.id, wrong=drawn > limit * (1 + _ERROR) + _WATTS):
        return GOOD
    words = f"it draws {drawn:.0f} W"
    return [Problem(ac_power.info, words, said.at("EVPresentActivePower"), f"at most {limit:.0f} W", f"{drawn:.0f} W")]


def _phases(said: Said, name: str) -> float | None:
    first = said.number(name)
    return None if first is None else first + sum(said.number(f"{name}_{phase}") or 0.0 for phase in ("L2", "L3"))


def _largest(session: Session, names: tuple[str, ...], since: float) -> float | None:
    return max((found for name in names if (found := session.largest(name, since)) is not None), default=None)


def _within(
    rule: RuleInfo, session: Session, said: Said, name: str, limit: float | None, slack: float, share: float = _STEP
) -> Found:
    """Judge a number by a limit with some slack: an amount, or a share of the limit where that is more.

    Of a stretch that is beyond it, the beginning is told. A limit below zero makes no sense: none is within it, and asking for
    nothing is all that can be done about it.
    """
    value = said.number(name)
    if value is None or limit is None:
        return None
    limit = max(0.0, limit)
    if not session.begins(rule.id, wrong=value > limit + max(slack, share * limit)):
        return GOOD
    unit = "A" if name.endswith("Current") else "V"
    return [Problem(rule, f"{name} is {value:g} {unit}", said.at(name), f"at most {limit:g} {unit}", f"{value:g} {unit}")]


LOOKS = (
    target_current,
    own_current,
    target_voltage,
    own_voltage,
    present_current,
    present_limit,
    present_voltage,
    power,
    order,
    raised,
    reached,
    ac_power,
)
