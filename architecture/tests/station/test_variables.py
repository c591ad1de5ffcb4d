"""The device model of the 2.0.1 station: B05 to B10, A01."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.ocpp.station import EvseConfig, StationConfig
from v2x_architecture.ocpp.station.storage import MemoryStore
from v2x_architecture.ocpp.v201.device_model import DeviceModel, Unknown

pytestmark = pytest.mark.anyio


def item(component, variable, value=None, instance=None, **more):
    result = {"component": {"name": component}, "variable": {"name": variable}} | more
    if instance is not None:
        result["variable"]["instance"] = instance
    return result | ({} if value is None else {"attributeValue": value})


async def get(bench, *items):
    return (await bench.peer.ask("GetVariables", {"getVariableData": list(items)}))["getVariableResult"]


async def put(bench, *items):
    return (await bench.peer.ask("SetVariables", {"setVariableData": list(items)}))["setVariableResult"]


class TestGet:
    async def test_one_result_for_each(self, bench):
        results = await get(
            bench,
            item("TxCtrlr", "TxStartPoint"),
            item("txctrlr", "evconnectiontimeout", attributeType="Actual"),
            item("Nobody", "TxStartPoint"),
            item("TxCtrlr", "Nothing"),
            item("TxCtrlr", "TxStartPoint", attributeType="Target"),
            item("SecurityCtrlr", "BasicAuthPassword"),
            item("OCPPCommCtrlr", "MessageAttempts", instance="TransactionEvent"),
            item("OCPPCommCtrlr", "MessageAttempts"),
        )
        assert [result["attributeStatus"] for result in results] == [
            "Accepted",
            "Accepted",
            "UnknownComponent",
            "UnknownVariable",
            "NotSupportedAttributeType",
            "Rejected",
            "Accepted",
            "UnknownVariable",
        ]
        assert results[0]["attributeValue"] == "EVConnected,Authorized"
        assert results[0]["attributeType"] == "Actual"
        assert all("attributeValue" not in result for result in results if result["attributeStatus"] != "Accepted")

    async def test_live_values(self, bench):
        [state, power] = await get(
            bench,
            item("Connector", "AvailabilityState") | {"component": {"name": "Connector", "evse": {"id": 1, "connectorId": 1}}},
            item("EVSE", "Power") | {"component": {"name": "EVSE", "evse": {"id": 1}}},
        )
        assert (state["attributeValue"], power["attributeValue"]) == ("Available", "0.0")
        await bench.charging()
        [power] = await get(bench, item("EVSE", "Power") | {"component": {"name": "EVSE", "evse": {"id": 1}}})
        assert float(power["attributeValue"]) == 11040

    async def test_too_many_items_are_refused(self, bench):
        items = {"getVariableData": [item("TxCtrlr", "TxStartPoint")] * 51}
        assert await bench.peer.refused("GetVariables", items) == "OccurrenceConstraintViolation"


class TestSet:
    @pytest.mark.parametrize(
        ("component", "variable", "value", "status"),
        [
            ("TxCtrlr", "EVConnectionTimeOut", "90", "Accepted"),
            ("TxCtrlr", "EVConnectionTimeOut", "-1", "Rejected"),
            ("TxCtrlr", "EVConnectionTimeOut", "soon", "Rejected"),
            ("TxCtrlr", "EVConnectionTimeOut", "1.5", "Rejected"),
            ("TxCtrlr", "StopTxOnInvalidId", "maybe", "Rejected"),
            ("TxCtrlr", "TxStartPoint", "Authorized,EVConnected", "Accepted"),
            ("TxCtrlr", "TxStartPoint", "Authorized,Nonsense", "Rejected"),
            ("TxCtrlr", "TxStartPoint", "Authorized,Authorized", "Rejected"),
            ("SampledDataCtrlr", "TxUpdatedMeasurands", "", "Accepted"),
            ("SmartChargingCtrlr", "LimitChangeSignificance", "12.5", "Accepted"),
            ("SmartChargingCtrlr", "LimitChangeSignificance", "NaN", "Rejected"),
            ("ChargingStation", "Model", "Other", "Rejected"),
            ("SecurityCtrlr", "BasicAuthPassword", "short", "Rejected"),
            ("Nobody", "Model", "x", "UnknownComponent"),
            ("TxCtrlr", "Nothing", "x", "UnknownVariable"),
        ],
    )
    async def test_values_are_held_against_their_characteristics(self, bench, component, variable, value, status):
        [result] = await put(bench, item(component, variable, value))
        assert result["attributeStatus"] == status
        assert result["attributeType"] == "Actual"
        assert result["component"]["name"] == component

    async def test_other_attribute_types_are_not_supported(self, bench):
        [result] = await put(bench, item("TxCtrlr", "EVConnectionTimeOut", "1", attributeType="MaxSet"))
        assert (result["attributeStatus"], result["attributeType"]) == ("NotSupportedAttributeType", "MaxSet")

    async def test_values_survive_a_power_cycle(self, bench):
        await bench.peer.set(TxCtrlr__EVConnectionTimeOut=77)
        await bench.station.power_cycle()
        await bench.booted()
        [result] = await get(bench, item("TxCtrlr", "EVConnectionTimeOut"))
        assert result["attributeValue"] == "77"

    async def test_factory_reset_brings_back_the_configured_values(self, bench_of):
        bench = await bench_of(variables={"TxCtrlr.EVConnectionTimeOut": 33})
        await bench.peer.set(TxCtrlr__EVConnectionTimeOut=77)
        await bench.station.factory_reset()
        await bench.booted()
        [result] = await get(bench, item("TxCtrlr", "EVConnectionTimeOut"))
        assert result["attributeValue"] == "33"

    async def test_new_password_is_used_at_once(self, bench_of):
        bench = await bench_of(password="the old password")
        assert bench.peer.profile.password == "the old password"
        await bench.peer.set(SecurityCtrlr__BasicAuthPassword="a completely new one")
        await bench.peer.expect("Heartbeat")
        assert bench.peer.profile.password == "a completely new one"
        assert len(bench.peer.all("BootNotification")) == 1
        await bench.station.power_cycle()
        await bench.booted()
        assert bench.peer.profile.password == "a completely new one"


class TestReports:
    async def report(self, bench, action, payload):
        answer = await bench.peer.ask(action, {"requestId": 7} | payload)
        if answer["status"] != "Accepted":
            return answer["status"]
        entries, number = [], 0
        while True:
            part = await bench.peer.expect("NotifyReport")
            assert (part["requestId"], part["seqNo"]) == (7, number)
            entries += part["reportData"]
            number += 1
            if not part["tbc"]:
                return entries

    async def test_full_inventory_names_every_required_variable(self, bench):
        entries = await self.report(bench, "GetBaseReport", {"reportBase": "FullInventory"})
        found = {(entry["component"]["name"], entry["variable"]["name"]) for entry in entries}
        assert {
            ("ChargingStation", "AvailabilityState"),
            ("EVSE", "Power"),
            ("Connector", "ConnectorType"),
            ("OCPPCommCtrlr", "OfflineThreshold"),
            ("SampledDataCtrlr", "TxEndedInterval"),
            ("SecurityCtrlr", "OrganizationName"),
            ("TxCtrlr", "TxStopPoint"),
        } <= found
        power = next(entry for entry in entries if entry["variable"]["name"] == "Power")
        assert power["variableCharacteristics"]["maxLimit"] == 22080
        password = next(entry for entry in entries if entry["variable"]["name"] == "BasicAuthPassword")
        assert "value" not in password["variableAttribute"][0]

    async def test_configuration_inventory_names_what_can_be_set(self, bench):
        entries = await self.report(bench, "GetBaseReport", {"reportBase": "ConfigurationInventory"})
        assert entries
        assert all(entry["variableAttribute"][0]["mutability"] != "ReadOnly" for entry in entries)

    async def test_custom_reports(self, bench_of):
        bench = await bench_of(evses=(EvseConfig(connectors=2), EvseConfig()))
        wanted = {"componentVariable": [{"component": {"name": "Connector"}, "variable": {"name": "ConnectorType"}}]}
        assert len(await self.report(bench, "GetReport", wanted)) == 3
        wanted["componentVariable"][0]["component"]["evse"] = {"id": 1}
        assert len(await self.report(bench, "GetReport", wanted)) == 2
        wanted["componentVariable"][0]["component"]["evse"]["connectorId"] = 2
        assert len(await self.report(bench, "GetReport", wanted)) == 1
        wanted["componentVariable"][0]["component"]["evse"] = {"id": 9}
        assert await self.report(bench, "GetReport", wanted) == "EmptyResultSet"
        everything = await self.report(bench, "GetReport", {"componentVariable": [{"component": {"name": "TxCtrlr"}}]})
        assert len(everything) == 7
        instances = [{"component": {"name": "DeviceDataCtrlr"}, "variable": {"name": "ItemsPerMessage"}}]
        assert len(await self.report(bench, "GetReport", {"componentVariable": instances})) == 3

    async def test_criteria(self, bench):
        assert await self.report(bench, "GetReport", {"componentCriteria": ["Problem"]}) == "EmptyResultSet"
        await bench.station.set_fault()
        entries = await self.report(bench, "GetReport", {"componentCriteria": ["Problem"]})
        assert {entry["component"]["name"] for entry in entries} == {"ChargingStation", "EVSE", "Connector"}
        await bench.peer.set(SmartChargingCtrlr__Enabled="false")
        entries = await self.report(bench, "GetReport", {"componentCriteria": ["Enabled"]})
        names = {entry["component"]["name"] for entry in entries}
        assert "SmartChargingCtrlr" not in names
        assert {"AuthCtrlr", "OCPPCommCtrlr"} <= names


class TestNetworkProfiles:
    profile = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "ws://other:9000/ocpp",
        "messageTimeout": 20,
        "securityProfile": 1,
        "ocppInterface": "Wired0",
    }

    async def send(self, bench, slot=2, **changes):
        payload = {"configurationSlot": slot, "connectionData": self.profile | changes}
        return (await bench.peer.ask("SetNetworkProfile", payload))["status"]

    async def test_only_sound_ones_are_kept(self, bench_of):
        bench = await bench_of(password="sixteen letters!")
        assert await self.send(bench) == "Accepted"
        assert await self.send(bench, slot=9) == "Rejected"
        assert await self.send(bench, ocppCsmsUrl="http://x") == "Rejected"
        assert await self.send(bench, securityProfile=0) == "Rejected"
        assert await self.send(bench, securityProfile=2) == "Rejected"
        assert await self.send(bench, ocppTransport="SOAP") == "Rejected"

    async def test_priority_takes_effect_with_the_next_boot_and_falls_back(self, bench_of):
        bench = await bench_of(password="sixteen letters!")
        [result] = await put(bench, item("OCPPCommCtrlr", "NetworkConfigurationPriority", "2"))
        assert result["attributeStatus"] == "Rejected"
        await self.send(bench)
        [result] = await put(bench, item("OCPPCommCtrlr", "NetworkConfigurationPriority", "2"))
        assert result["attributeStatus"] == "RebootRequired"
        urls = len(bench.peer.profiles)
        connect = bench.peer.connect

        async def only_the_old(profile, handler):
            bench.peer.reachable = profile.slot == 1
            return await connect(profile, handler)

        bench.station._connect = only_the_old
        await bench.peer.ask("Reset", {"type": "Immediate"})
        await bench.peer.expect("BootNotification", within=120)
        assert [profile.slot for profile in bench.peer.profiles[urls:]] == [2, 2, 2, 1]
        await asyncio.sleep(1)
        [result] = await get(bench, item("OCPPCommCtrlr", "ActiveNetworkProfile"))
        assert result["attributeValue"] == "1"


def model(initial=None, **more):
    return DeviceModel(MemoryStore(), StationConfig(variables=initial or {}, **more), lambda variable: "")


def test_initial_values_must_fit_the_model():
    with pytest.raises(ValueError, match=r"there is no variable TxCtrlr\.Nothing"):
        model({"TxCtrlr.Nothing": "1"})
    with pytest.raises(ValueError, match=r"TxCtrlr\.TxStartPoint cannot be 'x'"):
        model({"TxCtrlr.TxStartPoint": "x"})


def test_what_it_is_without_is_shown_to_nobody():
    device = model({"AuthCacheCtrlr.Enabled": False}, without=("AuthCacheCtrlr", "AuthCtrlr.DisableRemoteAuthorization"))
    assert device.get("AuthCacheCtrlr.Enabled") == "false"
    assert device.find({"name": "AuthCacheCtrlr"}, {"name": "Enabled"}) is Unknown.COMPONENT
    assert device.find({"name": "AuthCtrlr"}, {"name": "DisableRemoteAuthorization"}) is Unknown.VARIABLE
    assert not {"AuthCacheCtrlr.Enabled", "AuthCtrlr.DisableRemoteAuthorization"} & {v.dotted for v in device}
    with pytest.raises(ValueError, match="there is no variable or component Nothing"):
        model(without=("Nothing",))


def test_what_is_fixed_cannot_be_set():
    device = model(fixed=("TxCtrlr.TxStartPoint",))
    assert not device.named("TxCtrlr.TxStartPoint").writable
    assert device.named("TxCtrlr.TxStopPoint").writable


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=30))
def test_no_name_and_no_value_upsets_it(component, name, value):
    device = model()
    found = device.find({"name": component}, {"name": name})
    assert isinstance(found, Unknown) or found.complaint(value) is None or found.complaint(value)
    for variable in device:
        variable.complaint(value)
