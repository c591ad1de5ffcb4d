"""The way through DC charging in front of an SECC of the older editions, a step at a time, as cases want it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from v2x_harness.blocks import CannotJudge, requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, amount, physical

VOLTAGE_TOLERANCE = 20.0
"""By how much the output may miss what is asked for before an EV's contactors close (V; IEC 61851-23: CC.5.1)."""
CURRENT_TOLERANCE = 5.0
"""By how much a current may miss its target or limit: what supplies and meters are off (A)."""
STRONG: Final[Json] = {"max_charge_a": 900.0, "max_charge_w": 900_000.0}
"""A battery that takes more than any EVSE gives."""
BRIEF: Final[Json] = 50.03
"""State of charge after which our EV has enough (percent)."""
LOW, HIGH = 10.0, 40.0
"""Currents to be followed (A)."""
SAFE_VOLTAGE = 60.0
"""Below which an output may be touched (V)."""
LEAKING = 5_000.0
"""Resistance to earth at which no DC supply may go on (ohm; IEC 61851-23: CC.4.1 asks for 100 ohm a volt)."""
CABLE_CHECK = 38.0
"""V2G_SECC_CableCheck_Performance_Time (s)."""
PRE_CHARGE = 5.0
"""V2G_SECC_PreCharge_Performance_Time (s)."""
CURRENT_DEMAND = 0.25
"""V2G_EVCC_Msg_Timeout of CurrentDemand (s)."""
NOTHING_BUT_TARGETS: Final = (
    *("EVMaximumVoltageLimit", "EVMaximumCurrentLimit", "EVMaximumPowerLimit", "BulkChargingComplete"),
    *("RemainingTimeToFullSoC", "RemainingTimeToBulkSoC"),
)
"""What CurrentDemandReq can do without."""


AC_PARAMETERS: Final[dict[str, Json]] = {
    "EAmount": physical(20_000, "Wh", exponent=1),
    "EVMaxVoltage": physical(400, "V"),
    "EVMaxCurrent": physical(32, "A"),
    "EVMinCurrent": physical(6, "A"),
}
"""An AC_EVChargeParameter, which has no place in DC charging."""


class Offered(msgspec.Struct, frozen=True):
    """What an EVSE has told of itself in ChargeParameterDiscoveryRes (V, A).

    Attributes:
        min_voltage_v, max_voltage_v, max_current_a: its limits.
    """

    min_voltage_v: float
    max_voltage_v: float
    max_current_a: float


type Change = Mapping[str, Json]


def offered(secc: UnderTest) -> Offered:
    """Return what the EVSE has told of itself.

    Raises:
        CannotJudge: it has not.
    """
    said = secc.said("ChargeParameterDiscoveryRes")
    if not said or not said[-1].DC_EVSEChargeParameter.exists:
        raise CannotJudge("the EVSE has not told its limits")
    told = said[-1].DC_EVSEChargeParameter
    return Offered(
        amount(told.EVSEMinimumVoltageLimit), amount(told.EVSEMaximumVoltageLimit), amount(told.EVSEMaximumCurrentLimit)
    )


async def parameters(ev: EvTester, change: Change | None = None) -> Message:
    """Ask for parameters until they are all there; our EVCC must hold ChargeParameterDiscoveryReq.

    Args:
        change: pointers to new values, in each of the requests.

    Returns:
        The last response.

    Raises:
        AssertionError: the SECC refuses.
    """
    while True:
        answer = await granted(ev, change)
        if answer.EVSEProcessing == "Finished":
            return answer
        await ev.until("ChargeParameterDiscoveryReq")


async def checked(ev: EvTester, within: float = CABLE_CHECK) -> Message:
    """Have the cable checked until the SECC has done, or says no; our EVCC must hold CableCheckReq.

    Args:
        within: seconds from the first response on.

    Returns:
        The last response.

    Raises:
        AssertionError: the check takes longer.
    """
    first: Message | None = None
    while True:
        answer = await ev.sends()
        assert answer.name == "CableCheckRes"
        if answer.EVSEProcessing == "Finished" or answer.code != "OK":
            return answer
        first = first or answer
        assert answer.t - first.t <= within, f"the cable check takes longer than {within:g} s"
        await ev.until("CableCheckReq")


def two_voltages(secc: UnderTest) -> tuple[float, float]:
    """Return a high and a low voltage that the EVSE can pre-charge to, by what it has told of itself (V)."""
    limits = offered(secc)
    low = max(limits.min_voltage_v + VOLTAGE_TOLERANCE, 250.0)
    return min(limits.max_voltage_v - VOLTAGE_TOLERANCE, low + 150.0), low


async def pre_charge(ev: EvTester, voltage_v: float, *, within: float = PRE_CHARGE) -> Message:
    """Ask for a voltage until it stands at the output; our EVCC must hold PreChargeReq.

    Args:
        voltage_v: to be reached.
        within: seconds from the first response on.

    Returns:
        The last response.

    Raises:
        AssertionError: the SECC refuses, or the voltage is not there in time.
    """
    change: Change = {"EVTargetVoltage": physical(voltage_v, "V"), "EVTargetCurrent": physical(2, "A")}
    return await _repeat(
        ev, "PreChargeReq", change, lambda m: abs(amount(m.EVSEPresentVoltage) - voltage_v) <= VOLTAGE_TOLERANCE, within
    )


async def low_pre_charge(ev: EvTester, secc: UnderTest) -> None:
    """Ask once for a voltage that is no use to our EV, so that it asks again however fast the SECC is.

    Our EVCC must hold PreChargeReq, and holds the next one then.
    """
    await ev.sends({"EVTargetVoltage": physical(offered(secc).min_voltage_v + 10, "V")})
    await ev.until("PreChargeReq")


async def pre_charge_beyond(ev: EvTester, most_v: float) -> None:
    """Ask for more voltage than there is; our EVCC must hold PreChargeReq.

    Args:
        most_v: the EVSE's limit.

    Raises:
        AssertionError: the SECC does not refuse, and does not stay at its limit.
    """
    for _ in range(8):
        answer = await ev.sends({"EVTargetVoltage": physical(most_v + 100, "V")})
        assert answer.name == "PreChargeRes"
        assert answer.session_id == ev.session_id
        assert answer.code.is_in("OK", "FAILED")
        assert amount(answer.EVSEPresentVoltage) <= most_v * 1.02
        if answer.code == "FAILED":
            return
        await ev.until("PreChargeReq")
    # What it says that it has must be what it was asked for, as far as its limit goes.
    assert amount(answer.EVSEPresentVoltage) >= most_v - VOLTAGE_TOLERANCE


async def demand(ev: EvTester, current_a: float, *, reached: Callable[[float], bool], within: float = 5.0) -> Message:
    """Demand a current until what flows is as it should be; our EVCC must hold CurrentDemandReq.

    Args:
        current_a: that is demanded.
        reached: whether a present current is as it should be (A).
        within: seconds from the first response on.

    Returns:
        The last response.

    Raises:
        AssertionError: the SECC refuses, or the current is not there in time.
    """
    change: Change = {"EVTargetCurrent": physical(current_a, "A", exponent=-1)}
    return await _repeat(ev, "CurrentDemandReq", change, lambda m: reached(amount(m.EVSEPresentCurrent)), within)


def near(current_a: float) -> Callable[[float], bool]:
    """Return whether a current is about this one (A)."""
    return lambda present: abs(present - current_a) <= CURRENT_TOLERANCE


async def follows(ev: EvTester) -> None:
    """Demand a low current, a high one, a low one and none; our EVCC must hold CurrentDemandReq.

    Raises:
        AssertionError: the SECC refuses, or one of them does not flow in time.
    """
    for current in (LOW, HIGH, LOW):
        await demand(ev, current, reached=near(current))
        await ev.until("CurrentDemandReq")
    await demand(ev, 0.0, reached=near(0.0))


async def demand_beyond(ev: EvTester, secc: UnderTest, most_a: float) -> None:
    """Demand half as much again as there is; our EVCC must hold CurrentDemandReq.

    Args:
        most_a: the EVSE's limit.

    Raises:
        AssertionError: more flows than that, or the SECC does not say that a limit is reached.
    """
    answer = await demand(ev, most_a * 1.5, reached=lambda present: present > CURRENT_TOLERANCE)
    flowing = [amount(each.EVSEPresentCurrent) for each in secc.said("CurrentDemandRes")]
    assert max(flowing) <= most_a * 1.02 + CURRENT_TOLERANCE
    assert answer.EVSECurrentLimitAchieved.value or answer.EVSEPowerLimitAchieved.value


async def demands_in_time(ev: EvTester, secc: UnderTest) -> None:
    """Send twenty CurrentDemandReq.

    Raises:
        AssertionError: one is not answered before the EV gives up.
    """
    for _ in range(20):
        await ev.until("CurrentDemandReq")
        answer = await ev.sends()
        asked = secc.heard("CurrentDemandReq")[-1]
        assert answer.name == "CurrentDemandRes"
        assert answer.session_id == ev.session_id
        assert answer.t - asked.t <= CURRENT_DEMAND


async def broken_supply(ev: EvTester, operator: SeccOperator, *codes: str, refuses: str, status: str) -> None:
    """Have a malfunction at the EVSE before energy flows, and judge what the SECC does; our EVCC must hold PowerDeliveryReq.

    Args:
        codes: by which it may refuse.
        refuses: id of the requirement to refuse.
        status: id of the requirement to tell EVSE_Malfunction.
    """
    await operator.set_status("EVSE_Malfunction")
    with requirement(refuses, hard=True):
        answer = await ev.sends()
        assert answer.name == "PowerDeliveryRes"
        assert answer.code.is_in(*codes)
    with requirement(status):
        assert answer.DC_EVSEStatus.EVSEStatusCode == "EVSE_Malfunction"


async def emergency(ev: EvTester, secc: UnderTest, operator: SeccOperator, ends: str, status: str) -> None:
    """Have an emergency at the EVSE while current flows, and judge what the SECC does; our EVCC must hold CurrentDemandReq.

    Args:
        ends: id of the requirement to answer FAILED, let no current flow and end the session.
        status: id of the requirement to tell EVSE_EmergencyShutdown.
    """
    await demand(ev, HIGH, reached=near(HIGH))
    await operator.set_status("EVSE_EmergencyShutdown")
    await ev.until("CurrentDemandReq")
    with requirement(ends, hard=True):
        answer = await ev.sends()
        assert answer.name == "CurrentDemandRes"
        assert answer.code == "FAILED"
        assert amount(answer.EVSEPresentCurrent) <= CURRENT_TOLERANCE
    with requirement(status):
        assert answer.DC_EVSEStatus.EVSEStatusCode == "EVSE_EmergencyShutdown"
    with requirement(ends):
        await secc.closes()


async def measures_until_safe(ev: EvTester) -> None:
    """Have the output's voltage measured until it is safe; our EVCC must hold WeldingDetectionReq.

    Raises:
        AssertionError: the SECC refuses, or the voltage stays.
    """
    answer = await ev.sends()
    for _ in range(8):
        assert answer.name == "WeldingDetectionRes"
        assert answer.code == "OK"
        assert answer.session_id == ev.session_id
        if amount(answer.EVSEPresentVoltage) < SAFE_VOLTAGE:
            break
        await ev.until("WeldingDetectionReq")
        answer = await ev.sends()
    assert amount(answer.EVSEPresentVoltage) < SAFE_VOLTAGE


async def output_off(ev: EvTester, secc: UnderTest) -> None:
    """See for 5 s that the SECC says nothing more, and then that its output is off; it must be measured at the plug.

    Raises:
        AssertionError: it is not.
        NotSeen: the SECC says something.
    """
    secc.from_now()
    await secc.stays_quiet(for_=5.0)
    # Our EV has opened its contactors: what is measured now is the output by itself.
    assert ev.output.current_a == 0
    assert ev.output.voltage_v < SAFE_VOLTAGE


async def refused_without_current(ev: EvTester, secc: UnderTest) -> None:
    """Send ServiceDiscoveryReq while current flows, and see that none flows 2 s later; it must be measured at the plug.

    Raises:
        AssertionError: the request is not refused, or current flows still.
        NotSeen: the SECC says more.
    """
    answer = await ev.sends_other("ServiceDiscoveryReq")
    assert answer.code == "FAILED_SequenceError"
    secc.from_now()
    await secc.stays_quiet(for_=2.0)
    assert ev.output.current_a == 0


async def _repeat(ev: EvTester, name: str, change: Change, done: Callable[[Message], bool], within: float) -> Message:
    first: Message | None = None
    while True:
        answer = await granted(ev, change)
        if done(answer):
            return answer
        first = first or answer
        assert answer.t - first.t <= within, f"{answer.brief} does not get there within {within:g} s: {_present(answer)}"
        await ev.until(name)


def _present(answer: Message) -> str:
    voltage, current = answer.EVSEPresentVoltage, answer.EVSEPresentCurrent
    return " and ".join([f"{amount(voltage):g} V"] + ([f"{amount(current):g} A"] if current.exists else []))
