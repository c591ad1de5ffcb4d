"""The negotiation of the protocol before a session."""

from __future__ import annotations

from v2x_architecture.iso15118.editions import DIN, ISO2
from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.anew import AGREED
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.iso2.secc.serving import serves
from v2x_suites.iso15118.secc_steps import if_answered
from v2x_suites.iso15118.under_test import UnderTest

_NOWHERE = "urn:iso:15118:2:2099:MsgDef"
_PROPRIETARY = "urn:tesla:din:2018:MsgDef"


def protocol(namespace: str, schema_id: int, priority: int, major: int = 2, minor: int = 0) -> dict[str, Json]:
    """Return an entry of an offer."""
    return {
        "ProtocolNamespace": namespace,
        "VersionNumberMajor": major,
        "VersionNumberMinor": minor,
        "SchemaID": schema_id,
        "Priority": priority,
    }


async def about_to_offer(ev: EvTester, schema_id: int) -> None:
    """Stop our EVCC before its offer, in which ISO 15118-2 has a SchemaID of the case's choice."""
    await ev.plug_in(first_schema_id=schema_id)
    await ev.until("supportedAppProtocolReq")


async def session_follows(ev: EvTester) -> None:
    """See that what was agreed on is spoken."""
    await ev.until("SessionSetupReq")
    with requirement("V2G2-542"):
        answer = await ev.sends()
        assert answer.name == "SessionSetupRes", "it is not ISO 15118-2 that is spoken"
        assert answer.code == "OK_NewSessionEstablished"


async def refused(ev: EvTester, secc: UnderTest, offered: Json) -> None:
    """Offer what the SECC does not have."""
    await about_to_offer(ev, 31)
    with requirement("V2G2-172"):
        answer = await ev.sends({"AppProtocol": offered})
        assert answer.name == "supportedAppProtocolRes"
        assert answer.code == "Failed_NoNegotiation"
    with requirement("V2G2-034"):
        await secc.closes()


@case("TC_SECC_CMN_VTB_SupportedAppProtocol_004", verifies="V2G2-540 V2G2-169 V2G2-170 V2G2-542")
async def test_protocols_that_there_are(ev: EvTester) -> None:
    """An SECC chooses ISO 15118-2 of an offer that has DIN SPEC 70121 as well, by the SchemaID there, and as it is."""
    await about_to_offer(ev, 22)
    with requirement("V2G2-540", hard=True):
        answer = await ev.sends({"AppProtocol": [protocol(ISO2.namespace, 22, 1), protocol(DIN.namespace, 21, 2)]})
        assert answer.code.is_in(*AGREED)
    with requirement("V2G2-169"):
        assert answer.content["SchemaID"] == 22
    with requirement("V2G2-170"):
        assert answer.code != "OK_SuccessfulNegotiationWithMinorDeviation", "it was offered the minor version that there is"
    await session_follows(ev)


@case("V2X_SECC_CMN_VTB_SupportedAppProtocol_001", verifies="V2G2-169 V2G2-542")
async def test_priorities(ev: EvTester) -> None:
    """An SECC chooses by Priority, not by place in the offer or SchemaID, and leaves a namespace alone that it does not have."""
    await about_to_offer(ev, 255)
    older, proprietary = protocol(DIN.namespace, 1, 12), protocol(_PROPRIETARY, 0, 1, 1, 0)
    with requirement("V2G2-169"):
        answer = await ev.sends({"AppProtocol": [older, protocol(ISO2.namespace, 255, 2), proprietary]})
        assert answer.code.is_in(*AGREED)
        assert answer.content["SchemaID"] == 255
    await session_follows(ev)


@case("V2X_SECC_CMN_VTB_SupportedAppProtocol_002", verifies="V2G2-169 V2G2-542")
async def test_longest_offer(ev: EvTester) -> None:
    """An SECC finds its protocol at the end of an offer of twenty."""
    await about_to_offer(ev, 77)
    foreign: list[Json] = [protocol(f"{_PROPRIETARY}:{number}", number, number) for number in range(1, 20)]
    with requirement("V2G2-169"):
        answer = await ev.sends({"AppProtocol": [*foreign, protocol(ISO2.namespace, 77, 20)]})
        assert answer.code.is_in(*AGREED)
        assert answer.content["SchemaID"] == 77
    await session_follows(ev)


@case("V2X_SECC_CMN_VTB_SupportedAppProtocol_003", verifies="V2G2-540 15118-2#session.anew")
async def test_same_priority(ev: EvTester) -> None:
    """An SECC that is offered two protocols with one priority chooses the one that it has, or none; it serves the next EV."""
    await about_to_offer(ev, 12)
    with requirement("V2G2-540"):
        answer = await ev.sends({"AppProtocol": [protocol(_PROPRIETARY, 11, 1, 1), protocol(ISO2.namespace, 12, 1)]})
        assert answer.name == "supportedAppProtocolRes"
        chosen = answer.content["SchemaID"]
        assert answer.code == "Failed_NoNegotiation" or chosen == 12
    await serves(ev)


@case("TC_SECC_CMN_VTB_SupportedAppProtocol_006", verifies="V2G2-170 V2G2-542")
async def test_minor_deviation(ev: EvTester) -> None:
    """An SECC agrees to another minor version, says that it deviates, and holds the session."""
    await about_to_offer(ev, 40)
    with requirement("V2G2-170"):
        answer = await ev.sends({"AppProtocol": [protocol(ISO2.namespace, 40, 1, minor=1)]})
        assert answer.code == "OK_SuccessfulNegotiationWithMinorDeviation"
        assert answer.content["SchemaID"] == 40
    await session_follows(ev)


@case("TC_SECC_CMN_VTB_SupportedAppProtocol_002", verifies="V2G2-172 V2G2-034")
async def test_unknown_namespace(ev: EvTester, secc: UnderTest) -> None:
    """An SECC that is offered only a namespace that there is not agrees to nothing, and ends the connection."""
    await refused(ev, secc, [protocol(_NOWHERE, 31, 1)])


@case("V2X_SECC_CMN_VTB_SupportedAppProtocol_004", verifies="V2G2-172 V2G2-034")
async def test_another_major_version(ev: EvTester, secc: UnderTest) -> None:
    """An SECC that is offered its namespace in another major version agrees to nothing, and ends the connection."""
    await refused(ev, secc, [protocol(ISO2.namespace, 31, 1, major=9)])


@case("V2X_SECC_CMN_VTB_SupportedAppProtocol_005", verifies="V2G2-541 15118-2#session.anew")
async def test_offer_in_a_session(ev: EvTester) -> None:
    """An SECC does not agree to a second offer, where it waits for SessionSetupReq."""
    await ev.plug_in()
    await ev.until("supportedAppProtocolReq")
    offer = ev.held
    await ev.until("SessionSetupReq")
    start = len(ev.watch.items)
    ev.say(offer)
    with requirement("V2G2-541"):
        answer = await if_answered(ev, start, "a second offer")
        assert answer is None or not answer.code.is_in(*AGREED, "OK", "OK_NewSessionEstablished")
    await serves(ev)
