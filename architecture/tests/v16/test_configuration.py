"""GetConfiguration and ChangeConfiguration (5.3, 5.8, chapter 9)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.ocpp.station.storage import MemoryStore
from v2x_architecture.ocpp.v16.configuration import Configuration
from v2x_architecture.ocpp.v16.keys import Access, Facts, standard_keys

MEASURANDS = ("Energy.Active.Import.Register", "Current.Import", "Voltage", "Power.Active.Import")
FACTS = Facts(connectors=2, phases=3, tethered=False, measurands=MEASURANDS, profiles=("Core", "SmartCharging"))
KEYS = standard_keys(FACTS)

# 9.1 to 9.4, "required", for the profiles of the reference charge point.
REQUIRED = {
    "AuthorizeRemoteTxRequests",
    "ClockAlignedDataInterval",
    "ConnectionTimeOut",
    "ConnectorPhaseRotation",
    "GetConfigurationMaxKeys",
    "HeartbeatInterval",
    "LocalAuthorizeOffline",
    "LocalPreAuthorize",
    "MeterValuesAlignedData",
    "MeterValuesSampledData",
    "MeterValueSampleInterval",
    "NumberOfConnectors",
    "ResetRetries",
    "StopTransactionOnInvalidId",
    "StopTxnAlignedData",
    "StopTxnSampledData",
    "SupportedFeatureProfiles",
    "TransactionMessageAttempts",
    "TransactionMessageRetryInterval",
    "UnlockConnectorOnEVSideDisconnect",
    "LocalAuthListEnabled",
    "LocalAuthListMaxLength",
    "SendLocalListMaxLength",
    "ChargeProfileMaxStackLevel",
    "ChargingScheduleAllowedChargingRateUnit",
    "ChargingScheduleMaxPeriods",
    "MaxChargingProfilesInstalled",
}


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def configuration(store):
    return Configuration(KEYS, store)


def test_keys_that_it_is_without_are_shown_to_nobody(store: MemoryStore) -> None:
    configuration = Configuration(KEYS, store, {"AuthorizationCacheEnabled": False}, ["AuthorizationCacheEnabled"])
    assert configuration.report(["AuthorizationCacheEnabled"]) == ([], ["AuthorizationCacheEnabled"])
    assert "AuthorizationCacheEnabled" not in [entry["key"] for entry in configuration.report()[0]]
    assert configuration.change("AuthorizationCacheEnabled", "true") == "NotSupported"
    assert not configuration.boolean("AuthorizationCacheEnabled")
    with pytest.raises(ValueError, match="there is no configuration key"):
        Configuration(KEYS, store, {}, ["Nothing"])


def test_every_required_key_is_there():
    assert {key.name for key in KEYS} >= REQUIRED


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_a_default_is_a_value_of_its_key(key):
    assert key.access is Access.WRITE or key.kind.problem(key.default) == ""


def test_without_names_all_keys_are_told(configuration):
    known, unknown = configuration.report()
    assert [each["key"] for each in known] == [key.name for key in KEYS]
    assert unknown == []
    assert json.loads(json.dumps(known)) == known


def test_known_keys_are_told_and_unknown_ones_named(configuration):
    known, unknown = configuration.report(["heartbeatinterval", "NoSuchKey", "NumberOfConnectors"])
    assert known == [
        {"key": "HeartbeatInterval", "readonly": False, "value": "86400"},
        {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
    ]
    assert unknown == ["NoSuchKey"]


def test_a_write_only_key_never_tells_its_value(configuration):
    configuration.change("AuthorizationKey", "00" * 20)
    known, _ = configuration.report()
    assert {"key": "AuthorizationKey", "readonly": False} in known
    assert configuration.text("AuthorizationKey") == "00" * 20


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("HeartbeatInterval", "300", "Accepted"),
        ("heartbeatINTERVAL", "300", "Accepted"),
        ("HeartbeatInterval", "0", "Rejected"),
        ("HeartbeatInterval", "-1", "Rejected"),
        ("HeartbeatInterval", "", "Rejected"),
        ("HeartbeatInterval", "1e3", "Rejected"),
        ("HeartbeatInterval", "99999999999", "Rejected"),
        ("ClockAlignedDataInterval", "86401", "Rejected"),
        ("LocalPreAuthorize", "TRUE", "Accepted"),
        ("LocalPreAuthorize", "yes", "Rejected"),
        ("NumberOfConnectors", "3", "Rejected"),
        ("SupportedFeatureProfiles", "Core", "Rejected"),
        ("NoSuchKey", "1", "NotSupported"),
        ("WebSocketPingInterval", "60", "RebootRequired"),
        ("WebSocketPingInterval", "-1", "Rejected"),
        ("MeterValuesSampledData", "", "Accepted"),
        ("MeterValuesSampledData", "Voltage.L1,Current.Import", "Accepted"),
        ("MeterValuesSampledData", "Voltage, Current.Import", "Accepted"),
        ("MeterValuesSampledData", "Voltage.L4", "Rejected"),
        ("MeterValuesSampledData", "Voltage,RPM", "Rejected"),
        ("MeterValuesSampledData", "Voltage,Voltage", "Rejected"),
        ("StopTxnAlignedData", "Frequency", "Rejected"),
        ("ConnectorPhaseRotation", "0.RST,1.RTS,2.Unknown", "Accepted"),
        ("ConnectorPhaseRotation", "3.RST", "Rejected"),
        ("ConnectorPhaseRotation", "1.XYZ", "Rejected"),
        ("AuthorizationKey", "0123456789abcdef" * 2, "Accepted"),
        ("AuthorizationKey", "short", "Rejected"),
        ("SecurityProfile", "4", "Rejected"),
        ("CpoName", "x" * 501, "Rejected"),
    ],
)
def test_a_change_is_answered_as_it_deserves(configuration, name, value, status):
    assert configuration.change(name, value) == status


def test_a_refused_change_changes_nothing(configuration):
    before = configuration.report()
    configuration.change("MeterValuesSampledData", "Voltage,RPM")
    configuration.change("NumberOfConnectors", "3")
    assert configuration.report() == before


def test_a_change_is_in_effect_at_once_and_outlives_a_power_cycle(configuration, store):
    configuration.change("ConnectionTimeOut", "007")
    configuration.change("MeterValuesAlignedData", "Voltage , Power.Active.Import")
    for each in (configuration, Configuration(KEYS, store)):
        assert each.integer("ConnectionTimeOut") == 7
        assert each.items("MeterValuesAlignedData") == ("Voltage", "Power.Active.Import")


def test_a_change_that_needs_a_reboot_is_told_but_in_effect_after_it(configuration, store):
    configuration.change("WebSocketPingInterval", "60")
    assert configuration.report(["WebSocketPingInterval"])[0][0]["value"] == "60"
    assert configuration.integer("WebSocketPingInterval") == 0
    assert Configuration(KEYS, store).integer("WebSocketPingInterval") == 60


def test_the_local_side_may_set_everything_at_once(configuration):
    configuration.set("NumberOfConnectors", 3)
    configuration.set("WebSocketPingInterval", 10)
    configuration.set("LocalPreAuthorize", True)
    assert (configuration.integer("NumberOfConnectors"), configuration.integer("WebSocketPingInterval")) == (3, 10)
    assert configuration.boolean("LocalPreAuthorize")


@pytest.mark.parametrize(("name", "value"), [("NoSuchKey", 1), ("HeartbeatInterval", "soon")])
def test_the_local_side_is_told_what_is_wrong(configuration, store, name, value):
    with pytest.raises(ValueError, match=name):
        configuration.set(name, value)
    with pytest.raises(ValueError, match=name):
        Configuration(KEYS, store, {name: value})


def test_initial_values_yield_to_changed_ones(store):
    first = Configuration(KEYS, store, {"HeartbeatInterval": 60})
    assert first.integer("HeartbeatInterval") == 60
    first.change("HeartbeatInterval", "90")
    assert Configuration(KEYS, store, {"HeartbeatInterval": 60}).integer("HeartbeatInterval") == 90


def test_fixed_cables_are_never_unlocked():
    keys = {key.name: key for key in standard_keys(Facts(1, 1, True, MEASURANDS, ("Core",)))}
    key = keys["UnlockConnectorOnEVSideDisconnect"]
    assert (key.access, key.default) == (Access.READ, "false")


@given(
    st.sampled_from(KEYS), st.text(max_size=60) | st.integers().map(str) | st.sampled_from(["true", "FALSE", "1.RST", "Voltage"])
)
def test_any_text_is_refused_or_becomes_the_value(key, text):
    store = MemoryStore()
    configuration = Configuration(KEYS, store)
    before = configuration.report([key.name])
    status = configuration.change(key.name, text)
    if status == "Rejected":
        assert configuration.report([key.name]) == before
    else:
        assert key.kind.problem(Configuration(KEYS, store).text(key.name)) == ""
