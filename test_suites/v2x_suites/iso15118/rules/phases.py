"""DC from the cable check to the welding detection: isolation, voltage, the state of the EVSE, and what it asks for."""

from __future__ import annotations

from v2x_architecture.iso15118.editions import Edition
from v2x_harness.finding import Axis, Layer

from v2x_suites.iso15118.rules.limits import DELIVERIES, DEMANDS
from v2x_suites.iso15118.rules.looking import GOOD, Found, Look, look
from v2x_suites.iso15118.rules.rule import EVCC, SECC, Problem, described
from v2x_suites.iso15118.rules.said import Said
from v2x_suites.iso15118.rules.session import Session

# Between battery and outlet when an EV closes its contactors: 20 V by IEC 61851-23, with room for both measurements.
_GAP_V, _GAP_SHARE = 20.0, 0.05
_PRE_CHARGE_A = 2.0
# What flows when nothing does (A).
_NOTHING = 5.0
# Beyond NotificationMaxDelay (s): for what is on its way, and for a current that ramps down.
_STOPPING = 10.0

_BROKEN = frozenset({"EVSE_EmergencyShutdown", "EVSE_Malfunction"})
# With these an SECC ends the check because the session is to end ([V2G-DC-891]).
_STOPPED = ("EVSE_Shutdown", "EVSE_EmergencyShutdown")
_GOOD_ISOLATION = frozenset({"Valid", "Warning"})
_LOOPS = ("CurrentDemandRes", "ChargingStatusRes", "DC_ChargeLoopRes", "AC_ChargeLoopRes")
_OLD = ("din", "2")

STOP = described(
    "session.stop_ignored",
    Layer.SEMANTICS,
    "EVSENotification.stop",
    "An EVCC that is asked to stop does so in the time that it is given.",
    party=EVCC,
)


@look(
    "dc.pre_charge_voltage",
    Layer.SEMANTICS,
    "PreCharge.voltage",
    at=("PowerDeliveryReq",),
    party=EVCC,
    axis=Axis.COMPATIBILITY,
)
def voltage(session: Session, said: Said) -> Found:
    """An EVCC goes on from pre-charging when the voltage that it is told is what it asked for.

    It goes by its own measurement, which is not on the wire: who of the two is wrong cannot be told.
    """
    starts = said.text("ChargeProgress") == "Start" or said.true("ReadyToChargeState") is True
    asked = session.last.get("PreChargeReq") or session.last.get("DC_PreChargeReq")
    told = session.last.get("PreChargeRes") or session.last.get("DC_PreChargeRes")
    if not starts or session.energy != "DC" or asked is None or told is None or session.said_last is not told:
        return None
    wanted, there = asked.number("EVTargetVoltage"), told.number("EVSEPresentVoltage")
    if wanted is None or there is None:
        return None
    if abs(wanted - there) <= max(_GAP_V, _GAP_SHARE * wanted):
        return GOOD
    words = f"pre-charging is left at {there:g} V"
    return [Problem(voltage.info, words, said.root, f"{wanted:g} V", f"{there:g} V")]


@look(
    "dc.pre_charge_current",
    Layer.SEMANTICS,
    "PreCharge.current",
    at=("PreChargeReq",),
    party=EVCC,
    versions=_OLD,
    axis=Axis.COMPATIBILITY,
)
def current(session: Session, said: Said) -> Found:
    """An EVCC asks for 2 A at most while it pre-charges."""
    amperes = said.number("EVTargetCurrent")
    if amperes is None:
        return None
    if amperes <= _PRE_CHARGE_A or not session.once(current.info.id):
        return GOOD
    return [Problem(current.info, f"it asks for {amperes:g} A", said.at("EVTargetCurrent"), "at most 2 A", f"{amperes:g} A")]


@look(
    "dc.isolation_checked",
    Layer.SEMANTICS,
    "CableCheck.isolation",
    at=("CableCheckRes",),
    party=SECC,
    versions=_OLD,
)
def checked(session: Session, said: Said) -> Found:
    """A cable check that is finished has found the isolation to be valid."""
    if said.failed or said.text("EVSEProcessing") != "Finished" or said.text("EVSEStatusCode") in _STOPPED:
        return None
    status = said.text("EVSEIsolationStatus")
    if status in _GOOD_ISOLATION:
        return GOOD
    words = f"the check is finished, and the isolation is {status or 'not told'}"
    return [Problem(checked.info, words, said.at("EVSEIsolationStatus", "DC_EVSEStatus"), "Valid or Warning", status or "none")]


@look(
    "dc.isolation_early",
    Layer.SEMANTICS,
    "CableCheck.isolation-early",
    at=("ChargeParameterDiscoveryRes", "CableCheckRes"),
    party=SECC,
    versions=_OLD,
    axis=Axis.COMPATIBILITY,
)
def early(session: Session, said: Said) -> Found:
    """An EVSE does not call the isolation valid before it is checked."""
    status = said.text("EVSEIsolationStatus")
    if not status or said.failed or "PowerDeliveryRes" in session.last:
        # In a renegotiation it was checked before.
        return None
    if said.name == "CableCheckRes" and (said.text("EVSEProcessing") != "Ongoing" or said.name in session.last):
        # Later on in the check the isolation may be known while something else is still to be done.
        return None
    if status != "Valid" or not session.once(early.info.id):
        return GOOD
    words = "the isolation is Valid though it was not checked yet"
    return [Problem(early.info, words, said.at("EVSEIsolationStatus"), "Invalid, or none", status)]


@look(
    "dc.isolation_fault",
    Layer.SEMANTICS,
    "CurrentDemand.isolation",
    at=DELIVERIES,
    party=SECC,
    versions=_OLD,
)
def fault(session: Session, said: Said) -> Found:
    """An EVSE gives no energy with an isolation that is not valid."""
    status, amperes = said.text("EVSEIsolationStatus"), said.number("EVSEPresentCurrent")
    if not status or amperes is None or said.failed:
        return None
    wrong = status not in _GOOD_ISOLATION and abs(amperes) > _NOTHING
    if not session.begins(fault.info.id, wrong=wrong):
        return GOOD
    words = f"{amperes:g} A flow while the isolation is {status}"
    return [Problem(fault.info, words, said.at("EVSEIsolationStatus"), "Valid or Warning", status)]


@look(
    "dc.broken",
    Layer.SEMANTICS,
    "EVSEStatus.broken",
    at=("CableCheckRes", "PreChargeRes", "PowerDeliveryRes", "CurrentDemandRes"),
    party=SECC,
    versions=_OLD,
    axis=Axis.COMPATIBILITY,
)
def broken(session: Session, said: Said) -> Found:
    """An EVSE that has failed says no."""
    status = said.text("EVSEStatusCode")
    if not status:
        return None
    if not session.begins(broken.info.id, wrong=status in _BROKEN and not said.failed):
        return GOOD
    words = f"it says {said.code}, and is in {status}"
    return [Problem(broken.info, words, said.at("EVSEStatusCode"), "FAILED", f"{said.code}, {status}")]


def stop(session: Session, said: Said) -> Found:
    """Look for an EVCC that goes on though it was asked to stop."""
    since, delay = session.tally.get("stop asked"), session.tally.get("stop delay", 0.0)
    if since is None:
        return None
    if said.t - since <= delay + _STOPPING or not session.once(STOP.id):
        return GOOD
    words = f"it goes on {said.t - since:.1f} s after it was asked to stop"
    return [Problem(STOP, words, said.root, f"PowerDeliveryReq within {delay:g} s", said.name)]


def notified(session: Session, said: Said) -> Found:
    """Keep since when an EVCC has been asked to stop: without a break, and with how much time."""
    asked = said.text("EVSENotification") == ("Terminate" if session.edition is Edition.ISO20 else "StopCharging")
    if asked and "stop asked" not in session.tally:
        session.tally["stop asked"] = said.t
        session.tally["stop delay"] = said.number("NotificationMaxDelay") or 0.0
    elif not asked:
        session.tally.pop("stop asked", None)
    return None


@look(
    "dc.not_ready",
    Layer.SEMANTICS,
    "CurrentDemand.not-ready",
    at=("CurrentDemandReq",),
    party=EVCC,
    versions=_OLD,
    axis=Axis.COMPATIBILITY,
)
def not_ready(session: Session, said: Said) -> Found:
    """An EV that has failed, or is not ready, asks for no current."""
    amperes, code, ready = said.number("EVTargetCurrent"), said.text("EVErrorCode"), said.true("EVReady")
    if amperes is None or not code or ready is None:
        return None
    wrong = abs(amperes) > 0 and (code not in ("NO_ERROR", "NoData") or not ready)
    if not session.begins(not_ready.info.id, wrong=wrong):
        return GOOD
    seen = f"EVReady {str(ready).lower()}, {code}"
    words = f"it asks for {amperes:g} A with {seen}"
    return [Problem(not_ready.info, words, said.at("EVReady"), "0 A", f"{amperes:g} A")]


LOOKS = (
    voltage,
    current,
    checked,
    early,
    fault,
    broken,
    Look(STOP, _LOOPS, notified, timed=True),
    Look(STOP, (*DEMANDS, "ChargingStatusReq", "AC_ChargeLoopReq"), stop, timed=True),
    not_ready,
)
