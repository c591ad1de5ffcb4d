"""Probes of an SECC under test: what it does with an offer, and with what is no offer at all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from v2x_adapters.tls_probe.answer import Outcome, Step, TlsAnswer
from v2x_adapters.tls_probe.client import ProbingClient
from v2x_adapters.tls_probe.connection import LONGEST, connected
from v2x_adapters.tls_probe.names import Alert, Content
from v2x_adapters.tls_probe.offer import TlsOffer
from v2x_adapters.tls_probe.wire import Malformed, RecordReader

SETTLED: Final = 0.5
"""Seconds without a word after the client's Finished, until the server is taken to agree with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What an SECC did about octets.

    Attributes:
        outcome: what became of the connection; ``ACCEPTED`` where it answered in TLS other than with an alert.
        alert: that it sent in clear, by its name.
        octets: all that it sent.
    """

    outcome: Outcome
    alert: str | None = None
    octets: bytes = b""


async def probe_secc(
    host: str, port: int, offer: TlsOffer, *, scope: int = 0, longest: float = LONGEST, settled: float = SETTLED
) -> TlsAnswer:
    """Make an offer to an SECC, and tell what it does with it.

    Args:
        host: its address.
        port: its TCP port with TLS.
        offer: what is offered.
        scope: index of the interface that a link-local address belongs to.
        longest: seconds that this may take.
        settled: seconds without a word after the client's Finished, until the server is taken to agree with it (TLS 1.3).

    Raises:
        ProbeFailed: the connection cannot be made.
        ValueError: the offer has a name that TLS does not know.
    """
    client, now = ProbingClient(offer), asyncio.get_running_loop().time
    first, until = client.start(), now() + longest
    async with connected(host, port, scope, longest) as wire:
        wire.send(first)
        while not client.over:
            waits_for_data = offer.say and client.answer.step is Step.DONE
            patient = client.answer.step in (Step.DONE, Step.DATA) and not waits_for_data
            heard = await wire.hear(min(until, now() + settled) if patient else until)
            if isinstance(heard, bytes):
                wire.send(client.receive(heard))
            else:
                client.ended(heard)
        wire.send(client.goodbye())
    return client.answer


async def send_octets(host: str, port: int, data: bytes, *, scope: int = 0, longest: float = LONGEST) -> Reaction:
    """Send octets to an SECC that are no TLS, or no good one, and tell what it does about them.

    Args:
        host: its address.
        port: its TCP port.
        data: what is sent at once, after the connection is made.
        scope: index of the interface that a link-local address belongs to.
        longest: seconds that this may take.

    Raises:
        ProbeFailed: the connection cannot be made.
    """
    until, octets, alert = asyncio.get_running_loop().time() + longest, b"", None
    async with connected(host, port, scope, longest) as wire:
        wire.send(data)
        while isinstance(heard := await wire.hear(until), bytes):
            octets += heard
        try:
            records = RecordReader().feed(octets)
        except Malformed:
            return Reaction(outcome=Outcome.NOT_TLS, octets=octets)
        for each in records:
            if each.kind == Content.ALERT and len(each.body) == 2:
                alert = Alert.name_of(each.body[1])
        if alert is not None:
            return Reaction(outcome=Outcome.REFUSED, alert=alert, octets=octets)
        return Reaction(outcome=Outcome.ACCEPTED if records else heard, octets=octets)
