"""How an EVCC finds its SECC."""

from __future__ import annotations

import itertools
from ipaddress import IPv6Address

from v2x_adapters.iso15118.places import Place
from v2x_architecture.iso15118.sdp import Response, Security
from v2x_harness.blocks import requirement
from v2x_harness.steer import Steer

from v2x_suites.iso15118.evcc_steps import comes, once_more, reach
from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest

_REQUEST, _RESPONSE = "SECCDiscoveryReq", "SECCDiscoveryRes"
_RETRY = 0.25
_MOST = 50
_JITTER = 0.02
"""What the machines between may bring two requests closer together (s)."""
_NO_RESPONSES = (
    "deadbeef",
    # Another payload type, a wrong inverse of the version, a length that promises more, one octet too few, UDP.
    "01fe8001000000140000000000000000000000000000000123281000",
    "0101900100000014" + "00" * 15 + "01" + "23281000",
    "01fe900100000040" + "00" * 15 + "01" + "23281000",
    "01fe900100000013" + "00" * 15 + "01" + "232810",
    "01fe900100000014" + "00" * 15 + "01" + "23281010",
)


def _gaps(evcc: UnderTest) -> list[float]:
    asked = [each.t for each in evcc.said(_REQUEST)]
    return [later - sooner for sooner, later in itertools.pairwise(asked)]


@case("V2X_EVCC_CMN_VTB_SDP_001", verifies="V2G2-159 V2G2-623")
async def test_asks_again(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose requests are not answered asks again, no sooner than after 250 ms, and goes on when an answer comes."""
    await se.listens()
    se.link.install("steer", [Steer(do="drop", label=_RESPONSE)])
    await driver.plug_in()
    with requirement("V2G2-623", hard=True):
        first = await evcc.says(_REQUEST)
        assert first.Security.is_in(0x00, 0x10)
        assert first.TransportProtocol == 0x00
    with requirement("V2G2-159"):
        for _ in range(8):
            await evcc.says(_REQUEST)
        least = min(_gaps(evcc))
        assert least >= _RETRY - _JITTER, f"it asks again after {least * 1000:.0f} ms"
    se.link.install("steer", ())
    await reach(se, evcc, "ServiceDiscoveryRes")


@case("V2X_EVCC_CMN_VTB_SDP_002", verifies="15118-2#7.10.1.ignore.evcc V2G2-161")
async def test_no_responses(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC leaves datagrams aside that are no SDP responses, and takes the first that is one."""
    await se.listens()
    se.link.install(
        "steer",
        [Steer(do="replace", label=_RESPONSE, nth=nth, raw=raw, shape="octets") for nth, raw in enumerate(_NO_RESPONSES, 1)],
    )
    await driver.plug_in()
    with requirement("15118-2#7.10.1.ignore.evcc", hard=True):
        await evcc.says("supportedAppProtocolReq")
        assert len(evcc.said(_REQUEST)) > len(_NO_RESPONSES), "it takes what is no response"
    with requirement("V2G2-161"):
        assert len(evcc.said(_REQUEST)) <= _MOST
    await reach(se, evcc, "ServiceDiscoveryRes")


@case("V2X_EVCC_CMN_VTB_SDP_003", verifies="V2G2-161")
async def test_gives_up(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is never answered gives up after 50 requests, and finds its SECC when it is plugged in anew."""
    await se.listens()
    se.link.install("steer", [Steer(do="drop", label=_RESPONSE)])
    await driver.plug_in()
    with requirement("V2G2-161", hard=True):
        await evcc.says(_REQUEST)
        await evcc.stays_quiet("supportedAppProtocolReq", for_=_MOST * 0.4)
        asked = len(evcc.said(_REQUEST))
        assert 1 < asked <= _MOST, f"it asks {asked} times"
    se.link.install("steer", ())
    await once_more(se, driver)
    await reach(se, evcc, "ServiceDiscoveryRes")


@case("V2X_EVCC_CMN_VTB_SDP_004", verifies="15118-2#7.10.1.unreachable.evcc")
async def test_nobody_there(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is sent to a port where nobody listens gets over it: when it is plugged in anew, it begins a session."""
    await se.listens()
    se.link.install("steer", [Steer(do="rewrite", label=_RESPONSE, set={f"/{_RESPONSE}/SECC_Port": 9})])
    await driver.plug_in()
    await evcc.says(_REQUEST)
    await evcc.stays_quiet("supportedAppProtocolReq", for_=3.0)
    se.link.install("steer", ())
    await driver.unplug()
    await se.disconnect()
    evcc.from_now()
    await driver.plug_in()
    with requirement("15118-2#7.10.1.unreachable.evcc"):
        await se.next_session()
        assert (await comes(se, evcc, "ServiceDiscoveryReq")).session_id == se.session_id


@case("V2X_EVCC_CMN_VTB_SDP_005", verifies="15118-2#7.10.1.security.evcc", applies="Plain")
async def test_answered_with_tls(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told of a port with TLS does not speak there in clear; when plugged in anew, it takes one without."""
    await se.listens()
    here = IPv6Address(Place.of(se.link.url).host.partition("%")[0])
    secure = Response(here, se.link.plain_port or 0, Security.TLS).encode().hex()
    se.link.install("steer", [Steer(do="replace", label=_RESPONSE, raw=secure, shape="octets")])
    await driver.plug_in()
    await evcc.says(_REQUEST)
    with requirement("15118-2#7.10.1.security.evcc", hard=True):
        await evcc.stays_quiet("supportedAppProtocolReq", for_=3.0)
    se.link.install("steer", ())
    await once_more(se, driver)
    await reach(se, evcc, "ServiceDiscoveryRes")
