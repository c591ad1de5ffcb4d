import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.codes import allowed
from v2x_architecture.ocpp.versions import VERSIONS

BOOT = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}
PROFILE = {
    "chargingProfileId": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 21.4}]},
}


def problems(version, action, payload, kind="request", **more):
    return [(p.pointer, p.code, p.keyword) for p in schema.validate(version, action, kind, payload, **more)]


def test_every_version_has_all_its_messages():
    assert {version: len(schema.actions(version)) for version in VERSIONS} == {"1.6": 39, "2.0.1": 64, "2.1": 91}
    for version in VERSIONS:
        for action in schema.actions(version):
            assert schema.schema(version, action, "request")["type"] == "object"
    assert "SignedUpdateFirmware" in schema.actions("1.6")
    assert "NotifyPeriodicEventStream" in schema.actions("2.1")


def test_a_send_has_no_response():
    with pytest.raises(LookupError, match="no response 'NotifyPeriodicEventStream'"):
        schema.schema("2.1", "NotifyPeriodicEventStream", "response")


def test_a_valid_payload_has_no_problems():
    assert schema.is_valid("2.0.1", "BootNotification", "request", BOOT)
    assert schema.validate("2.0.1", "BootNotification", "request", BOOT) == []


def test_an_unknown_action_is_not_implemented():
    assert not schema.is_valid("1.6", "NotifyReport", "request", {})
    assert problems("1.6", "NotifyReport", {}) == [("", "NotImplemented", "")]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"reason": None}, ("/reason", "TypeConstraintViolation", "type")),
        ({"reason": "Whim"}, ("/reason", "PropertyConstraintViolation", "enum")),
        ({"extra": 1}, ("/extra", "FormatViolation", "additionalProperties")),
        ({"chargingStation": {"model": "M"}}, ("/chargingStation", "OccurrenceConstraintViolation", "required")),
        ({"chargingStation": {"model": 7, "vendorName": "V"}}, ("/chargingStation/model", "TypeConstraintViolation", "type")),
        (
            {"chargingStation": {"model": "M" * 21, "vendorName": "V"}},
            ("/chargingStation/model", "PropertyConstraintViolation", "maxLength"),
        ),
        ({"customData": {}}, ("/customData", "OccurrenceConstraintViolation", "required")),
    ],
)
def test_each_problem_is_found_in_its_place_with_the_code_of_the_table(change, wanted):
    assert problems("2.0.1", "BootNotification", {**BOOT, **change}) == [wanted]


def test_codes_are_spelled_as_the_version_wants_them():
    assert [code for _, code, _ in problems("1.6", "BootNotification", {"x": 1})] == [
        "FormationViolation",
        "OccurenceConstraintViolation",
        "OccurenceConstraintViolation",
    ]


def test_too_few_elements_violate_the_occurrence():
    assert problems("2.0.1", "GetVariables", {"getVariableData": []}) == [
        ("/getVariableData", "OccurrenceConstraintViolation", "minItems")
    ]


def test_a_payload_that_is_no_object_is_no_field_of_the_wrong_type():
    assert problems("2.0.1", "Heartbeat", []) == [("", "FormatViolation", "additionalProperties")]


def test_a_pointer_escapes_what_json_pointer_wants_escaped():
    assert problems("2.0.1", "Heartbeat", {"a/b~c": 1})[0][0] == "/a~1b~0c"


def test_decimals_are_judged_as_they_were_written():
    assert problems("1.6", "SetChargingProfile", {"connectorId": 1, "csChargingProfiles": PROFILE}) == []
    for limit in (0.1 * k for k in range(1000)):
        period = {"startPeriod": 0, "limit": round(limit, 1)}
        profile = {**PROFILE, "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]}}
        assert schema.is_valid("1.6", "SetChargingProfile", "request", {"connectorId": 1, "csChargingProfiles": profile})
    period = {"startPeriod": 0, "limit": 21.45}
    profile = {**PROFILE, "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]}}
    [(pointer, _, keyword)] = problems("1.6", "SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profile})
    assert (pointer, keyword) == ("/csChargingProfiles/chargingSchedule/chargingSchedulePeriod/0/limit", "multipleOf")


@pytest.mark.parametrize(
    "text", ["2025-01-01T00:00:00", "2025-01-01", "2025-01-01T00:00:00+02", "yesterday", "2025-13-01T00:00:00Z"]
)
def test_formats_are_asserted_on_demand(text):
    assert schema.is_valid("1.6", "Heartbeat", "response", {"currentTime": text})
    assert not schema.is_valid("1.6", "Heartbeat", "response", {"currentTime": text}, formats=True)
    assert problems("1.6", "Heartbeat", {"currentTime": text}, "response", formats=True) == [
        ("/currentTime", "PropertyConstraintViolation", "format")
    ]


@pytest.mark.parametrize("text", ["2025-01-01T00:00:00Z", "2025-01-01T00:00:00.123+02:00"])
def test_a_proper_time_passes_the_formats(text):
    assert schema.is_valid("1.6", "Heartbeat", "response", {"currentTime": text}, formats=True)


def test_the_words_name_the_value_and_what_is_wanted():
    [problem] = schema.validate("2.0.1", "BootNotification", "request", {**BOOT, "reason": "Whim"})
    assert problem.text.startswith("'Whim' is none of ApplicationReset, ")
    [problem] = schema.validate("2.0.1", "DataTransfer", "request", {"vendorId": "x" * 5000})
    assert "has 5000 characters, at most 255" in problem.text
    assert len(problem.text) < 150


def test_a_refusal_names_the_first_problem_and_counts_the_rest():
    found = schema.validate("1.6", "BootNotification", "request", {})
    refusal = schema.refusal("1.6", found)
    assert refusal.code == "OccurenceConstraintViolation"
    assert refusal.description.endswith("(and 1 more)")


@pytest.mark.parametrize("fix", schema.overlay(), ids=lambda fix: f"{fix.version} {fix.schema}")
def test_every_entry_of_the_overlay_holds_in_the_schema_that_is_used(fix):
    kind = "response" if fix.schema.endswith("Response") else "request"
    loaded = schema.schema(fix.version, fix.schema.removesuffix("Response").removesuffix("Request"), kind)
    for part in fix.pointer.split("/")[1:]:
        loaded = loaded[part]
    assert fix.value == loaded if fix.op == "set" else fix.value in loaded
    assert len(fix.reason) > 40


def test_an_overlay_that_leads_nowhere_is_an_error():
    fix = schema.Fix("1.6", "Heartbeat", "/properties/nothing/maxLength", "set", "a test", 1)
    with pytest.raises(LookupError):
        fix.apply({"properties": {}})


def test_an_overlay_removes_what_is_there_and_minds_not_what_is_not():
    loaded = {"a/b": {"c": 1}}
    fix = schema.Fix("1.6", "Heartbeat", "/a~1b/c", "remove", "a test")
    fix.apply(loaded)
    fix.apply(loaded)
    assert loaded == {"a/b": {}}


def test_an_empty_charging_schedule_of_1_6_is_no_schedule():
    profile = {**PROFILE, "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": []}}
    assert problems("1.6", "SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profile}) == [
        ("/csChargingProfiles/chargingSchedule/chargingSchedulePeriod", "OccurenceConstraintViolation", "minItems")
    ]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["status", "interval", "x", "customData"]), inner)
    ),
)


@given(st.data(), st.sampled_from(VERSIONS), st.booleans())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_both_validators_agree_and_every_code_is_one_of_the_version(data, version, formats):
    action = data.draw(st.sampled_from(sorted(schema.actions(version))))
    known = list(schema.schema(version, action, "request")["properties"])
    payload = data.draw(st.dictionaries(st.sampled_from([*known, "x"]), json_values, max_size=4) | json_values)
    found = schema.validate(version, action, "request", payload, formats=formats)
    assert schema.is_valid(version, action, "request", payload, formats=formats) == (not found)
    loaded = schema.schema(version, action, "request")
    assert jsonschema_rs.is_valid(loaded, payload, validate_formats=formats) == (not found)
    for problem in found:
        assert {problem.code, *problem.also} <= allowed(version)
        assert problem.text
