"""Core profile: configuration keys read and changed; data transfer."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import CannotJudge, requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.pics import missing, read
from v2x_suites.ocpp.v16.station.states import change_configuration, configured_value

_KEY, _BEFORE, _AFTER = "MeterValueSampleInterval", "60", "300"


@case("TC_019_CS", verifies="OCPP-1.6#5.8.all OCPP-1.6#5.8.some OCPP-1.6#5.8.value OCPP-1.6#5.8 OCPP-1.6#9.1.required")
@pytest.mark.configured({_KEY: _AFTER})
async def test_get_configuration(station: StationUnderTest, csms: CsmsOperator) -> None:
    """All keys are told when none is named; else those that are, with their values, and those that are unknown by name."""
    with requirement("OCPP-1.6#5.8.all", hard=True):
        everything = await csms.call("GetConfiguration")
        keys = read(everything.configurationKey)
        assert _KEY.lower() in keys
    with requirement("OCPP-1.6#9.1.required"):
        absent = missing(keys, "Core")
        assert not absent, f"not among the configuration keys: {', '.join(absent)}"
    some = await csms.call("GetConfiguration", key=[_KEY, "NumberOfConnectors", "V2XUnknownKey"])
    told = {str(entry.key.peek()): entry for entry in some.configurationKey}
    with requirement("OCPP-1.6#5.8.some"):
        assert set(told) == {_KEY, "NumberOfConnectors"}
    with requirement("OCPP-1.6#5.8"):
        assert some.unknownKey == ["V2XUnknownKey"]
    with requirement("OCPP-1.6#5.8.value"):
        assert told[_KEY]["value"] == _AFTER
        assert told[_KEY].readonly == False  # noqa: E712  (a field of a frame, not a truth value)
        assert told["NumberOfConnectors"]["value"] == str(len(station.connectors))
        assert told["NumberOfConnectors"].readonly == True  # noqa: E712  (as above)


@case("TC_021_CS", verifies="OCPP-1.6#5.3.applied OCPP-1.6#5.3.reboot")
@pytest.mark.configured({_KEY: _BEFORE})
async def test_change_configuration(station: StationUnderTest, operator: StationOperator, csms: CsmsOperator) -> None:
    """A key that is changed has its new value, and still has it after a power cut."""
    with requirement("OCPP-1.6#5.3.applied", hard=True):
        answer = await csms.call("ChangeConfiguration", key=_KEY, value=_AFTER)
        assert answer.status.is_in("Accepted", "RebootRequired")
        assert await configured_value(csms, _KEY) == _AFTER
    await operator.power_cycle()
    await station.expect("BootNotification", within=station.pixit.reboot)
    await station.calm()
    with requirement("OCPP-1.6#5.3.reboot"):
        assert await configured_value(csms, _KEY) == _AFTER
    await change_configuration(csms, {_KEY: _BEFORE})


@case("TC_040_1_CS", verifies="OCPP-1.6#5.3.unknown")
async def test_change_unknown_key(csms: CsmsOperator) -> None:
    """A key that the charge point does not have is NotSupported."""
    with requirement("OCPP-1.6#5.3.unknown"):
        answer = await csms.call("ChangeConfiguration", key="V2XUnknownKey", value="1")
        assert answer.status == "NotSupported"


@case("TC_040_2_CS", verifies="OCPP-1.6#5.3.rejected OCPP-1.6#5.3.unchanged")
@pytest.mark.configured({_KEY: _BEFORE})
async def test_change_to_invalid_value(csms: CsmsOperator) -> None:
    """A value that a key cannot have is rejected, and changes nothing."""
    for value in ("-1", "V2X"):
        with requirement("OCPP-1.6#5.3.rejected"):
            answer = await csms.call("ChangeConfiguration", key=_KEY, value=value)
            assert answer.status == "Rejected"
        with requirement("OCPP-1.6#5.3.unchanged"):
            assert await configured_value(csms, _KEY) == _BEFORE


@case("V2X_READONLY_CS", verifies="OCPP-1.6#5.3.rejected OCPP-1.6#5.3.unchanged")
async def test_change_read_only_key(csms: CsmsOperator) -> None:
    """A key that is only to be read cannot be changed."""
    before = (await configured_value(csms, "NumberOfConnectors")).peek()
    if before is None:
        raise CannotJudge("the charge point does not tell NumberOfConnectors")
    with requirement("OCPP-1.6#5.3.rejected"):
        answer = await csms.call("ChangeConfiguration", key="NumberOfConnectors", value="99")
        assert answer.status == "Rejected"
    with requirement("OCPP-1.6#5.3.unchanged"):
        assert await configured_value(csms, "NumberOfConnectors") == before


@case("TC_062_CS", verifies="OCPP-1.6#4.3")
async def test_data_transfer_of_unknown_vendor(csms: CsmsOperator) -> None:
    """DataTransfer of a vendor that the charge point does not know is UnknownVendorId, without data."""
    with requirement("OCPP-1.6#4.3"):
        answer = await csms.call("DataTransfer", vendorId="org.v2x.unknown", messageId="nothing", data="nothing")
        assert answer.status == "UnknownVendorId"
        assert not answer.data.exists
