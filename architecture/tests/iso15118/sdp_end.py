"""One end of SDP in a process of its own: ``sdp_end.py secc|evcc INTERFACE``; prints what came of it."""

import asyncio
import sys

from v2x_architecture.iso15118.sdp import Discovery, Request, Responder, Security
from v2x_architecture.iso15118.udp import NotFound, SdpServer, discover, link_local


def tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


async def secc(interface: str) -> None:
    async with SdpServer(Responder(link_local(interface), tls_port=50001, plain_port=50002), interface):
        tell("ready")
        await asyncio.to_thread(sys.stdin.readline)


async def evcc(interface: str) -> None:
    request = Request(Security.TLS)
    try:
        found = await discover(request, interface, discovery=Discovery(request, most=8))
    except NotFound as error:
        tell(f"not found: {error}")
    else:
        tell(f"{found.address.is_link_local} {found.port} {found.security.name}")


asyncio.run({"secc": secc, "evcc": evcc}[sys.argv[1]](sys.argv[2]))
