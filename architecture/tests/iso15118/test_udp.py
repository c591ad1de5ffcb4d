"""SDP over sockets: an address that is known, and multicast from one network namespace to another."""

from __future__ import annotations

import socket
import sys
from ipaddress import IPv6Address
from pathlib import Path

import pytest
from v2x_architecture.iso15118.sdp import Discovery, Request, Responder, Response, Security
from v2x_architecture.iso15118.udp import NotFound, SdpServer, discover, link_local, scope_of

pytestmark = pytest.mark.anyio

HERE = IPv6Address("::1")
END = str(Path(__file__).with_name("sdp_end.py"))


async def test_an_address_that_is_known_is_asked() -> None:
    async with SdpServer(Responder(HERE, plain_port=50002), port=0) as server:
        found = await discover(Request(Security.TLS), port=server.port)
    assert found == Response(HERE, 50002, Security.NONE)


async def test_where_nobody_answers_nothing_is_found() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("::1", 0))
        port = deaf.getsockname()[1]
        request = Request()
        with pytest.raises(NotFound, match="asked 3 times"):
            await discover(request, port=port, discovery=Discovery(request, retry=0.01, most=3))


async def test_what_is_no_request_is_told_and_not_answered() -> None:
    told = []
    async with SdpServer(Responder(HERE, plain_port=1), port=0, ignored=lambda datagram, error: told.append(datagram)) as server:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as odd:
            odd.sendto(b"\x01\xfe\x90\x00\x00\x00\x00\x00", ("::1", server.port))
        await discover(Request(), port=server.port)
    assert told == [b"\x01\xfe\x90\x00\x00\x00\x00\x00"]


async def test_what_is_no_response_does_not_end_the_search() -> None:
    told = []

    class Odd(Responder):
        def answer(self, datagram: bytes) -> bytes | None:
            return datagram if not told else super().answer(datagram)

    request = Request()
    async with SdpServer(Odd(HERE, plain_port=7), port=0) as server:
        search = Discovery(request, retry=0.01)
        found = await discover(
            request, port=server.port, discovery=search, ignored=lambda datagram, error: told.append(str(error))
        )
    assert found.port == 7
    assert "payload type is 0x9000" in told[0]


async def test_a_port_that_is_taken_is_told() -> None:
    async with SdpServer(Responder(HERE, plain_port=1), port=0) as server:
        with pytest.raises(OSError, match=f"UDP port {server.port} at ::1 cannot be had"):
            await SdpServer(Responder(HERE), port=server.port).start()


async def test_an_interface_that_is_not_there_is_told() -> None:
    with pytest.raises(OSError, match="no network interface 'v2x-none'"):
        scope_of("v2x-none")
    with pytest.raises(OSError, match="no network interface 'v2x-none'"):
        await discover(Request(), "v2x-none")


async def test_the_loopback_has_no_link_local_address() -> None:
    with pytest.raises(OSError, match=r"no link-local address|has no IPv6"):
        link_local("lo")


def test_an_ev_finds_its_secc_by_multicast_over_a_cable(wire) -> None:
    with wire.run(wire.ev, sys.executable, END, "evcc", wire.interface) as lonely:
        out, err = lonely.communicate(timeout=30)
    assert "not found: no SECC answered on v2x0, though it was asked 8 times" in out, err
    with wire.run(wire.evse, sys.executable, END, "secc", wire.interface) as secc:
        try:
            assert secc.stdout.readline() == "ready\n"
            with wire.run(wire.ev, sys.executable, END, "evcc", wire.interface) as ev:
                out, err = ev.communicate(timeout=30)
            assert out == "True 50001 TLS\n", err
        finally:
            secc.kill()
