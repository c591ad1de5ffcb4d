"""The way through DC charging in front of an SECC of the older editions, a step at a time, as cases want it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from v2x_harness.blocks import CannotJudge
from v2x_harness.events import Json

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.under_test import UnderTest
from v2x_suites.iso15118.watch import Message, amount, physical

VOLTAGE_TOLERANCE = 20.0
"""By how much the output may miss what is asked for before an EV's contactors close (V; IEC 61851-23: CC.5.1)."""
CURRENT_TOLERANCE = 5.0
"""By how much a current may miss its target or limit: what supplies and meters are off (A)."""
STRONG: Json = {"max_charge_a": 900.0, "max_charge_w": 900_000.0}
"""A battery that takes more than any EVSE gives."""


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


async def pre_charge(ev: EvTester, voltage_v: float, *, within: float) -> Message:
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


async def _repeat(ev: EvTester, name: str, change: Change, done: Callable[[Message], bool], within: float) -> Message:
    first: Message | None = None
    while True:
        answer = await ev.sends(change)
        assert answer.name == f"{name.removesuffix('Req')}Res"
        assert answer.code == "OK"
        if done(answer):
            return answer
        first = first or answer
        assert answer.t - first.t <= within, f"{answer.brief} does not get there within {within:g} s: {_present(answer)}"
        await ev.until(name)


def _present(answer: Message) -> str:
    voltage, current = answer.EVSEPresentVoltage, answer.EVSEPresentCurrent
    return " and ".join([f"{amount(voltage):g} V"] + ([f"{amount(current):g} A"] if current.exists else []))
