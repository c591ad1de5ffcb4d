"""Block B, provisioning: the reports that a station gives of its device model."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.field import Field
from v2x_harness.observed import differing, note_pics

from v2x_suites.ocpp.lane import StationLane
from v2x_suites.ocpp.peers import CsmsOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.pics import CORE_VARIABLES, WRITABLE_CORE_VARIABLES, connectors_in, name_of, observed_pics, read
from v2x_suites.ocpp.v201.station.states import report_of
from v2x_suites.ocpp.watch import Message

_LISTS = ("OptionList", "SequenceList", "MemberList")
_REPORT = "B07.FR.01 B07.FR.03 B07.FR.04 B07.FR.10 B07.FR.12"


@case("TC_B_12_CS", verifies=f"{_REPORT} B07.FR.07")
async def test_configuration_inventory(station: StationUnderTest, csms: CsmsOperator) -> None:
    """The configuration inventory has every variable that the CSMS can set, with its characteristics, and no other."""
    entries = await _base_report(station, csms, "ConfigurationInventory", 1201)
    with requirement("B07.FR.07"):
        missing = sorted(WRITABLE_CORE_VARIABLES - {name_of(entry) for entry in entries})
        assert not missing, f"required variables that can be set are not reported: {', '.join(missing)}"
        for entry in entries:
            assert any(a.mutability.is_in("ReadWrite", "WriteOnly", None) for a in entry.variableAttribute)
            _assert_characterised(entry)


@case("TC_B_13_CS", verifies=f"{_REPORT} B07.FR.08")
async def test_full_inventory(station: StationUnderTest, csms: CsmsOperator) -> None:
    """The full inventory has every variable, with its characteristics."""
    entries = await _base_report(station, csms, "FullInventory", 1301)
    with requirement("B07.FR.08"):
        missing = sorted(CORE_VARIABLES - {name_of(entry) for entry in entries})
        assert not missing, f"required variables are not reported: {', '.join(missing)}"
        for entry in entries:
            _assert_characterised(entry)


@case("V2X_PICS_CS", verifies=f"{_REPORT} B07.FR.08")
async def test_declared_features(lane: StationLane, station: StationUnderTest, csms: CsmsOperator) -> None:
    """The device model reports the features that the station is declared to have (PICS), and no others.

    What is observed is noted for the bundle, where it corrects what is declared.
    """
    entries = await _base_report(station, csms, "FullInventory", 1302)
    observed = observed_pics(read(entries))
    note_pics(lane.recorder, observed)
    with requirement("B07.FR.08"):
        different = differing(lane.cast.subject.pics, observed)
        assert not different, f"the device model tells otherwise than the PICS: {different}"
        if "connectors" in station.pixit.values:
            there, told = set(station.connectors), connectors_in(entries)
            assert told == there, f"the device model has the connectors {sorted(told)}, and PIXIT says {sorted(there)}"


async def _base_report(station: StationUnderTest, csms: CsmsOperator, base: str, request_id: int) -> list[Field]:
    """Ask for a base report, judge how it comes, and return its entries."""
    with requirement("B07.FR.01", "B07.FR.12", hard=True):
        answer = await csms.call("GetBaseReport", requestId=request_id, reportBase=base)
        assert answer.status == "Accepted"
    with requirement("B07.FR.03", hard=True):
        parts: list[Message] = await report_of(station)
    with requirement("B07.FR.04"):
        for part in parts:
            assert part.requestId == request_id
    with requirement("B07.FR.10"):
        for number, part in enumerate(parts):
            assert part.seqNo == number
    return [entry for part in parts for entry in part.reportData]


def _assert_characterised(entry: Field) -> None:
    """Assert that an entry has its characteristics, and its values where the type is a list."""
    characteristics = entry.variableCharacteristics
    assert characteristics.dataType, f"{name_of(entry)} has no characteristics"
    if characteristics.dataType.peek() in _LISTS:
        assert characteristics.valuesList, f"{name_of(entry)} is a list and does not say of what"
