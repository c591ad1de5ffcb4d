"""ConnectedEV: what the vehicle has told over ISO 15118 is in the device model, for as long as it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from v2x_architecture.clock import LoopClock
from v2x_architecture.iso15118.evcc.simulated import DriverSettings
from v2x_architecture.iso15118.exi import Schema
from v2x_architecture.iso15118.exi.messages import iso2
from v2x_architecture.iso15118.sending import Said
from v2x_architecture.iso15118.values import number, quotient
from v2x_architecture.ocpp.station.connected_ev import ConnectedEv

from .site import AC, DC, EPOCH, Site

pytestmark = pytest.mark.anyio

ISO2 = "urn:iso:15118:2:2013:MsgDef,2,0"
DIN = "urn:din:70121:2012:MsgDef,2,0"


async def value(site: Site, variable: str, *, attribute: str = "Actual", component: str = "ConnectedEV") -> str:
    """Return the value of a variable of EVSE 1, or the status that says why there is none."""
    name, _, instance = variable.removesuffix("]").partition("[")
    named = {"name": name} | ({"instance": instance} if instance else {})
    asked = {"component": {"name": component, "evse": {"id": 1}}, "variable": named, "attributeType": attribute}
    (result,) = (await site.call("GetVariables", getVariableData=[asked]))["getVariableResult"]
    told: str = result.get("attributeValue", result["attributeStatus"])
    return told


async def values(site: Site, *variables: str) -> dict[str, str]:
    """Return the values of several variables, ``Name.Attribute`` where it is not the actual one."""
    found = {}
    for each in variables:
        name, _, attribute = each.partition(".")
        found[each] = await value(site, name, attribute=attribute or "Actual")
    return found


async def test_without_a_vehicle_there_is_none(open_at: Any) -> None:
    site = await open_at(AC)
    assert await value(site, "Available") == "false"
    assert await value(site, "VehicleID") == "UnknownVariable"
    assert await value(site, "ISO15118EvseId", component="EVSE") == "DE*V2X*E0001"
    assert await value(site, "MaxScheduleEntries", component="ISO15118Ctrlr") == "12"
    assert await value(site, "RequestedEnergyTransferMode", component="ISO15118Ctrlr") == "UnknownVariable"


async def test_what_an_ac_vehicle_tells(open_at: Any) -> None:
    site = await open_at(AC)
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 50.0}, evcc={"protocols": ["iso2", "din"], "departure_s": 7_200})
    await site.charging()
    told = site.bodies("ChargeParameterDiscoveryReq")[0].EVChargeParameter
    assert await values(
        site, "Available", "VehicleID", "ProtocolAgreed", "ProtocolSupportedByEV[1]", "ProtocolSupportedByEV[2]"
    ) == {
        "Available": "true",
        "VehicleID": DriverSettings().evcc_id.hex().upper(),
        "ProtocolAgreed": ISO2,
        "ProtocolSupportedByEV[1]": ISO2,
        "ProtocolSupportedByEV[2]": DIN,
    }
    assert await value(site, "ProtocolSupportedByEV[3]") == "UnknownVariable"
    limits = await values(site, "ACCurrent.MinSet", "ACCurrent.MaxSet", "ACVoltage.MaxSet", "EnergyImport.Target")
    assert {name: float(each) for name, each in limits.items()} == {
        "ACCurrent.MinSet": number(told.EVMinCurrent),
        "ACCurrent.MaxSet": number(told.EVMaxCurrent),
        "ACVoltage.MaxSet": number(told.EVMaxVoltage),
        "EnergyImport.Target": number(told.EAmount),
    }
    assert await value(site, "ACCurrent") == "NotSupportedAttributeType"
    assert (await value(site, "DepartureTime")).startswith("2025-06-01T10:00:0")
    assert await value(site, "RequestedEnergyTransferMode", component="ISO15118Ctrlr") == "AC_three_phase_core"
    # The needs that the CSMS was told are the same.
    (needs,) = site.calls("NotifyEVChargingNeeds")
    assert needs["chargingNeeds"]["departureTime"][:19] == (await value(site, "DepartureTime"))[:19]
    await site.station.unplug()
    assert await value(site, "Available") == "false"
    assert await value(site, "ProtocolAgreed") == "UnknownVariable"


@pytest.mark.parametrize("protocol", ["din", "iso2", "iso20-dc"])
async def test_what_a_dc_vehicle_demands_is_followed(open_at: Any, protocol: str) -> None:
    site = await open_at(DC)
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 50.0}, evcc={"protocols": [protocol]})
    await site.charging()
    loop = site.bodies("DC_ChargeLoopReq" if protocol == "iso20-dc" else "CurrentDemandReq")[-1]
    demand = loop.CLReqControlMode if protocol == "iso20-dc" else loop
    read = quotient if protocol == "iso20-dc" else number
    told = await values(site, "DCCurrent.Target", "DCVoltage.Target", "DCCurrent.MaxSet", "DCVoltage.MaxSet", "Power.MaxSet")
    assert float(told["DCCurrent.Target"]) == pytest.approx(read(demand.EVTargetCurrent), abs=2)
    assert float(told["DCVoltage.Target"]) == pytest.approx(read(demand.EVTargetVoltage), abs=1)
    assert (float(told["DCCurrent.MaxSet"]), float(told["DCVoltage.MaxSet"])) == (250, pytest.approx(403, abs=0.5))
    assert float(told["Power.MaxSet"]) == 100_000
    before = float(await value(site, "StateOfCharge"))
    assert before >= 50
    await asyncio.sleep(60)
    assert float(await value(site, "StateOfCharge")) > before
    assert await value(site, "ChargingState") in ("", "UnknownVariable")


async def test_a_report_names_what_there_is(open_at: Any) -> None:
    site = await open_at(DC)
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 50.0}, evcc={"protocols": ["iso2"]})
    await site.charging()
    wanted: list[Mapping[str, Any]] = [{"component": {"name": "ConnectedEV"}}]
    assert (await site.call("GetReport", requestId=5, componentVariable=wanted))["status"] == "Accepted"
    await site.until(lambda: site.calls("NotifyReport") and not site.calls("NotifyReport")[-1]["tbc"])
    told = [each for part in site.calls("NotifyReport") for each in part["reportData"]]
    assert {each["component"]["evse"]["id"] for each in told} == {1}
    attributes = {each["variable"]["name"]: {a["type"]: a for a in each["variableAttribute"]} for each in told}
    assert set(attributes["StateOfCharge"]) == {"Actual", "MaxSet"}
    assert set(attributes["DCCurrent"]) == {"Target", "MaxSet"}
    assert "ACCurrent" not in attributes
    assert [each["variable"]["instance"] for each in told if each["variable"]["name"] == "ProtocolSupportedByEV"] == ["1"]


async def test_an_error_of_the_vehicle_has_the_name_of_the_device_model() -> None:
    known = ConnectedEv(LoopClock(EPOCH))
    status = iso2.DC_EVStatusType(EVReady=False, EVErrorCode="FAILED_RESSTemperatureInhibit", EVRESSSOC=50)
    body = iso2.BodyType(BodyElement=iso2.CableCheckReqType(DC_EVStatus=status))
    message = iso2.V2G_Message(Header=iso2.MessageHeaderType(SessionID=bytes(8)), Body=body)
    known.hear(Said("evcc", "CableCheckReq", "V2G_Message", message, Schema.ISO2, 0.0))
    assert known.told == {("ChargingState", "Actual"): "BatteryTemperature"}
    known.forget()
    assert known.told == {}
