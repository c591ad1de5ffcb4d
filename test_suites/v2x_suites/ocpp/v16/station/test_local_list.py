"""Local Auth List Management profile."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import CannotJudge, requirement
from v2x_harness.events import Json

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.watch import Message

_ENABLED = {"LocalAuthListEnabled": "true"}


@case("TC_008_1_CS", verifies="OCPP-1.6#3.5.2.list OCPP-1.6#4.8.start", applies="LocalAuthListManagement")
@pytest.mark.configured({**_ENABLED, "LocalPreAuthorize": "true"})
async def test_listed_id(station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, token: str) -> None:
    """With LocalPreAuthorize, who is on the local list charges without the central system being asked."""
    if (await _send(csms, 1, "Full", token)).status.peek() != "Accepted":
        raise CannotJudge("the charge point does not take a local list")
    await operator.plug_in()
    await operator.present_token(token)
    with requirement("OCPP-1.6#3.5.2.list", hard=True):
        first = await station.expect_where(lambda m: m.action in ("Authorize", "StartTransaction"), "StartTransaction")
        assert first.action == "StartTransaction", "the central system is asked about an idTag of the local list"
    with requirement("OCPP-1.6#4.8.start"):
        assert first.idTag == token
        assert first.connectorId == 1


@case("TC_042_2_CS", verifies="OCPP-1.6#5.15.answer OCPP-1.6#5.15.version OCPP-1.6#5.10.empty", applies="LocalAuthListManagement")
@pytest.mark.configured(_ENABLED)
async def test_version_of_empty_list(csms: CsmsOperator, token: str) -> None:
    """A list that has been emptied has version 0, whatever version it had before."""
    with requirement("OCPP-1.6#5.15.answer"):
        filled = await _send(csms, 4, "Full", token)
        assert filled.status == "Accepted"
    with requirement("OCPP-1.6#5.15.version"):
        before = await csms.call("GetLocalListVersion")
        assert before.listVersion == 4
    with requirement("OCPP-1.6#5.15.answer"):
        emptied = await _send(csms, 5, "Full")
        assert emptied.status == "Accepted"
    with requirement("OCPP-1.6#5.10.empty"):
        version = await csms.call("GetLocalListVersion")
        assert version.listVersion == 0


@case("TC_043_CS", verifies="OCPP-1.6#5.15.answer OCPP-1.6#5.15.version", applies="LocalAuthListManagement")
@pytest.mark.configured(_ENABLED)
async def test_send_local_list(csms: CsmsOperator, token: str) -> None:
    """A full list and a change of it are taken, and give the list their versions."""
    for version, update, id_tag in ((3, "Full", token), (4, "Differential", "V2X-LISTED")):
        with requirement("OCPP-1.6#5.15.answer"):
            answer = await _send(csms, version, update, id_tag)
            assert answer.status == "Accepted"
        with requirement("OCPP-1.6#5.15.version"):
            told = await csms.call("GetLocalListVersion")
            assert told.listVersion == version


@case("TC_043_2_CS", verifies="OCPP-1.6#5.15.mismatch OCPP-1.6#5.15.version", applies="LocalAuthListManagement")
@pytest.mark.configured(_ENABLED)
async def test_version_mismatch(csms: CsmsOperator, token: str) -> None:
    """A change of an older list than the one there is does not fit, and changes nothing."""
    if (await _send(csms, 5, "Full", token)).status.peek() != "Accepted":
        raise CannotJudge("the charge point does not take a local list")
    with requirement("OCPP-1.6#5.15.mismatch"):
        answer = await _send(csms, 4, "Differential", "V2X-LISTED")
        assert answer.status == "VersionMismatch"
    with requirement("OCPP-1.6#5.15.version"):
        told = await csms.call("GetLocalListVersion")
        assert told.listVersion == 5


async def _send(csms: CsmsOperator, version: int, update: str, *id_tags: str) -> Message:
    """Send a local list, or a change of it, in which idTags are accepted."""
    entries: list[Json] = [{"idTag": id_tag, "idTagInfo": {"status": "Accepted"}} for id_tag in id_tags]
    payload: dict[str, Json] = {"listVersion": version, "updateType": update}
    return await csms.call("SendLocalList", payload | ({"localAuthorizationList": entries} if entries else {}))
