"""DIN SPEC 70121: how sessions end, in order and otherwise, and what cannot be read."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.dc_charging import BRIEF, CURRENT_TOLERANCE, HIGH, demand, near, output_off, refused_without_current
from v2x_suites.iso15118.din.secc import case
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.refusals import only_its_own, silence, unknown_session
from v2x_suites.iso15118.secc_steps import granted, if_answered
from v2x_suites.iso15118.under_test import UnderTest

BEFORE_ENERGY = (
    *("ServicePaymentSelectionReq", "ContractAuthenticationReq", "ChargeParameterDiscoveryReq", "CableCheckReq", "PreChargeReq"),
    "PowerDeliveryReq",
)
"""Requests that SessionStopReq may take the place of."""
WAIT_FOR_EVCC = 5.0
"""For so long an SECC leaves it to the EVCC to close the connection (s)."""
HALF_A_MESSAGE = bytes.fromhex("809a00113020")
"""The beginning of a message in this edition's grammar."""
WRONG_VERSION = bytes.fromhex("ff008001")
"""The first half of a header of V2GTP, of a version that there is not."""


@case("TC_DIN_SECC_SessionStop_001", verifies="V2G-DC-451 V2G-DC-938")
async def test_stop(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC answers SessionStopReq with OK, leaves it to the EV to close the connection, and closes it when it does not."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("SessionStopReq")
    with requirement("V2G-DC-451", hard=True):
        answer = await granted(dc_ev)
        assert answer.session_id == dc_ev.session_id
    with requirement("V2G-DC-938"):
        end = await secc.closes()
        assert end.t - answer.t >= WAIT_FOR_EVCC - 0.5, f"it has closed the connection after {end.t - answer.t:.1f} s"


@case("TC_DIN_SECC_SessionStop_002", verifies="V2G-DC-441 V2G-DC-451")
async def test_stop_at_any_time(dc_ev: EvTester, secc: UnderTest) -> None:
    """Before energy flows an SECC takes SessionStopReq after each message, CableCheckRes included."""
    for name in BEFORE_ENERGY:
        await dc_ev.plug_in()
        await dc_ev.until(name)
        with requirement("V2G-DC-441", "V2G-DC-451"):
            answer = await dc_ev.sends_other("SessionStopReq")
            assert answer.name == "SessionStopRes", f"in the place of {name}"
            assert answer.code == "OK", f"in the place of {name}"
            assert answer.session_id == dc_ev.session_id
        await dc_ev.unplug()


@case("TC_DIN_SECC_SessionStop_003", verifies="V2G-DC-391 V2G-DC-116")
async def test_stop_of_another_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses SessionStopReq of another session, and ends the session."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("SessionStopReq")
    await unknown_session(dc_ev, secc)


@case("TC_DIN_SECC_Timeout_001", verifies="V2G-DC-432")
async def test_silence(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 60 s after SessionSetupRes stops the session, and not before."""
    await dc_ev.plug_in()
    await dc_ev.until("ServiceDiscoveryReq")
    await silence(dc_ev, secc)


@case("TC_DIN_SECC_EnergyOff_001", verifies="DIN70121#energy-off.secc", applies="Measured")
async def test_energy_off_after_a_break(dc_ev: EvTester, secc: UnderTest) -> None:
    """When the connection breaks while energy flows, the supply is switched off."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq")
    await demand(dc_ev, HIGH, reached=near(HIGH))
    with requirement("DIN70121#energy-off.secc"):
        assert dc_ev.output.current_a > CURRENT_TOLERANCE
        await dc_ev.disconnect(abort=True)
        await output_off(dc_ev, secc)


@case("TC_DIN_SECC_EnergyOff_002", verifies="DIN70121#energy-off.secc", applies="Measured")
async def test_energy_off_after_a_refusal(dc_ev: EvTester, secc: UnderTest) -> None:
    """When a request is refused while energy flows, nothing flows any more."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq")
    await demand(dc_ev, HIGH, reached=near(HIGH))
    with requirement("DIN70121#energy-off.secc"):
        assert dc_ev.output.current_a > CURRENT_TOLERANCE
        await refused_without_current(dc_ev, secc)


@case("TC_DIN_SECC_EXI_001", verifies="DIN70121#EXI.undecodable.secc")
async def test_half_a_message(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC says OK to no message that it cannot read, and goes on with good ones, in this session or in a new one."""
    await dc_ev.plug_in()
    await dc_ev.until("ServiceDiscoveryReq")
    with requirement("DIN70121#EXI.undecodable.secc"):
        start = len(dc_ev.watch.items)
        dc_ev.put_octets(HALF_A_MESSAGE)
        answer = await if_answered(dc_ev, start, "half a message")
        assert answer is None or answer.code.is_in("FAILED", "FAILED_SequenceError", "FAILED_UnknownSession")
    await dc_ev.unplug()
    await dc_ev.plug_in()
    await dc_ev.until("ServiceDiscoveryReq")
    with requirement("DIN70121#EXI.undecodable.secc"):
        answer = await granted(dc_ev)
        assert answer.session_id == dc_ev.session_id
    await dc_ev.until("ServicePaymentSelectionReq")
    await only_its_own(dc_ev, "DIN70121#EXI.undecodable.secc")


@case("TC_DIN_SECC_V2GTP_001", verifies="DIN70121#V2GTP.ignore")
async def test_wrong_version(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC does not answer a message whose header has another version of V2GTP, and goes on with a good connection."""
    await dc_ev.plug_in()
    await dc_ev.until("SessionSetupReq")
    good = dc_ev.held
    secc.from_now()
    dc_ev.put_octets(good.payload, header=WRONG_VERSION + len(good.payload).to_bytes(4))
    with requirement("DIN70121#V2GTP.ignore"):
        await secc.stays_quiet(for_=2.0)
    await dc_ev.unplug()
    await dc_ev.plug_in()
    await dc_ev.until("ServicePaymentSelectionReq")
    await only_its_own(dc_ev, "DIN70121#V2GTP.ignore")
