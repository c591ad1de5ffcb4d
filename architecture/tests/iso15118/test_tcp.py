"""V2GTP over TCP and TLS: messages both ways, mutual TLS, and what a failed handshake is told as."""

from __future__ import annotations

import asyncio
import random
import ssl
from pathlib import Path

import pytest
from v2x_architecture.iso15118.pki import ALGORITHMS, BAD_SECC, V2gPkiFiles, make_pki
from v2x_architecture.iso15118.tcp import DYNAMIC_PORTS, ConnectFailed, Link, TcpServer, connect
from v2x_architecture.iso15118.tls import CIPHERS, EvccTls, Profile, SeccTls
from v2x_architecture.iso15118.v2gtp import Discarded, PayloadType, Reason, Received

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> V2gPkiFiles:
    return make_pki("2").write(tmp_path_factory.mktemp("pki2"))


@pytest.fixture(scope="module", params=ALGORITHMS["20"])
def pki20(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> V2gPkiFiles:
    return make_pki("20", request.param).write(tmp_path_factory.mktemp("pki20"))


async def echo(link: Link) -> None:
    while isinstance(event := await link.receive(), Received):
        link.send(event.payload_type, event.payload)


async def test_messages_go_both_ways() -> None:
    async with TcpServer(echo) as secc:
        ev = await connect("::1", secc.port)
        assert ev.tls_version is ev.cipher is ev.peer_certificate is None
        raw = ev.send(PayloadType.EXI, b"\x80\x98") + ev.send(PayloadType.ISO20_DC, b"x" * 100_000)
        first, second = await ev.receive(), await ev.receive()
        assert isinstance(first, Received)
        assert isinstance(second, Received)
        assert first.raw + second.raw == raw
        await ev.close()


async def test_a_free_port_is_a_dynamic_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async with TcpServer(echo) as first:
        assert first.port in DYNAMIC_PORTS
        monkeypatch.setattr(random, "sample", lambda ports, number: [first.port, first.port - 1 if first.port > 49152 else 65535])
        async with TcpServer(echo) as second:
            assert second.port != first.port
            with pytest.raises(OSError, match="all taken"):
                await TcpServer(echo).start()
        with pytest.raises(OSError, match="in use"):
            await TcpServer(echo, port=first.port).start()


async def test_an_end_in_order_and_an_end_within_a_message() -> None:
    async def cut(link: Link) -> None:
        await link.receive()
        link.send_raw(b"\x01\xfe\x80\x01\x00\x00\x00\x09abc")

    async with TcpServer(cut) as secc:
        ev = await connect("::1", secc.port)
        ev.send(PayloadType.EXI, b"x")
        assert await ev.receive() == Discarded(Reason.TRUNCATED, b"\x01\xfe\x80\x01\x00\x00\x00\x09", 3)
        assert await ev.receive() is None
        assert ev.lost is None
        await ev.close()


async def test_a_connection_that_breaks_is_told() -> None:
    async def rude(link: Link) -> None:
        await link.receive()
        link.abort()

    async with TcpServer(rude) as secc:
        ev = await connect("::1", secc.port)
        ev.send(PayloadType.EXI, b"x")
        assert await ev.receive() is None
        assert isinstance(ev.lost, ConnectionResetError)
        await ev.close()


async def test_a_server_that_stops_ends_its_connections() -> None:
    secc = TcpServer(echo)
    await secc.start()
    ev = await connect("::1", secc.port)
    ev.send(PayloadType.EXI, b"x")
    await ev.receive()
    await secc.stop()
    assert await ev.receive() is None
    await ev.close()


async def test_tls_of_15118_2_has_the_seccs_certificate_only(pki: V2gPkiFiles, tmp_path: Path) -> None:
    keylog = tmp_path / "keys.log"
    async with TcpServer(echo, tls=SeccTls(pki.secc.certificate, pki.secc.key)) as secc:
        ev = await connect("::1", secc.port, EvccTls((pki.v2g_root,), keylog=keylog))
        assert (ev.tls_version, ev.cipher) == ("TLSv1.2", "ECDHE-ECDSA-AES128-SHA256")
        assert ev.peer_certificate is not None
        ev.send(PayloadType.EXI, b"x")
        assert isinstance(await ev.receive(), Received)
        await ev.close()
    assert keylog.read_text().count("CLIENT_RANDOM") == 1


async def test_tls_of_15118_20_has_both_sides(pki20: V2gPkiFiles) -> None:
    seen = []

    async def look(link: Link) -> None:
        seen.append((link.tls_version, link.peer_certificate is not None))
        await echo(link)

    tls = SeccTls(pki20.secc.certificate, pki20.secc.key, (pki20.oem_root,), Profile.ISO20)
    async with TcpServer(look, tls=tls) as secc:
        mine = EvccTls((pki20.v2g_root,), pki20.vehicle.certificate, pki20.vehicle.key, Profile.ISO20)
        ev = await connect("::1", secc.port, mine)
        ev.send(PayloadType.ISO20_MAIN, b"x")
        assert isinstance(await ev.receive(), Received)
        await ev.close()
    assert seen == [("TLSv1.3", True)]


async def test_an_ev_without_a_certificate_is_sent_away(pki20: V2gPkiFiles) -> None:
    tls = SeccTls(pki20.secc.certificate, pki20.secc.key, (pki20.oem_root,), Profile.ISO20)
    async with TcpServer(echo, tls=tls) as secc:
        ev = await connect("::1", secc.port, EvccTls((pki20.v2g_root,), profile=Profile.ISO20))
        # With TLS 1.3 a client is done before the server has looked at what it did not send.
        ev.send(PayloadType.ISO20_MAIN, b"x")
        assert await ev.receive() is None
        assert isinstance(ev.lost, ssl.SSLError)
        assert ev.lost.reason == "TLSV13_ALERT_CERTIFICATE_REQUIRED"
        await ev.close()


async def test_an_secc_is_told_by_an_alert_why_an_ev_turns_away(pki: V2gPkiFiles) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    shown = pki.bad_secc["expired"]
    async with TcpServer(echo, tls=SeccTls(shown.certificate, shown.key), failed=told.put_nowait) as secc:
        with pytest.raises(ConnectFailed, match="CERTIFICATE_VERIFY_FAILED, certificate has expired"):
            await connect("::1", secc.port, EvccTls((pki.v2g_root,)))
        assert await asyncio.wait_for(told.get(), 5) == "TLS: SSLV3_ALERT_CERTIFICATE_EXPIRED"


@pytest.mark.parametrize("bad", sorted(set(BAD_SECC) - {"wrong_domain", "usage_not_critical", "other_algorithm"}))
async def test_an_ev_refuses_a_faulty_secc(pki: V2gPkiFiles, bad: str) -> None:
    shown = pki.bad_secc[bad]
    async with TcpServer(echo, tls=SeccTls(shown.certificate, shown.key, ciphers=f"{CIPHERS}:@SECLEVEL=0")) as secc:
        with pytest.raises(ConnectFailed, match="TLS with the SECC") as caught:
            await connect("::1", secc.port, EvccTls((pki.v2g_root,)))
        assert caught.value.tls


async def test_versions_that_do_not_meet_fail(pki: V2gPkiFiles) -> None:
    async with TcpServer(echo, tls=SeccTls(pki.secc.certificate, pki.secc.key)) as secc:
        with pytest.raises(ConnectFailed) as caught:
            await connect("::1", secc.port, EvccTls((pki.v2g_root,), profile=Profile.ISO20))
        assert caught.value.tls


async def test_an_secc_of_both_editions_takes_either(pki: V2gPkiFiles) -> None:
    async with TcpServer(echo, tls=SeccTls(pki.secc.certificate, pki.secc.key, profile=Profile.BOTH)) as secc:
        versions = []
        for profile in (Profile.ISO2, Profile.BOTH):
            ev = await connect("::1", secc.port, EvccTls((pki.v2g_root,), profile=profile))
            versions.append(ev.tls_version)
            await ev.close()
        assert versions == ["TLSv1.2", "TLSv1.3"]


async def test_nobody_there_is_told(free_tcp_port: int) -> None:
    with pytest.raises(ConnectFailed, match=rf"\[::1\]:{free_tcp_port} cannot be reached") as caught:
        await connect("::1", free_tcp_port)
    assert not caught.value.tls


async def test_a_server_without_tls_hangs_up_or_fails_the_handshake(pki: V2gPkiFiles) -> None:
    async def deaf(link: Link) -> None:
        await asyncio.wait_for(link.receive(), 5)

    async with TcpServer(deaf) as secc:
        with pytest.raises(ConnectFailed) as caught:
            await connect("::1", secc.port, EvccTls((pki.v2g_root,)))
        assert caught.value.tls
