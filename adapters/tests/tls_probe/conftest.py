"""Certificates of both editions, and SECCs that echo, over loopback in virtual time."""

import pytest
from v2x_architecture.iso15118.pki import make_pki
from v2x_architecture.iso15118.tcp import TcpServer
from v2x_architecture.iso15118.tls import Profile, SeccTls
from v2x_harness.clock import VirtualTimeLoop

GROUPS = {"p521": "secp521r1", "ed448": "X448"}


@pytest.fixture
def anyio_backend():
    return ("asyncio", {"loop_factory": VirtualTimeLoop})


@pytest.fixture(scope="package")
def pki():
    return make_pki("2")


@pytest.fixture(scope="package")
def files(pki, tmp_path_factory):
    return pki.write(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="package", params=GROUPS)
def kind20(request):
    return request.param


@pytest.fixture(scope="package")
def pki20(kind20):
    return make_pki("20", kind20)


@pytest.fixture(scope="package")
def files20(pki20, tmp_path_factory):
    return pki20.write(tmp_path_factory.mktemp("pki20"))


async def _echo(link):
    while (event := await link.receive()) is not None:
        link.send(event.payload_type, event.payload)


@pytest.fixture
def echoing():
    """Makes SECCs that echo."""
    return lambda tls: TcpServer(_echo, tls=tls)


@pytest.fixture
async def secc(files, echoing):
    """An SECC with the TLS of 15118-2."""
    async with echoing(SeccTls(files.secc.certificate, files.secc.key)) as server:
        yield server


@pytest.fixture
async def secc20(files20, kind20, echoing):
    """An SECC with the TLS of 15118-20."""
    tls = SeccTls(files20.secc.certificate, files20.secc.key, (files20.oem_root,), Profile.ISO20, GROUPS[kind20])
    async with echoing(tls) as server:
        yield server
