"""The port through which a subject is made to act, and the port through which one is started and stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from v2x_harness.events import Json


class Operator(Protocol):
    """Makes an actor act: plug in, present a token, send SetChargingProfile.

    Implementations: our reference actor in process, an HTTP call, a command, a product adapter, a person at a prompt. The verbs
    of each role are data of the protocol (`v2x_suites.ocpp.verbs`).
    """

    async def do(self, verb: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Perform a verb and return what came of it.

        Raises:
            UnsupportedVerb: this operator cannot make the subject do that.
            AdapterError: it should have been possible and failed.
        """
        ...


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where an actor stands in a cast.

    Attributes:
        role: ``station``, ``csms``.
        protocol, version: what is spoken: ``ocpp``, ``2.0.1``.
        connect_to: URL it must connect to (the tap), for the role that connects. For OCPP without the identity at the end.
        identity: its name on that link.
        password: its credential on that link.
        listen: host and port to listen on, for the role that listens; port 0 for any.
        identities: for the role that listens: the peers that will connect, with their passwords ("" for none).
        settings: further values of the adapter or actor (``[pixit]`` of the subject).
        workdir: a folder of its own that outlives a restart and goes with the run.
    """

    role: str
    protocol: str
    version: str
    connect_to: str = ""
    identity: str = ""
    password: str = ""
    listen: str = "127.0.0.1:0"
    identities: dict[str, str] = {}
    settings: dict[str, Json] = {}
    workdir: str = ""


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """What a product says once it runs.

    Attributes:
        product: name and version, for the report.
        endpoint: URL it listens on (the role that listens); for OCPP without the identity at the end.
        verbs: what its operator can do.
    """

    product: str
    product_version: str = ""
    endpoint: str = ""
    verbs: tuple[str, ...] = ()


class Product(Operator, Protocol):
    """An actor that the harness starts and stops itself: a reference actor, a control, a product behind an adapter."""

    async def start(self, placement: Placement) -> Ready:
        """Start it where the placement says.

        Raises:
            AdapterError: it cannot be started; the hint says what to install or mend.
        """
        ...

    async def stop(self) -> None:
        """Stop it; stopping a stopped product does nothing."""
        ...
