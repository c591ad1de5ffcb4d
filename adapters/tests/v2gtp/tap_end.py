"""A tap in a process of its own: ``tap_end.py EV_INTERFACE SECC_INTERFACE``; prints what it sees until its input ends."""

import asyncio
import sys

from v2x_adapters.v2gtp import V2gtpTap
from v2x_architecture.iso15118.evcc.client import SeccAddress
from v2x_architecture.iso15118.secc.server import SeccListener
from v2x_harness.events import Event, Frame, Header, LinkEvent
from v2x_harness.journal import Recorder


def tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def show(event: Event) -> None:
    if isinstance(event, Frame):
        tell(event.label)
    elif isinstance(event, LinkEvent):
        tell(event.event)


async def main(near: str, far: str) -> None:
    recorder = Recorder(None, Header(run="r", started=""), asyncio.get_running_loop().time)
    recorder.subscribe(show)
    tap = V2gtpTap(recorder, SeccAddress(interface=far), SeccListener(interface=near))
    await tap.start()
    tell("ready")
    await asyncio.to_thread(sys.stdin.readline)
    await tap.stop()


asyncio.run(main(sys.argv[1], sys.argv[2]))
