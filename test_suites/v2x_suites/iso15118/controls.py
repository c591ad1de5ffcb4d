"""Controls: subjects that are no products at all. Whatever passes on them was not tested.

Each accepts every verb of an operator and does nothing about it, so that no case is let off because it could not be run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from v2x_adapters.iso15118.places import Place
from v2x_adapters.iso15118.reference import evcc_tls, secc_tls
from v2x_adapters.iso15118.sites import Energy, applications_of, energy_of, plug
from v2x_adapters.v2gtp.reading import Reading
from v2x_adapters.v2gtp.units import Unit
from v2x_architecture.clock import Clock
from v2x_architecture.iso15118.evcc import EvccConfig, SimulatedEv
from v2x_architecture.iso15118.evcc.client import EvccClient, SeccAddress
from v2x_architecture.iso15118.exi import Schema, codec
from v2x_architecture.iso15118.exi.messages.app_protocol import supportedAppProtocolRes
from v2x_architecture.iso15118.negotiation import offer
from v2x_architecture.iso15118.secc import Secc, SeccConfig, SimulatedEvse
from v2x_architecture.iso15118.secc.server import SeccListener, SeccServer
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.tcp import ConnectFailed, Link
from v2x_architecture.iso15118.udp import NotFound
from v2x_architecture.iso15118.v2gtp import PayloadType, Received, encode
from v2x_harness.errors import AdapterError, RegistryError
from v2x_harness.events import Json
from v2x_harness.fault import Control
from v2x_harness.operator import Placement, Ready

from v2x_suites.iso15118.editing import changed
from v2x_suites.iso15118.samples import sample, samples

BEHAVIOURS: Final = {
    "mute": "accepts the connection, or makes it, and never says anything",
    "malformed": "says what cannot be read",
    "failed": "answers every request with a failure",
    "minimal": "says hard-coded good messages in the order of a good session, whatever the other side says",
    "repeats": "offers its protocol again and again",
    "dies": "drops the connection after the first exchange",
}

_SESSION: Final = "00000000000C0DE1"
_GARBAGE: Final = bytes.fromhex("80ffffffffff")
_GOOD: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("din", "DC"): (
        *("SessionSetup", "ServiceDiscovery", "ServicePaymentSelection", "ContractAuthentication", "ChargeParameterDiscovery"),
        *("CableCheck", "PreCharge", "PowerDelivery", "CurrentDemand", "CurrentDemand", "PowerDelivery", "WeldingDetection"),
        "SessionStop",
    ),
    ("2", "DC"): (
        *("SessionSetup", "ServiceDiscovery", "PaymentServiceSelection", "Authorization", "ChargeParameterDiscovery"),
        *("CableCheck", "PreCharge", "PowerDelivery", "CurrentDemand", "CurrentDemand", "PowerDelivery", "WeldingDetection"),
        "SessionStop",
    ),
    ("2", "AC"): (
        *("SessionSetup", "ServiceDiscovery", "PaymentServiceSelection", "Authorization", "ChargeParameterDiscovery"),
        *("PowerDelivery", "ChargingStatus", "ChargingStatus", "PowerDelivery", "SessionStop"),
    ),
    ("20", "DC"): (
        *("SessionSetup", "AuthorizationSetup", "Authorization", "ServiceDiscovery", "ServiceDetail", "ServiceSelection"),
        *("DC_ChargeParameterDiscovery", "ScheduleExchange", "DC_CableCheck", "DC_PreCharge", "PowerDelivery"),
        *("DC_ChargeLoop", "DC_ChargeLoop", "PowerDelivery", "DC_WeldingDetection", "SessionStop"),
    ),
    ("20", "AC"): (
        *("SessionSetup", "AuthorizationSetup", "Authorization", "ServiceDiscovery", "ServiceDetail", "ServiceSelection"),
        *("AC_ChargeParameterDiscovery", "ScheduleExchange", "PowerDelivery", "AC_ChargeLoop", "AC_ChargeLoop"),
        *("PowerDelivery", "SessionStop"),
    ),
}


class ControlProduct:
    """A control in the place of an SECC or an EVCC.

    Args:
        control: which one.
        clock: of the lane.
    """

    def __init__(self, control: Control, clock: Clock) -> None:
        self.control, self._clock = control, clock
        self._behaviour = control.id
        self._server: SeccServer | None = None
        self._client: EvccClient | None = None
        self._task: asyncio.Task[None] | None = None
        self._energy: Energy = "DC"

    async def start(self, placement: Placement) -> Ready:
        """Listen, or wait to be plugged in, as the role wants.

        Raises:
            AdapterError: the address cannot be listened on.
        """
        self._energy = energy_of(placement.settings)
        spoken = applications_of(placement.version, self._energy)
        product = f"control {self._behaviour}"
        if placement.role == "evcc":
            place = Place.of(placement.connect_to)
            address = SeccAddress(host=place.host, interface=place.interface, sdp_port=place.port, tls=evcc_tls(placement))
            ev = SimulatedEv(plug(self._energy, {}, evse=False))
            self._client = EvccClient(ev, self._clock, EvccConfig(applications=spoken), address)
            return Ready(product=product)
        tls = secc_tls(placement)
        listener = SeccListener(sdp_port=0, plain=tls is None, tls=tls)
        evse = SimulatedEvse(plug(self._energy, {}, ev=False))
        self._server = _Server(evse, self._clock, SeccConfig(applications=spoken), listener, control=self)
        try:
            await self._server.start()
        except OSError as error:
            raise AdapterError(f"the control cannot listen: {error}") from error
        return Ready(product=product, endpoint=Place(port=self._server.sdp_port or 0).url)

    async def stop(self) -> None:
        """Stop; a control that drops its connections has nothing to close in order."""
        await self._unplug()
        if self._server is not None:
            await self._server.stop()
            self._server = None

    async def do(self, verb: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Say that it was done, whatever it was; an EV does get plugged in."""
        if self._client is not None and verb == "plug_in":
            await self._unplug()
            self._task = asyncio.create_task(self._drive(self._client))
        elif self._client is not None and verb == "unplug":
            await self._unplug()
        return {}

    async def _unplug(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    # In the place of an SECC

    async def answer(self, link: Link) -> None:
        """Answer whatever comes as this control does, until the connection ends."""
        reading = Reading()
        while (event := await link.receive()) is not None:
            if self._behaviour == "mute" or not isinstance(event, Received):
                continue
            if self._behaviour == "malformed":
                link.send(event.payload_type, _GARBAGE)
                continue
            request = reading.read(Unit(encode(event.payload_type, event.payload)))
            if (response := self._response(request.label)) is not None:
                reading.read(Unit(link.send(response.payload_type, response.payload)))
            if self._behaviour == "dies":
                link.abort()
                return

    def _response(self, request: str) -> Send | None:
        if request == "supportedAppProtocolReq":
            # It fails only later: without a protocol there would be nothing to refuse.
            message = supportedAppProtocolRes(ResponseCode="OK_SuccessfulNegotiation", SchemaID=1)
            return Send("supportedAppProtocolRes", message, PayloadType.EXI, codec(Schema.SAP).encode(message))
        name = f"{request.removesuffix('Req')}Res"
        try:
            response = sample(self.control.version, name, _SESSION, timestamp=self._now)
        except RegistryError:
            # What it has no answer for, it does not answer.
            return None
        if self._behaviour == "failed":
            schema = Schema(samples(self.control.version)[name].schema)
            response = changed(response, schema, {"ResponseCode": "FAILED"})
        return response

    # In the place of an EVCC

    async def _drive(self, client: EvccClient) -> None:
        """Connect, and speak as this control does."""
        try:
            link, evcc = await client.connect()
        except (NotFound, ConnectFailed, OSError):
            return
        try:
            await self._speak(link, evcc.config)
        finally:
            await link.close()

    async def _speak(self, link: Link, config: EvccConfig) -> None:
        first = codec(Schema.SAP).encode(offer(list(config.applications)))
        if self._behaviour == "mute":
            while await link.receive() is not None:
                pass
            return
        link.send(PayloadType.EXI, first)
        if await link.receive() is None:
            return
        if self._behaviour == "dies":
            link.abort()
            return
        for kind, payload in self._said(first):
            link.send(kind, payload)
            if await link.receive() is None:
                return

    def _said(self, first: bytes) -> Iterator[tuple[int, bytes]]:
        if self._behaviour == "minimal":
            for name in _GOOD[self.control.version, self._energy]:
                request = sample(self.control.version, f"{name}Req", _SESSION, timestamp=self._now)
                yield request.payload_type, request.payload
            return
        kind = PayloadType.ISO20_MAIN if self.control.version == "20" else PayloadType.EXI
        for _ in range(100):
            yield (kind, _GARBAGE) if self._behaviour == "malformed" else (PayloadType.EXI, first)

    @property
    def _now(self) -> int:
        return int(self._clock.now().timestamp())


class _Server(SeccServer):
    """An SECC that says what a control says."""

    def __init__(self, *arguments: Any, control: ControlProduct, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._control = control

    async def converse(self, link: Link, secc: Secc) -> None:
        """Leave the session to the control."""
        try:
            await self._control.answer(link)
        finally:
            secc.lost(self.clock.monotonic())
            await link.close()
