"""What a message costs in the V2GTP tap: CPU a message beside a plain TCP splice, each in a process of its own.

The load is a DC session of ISO 15118-2 as the reference EVCC and SECC hold it, most of it CurrentDemand.

python adapters/tests/bench_v2gtp_tap.py --exchanges 5000 --json
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

from contest import Contest, Serve, Served
from v2x_adapters.v2gtp import V2gtpTap
from v2x_architecture.coupling import Coupling
from v2x_architecture.iso15118.editions import ISO2
from v2x_architecture.iso15118.evcc import Evcc, EvccConfig, SimulatedEv
from v2x_architecture.iso15118.evcc.client import SeccAddress
from v2x_architecture.iso15118.secc import Secc, SimulatedEvse
from v2x_architecture.iso15118.secc.server import SeccListener
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.v2gtp import HEADER_LENGTH, Framer, encode
from v2x_architecture.site import DcSupply, DcSupplyModel
from v2x_architecture.vehicle import ElectricVehicle, Ress, RessModel, VehicleModel
from v2x_harness.events import Header
from v2x_harness.journal import Recorder, utc_now
from v2x_harness.protocol import protocols

type Exchange = tuple[bytes, bytes]


def session(count: int) -> list[Exchange]:
    """Return the first exchanges of a session: requests and responses as they go over the wire."""
    ev = ElectricVehicle(VehicleModel(soc=10.0, capacity_wh=60_000.0))
    plug = Coupling(supply=DcSupply(DcSupplyModel(max_power_w=11_000.0)), vehicle=ev, ress=Ress(RessModel(), ev))
    secc, evcc = Secc(SimulatedEvse(plug)), Evcc(SimulatedEv(plug), EvccConfig(applications=(ISO2,)))
    exchanges: list[Exchange] = []
    now, asked = 0.0, evcc.start(0.0)
    while len(exchanges) < count:
        for request in asked:
            sent, answered = wire(request), list[bytes]()
            (event,) = Framer().receive(sent)
            answered += [wire(each) for each in secc.receive(event, now) if isinstance(each, Send)]
            while not answered:
                assert secc.next_deadline is not None
                now = secc.next_deadline
                answered += [wire(each) for each in secc.handle_timeout(now) if isinstance(each, Send)]
            exchanges.append((sent, answered[0]))
            (heard,) = Framer().receive(answered[0])
            asked = evcc.receive(heard, now)
        if not asked:
            assert evcc.next_deadline is not None
            now = evcc.next_deadline
            asked = evcc.handle_timeout(now)
    return exchanges


def wire(send: Send) -> bytes:
    return encode(send.payload_type, send.payload)


async def message(reader: asyncio.StreamReader) -> bytes:
    header = await reader.readexactly(HEADER_LENGTH)
    return header + await reader.readexactly(int.from_bytes(header[4:]))


# The proxies, each served in a process of its own.


async def splice(target: str, folder: Path) -> Served:
    """Copy octets between two TCP connections, nothing else."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def handle(near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        far_in, far_out = await asyncio.open_connection("::1", int(target))
        await asyncio.gather(copy(near_in, far_out), copy(far_in, near_out))

    server = await asyncio.start_server(handle, "::1", 0)
    return server.sockets[0].getsockname()[1], int


async def tap(target: str, folder: Path, *, journal: bool = False, rules: bool = False) -> Served:
    """The tap, with what is asked for."""
    path = folder / "bench.ndjson" if journal else None
    # Time goes on as in a session, of which the rules keep some minutes in mind.
    beats = itertools.count()
    recorder = Recorder(path, Header(run="bench", started=utc_now()), lambda: next(beats) * 0.03)
    judge = protocols()["iso15118"].judge("2")
    if rules:
        recorder.subscribe(lambda event: list(judge.feed(event)) and None)
    made = V2gtpTap(recorder, SeccAddress(port=int(target)), SeccListener(sdp=False))
    await made.start()
    assert made.plain_port is not None
    return made.plain_port, lambda: sum(judge.inspected().values())


PROXIES: dict[str, Serve] = {
    "plain TCP splice": splice,
    "tap": tap,
    "tap, journal": lambda target, folder: tap(target, folder, journal=True),
    "tap, journal and rules": lambda target, folder: tap(target, folder, journal=True, rules=True),
}


# The load.


class Load:
    """A session, recorded once and played on every link."""

    def __init__(self) -> None:
        self._exchanges: list[Exchange] = []

    def first(self, count: int) -> list[Exchange]:
        """Return so many exchanges."""
        if len(self._exchanges) < count:
            self._exchanges = session(count)
        return self._exchanges[:count]

    @contextlib.asynccontextmanager
    async def secc(self) -> AsyncIterator[str]:
        """Serve an SECC that answers as it did then."""

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(asyncio.IncompleteReadError):
                for _, response in self._exchanges:
                    await message(reader)
                    writer.write(response)
                await reader.read()
            writer.close()

        server = await asyncio.start_server(answer, "::1", 0)
        async with server:
            yield str(server.sockets[0].getsockname()[1])

    async def exchange(self, port: int, link: int, count: int) -> None:
        """Ask as the EVCC did then."""
        reader, writer = await asyncio.open_connection("::1", port)
        for request, _ in self.first(count):
            writer.write(request)
            await message(reader)
        writer.close()
        await writer.wait_closed()


if __name__ == "__main__":
    load = Load()
    Contest(__file__, PROXIES, load.secc, load.exchange).main(__doc__)
