"""Traffic of ISO 15118 as files: captures written by the tap's writer, and journals."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import IPv6Address
from pathlib import Path

import pytest
from v2x_adapters.capture.pcapng import PcapngWriter
from v2x_architecture.iso15118.editions import DIN, ISO2
from v2x_architecture.iso15118.exi import Schema, codec, from_plain
from v2x_architecture.iso15118.negotiation import Agreement, offer
from v2x_architecture.iso15118.sdp import Request, Response
from v2x_architecture.iso15118.v2gtp import encode
from v2x_harness.events import Frame, Header, LinkEvent
from v2x_harness.fault import Control, Fault
from v2x_harness.journal import Recorder
from v2x_harness.protocol import Cast
from v2x_suites.iso15118 import PROTOCOL
from v2x_suites.iso15118.lane import EvccLane, SeccLane

from .talk import sessions

EV, SECC = (IPv6Address("fe80::1"), 49_152), (IPv6Address("fe80::2"), 50_000)


def message(schema, body, session="00" * 8):
    name, content = from_plain(codec(schema), {"V2G_Message": {"Header": {"SessionID": session}, "Body": body}})
    return codec(schema).encode(content, name)


class Traffic:
    """Messages of a session, as (sender, octets)."""

    sdp = [("evcc", Request().encode()), ("secc", Response(SECC[0], SECC[1]).encode())]

    @staticmethod
    def negotiation(application=ISO2):
        agreement = Agreement(application=application, schema_id=1)
        sap = codec(Schema.SAP)
        return [
            ("evcc", encode(0x8001, sap.encode(offer((application,))))),
            ("secc", encode(0x8001, sap.encode(agreement.response()))),
        ]

    @staticmethod
    def setup(schema=Schema.ISO2, evccid="02AF00010203", evseid="DE*V2X*E1", session="01" * 8):
        answer = {"ResponseCode": "OK_NewSessionEstablished", "EVSEID": evseid}
        return [
            ("evcc", encode(0x8001, message(schema, {"SessionSetupReq": {"EVCCID": evccid}}))),
            ("secc", encode(0x8001, message(schema, {"SessionSetupRes": answer}, session))),
        ]

    @classmethod
    def good(cls):
        return [*cls.negotiation(), *cls.setup()]

    @classmethod
    def din(cls):
        return [*cls.negotiation(DIN), *cls.setup(Schema.DIN, evseid="00")]


@pytest.fixture
def traffic():
    return Traffic


@pytest.fixture
def capture(tmp_path):
    """Write a capture of SDP and one connection."""

    def write(*messages, sdp=Traffic.sdp, piece=10_000, name="session.pcapng"):
        path = tmp_path / name
        clock = iter(range(1_000_000))
        with PcapngWriter(path, ("wire",), lambda: 1_700_000_000 + next(clock) / 10) as writer:
            for sender, data in sdp:
                writer.datagram(0, *((EV, (SECC[0], 15118)) if sender == "evcc" else ((SECC[0], 15118), EV)), data)
            flow = writer.connection(0, EV, SECC)
            for sender, data in messages:
                for start in range(0, len(data), piece):
                    flow.send(data[start : start + piece], by_client=sender == "evcc")
            flow.end(by_client=True)
            flow.end(by_client=False)
        return path

    return write


@pytest.fixture
def journal(tmp_path):
    """Write a journal as the tap does."""

    def write(*messages, fate="forwarded"):
        path = tmp_path / "run.ndjson"
        with Recorder(path, Header(run="r", started=""), lambda: 0.0) as recorder:
            recorder.record(LinkEvent(link="secc<-evcc#1", event="open", by="evcc", protocol="iso15118"))
            for sender, data in messages:
                to = "secc" if sender == "evcc" else "evcc"
                raw = base64.b64encode(data).decode()
                recorder.record(Frame(link="secc<-evcc#1", sender=sender, to=to, raw=raw, media="binary", fate=fate))
        return path

    return write


@pytest.fixture(scope="session")
def good():
    """Good sessions of all editions and kinds, by name."""
    return sessions()


@pytest.fixture
def events():
    """What the lanes of a test have recorded."""
    return []


@pytest.fixture
async def lane(tmp_path: Path, events: list) -> AsyncIterator[Callable[..., Awaitable[SeccLane | EvccLane]]]:
    """Lanes with our reference actors, or what stands for them."""
    opened = []
    with Recorder(None, Header(run="r", started=""), asyncio.get_running_loop().time) as recorder:
        recorder.subscribe(events.append)

        async def begin(role: str, version: str, bad: Fault | Control | None = None, energy: str | None = None):
            subject = PROTOCOL.reference(role, version)
            cast = Cast(subject=subject, role=role, protocol="iso15118", version=version, bad=bad)
            (tmp_path / "lane").mkdir(exist_ok=True)
            made = PROTOCOL.lane(cast, recorder, tmp_path / "lane")
            opened.append(made)
            await made.open()
            await made.prepare()
            await made.begin(energy)
            return made

        yield begin
        for each in opened:
            await each.close()
