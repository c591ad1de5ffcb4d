"""Whole sessions: each request in its place."""

from __future__ import annotations

import itertools
import re

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.evcc_steps import reach
from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest

_BEFORE = "supportedAppProtocol SessionSetup ServiceDiscovery (ServiceDetail )?PaymentServiceSelection Authorization "
_AC = _BEFORE + "ChargeParameterDiscovery PowerDelivery ChargingStatus PowerDelivery SessionStop"
_DC = (
    _BEFORE + "ChargeParameterDiscovery CableCheck PreCharge PowerDelivery CurrentDemand PowerDelivery "
    "(WeldingDetection )?SessionStop"
)


async def _whole(se: SeTester, driver: EvccOperator, evcc: UnderTest, loop: str, chart: str) -> None:
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "AuthorizationRes")
    with requirement("15118-2#8.8.sequence.evcc"):
        for _ in range(60):
            await se.goes_on(1)
            if len(evcc.said(loop)) >= 2:
                break
        await driver.stop_charging()
        await se.goes_on(20)
        requests = [each.name.removesuffix("Req") for each in evcc.said() if each.link != "sdp"]
        said = " ".join(name for name, _ in itertools.groupby(requests))
        assert re.fullmatch(chart, said), f"it asks for {said}"
    with requirement("V2G2-752"):
        for each in evcc.said():
            if each.link != "sdp" and each.name not in ("supportedAppProtocolReq", "SessionSetupReq"):
                assert each.session_id == se.session_id


@case("V2X_EVCC_AC_VTB_Sequence_001", verifies="15118-2#8.8.sequence.evcc V2G2-752", applies="AC")
async def test_ac_session(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC's requests come in the order of an AC session, all of them with the SECC's SessionID."""
    await _whole(ac_se, driver, evcc, "ChargingStatusReq", _AC)


@case("V2X_EVCC_DC_VTB_Sequence_001", verifies="15118-2#8.8.sequence.evcc V2G2-752", applies="DC")
async def test_dc_session(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC's requests come in the order of a DC session, all of them with the SECC's SessionID."""
    await _whole(dc_se, driver, evcc, "CurrentDemandReq", _DC)
