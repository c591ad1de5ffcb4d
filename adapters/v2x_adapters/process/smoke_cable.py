"""The smoke test's part for ISO 15118: a cable to try the product at, and whether it speaks SDP there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from v2x_architecture.iso15118.sdp import Request, Responder, Security, decode_request
from v2x_architecture.iso15118.udp import NotFound, SdpServer, discover, link_local
from v2x_harness.errors import AdapterError
from v2x_harness.events import Json

from v2x_adapters.cable import Cable, inside, lay_cable
from v2x_adapters.process.host import AdapterProcess

_WAIT = 15.0
"""How long an EVCC's request is waited for (s); it may send fifty, a quarter of a second apart."""


@contextmanager
def ground(protocol: str) -> Iterator[Cable | None]:
    """Lay a cable for a product of ISO 15118; others need none.

    Raises:
        CableBlocked: this machine allows none.
    """
    if protocol != "iso15118":
        yield None
        return
    with lay_cable() as cable:
        yield cable


def settings(cable: Cable | None, role: str) -> dict[str, Json]:
    """Return the settings by which the product finds its end of the cable."""
    if cable is None:
        return {}
    return {"interface": cable.interface, "namespace": cable.evse if role == "secc" else cable.ev}


async def look(cable: Cable, adapter: AdapterProcess, role: str) -> tuple[str, str]:
    """Look whether an SECC answers SDP, or an EVCC asks; return what was looked at, and what was wrong."""
    if role == "secc":
        return "its product answers SDP", await _answers(cable)
    return "its product asks over SDP when it is plugged in", await _asks(cable, adapter)


async def _answers(cable: Cable) -> str:
    try:
        await inside(cable.ev, lambda: discover(Request(Security.NONE), cable.interface))
    except NotFound as error:
        return str(error)
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ear(Responder):
    """Hears requests, and answers none."""

    heard: asyncio.Event

    def answer(self, datagram: bytes) -> None:
        decode_request(datagram)
        self.heard.set()


async def _asks(cable: Cable, adapter: AdapterProcess) -> str:
    async def hear() -> None:
        heard = asyncio.Event()
        async with SdpServer(_Ear(address=link_local(cable.interface), heard=heard), cable.interface), asyncio.timeout(_WAIT):
            await heard.wait()

    hearing = asyncio.create_task(inside(cable.evse, hear))
    try:
        await adapter.do("plug_in", {})
        await hearing
    except (AdapterError, TimeoutError) as error:
        return str(error) or f"no request came within {_WAIT:g} s"
    finally:
        hearing.cancel()
        await asyncio.wait([hearing])
    return ""
