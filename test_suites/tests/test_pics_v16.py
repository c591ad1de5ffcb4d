"""What the configuration keys of a charge point tell of its features."""

from __future__ import annotations

from v2x_harness.events import Json
from v2x_harness.field import Field
from v2x_suites.ocpp.v16.station.pics import missing, observed_pics, profiles, read


def _told(*entries: dict[str, Json]) -> Field:
    return Field(list(entries), 1, "/2/configurationKey")


def test_profiles_and_optional_keys_tell_of_features() -> None:
    told = read(
        _told(
            {"key": "supportedFeatureProfiles", "readonly": True, "value": "Core, SmartCharging"},
            {"key": "AuthorizationCacheEnabled", "readonly": False, "value": "false"},
            {"key": "UnlockConnectorOnEVSideDisconnect", "readonly": False, "value": "false"},
        )
    )
    assert profiles(told) == {"Core", "SmartCharging"}
    assert observed_pics(told) == {
        "Core": True,
        "FirmwareManagement": False,
        "LocalAuthListManagement": False,
        "Reservation": False,
        "SmartCharging": True,
        "RemoteTrigger": False,
        "AuthorizationCache": True,
        "UnknownOfflineAuthorization": False,
    }


def test_a_lock_shows_when_it_is_to_open() -> None:
    told = read(_told({"key": "UnlockConnectorOnEVSideDisconnect", "readonly": False, "value": "True"}))
    assert observed_pics(told)["ConnectorLock"] is True


def test_a_profile_requires_its_keys() -> None:
    told = read(_told({"key": "LocalAuthListEnabled", "value": "true"}, {"key": "SENDLOCALLISTMAXLENGTH", "value": "5"}))
    assert missing(told, "LocalAuthListManagement") == ["LocalAuthListMaxLength"]
    assert missing(told, "Reservation") == []
    assert "NumberOfConnectors" in missing(told, "Core")


def test_entries_of_any_shape_are_read() -> None:
    told = read(_told({"key": 5}, {"value": "x"}, {"key": "A", "readonly": "yes", "value": None}))
    assert told["a"].value == ""
    assert told["a"].readonly is None
