"""The SECC Discovery Protocol: where an EV finds its SECC."""

from __future__ import annotations

from ipaddress import IPv6Address

from v2x_architecture.iso15118.sdp import Request, Security, Transport
from v2x_architecture.iso15118.tcp import DYNAMIC_PORTS
from v2x_architecture.iso15118.v2gtp import PayloadType, encode
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.iso2.secc.serving import serves
from v2x_suites.iso15118.watch import Message

_IGNORED = "15118-2#7.8.3.V2GTP.ignore V2G2-144 15118-2#session.anew"


def _request(ev: EvTester) -> bytes:
    """Return a request as an EV makes it that wants the sessions that the SECC usually holds."""
    return Request(Security.TLS if ev.pixit.values.get("tls") else Security.NONE).encode()


def tells_where(answer: Message, *security: Security) -> None:
    """Look at where an SDP response leads: to an address and port that an EV connects to.

    Raises:
        AssertionError: no EV gets there.
    """
    assert answer.name == "SECCDiscoveryRes"
    assert answer.Security.is_in(*map(int, security))
    assert answer.TransportProtocol == int(Transport.TCP)
    assert answer.SECC_Port >= DYNAMIC_PORTS.start
    address = IPv6Address(str(answer.SECC_IP_Address.value))
    # Loopback is for SECCs that stand beside the harness.
    assert address.is_link_local or address.is_loopback


async def ignores(ev: EvTester, datagram: bytes) -> None:
    """Ask with a datagram that is no request, in vain, and then with a good one."""
    with requirement("15118-2#7.8.3.V2GTP.ignore"):
        await ev.asks_in_vain(datagram)
    with requirement("V2G2-144"):
        tells_where(await ev.asks(_request(ev)), *Security)
    await serves(ev)


@case("TC_SECC_CMN_VTB_SDP_001", verifies="V2G2-144 V2G2-623 15118-2#session.anew", applies="Plain")
async def test_request_without_tls(ev: EvTester) -> None:
    """An SECC that is asked for without TLS says where it listens without, and holds a session there."""
    with requirement("V2G2-144", "V2G2-623"):
        tells_where(await ev.asks(Request(Security.NONE).encode()), Security.NONE)
    await serves(ev)


@case("TC_SECC_CMN_VTB_SDP_002", verifies="V2G2-144 V2G2-623 15118-2#session.anew", applies="TLS")
async def test_request_with_tls(tls_ev: EvTester) -> None:
    """An SECC with TLS that is asked for with TLS says where it listens with TLS, and holds a session there."""
    with requirement("V2G2-144", "V2G2-623"):
        tells_where(await tls_ev.asks(Request(Security.TLS).encode()), Security.TLS)
    await serves(tls_ev)


@case("TC_SECC_CMN_VTB_SDP_007", verifies="V2G2-144 V2G2-623 15118-2#session.anew", applies="not TLS")
async def test_request_with_tls_where_there_is_none(ev: EvTester) -> None:
    """An SECC without TLS that is asked for with TLS says that there is none, and where it listens without."""
    with requirement("V2G2-144", "V2G2-623"):
        tells_where(await ev.asks(Request(Security.TLS).encode()), Security.NONE)
    await serves(ev)


@case("V2X_SECC_CMN_VTB_SDP_001", verifies="V2G2-144 15118-2#session.anew")
async def test_request_again(ev: EvTester) -> None:
    """An SECC answers an EV that asks again, since datagrams get lost, and leads it to the same place."""
    with requirement("V2G2-144"):
        first = await ev.asks(_request(ev))
        tells_where(first, *Security)
        again = await ev.asks(_request(ev))
        tells_where(again, *Security)
        assert again.SECC_Port == first.SECC_Port
    await serves(ev)


@case("V2X_SECC_CMN_VTB_SDP_002", verifies="15118-2#7.10.1.SDP.reserved V2G2-144 15118-2#session.anew")
async def test_reserved_security(ev: EvTester) -> None:
    """An SECC does not take reserved values of Security for TLS or for none, and goes on answering."""
    with requirement("15118-2#7.10.1.SDP.reserved"):
        await ev.asks_in_vain(encode(PayloadType.SDP_REQUEST, bytes((0x20, Transport.TCP))))
    with requirement("V2G2-144"):
        tells_where(await ev.asks(_request(ev)), *Security)
    await serves(ev)


@case("TC_SECC_CMN_VTB_V2GTPSDP_001", verifies="V2G2-144 15118-2#7.8.3.V2GTP.header 15118-2#session.anew")
async def test_header_of_the_answer(ev: EvTester) -> None:
    """An SECC's SDP response has a V2GTP header of version 1, with its inverse, its payload type and 20 octets."""
    with requirement("V2G2-144"):
        answer = await ev.asks(_request(ev))
        tells_where(answer, *Security)
    with requirement("15118-2#7.8.3.V2GTP.header"):
        assert answer.raw[:8].hex() == "01fe900100000014"
        assert len(answer.raw) == 8 + 20
    await serves(ev)


@case("TC_SECC_CMN_VTB_V2GTPSDP_002", verifies=_IGNORED)
async def test_request_of_length_zero(ev: EvTester) -> None:
    """An SECC does not answer an SDP request whose header says that there is no payload."""
    await ignores(ev, _request(ev)[:4] + bytes(4) + _request(ev)[8:])


@case("V2X_SECC_CMN_VTB_V2GTPSDP_001", verifies=_IGNORED)
async def test_request_that_is_too_short(ev: EvTester) -> None:
    """An SECC does not answer an SDP request that lacks an octet of what its header says, nor the header alone."""
    await ignores(ev, _request(ev)[:-1])


@case("TC_SECC_CMN_VTB_V2GTPSDP_003", verifies=_IGNORED)
async def test_request_of_another_payload_type(ev: EvTester) -> None:
    """An SECC does not answer what has not the payload type of an SDP request."""
    await ignores(ev, encode(0x7000, _request(ev)[8:]))


@case("TC_SECC_CMN_VTB_V2GTPSDP_004", verifies=_IGNORED)
async def test_request_of_another_version(ev: EvTester) -> None:
    """An SECC does not answer an SDP request of a V2GTP version that there is not."""
    await ignores(ev, b"\xff" + _request(ev)[1:])


@case("TC_SECC_CMN_VTB_V2GTPSDP_005", verifies=_IGNORED)
async def test_request_without_the_inverse_version(ev: EvTester) -> None:
    """An SECC does not answer an SDP request whose second octet is not the inverse of its version."""
    await ignores(ev, _request(ev)[:1] + b"\xff" + _request(ev)[2:])
