"""Where cases with an EVCC of ISO 15118-20 under test begin."""

from __future__ import annotations

import msgspec
from v2x_harness.blocks import CannotJudge
from v2x_harness.events import Json
from v2x_harness.pointer import resolve

from v2x_suites.iso15118.evcc_steps import reach
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import Message

CONTROLS = {"Scheduled": 1, "Dynamic": 2}
SERVICES = {"AC": 1, "DC": 2, "AC_BPT": 5, "DC_BPT": 6}


async def at_authorization(se: SeTester, evcc: UnderTest) -> Message:
    """Go as far as the first response to an AuthorizationReq; return that request."""
    return await reach(se, evcc, "AuthorizationRes")


async def at_loop(
    se: SeTester, driver: EvccOperator, evcc: UnderTest, service: str, control: str, nth: int = 3, **settings: Json
) -> Message:
    """Have energy flow, by a service and a way of control of which no others are offered.

    Args:
        service: ``AC``, ``DC``, ``AC_BPT``, ``DC_BPT``.
        control: ``Scheduled`` or ``Dynamic``.
        nth: the response of the charge loop to stop at.
        settings: of our EVSE.

    Returns:
        The request that the response belongs to.

    Raises:
        CannotJudge: it does not come so far.
    """
    await se.listens(**settings)
    await driver.plug_in()
    await se.until("ServiceDiscoveryRes")
    se.put({"EnergyTransferServiceList/Service": [{"ServiceID": SERVICES[service], "FreeService": False}]})
    await se.until("ServiceDetailRes")
    asked = evcc.said("ServiceDetailReq")[-1].ServiceID.peek()
    if asked != SERVICES[service]:
        raise CannotJudge(f"the EV asks for service {asked}, and {SERVICES[service]} was the only one offered")
    se.put({"ServiceParameterList/ParameterSet": with_control(se.plain, control)})
    return await reach(se, evcc, f"{service[:2]}_ChargeLoopRes", nth)


def with_control(detail: dict[str, Json], control: str) -> Json:
    """Return the parameter sets of a response that have this way of control."""
    sets = msgspec.convert(resolve(detail, "/ServiceParameterList/ParameterSet"), list[dict[str, Json]])
    wanted: Json = {"Name": "ControlMode", "intValue": CONTROLS[control]}
    return [each for each in sets if wanted in msgspec.convert(each["Parameter"], list[Json])]
