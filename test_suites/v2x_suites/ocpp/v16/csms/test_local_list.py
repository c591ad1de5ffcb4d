"""Local Authorization List Management profile."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.v16.csms import case
from v2x_suites.ocpp.v16.csms.states import tells_time

_PROFILE = "LocalAuthListManagement"
_ALICE: Json = {"idTag": "V2X-ALICE", "idTagInfo": {"status": "Accepted"}}
_BOB: Json = {"idTag": "V2X-BOB", "idTagInfo": {"status": "Blocked"}}


@case("TC_042_2_CSMS", verifies="OCPP-1.6#5.10.request", applies=_PROFILE)
async def test_list_version(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System that is told to ask for the version of the local list asks for it, with nothing else said."""
    with requirement("OCPP-1.6#5.10.request"):
        asked = await operator.send("GetLocalListVersion")
        assert asked.payload == {}


@case("TC_043_4_CSMS", verifies="OCPP-1.6#5.15.request OCPP-1.6#6.41 OCPP-1.6#7.1 OCPP-1.6-errata#3.52", applies=_PROFILE)
async def test_full_list(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System sends the list it is told to send, in full: each idTag once, and what each may."""
    with requirement("OCPP-1.6#5.15.request", hard=True):
        sent = await operator.send("SendLocalList", listVersion=1, updateType="Full", localAuthorizationList=[_ALICE, _BOB])
        assert sent.updateType == "Full"
    with requirement("OCPP-1.6-errata#3.52"):
        assert sent.listVersion > 0
    with requirement("OCPP-1.6#6.41"):
        assert sorted(str(each.idTag.value) for each in sent.localAuthorizationList) == ["V2X-ALICE", "V2X-BOB"]
    with requirement("OCPP-1.6#7.1"):
        for each in sent.localAuthorizationList:
            assert each.idTagInfo.status == ("Accepted" if each.idTag == "V2X-ALICE" else "Blocked")


@case("TC_043_5_CSMS", verifies="OCPP-1.6#5.15.request OCPP-1.6-errata#3.52", applies=_PROFILE)
async def test_differential_list(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System adds one idTag and takes another out, under a version above the one before."""
    await operator.send("SendLocalList", listVersion=1, updateType="Full", localAuthorizationList=[_ALICE])
    changes: Json = [_BOB, {"idTag": "V2X-ALICE"}]
    with requirement("OCPP-1.6#5.15.request", hard=True):
        sent = await operator.send("SendLocalList", listVersion=2, updateType="Differential", localAuthorizationList=changes)
        assert sent.updateType == "Differential"
        assert len(sent.localAuthorizationList) == 2
        gone = next(each for each in sent.localAuthorizationList if each.idTag.peek() == "V2X-ALICE")
        assert not gone.idTagInfo.exists
    with requirement("OCPP-1.6-errata#3.52"):
        assert sent.listVersion > 1


@case("TC_043_3_CSMS", verifies="OCPP-1.6#5.15.request OCPP-1.6#4.6", applies=_PROFILE)
async def test_list_refused(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System takes it that a charge point does not take a change to a version that it already has."""
    await operator.send("SendLocalList", listVersion=5, updateType="Full", localAuthorizationList=[_ALICE])
    with requirement("OCPP-1.6#5.15.request"):
        sent = await operator.send("SendLocalList", listVersion=5, updateType="Differential", localAuthorizationList=[_BOB])
        assert sent.updateType == "Differential"
    with requirement("OCPP-1.6#4.6"):
        await tells_time(booted)
