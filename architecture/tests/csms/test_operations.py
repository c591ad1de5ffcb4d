"""Verbs that need memory or limits: variables, reports, local lists, charging profiles, remote start and stop."""

import pytest
from sqlalchemy import select
from v2x_architecture.ocpp.csms import CsmsConfig, NotPossible, TokenSpec
from v2x_architecture.ocpp.csms.tables import ChargingProfile, LocalListEntry, Variable

pytestmark = pytest.mark.anyio


@pytest.fixture
def config():
    return CsmsConfig(tokens=tuple(TokenSpec(id_token=f"T{n}") for n in range(5)), ping_interval=None)


@pytest.fixture
def rows(csms):
    """All rows of a table."""

    async def rows(table):
        return list(await csms.store.run(lambda db: db.scalars(select(table))))

    return rows


def variable(component, name, instance=None, **more):
    return {"component": {"name": component}, "variable": {"name": name, **({"instance": instance} if instance else {})}, **more}


def told(payload):
    """A station's answer to GetVariables: every value is its name, limits are 2."""
    results = []
    for data in payload["getVariableData"]:
        name = data["variable"]["name"]
        results.append(data | {"attributeStatus": "Accepted", "attributeValue": "2" if name == "ItemsPerMessage" else name})
    return {"getVariableResult": results}


def taken(payload):
    """A station's answer to SetVariables: ReadOnly is rejected."""
    return {
        "setVariableResult": [
            {name: data[name] for name in ("component", "variable")}
            | {"attributeStatus": "Rejected" if data["variable"]["name"] == "ReadOnly" else "Accepted"}
            for data in payload["setVariableData"]
        ]
    }


class TestVariables:
    async def test_201_keeps_to_the_number_of_items_that_the_station_told(self, csms, connect, answering, rows):
        handler = answering(GetVariables=told)
        await connect("2.0.1", handler)
        await csms.get_variables("CS1", [variable("DeviceDataCtrlr", "ItemsPerMessage", "GetVariables")])
        result = await csms.get_variables("CS1", [variable("AuthCtrlr", name) for name in "ABCDE"])
        assert [len(payload["getVariableData"]) for _, payload in handler.calls] == [1, 2, 2, 1]
        assert [entry["attributeValue"] for entry in result["results"]] == list("ABCDE")
        assert {row.name: row.value for row in await rows(Variable)} == {"ItemsPerMessage": "2"} | {
            name: name for name in "ABCDE"
        }

    async def test_201_remembers_what_the_station_took_and_only_that(self, csms, connect, answering, rows):
        await connect("2.0.1", answering(SetVariables=taken))
        values = [variable("C", name, attributeValue="1") for name in ("Writable", "ReadOnly")]
        await csms.set_variables("CS1", values)
        assert [(row.name, row.value) for row in await rows(Variable)] == [("Writable", "1")]

    async def test_names_are_the_same_whatever_their_case(self, csms, connect, answering, rows):
        await connect("2.0.1", answering(SetVariables=taken))
        for name, value in (("interval", "1"), ("Interval", "2")):
            await csms.set_variables("CS1", [variable(f"My{name}Ctrlr", name, attributeValue=value)])
        assert [(row.component, row.name, row.value) for row in await rows(Variable)] == [("MyintervalCtrlr", "interval", "2")]

    async def test_16_keys(self, csms, connect, answering, rows):
        def keys(payload):
            known = [{"key": key, "readonly": True, "value": "2"} for key in payload["key"] if key != "Nonsense"]
            return {"configurationKey": known, "unknownKey": [key for key in payload["key"] if key == "Nonsense"]}

        handler = answering(GetConfiguration=keys)
        await connect("1.6", handler)
        await csms.get_variables("CS1", [{"key": "GetConfigurationMaxKeys"}])
        result = await csms.get_variables("CS1", [{"key": key} for key in ("A", "B", "Nonsense")])
        assert result["results"][-1] == {"unknownKey": "Nonsense"}
        await csms.set_variables("CS1", [{"key": "A", "value": "3"}])
        assert [action for action, _ in handler.calls] == ["GetConfiguration"] * 3 + ["ChangeConfiguration"]
        assert {row.name: (row.value, row.mutability) for row in await rows(Variable)} == {
            "GetConfigurationMaxKeys": ("2", "ReadOnly"),
            "A": ("3", "ReadOnly"),
            "B": ("2", "ReadOnly"),
        }

    async def test_16_all_keys(self, csms, connect, answering):
        handler = answering(GetConfiguration={"configurationKey": []})
        await connect("1.6", handler)
        assert await csms.get_variables("CS1") == {"results": []}
        assert handler.calls == [("GetConfiguration", {})]


class TestReports:
    @pytest.fixture
    async def reporting(self, csms, connect, answering):
        """A station that reports in the parts given."""

        async def reporting(parts):
            async def handler(action, payload):
                for seq_no, tbc in parts:
                    station._spawn(
                        station.call(
                            "NotifyReport",
                            {
                                "requestId": payload["requestId"],
                                "generatedAt": "2026-03-01T12:00:00Z",
                                "seqNo": seq_no,
                                "tbc": tbc,
                                "reportData": [
                                    {
                                        "component": {"name": "EVSE", "evse": {"id": seq_no + 1}},
                                        "variable": {"name": "Power"},
                                        "variableAttribute": [{"value": "11", "mutability": "ReadOnly"}],
                                        "variableCharacteristics": {"dataType": "decimal", "supportsMonitoring": False},
                                    }
                                ],
                            },
                        )
                    )
                return {"status": "Accepted"}

            station = await connect("2.0.1", handler)

        return reporting

    async def test_a_report_in_parts_fills_the_device_model(self, csms, reporting, rows):
        await reporting([(0, True), (1, True), (2, False)])
        assert await csms.get_report("CS1") == {"status": "Accepted", "parts": 3, "complete": True}
        stored = await rows(Variable)
        assert [(row.evse, row.value, row.characteristics["dataType"]) for row in stored] == [
            (n, "11", "decimal") for n in (1, 2, 3)
        ]

    @pytest.mark.parametrize("parts", [[(0, True)], [(0, True), (2, False)]])
    async def test_a_report_with_a_missing_part_is_not_complete(self, csms, reporting, parts):
        await reporting(parts)
        answer = await csms.get_report("CS1", within=20)
        assert not answer["complete"]

    async def test_a_report_that_the_station_does_not_make(self, csms, connect, answering):
        await connect("2.0.1", answering(GetBaseReport={"status": "NotSupported"}))
        assert await csms.get_report("CS1") == {"status": "NotSupported", "parts": 0, "complete": False}


class TestLocalList:
    async def test_201_full_list_in_messages_of_limited_size_with_rising_versions(self, csms, connect, answering, rows):
        handler = answering(GetVariables=told)
        await connect("2.0.1", handler)
        await csms.get_variables("CS1", [variable("LocalAuthListCtrlr", "ItemsPerMessage")])
        assert await csms.send_local_list("CS1") == {"status": "Accepted", "version": 3}
        sent = [payload for action, payload in handler.calls if action == "SendLocalList"]
        assert [(p["versionNumber"], p["updateType"], len(p["localAuthorizationList"])) for p in sent] == [
            (1, "Full", 2),
            (2, "Differential", 2),
            (3, "Differential", 1),
        ]
        assert sorted(row.id_token for row in await rows(LocalListEntry)) == [f"T{n}" for n in range(5)]

    @pytest.mark.parametrize("version", ["1.6", "2.0.1"])
    async def test_a_partial_update_takes_out_what_is_not_known_any_more(self, csms, connect, answering, rows, version):
        await connect(version, answering())
        assert (await csms.send_local_list("CS1"))["version"] == 1
        await csms.remove_token("T3")
        await csms.set_token("T9", status="Blocked")
        assert (await csms.send_local_list("CS1", full=False))["version"] == 2
        assert {row.id_token: row.info["status"] for row in await rows(LocalListEntry)} == {
            "T0": "Accepted",
            "T1": "Accepted",
            "T2": "Accepted",
            "T4": "Accepted",
            "T9": "Blocked",
        }

    @pytest.mark.parametrize("version", ["1.6", "2.0.1"])
    async def test_a_list_that_the_station_does_not_take_is_not_remembered(self, csms, connect, answering, rows, version):
        await connect(version, answering(SendLocalList={"status": "VersionMismatch"}))
        assert await csms.send_local_list("CS1", ["T1"]) == {"status": "VersionMismatch", "version": 0}
        assert await rows(LocalListEntry) == []

    async def test_a_partial_update_that_the_station_does_not_take_is_followed_by_the_full_list(self, csms, connect, answering):
        def only_full(payload):
            return {"status": "Accepted" if payload["updateType"] == "Full" else "VersionMismatch"}

        handler = answering(SendLocalList=only_full)
        await connect("2.0.1", handler)
        assert await csms.send_local_list("CS1", ["T1"], full=False) == {"status": "Accepted", "version": 1}
        sent = [(payload["updateType"], len(payload["localAuthorizationList"])) for _, payload in handler.calls]
        assert sent == [("Differential", 1), ("Full", 5)]

    @pytest.mark.parametrize(("version", "name"), [("1.6", "listVersion"), ("2.0.1", "versionNumber")])
    async def test_the_stations_word_for_its_version_counts(self, csms, connect, answering, rows, version, name):
        told = {name: 41}
        await connect(version, answering(GetLocalListVersion=lambda _: told))
        await csms.call("CS1", "GetLocalListVersion", {})
        assert (await csms.send_local_list("CS1"))["version"] == 42
        told[name] = 0
        await csms.call("CS1", "GetLocalListVersion", {})
        assert await rows(LocalListEntry) == []

    async def test_an_empty_full_list_clears_the_stations(self, csms, connect, answering, rows):
        handler = answering()
        await connect("2.0.1", handler)
        await csms.send_local_list("CS1")
        assert await csms.send_local_list("CS1", []) == {"status": "Accepted", "version": 2}
        assert handler.calls[-1] == ("SendLocalList", {"versionNumber": 2, "updateType": "Full"})
        assert await rows(LocalListEntry) == []


def profile201(number, purpose="TxDefaultProfile", level=0, **more):
    schedule = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 7000}]}
    return {
        "id": number,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule],
        **more,
    }


def profile16(number, purpose="TxDefaultProfile", level=0, **more):
    return {
        "chargingProfileId": number,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}]},
        **more,
    }


class TestChargingProfiles:
    @pytest.fixture
    def held(self, rows):
        async def held():
            return sorted(row.profile_id for row in await rows(ChargingProfile))

        return held

    async def test_201_profiles_are_remembered_until_cleared(self, csms, connect, answering, held):
        await connect("2.0.1", answering())
        for number in (1, 2, 3):
            await csms.set_charging_profile("CS1", number, profile201(number, level=number))
        assert await held() == [1, 2, 3]
        await csms.clear_charging_profile("CS1", profile=1)
        assert await held() == [2, 3]
        await csms.clear_charging_profile("CS1", evse=3, purpose="TxDefaultProfile", stack_level=3)
        assert await held() == [2]

    async def test_16_a_profile_replaces_that_of_its_purpose_and_level(self, csms, connect, answering, held):
        await connect("1.6", answering())
        await csms.set_charging_profile("CS1", 1, profile16(1))
        await csms.set_charging_profile("CS1", 1, profile16(2))
        await csms.set_charging_profile("CS1", 2, profile16(3))
        assert await held() == [2, 3]
        await csms.clear_charging_profile("CS1")
        assert await held() == []

    @pytest.mark.parametrize(("version", "profile"), [("1.6", profile16(1)), ("2.0.1", profile201(1))])
    async def test_a_profile_that_was_turned_down_is_not_remembered(self, csms, connect, answering, held, version, profile):
        await connect(version, answering(SetChargingProfile={"status": "Rejected"}))
        assert await csms.set_charging_profile("CS1", 1, profile) == {"status": "Rejected"}
        assert await held() == []

    @pytest.mark.parametrize(
        ("profile", "clause"),
        [
            (profile201(2, "ChargingStationExternalConstraints"), "K01.FR.22"),
            (profile201(2, "TxProfile"), "K01.FR.03"),
            (profile201(2), "K01.FR.06"),
            (profile201(2, "TxProfile", transactionId="TX"), "K01.FR.39"),
        ],
    )
    async def test_201_profiles_that_a_csms_may_not_send(self, csms, connect, answering, held, profile, clause):
        await connect("2.0.1", answering())
        await csms.set_charging_profile("CS1", 1, profile201(1))
        await csms.set_charging_profile("CS1", 1, profile201(3, "TxProfile", transactionId="TX"))
        with pytest.raises(NotPossible, match=clause):
            await csms.set_charging_profile("CS1", 1, profile)
        assert await held() == [1, 3]

    async def test_201_profiles_valid_one_after_the_other_do_not_conflict(self, csms, connect, answering, held):
        await connect("2.0.1", answering())
        noon = "2026-03-01T12:00:00Z"
        await csms.set_charging_profile("CS1", 1, profile201(1, validTo=noon))
        await csms.set_charging_profile("CS1", 1, profile201(2, validFrom=noon))
        assert await held() == [1, 2]

    async def test_a_transactions_profile_goes_with_it(self, csms, connect, answering, held):
        station = await connect("2.0.1", answering())
        await csms.set_charging_profile("CS1", 1, profile201(1, "TxProfile", transactionId="TX"))
        ended = {
            "eventType": "Ended",
            "seqNo": 0,
            "timestamp": "2026-03-01T12:00:00Z",
            "triggerReason": "EVDeparted",
            "transactionInfo": {"transactionId": "TX"},
        }
        await station.call("TransactionEvent", ended)
        assert await held() == []

    async def test_reported_profiles_are_kept_by_their_source(self, csms, connect, rows):
        station = await connect("2.0.1")
        external = profile201(7, "ChargingStationExternalConstraints")
        report = {"requestId": 1, "chargingLimitSource": "EMS", "evseId": 0, "chargingProfile": [external]}
        await station.call("ReportChargingProfiles", report)
        [row] = await rows(ChargingProfile)
        assert (row.source, row.profile_id, row.purpose) == ("EMS", 7, "ChargingStationExternalConstraints")


class TestRemote:
    async def test_201_start_numbers_each_request_and_knows_its_own_tokens(self, csms, connect, answering):
        handler = answering()
        station = await connect("2.0.1", handler)
        first = await csms.remote_start("CS1", "made-up", "Central", evse=1)
        second = await csms.remote_start("CS1", "T1", evse=1)
        assert first["remoteStartId"] != second["remoteStartId"]
        assert [payload["idToken"]["type"] for _, payload in handler.calls] == ["Central", "ISO14443"]
        answer = await station.call("Authorize", {"idToken": {"idToken": "made-up", "type": "Central"}})
        assert answer["idTokenInfo"]["status"] == "Accepted"

    async def test_16_start_and_stop(self, csms, connect, answering):
        handler = answering()
        station = await connect("1.6", handler)
        assert await csms.remote_start("CS1", "T1", evse=2) == {"status": "Accepted"}
        start = {"connectorId": 2, "idTag": "T1", "meterStart": 0, "timestamp": "2026-03-01T12:00:00Z"}
        number = (await station.call("StartTransaction", start))["transactionId"]
        assert await csms.remote_stop("CS1") == {"status": "Accepted"}
        assert handler.calls == [
            ("RemoteStartTransaction", {"idTag": "T1", "connectorId": 2}),
            ("RemoteStopTransaction", {"transactionId": number}),
        ]

    async def test_there_is_nothing_to_stop(self, csms, connect):
        await connect("2.0.1")
        with pytest.raises(NotPossible, match="0 active"):
            await csms.remote_stop("CS1")
