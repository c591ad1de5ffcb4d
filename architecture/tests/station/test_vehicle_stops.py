"""How charging over ISO 15118 ends: by order, by a fault, by a pulled plug; and how it begins without an order."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from v2x_architecture.coupling import Coupling, CpState
from v2x_architecture.iso15118.editions import DIN, ISO2, ISO20_DC, Application
from v2x_architecture.iso15118.evcc import DriverSettings, Ending, EvccConfig, SimulatedEv, Wish
from v2x_architecture.iso15118.evcc.client import EvccClient, SeccAddress
from v2x_architecture.iso15118.pki import make_pki
from v2x_architecture.iso15118.tls import EvccTls, Profile
from v2x_architecture.ocpp.station import CannotDo, EvseConfig, SeccSettings
from v2x_architecture.vehicle import ElectricVehicle, Ress, RessModel, VehicleModel

from .site import AC, DC, Site

pytestmark = pytest.mark.anyio

CASES = {
    "ISO 15118-2 AC": (AC, "iso2"),
    "ISO 15118-2 DC": (DC, "iso2"),
    "DIN SPEC 70121": (DC, "din"),
    "ISO 15118-20 AC": (AC, "iso20-ac"),
    "ISO 15118-20 DC": (DC, "iso20-dc"),
}


async def charge(site: Site, protocol: str = "iso2", **evcc: Any) -> None:
    """Let a vehicle arrive and charge."""
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 50.0}, evcc={"protocols": [protocol], **evcc})
    await site.charging()


def changed(settings: EvseConfig, **secc: Any) -> EvseConfig:
    assert settings.secc is not None
    return msgspec.structs.replace(settings, secc=msgspec.structs.replace(settings.secc, **secc))


@pytest.mark.parametrize(("evse", "protocol"), CASES.values(), ids=CASES)
async def test_the_csms_stops_a_vehicle_by_asking_it_to(open_at: Any, evse: EvseConfig, protocol: str) -> None:
    site = await open_at(evse)
    await charge(site, protocol)
    begun = asyncio.get_running_loop().time()
    assert (await site.call("RequestStopTransaction", transactionId=site.transaction))["status"] == "Accepted"
    await site.until(lambda: site.events[-1]["eventType"] == "Ended")
    assert asyncio.get_running_loop().time() - begun < 5
    ended = site.events[-1]
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("RemoteStop", "Remote")
    names = [each.name for each in site.iso]
    loop = {"din": "CurrentDemandRes", "iso2": "ChargingStatusRes" if evse is AC else "CurrentDemandRes"}.get(
        protocol, f"{protocol[-2:].upper()}_ChargeLoopRes"
    )
    last = site.bodies(loop)[-1]
    status = getattr(last, "DC_EVSEStatus", None) or getattr(last, "AC_EVSEStatus", None) or last.EVSEStatus
    # DIN SPEC 70121 has the status code only.
    assert status.EVSENotification in ("StopCharging", "Terminate") or status.EVSEStatusCode == "EVSE_Shutdown"
    assert names[-1] in (
        "PowerDeliveryRes",
        "WeldingDetectionRes",
        "DC_WeldingDetectionRes",
        "SessionStopRes",
        "PowerDeliveryReq",
    )
    assert not site.plug.evse_contactor_closed
    await asyncio.sleep(10)
    assert site.station._visitors[1].outcomes[-1].ending is Ending.FINISHED
    assert [each["eventType"] for each in site.events].count("Ended") == 1


async def test_a_vehicle_that_ends_its_session_ends_the_authorization_alone(open_at: Any) -> None:
    site = await open_at(DC, **{"TxCtrlr.TxStopPoint": "EVConnected"})
    await charge(site, target_soc=50.2)
    await site.until(lambda: site.events[-1]["triggerReason"] == "StopAuthorized")
    assert site.events[-1]["eventType"] == "Updated"
    await asyncio.sleep(30)
    await site.station.unplug()
    await site.until(lambda: site.events[-1]["eventType"] == "Ended")
    assert site.events[-1]["transactionInfo"]["stoppedReason"] == "StoppedByEV"


async def test_a_transaction_that_the_csms_stops_ends_with_the_plug_where_that_is_its_stop_point(open_at: Any) -> None:
    site = await open_at(AC, **{"TxCtrlr.TxStopPoint": "EVConnected"})
    await charge(site)
    await site.call("RequestStopTransaction", transactionId=site.transaction)
    await site.until(lambda: site.events[-1]["triggerReason"] == "RemoteStop")
    assert site.events[-1]["eventType"] == "Updated"
    assert not site.plug.evse_contactor_closed
    await site.station.unplug()
    await site.until(lambda: site.events[-1]["eventType"] == "Ended")
    assert site.events[-1]["transactionInfo"]["stoppedReason"] == "Remote"


@pytest.mark.parametrize("how", ["token", "button"])
async def test_the_driver_stops_at_the_station(open_at: Any, how: str) -> None:
    site = await open_at(DC)
    await charge(site)
    if how == "token":
        await site.station.present_token("GOOD")
    else:
        await site.station.press_stop()
    await site.until(lambda: site.events[-1]["eventType"] == "Ended")
    ended = site.events[-1]
    assert ended["triggerReason"] == "StopAuthorized"
    assert ended["transactionInfo"].get("stoppedReason", "Local") == "Local"
    assert ("idToken" in ended) is (how == "token")
    assert not any("idToken" in each for each in site.events[3:-1])


async def test_a_vehicle_that_does_not_stop_in_time_is_cut_off(open_at: Any) -> None:
    site = await open_at(changed(AC, stop_wait_s=0.01))
    await charge(site)
    await site.call("RequestStopTransaction", transactionId=site.transaction)
    await site.until(lambda: site.events[-1]["eventType"] == "Ended")
    assert site.events[-1]["transactionInfo"]["stoppedReason"] == "Remote"
    assert not site.plug.evse_contactor_closed
    assert (await site.observe())["power_w"] == 0.0


async def test_a_pulled_plug_ends_everything_at_once(open_at: Any) -> None:
    site = await open_at(DC)
    await charge(site)
    meter = (await site.observe())["meter_wh"]
    await site.station.unplug()
    await site.until(lambda: site.events[-1]["eventType"] == "Ended")
    assert site.events[-1]["triggerReason"] == "EVCommunicationLost"
    assert site.events[-1]["transactionInfo"]["stoppedReason"] == "EVDisconnected"
    await asyncio.sleep(10)
    now = await site.observe()
    assert (now["state"], now["iso15118"], now["meter_wh"]) == ("Idle", "End", pytest.approx(meter, abs=5))
    assert site.calls("StatusNotification")[-1]["connectorStatus"] == "Available"
    # The next one is welcome, and has a session of its own.
    before = len(site.events)
    await charge(site)
    assert site.events[before]["transactionInfo"]["transactionId"] != site.transaction


async def test_a_plug_that_is_pulled_after_a_pause_leaves_nothing_to_join(open_at: Any) -> None:
    site = await open_at(DC)
    await charge(site)
    await site.station.ev_suspend()
    await site.until(lambda: site.states[-1] == "SuspendedEV")
    await asyncio.sleep(5)
    assert site.station.firmware.seccs[1].server.memory.paused is not None
    await site.station.unplug()
    await site.until(lambda: site.events[-1]["eventType"] == "Ended")
    assert site.station.firmware.seccs[1].server.memory.paused is None


async def test_a_fault_opens_the_contactor_without_asking(open_at: Any) -> None:
    site = await open_at(DC)
    await charge(site)
    await site.station.set_fault(error_code="GroundFailure")
    assert not site.plug.evse_contactor_closed
    await site.until(lambda: site.events[-1]["eventType"] == "Ended")
    assert site.events[-1]["transactionInfo"]["stoppedReason"] == "GroundFault"
    await asyncio.sleep(2)
    codes = {each.DC_EVSEStatus.EVSEStatusCode for each in site.bodies("CurrentDemandRes")[-5:]}
    assert "EVSE_Malfunction" in codes
    assert site.calls("StatusNotification")[-1]["connectorStatus"] == "Faulted"


async def test_a_reset_does_not_wait_for_the_vehicle(open_at: Any) -> None:
    site = await open_at(AC)
    await charge(site, retries=20)
    await site.call("Reset", type="Immediate")
    await site.until(lambda: len(site.calls("BootNotification")) == 2)
    assert [each["transactionInfo"].get("stoppedReason") for each in site.events if each["eventType"] == "Ended"] == [
        "ImmediateReset"
    ]
    # The station has an SECC again, and the vehicle finds it.
    await site.until(lambda: site.iso[-1].name == "AuthorizationRes", within=60)
    await site.station.present_token("GOOD")
    await site.charging()


async def test_a_power_cut_keeps_what_the_meter_has_counted(open_at: Any) -> None:
    site = await open_at(DC)
    evcc = {"bidirectional": True, "give_w": 8_000.0, "keep_soc": 20.0}
    await charge(site, "iso20-dc", **evcc, ress={"max_discharge_a": 100.0, "max_discharge_w": 30_000.0})
    await asyncio.sleep(60)
    given = (await site.observe())["exported_wh"]
    assert given > 100
    await site.station.power_cycle()
    assert (await site.observe())["exported_wh"] == pytest.approx(given, abs=20)
    assert site.station.hardware.evses[1].meter.exported_wh >= given


async def test_a_token_that_turns_out_invalid_stops_the_vehicle(open_at: Any) -> None:
    site = await open_at(DC, **{"AuthCtrlr.LocalPreAuthorize": False})
    await site.csms.set_policy(
        "answer", {"action": "TransactionEvent", "merge": {"idTokenInfo": {"status": "Blocked"}}, "times": 2}
    )
    await site.station.plug_in(evcc={"protocols": ["iso2"]})
    await asyncio.sleep(2)
    await site.station.present_token("GOOD")
    await site.until(lambda: site.events[-1]["triggerReason"] == "Deauthorized")
    await site.until(lambda: site.bodies("AuthorizationRes")[-1].ResponseCode == "FAILED" or site.station._visitors[1].outcomes)


async def test_an_idle_session_that_stops_by_order_is_told_so_at_once(open_at: Any) -> None:
    site = await open_at(DC)
    await charge(site)
    await site.station.ev_suspend()
    await site.until(lambda: site.states[-1] == "SuspendedEV")
    await asyncio.sleep(5)
    await site.call("RequestStopTransaction", transactionId=site.transaction)
    await site.until(lambda: site.events[-1]["eventType"] == "Ended")
    assert site.events[-1]["transactionInfo"]["stoppedReason"] == "Remote"


def outsider(site: Site, application: Application, tls: EvccTls | None = None, **driver: Any) -> EvccClient:
    """Return a vehicle of which the station knows nothing, with a plug and a meter of its own."""
    vehicle = ElectricVehicle(VehicleModel(soc=79.5))
    plug = Coupling(vehicle=vehicle, ress=Ress(RessModel(), vehicle))
    server = site.station.firmware.seccs[1].server
    ev = SimulatedEv(plug, DriverSettings(**driver))
    where = SeccAddress(port=server.plain_port if tls is None else server.tls_port, tls=tls)
    return EvccClient(ev, site.station.clock, EvccConfig(applications=(application,)), where)


@pytest.mark.parametrize(("evse", "application"), [(AC, ISO2), (DC, ISO2), (DC, DIN)], ids=["2 AC", "2 DC", "DIN"])
async def test_a_vehicle_that_comes_by_itself_is_plugged_in_and_leaves(
    open_at: Any, evse: EvseConfig, application: Application
) -> None:
    site = await open_at(evse)
    client = outsider(site, application)
    session = asyncio.create_task(client.run())
    await site.until(lambda: site.events)
    assert site.events[0]["triggerReason"] == "CablePluggedIn"
    await site.station.present_token("GOOD")
    assert (await session).ending is Ending.FINISHED
    await site.until(lambda: site.calls("StatusNotification")[-1]["connectorStatus"] == "Available")
    assert "Charging" in site.states
    assert site.events[-1]["eventType"] == "Ended"
    # Its own meter and that of the station have counted the same.
    assert isinstance(client.ev, SimulatedEv)
    counted = client.ev.plug.meter.energy_wh
    assert site.station.hardware.evses[1].meter.energy_wh == pytest.approx(counted, rel=0.05)


async def test_a_vehicle_of_15118_20_charges_over_mutual_tls(open_at: Any, tmp_path: Path) -> None:
    pki = make_pki("20").write(tmp_path)
    ours = {"certificate": str(pki.secc.certificate), "key": str(pki.secc.key), "vehicle_roots": (str(pki.oem_root),)}
    site = await open_at(changed(DC, plain=False, plain_20=False, **ours))
    with pytest.raises(CannotDo, match="wants TLS"):
        await site.station.plug_in(evcc={})
    await site.station.present_token("GOOD")
    tls = EvccTls((pki.v2g_root,), pki.vehicle.certificate, pki.vehicle.key, Profile.ISO20)
    assert (await outsider(site, ISO20_DC, tls).run()).ending is Ending.FINISHED
    await site.until(lambda: site.events[-1]["eventType"] == "Ended")
    assert "Charging" in site.states


async def test_a_vehicle_that_comes_by_itself_and_pauses_stays(open_at: Any) -> None:
    site = await open_at(DC)
    client = outsider(site, ISO2, wish=Wish.PAUSE)
    await site.station.present_token("GOOD")
    assert (await client.run()).ending is Ending.PAUSED
    await asyncio.sleep(60)
    assert site.events[-1]["eventType"] == "Updated"
    assert (await client.run()).ending is Ending.FINISHED
    await site.until(lambda: site.events[-1]["eventType"] == "Ended")


async def test_a_vehicle_that_was_plugged_in_may_begin_to_speak(open_at: Any) -> None:
    site = await open_at(DC)
    await site.station.plug_in()
    await site.station.present_token("GOOD")
    await asyncio.sleep(5)
    assert (await outsider(site, ISO2).run()).ending is Ending.FINISHED
    assert "Charging" in site.states
    await asyncio.sleep(60)
    # Who was plugged in by hand leaves by hand.
    assert site.calls("StatusNotification")[-1]["connectorStatus"] == "Occupied"
    await site.station.unplug()
    await site.until(lambda: site.calls("StatusNotification")[-1]["connectorStatus"] == "Available")


async def test_where_nobody_listens_no_vehicle_speaks(open_at: Any) -> None:
    site = await open_at(EvseConfig())
    with pytest.raises(CannotDo, match="EVSE 1 has no SECC"):
        await site.station.plug_in(evcc={})
    with pytest.raises(CannotDo, match="EVSE 1 has no SECC"):
        await site.station.target_power(power_w=1.0)
    with pytest.raises(msgspec.ValidationError):
        await (await open_at(AC)).station.plug_in(evcc={"protocols": ["iso3"]})


async def test_a_port_that_is_taken_is_said_at_the_start(open_at: Any) -> None:
    site = await open_at(AC)
    taken = site.station.firmware.seccs[1].server.plain_port
    with pytest.raises(OSError, match="address already in use"):
        await open_at(changed(AC, port=taken))


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="no protocol iso3"):
        SeccSettings(protocols=("iso3",))
    with pytest.raises(ValueError, match="belong together"):
        SeccSettings(certificate="secc.pem")
    with pytest.raises(ValueError, match="needs a port"):
        SeccSettings(plain=False)


async def test_an_open_control_pilot_is_seen(open_at: Any) -> None:
    site = await open_at(AC)
    assert site.plug.cp_state is CpState.A
    await charge(site)
    assert site.plug.cp_state is CpState.C
    await site.station.unplug()
    assert site.plug.cp_state is CpState.A
