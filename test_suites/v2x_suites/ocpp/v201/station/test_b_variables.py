"""Block B, provisioning: variables read and set."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.ocpp.peers import CsmsOperator
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.states import get_variables, named, result_for
from v2x_suites.ocpp.watch import Message

THRESHOLD, LOCALLY = "OCPPCommCtrlr.OfflineThreshold", "AuthCtrlr.LocalAuthorizeOffline"


@case("TC_B_06_CS", verifies="B06.FR.01 B06.FR.02 B06.FR.03 B06.FR.04 B06.FR.10 B06.FR.11")
@pytest.mark.configured({THRESHOLD: "300"})
async def test_get_one_variable(csms: CsmsOperator) -> None:
    """A variable that is read comes back by name, with the attribute type that was asked for, Actual if none was."""
    with requirement("B06.FR.01", hard=True):
        answer = await _get(csms, named(THRESHOLD, attributeType="Actual"))
        assert len(answer.getVariableResult) == 1
    result = answer.getVariableResult[0]
    with requirement("B06.FR.02"):
        assert result.component["name"] == "OCPPCommCtrlr"
        assert result.variable["name"] == "OfflineThreshold"
    with requirement("B06.FR.03"):
        assert result.attributeType == "Actual"
    with requirement("B06.FR.04", "B06.FR.10"):
        assert result.attributeStatus == "Accepted"
        assert result.attributeValue == "300"
    with requirement("B06.FR.11"):
        untyped = await _get(csms, named(THRESHOLD))
        assert untyped.getVariableResult[0].attributeType == "Actual"


@case("TC_B_07_CS", verifies="B06.FR.01 B06.FR.02 B06.FR.03 B06.FR.04 B06.FR.10")
@pytest.mark.configured({THRESHOLD: "300", LOCALLY: "true"})
async def test_get_several_variables(csms: CsmsOperator) -> None:
    """Two variables that are read in one message both come back, in whatever order."""
    with requirement("B06.FR.01", hard=True):
        both = [named(THRESHOLD, attributeType="Actual"), named(LOCALLY, attributeType="Actual")]
        answer = await _get(csms, *both)
        assert len(answer.getVariableResult) == 2
    for name, value in {THRESHOLD: "300", LOCALLY: "true"}.items():
        result = result_for(answer.getVariableResult, name)
        with requirement("B06.FR.02"):
            assert result, f"no result for {name}"
        with requirement("B06.FR.03"):
            assert result.attributeType == "Actual"
        with requirement("B06.FR.04", "B06.FR.10"):
            assert result.attributeStatus == "Accepted"
            assert result.attributeValue == value


@case("TC_B_32_CS", verifies="B06.FR.06")
async def test_get_variable_of_unknown_component(csms: CsmsOperator) -> None:
    """What is read of a component that is not there is UnknownComponent, and has no value."""
    with requirement("B06.FR.06"):
        answer = await _get(csms, named("UnknownComponent.OfflineThreshold"))
        result = result_for(answer.getVariableResult, "UnknownComponent.OfflineThreshold")
        assert result.attributeStatus == "UnknownComponent"
        assert not result.attributeValue.exists


@case("TC_B_33_CS", verifies="B06.FR.07")
async def test_get_unknown_variable(csms: CsmsOperator) -> None:
    """What is read of a variable that is not there is UnknownVariable, and has no value."""
    with requirement("B06.FR.07"):
        answer = await _get(csms, named("OCPPCommCtrlr.UnknownVariable"))
        result = result_for(answer.getVariableResult, "OCPPCommCtrlr.UnknownVariable")
        assert result.attributeStatus == "UnknownVariable"
        assert not result.attributeValue.exists


@case("TC_B_34_CS", verifies="B06.FR.08")
async def test_get_attribute_type_that_is_not_there(csms: CsmsOperator) -> None:
    """The target of a variable that has none is NotSupportedAttributeType, and has no value."""
    with requirement("B06.FR.08"):
        answer = await _get(csms, named(THRESHOLD, attributeType="Target"))
        result = result_for(answer.getVariableResult, THRESHOLD)
        assert result.attributeStatus == "NotSupportedAttributeType"
        assert result.attributeType == "Target"
        assert not result.attributeValue.exists


@case("TC_B_09_CS", verifies="B05.FR.01 B05.FR.02 B05.FR.03 B05.FR.10 B05.FR.12")
@pytest.mark.configured({THRESHOLD: "200"})
async def test_set_one_variable(csms: CsmsOperator) -> None:
    """A variable that is set is answered by name and type, and has the new value."""
    with requirement("B05.FR.01", hard=True):
        answer = await _set(csms, named(THRESHOLD, attributeType="Actual", attributeValue="300"))
        assert len(answer.setVariableResult) == 1
    result = answer.setVariableResult[0]
    with requirement("B05.FR.02"):
        assert result.component["name"] == "OCPPCommCtrlr"
        assert result.variable["name"] == "OfflineThreshold"
    with requirement("B05.FR.03"):
        assert result.attributeType == "Actual"
    with requirement("B05.FR.10"):
        assert result.attributeStatus == "Accepted"
        kept = await _get(csms, named(THRESHOLD))
        assert kept.getVariableResult[0].attributeValue == "300"
    with requirement("B05.FR.12"):
        untyped = await _set(csms, named(THRESHOLD, attributeValue="301"))
        assert untyped.setVariableResult[0].attributeType == "Actual"


@case("TC_B_10_CS", verifies="B05.FR.01 B05.FR.02 B05.FR.03 B05.FR.10")
@pytest.mark.configured({THRESHOLD: "200", LOCALLY: "false"})
async def test_set_several_variables(csms: CsmsOperator) -> None:
    """Two variables that are set in one message are both answered, and both have the new value."""
    new = {THRESHOLD: "300", LOCALLY: "true"}
    with requirement("B05.FR.01", hard=True):
        both = [named(name, attributeType="Actual", attributeValue=value) for name, value in new.items()]
        answer = await _set(csms, *both)
        assert len(answer.setVariableResult) == 2
    kept = await _get(csms, *(named(name) for name in new))
    for name, value in new.items():
        result = result_for(answer.setVariableResult, name)
        with requirement("B05.FR.02"):
            assert result, f"no result for {name}"
        with requirement("B05.FR.03"):
            assert result.attributeType == "Actual"
        with requirement("B05.FR.10"):
            assert result.attributeStatus == "Accepted"
            assert result_for(kept.getVariableResult, name).attributeValue == value


@case("TC_B_35_CS", verifies="B05.FR.04")
async def test_set_variable_of_unknown_component(csms: CsmsOperator) -> None:
    """Setting a variable of a component that is not there is answered UnknownComponent."""
    with requirement("B05.FR.04"):
        name = "UnknownComponent.OfflineThreshold"
        answer = await _set(csms, named(name, attributeValue="300"))
        assert result_for(answer.setVariableResult, name).attributeStatus == "UnknownComponent"


@case("TC_B_36_CS", verifies="B05.FR.05")
async def test_set_unknown_variable(csms: CsmsOperator) -> None:
    """Setting a variable that is not there is answered UnknownVariable."""
    with requirement("B05.FR.05"):
        name = "OCPPCommCtrlr.UnknownVariable"
        answer = await _set(csms, named(name, attributeValue="300"))
        assert result_for(answer.setVariableResult, name).attributeStatus == "UnknownVariable"


@case("TC_B_37_CS", verifies="B05.FR.06")
async def test_set_attribute_type_that_is_not_there(csms: CsmsOperator) -> None:
    """Setting the target of a variable that has none is answered NotSupportedAttributeType."""
    with requirement("B05.FR.06"):
        data = named(THRESHOLD, attributeType="Target", attributeValue="300")
        answer = await _set(csms, data)
        result = result_for(answer.setVariableResult, THRESHOLD)
        assert result.attributeStatus == "NotSupportedAttributeType"
        assert result.attributeType == "Target"


@case("TC_B_39_CS", verifies="B05.FR.09")
async def test_set_read_only_variable(csms: CsmsOperator) -> None:
    """Setting a variable that only the station itself sets is rejected, and changes nothing."""
    name = "OCPPCommCtrlr.MessageTimeout[Default]"
    before = await get_variables(csms, name)
    with requirement("B05.FR.09"):
        answer = await _set(csms, named(name, attributeValue="7"))
        assert result_for(answer.setVariableResult, name).attributeStatus == "Rejected"
        assert await get_variables(csms, name) == before


async def _get(csms: CsmsOperator, *data: dict[str, Json]) -> Message:
    return await csms.call("GetVariables", getVariableData=list[Json](data))


async def _set(csms: CsmsOperator, *data: dict[str, Json]) -> Message:
    return await csms.call("SetVariables", setVariableData=list[Json](data))
