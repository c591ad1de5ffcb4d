"""The reference station as a whole: hardware, power, storage, connection, and the verbs that its users perform."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from v2x_architecture.clock import Clock
from v2x_architecture.ocpp.client import OcppClient
from v2x_architecture.ocpp.endpoint import Endpoint, Handler, Validation
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.smart_charging import RateUnit
from v2x_architecture.ocpp.station.config import EvccSettings, StationConfig
from v2x_architecture.ocpp.station.coupled import CoupledEvse, installed
from v2x_architecture.ocpp.station.firmware import BootCause, Overhear, Parts
from v2x_architecture.ocpp.station.hardware import EvseHardware, Hardware
from v2x_architecture.ocpp.station.link import ConnectionProfile, Connector
from v2x_architecture.ocpp.station.model import IdToken, StopReason, Trigger
from v2x_architecture.ocpp.station.resetting import Resetting
from v2x_architecture.ocpp.station.storage import Store, open_store
from v2x_architecture.ocpp.station.watching import Watcher, watched
from v2x_architecture.ocpp.tls import ClientTls
from v2x_architecture.vehicle import ElectricVehicle

if TYPE_CHECKING:
    from v2x_architecture.ocpp.station.secc import StationSecc
    from v2x_architecture.ocpp.station.visitor import Visitor

type FirmwareFactory = Callable[[Parts, BootCause], Resetting]

_METERS = "meters"
_EXPORTS = "export registers"
_FIRMWARES = {
    "1.6": "v2x_architecture.ocpp.v16.station:Firmware16",
    "2.0.1": "v2x_architecture.ocpp.v201.station:Firmware201",
}


class CannotDo(RuntimeError):
    """The station cannot do what its user asks: it has no power, no vehicle to unplug, no such EVSE."""


class ReferenceStation:
    """A charging station for OCPP 1.6J or 2.0.1, as ``config.version`` says.

    Args:
        config: what it is.
        clock: its time; virtual in a cast of reference actors.
        firmware: what runs on it instead of the version's own firmware: a faulty one.
        connect: opens its connections instead of an `OcppClient`.
        watcher: is told every message.
        overhear: is told every message of ISO 15118, with the EVSE that it is about.

    All verbs act at once; what follows on the wire follows by itself.
    """

    def __init__(
        self,
        config: StationConfig,
        clock: Clock,
        *,
        firmware: FirmwareFactory | None = None,
        connect: Connector | None = None,
        watcher: Watcher | None = None,
        overhear: Overhear | None = None,
    ) -> None:
        self.config = config
        self.clock = clock
        self._factory = firmware or firmware_of(config.version)
        self._connect: Connector = connect or self._open
        if watcher is not None:
            self._connect = watched(self._connect, watcher)
        self._client: OcppClient | None = None
        self._store: Store | None = None
        self._hardware: Hardware | None = None
        self._firmware: Resetting | None = None
        self._restarting: asyncio.Task[None] | None = None
        self._overhear = overhear
        self._visitors: dict[int, Visitor] = {}

    # -- power ---------------------------------------------------------------------------------------------------------------

    @property
    def firmware(self) -> Resetting:
        """What runs on the station.

        Raises:
            CannotDo: it has no power.
        """
        if self._firmware is None:
            raise CannotDo("the station has no power")
        return self._firmware

    @property
    def hardware(self) -> Hardware:
        """The physical side.

        Raises:
            CannotDo: it was never started.
        """
        if self._hardware is None:
            raise CannotDo("the station was never started")
        return self._hardware

    async def start(self) -> None:
        """Install the station and give it power; it boots by itself. Starting a started station does nothing.

        Raises:
            OSError: one of its SECCs cannot listen.
            ValueError: a variable or key is wrong, or the EVSEs have an SECC with a protocol that there is not.
        """
        if self._store is not None:
            return
        self._store = open_store(self.config.storage)
        self._hardware = self._hardware or installed(self.config, self.clock)
        for evse, energy_wh in self._store.load(_METERS, float).items():
            self._hardware.evses[int(evse)].meter.energy_wh = energy_wh
        for evse, exported_wh in self._store.load(_EXPORTS, float).items():
            self._hardware.evses[int(evse)].meter.exported_wh = exported_wh
        self._power_on(BootCause.POWER_UP)
        try:
            await self.firmware.listens()
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Take the power away for good; stopping a stopped station does nothing."""
        if self._restarting is not None:
            self._restarting.cancel()
            await asyncio.gather(self._restarting, return_exceptions=True)
            self._restarting = None
        await self._power_off()
        for evse in tuple(self._visitors):
            await self._depart(evse)
        if self._store is not None:
            self._store.close()
            self._store = None

    async def power_cycle(self, cause: str = "power") -> None:
        """Cut the power and give it back.

        Args:
            cause: ``power``: a power cut; ``local``: somebody restarts it at the station.
        """
        await self._cycle(BootCause.LOCAL_RESET if cause == "local" else BootCause.POWER_UP)

    async def factory_reset(self) -> None:
        """Return to the initial configuration, with empty queues and caches and nothing plugged in; then connect."""
        await self._power_off()
        if self._store is None:
            raise CannotDo("the station was never started")
        self._store.clear()
        for evse in tuple(self._visitors):
            await self._depart(evse)
        meters = {number: evse.meter for number, evse in self.hardware.evses.items()}
        self._hardware = installed(self.config, self.clock)
        for number, meter in meters.items():
            self._hardware.evses[number].keep_meter(meter)
        self._power_on(BootCause.POWER_UP)

    async def _cycle(self, cause: BootCause) -> None:
        await self._power_off()
        await asyncio.sleep(self.config.restart_s)
        self._power_on(cause)

    def _power_on(self, cause: BootCause) -> None:
        assert self._store is not None
        parts = Parts(self.config, self.clock, self._store, self.hardware, self._connect, self._restart, self._overhear)
        self._firmware = self._factory(parts, cause)
        self._firmware.power_on()

    async def _power_off(self) -> None:
        firmware, self._firmware = self._firmware, None
        if firmware is None or self._store is None:
            return
        await firmware.power_off()
        for number, evse in self.hardware.evses.items():
            self._store.put(_METERS, str(number), evse.meter.energy_wh)
            if evse.config.bidirectional:
                self._store.put(_EXPORTS, str(number), evse.meter.exported_wh)

    def _restart(self, cause: BootCause) -> None:
        """Restart because the firmware asks for it."""
        if self._restarting is None or self._restarting.done():
            self._restarting = asyncio.get_running_loop().create_task(self._cycle(cause))

    # -- connection ----------------------------------------------------------------------------------------------------------

    async def _open(self, profile: ConnectionProfile, handler: Handler) -> Endpoint:
        if self._client is None:
            config = self.config
            check = Validation(requests=config.validate, responses=config.validate, outgoing=config.validate)
            files = config.tls
            self._client = OcppClient(
                url=profile.url,
                identity=config.identity,
                versions=(config.version,),
                clock=self.clock,
                tls=None if files is None else ClientTls(_path(files.ca), _path(files.certificate), _path(files.key)),
                validation=check,
            )
        client = self._client
        client.url = profile.url
        client.handler = handler
        client.password = profile.password
        client.call_timeout = profile.message_timeout_s
        client.ping_interval = profile.ping_interval_s or None
        return await client.connect()

    async def network_down(self) -> None:
        """Lose the network, until `network_up`."""
        self.firmware.network_down()

    async def network_up(self) -> None:
        """Have a network again."""
        self.firmware.network_up()

    # -- the driver ----------------------------------------------------------------------------------------------------------

    async def plug_in(
        self,
        evse: int = 1,
        connector: int = 1,
        vehicle: dict[str, Any] | None = None,
        evcc: dict[str, Any] | None = None,
    ) -> None:
        """Plug a vehicle in.

        Args:
            evse: EVSE id.
            connector: connector id.
            vehicle: fields of `VehicleModel` that differ from the configured vehicle (``soc`` in percent).
            evcc: fields of `EvccSettings`, for a vehicle that speaks ISO 15118; None for one that does not.

        Raises:
            CannotDo: there is no such connector, or a vehicle already; or it is to speak where there is no SECC that hears it.
            msgspec.ValidationError: there can be no such vehicle.
        """
        if not (isinstance(vehicle, dict | None) and isinstance(evcc, dict | None)):
            raise CannotDo("a vehicle is an object with the fields of VehicleModel, its EVCC one with those of EvccSettings")
        model = msgspec.structs.asdict(self.config.vehicle) | (vehicle or {})
        arrived = ElectricVehicle(msgspec.convert(model, type(self.config.vehicle)))
        speech = None if evcc is None else msgspec.convert(evcc, EvccSettings)
        with _physically():
            if speech is None:
                self.hardware.evses[evse].plug_in(connector, arrived)
            else:
                self._visit(self.hardware.evses[evse], connector, arrived, speech)

    def _visit(self, place: EvseHardware, connector: int, vehicle: ElectricVehicle, evcc: EvccSettings) -> None:
        """Let a vehicle with an EVCC arrive."""
        secc = place.config.secc
        if secc is None or not isinstance(place, CoupledEvse):
            raise CannotDo(f"EVSE {place.id} has no SECC")
        if not secc.plain:
            raise CannotDo(f"the SECC of EVSE {place.id} wants TLS; a vehicle of the station's own has none")
        # Here, because the codecs behind it are of no use to a station without SECC.
        from v2x_architecture.ocpp.station.visitor import Visitor

        visitor = Visitor(place, vehicle, evcc, lambda: self._secc(place.id), self.clock)
        visitor.arrive(connector)
        self._visitors[place.id] = visitor

    def _secc(self, evse: int) -> StationSecc | None:
        return self._firmware.seccs.get(evse) if self._firmware is not None else None

    async def _depart(self, evse: int) -> None:
        """Let a vehicle with an EVCC fall silent, if there is one."""
        visitor = self._visitors.pop(evse, None)
        if visitor is not None:
            await visitor.leave()

    async def unplug(self, evse: int = 1) -> None:
        """Pull the cable out of the vehicle; the driver takes it along unless it is locked in the socket.

        Raises:
            CannotDo: there is no vehicle.
        """
        with _physically():
            self.hardware.evses[evse].unplug()
        await self._depart(evse)

    async def present_token(
        self,
        id_token: str,
        type: str = "ISO14443",  # noqa: A002 - the verb's own word
        evse: int | None = None,
    ) -> None:
        """Hold a token to a reader.

        Args:
            id_token: the identifier; empty with type ``NoAuthorization``: the start button is pressed.
            type: IdTokenEnumType.
            evse: whose reader; None: the shared one, or that of EVSE 1.
        """
        reader = evse if evse is not None or self.config.shared_reader else 1
        if reader is not None and reader not in self.hardware.evses:
            raise CannotDo(f"there is no EVSE {reader}")
        firmware = self.firmware
        firmware.spawn(firmware.present_token(IdToken(id_token, type), reader))

    async def press_stop(self, evse: int = 1) -> None:
        """Press the stop button."""
        with _physically():
            self.firmware.press_stop(evse)

    async def ev_suspend(self, evse: int = 1) -> None:
        """Let the vehicle pause: its session, where it speaks an edition of ISO 15118 that has that."""
        with _physically():
            if evse in self._visitors:
                self._visitors[evse].pause()
            else:
                self.hardware.evses[evse].suspend(True)

    async def ev_resume(self, evse: int = 1) -> None:
        """Let the vehicle go on; one that speaks ISO 15118 joins its paused session, or begins a new one."""
        with _physically():
            if evse in self._visitors:
                self._visitors[evse].go_on()
            else:
                self.hardware.evses[evse].suspend(False)

    async def ev_renegotiate(self, evse: int = 1, target_soc: float | None = None, departure_s: int | None = None) -> None:
        """Let a vehicle that speaks ISO 15118 ask for a schedule anew (K17).

        Args:
            evse: where.
            target_soc: state of charge that it wants from now on (percent); None: as before.
            departure_s: when it departs, in seconds from now; None: as before.

        Raises:
            CannotDo: there is none that charges, or its edition of ISO 15118 has no renegotiation.
        """
        with _physically():
            if evse not in self._visitors:
                raise CannotDo(f"there is no vehicle at EVSE {evse} that speaks ISO 15118")
            self._visitors[evse].renegotiate(target_soc=target_soc, departure_s=departure_s)

    async def occupy_bay(self, evse: int = 1) -> None:
        """Let a vehicle drive into the parking bay."""
        with _physically():
            self.hardware.evses[evse].occupy_bay(True)

    async def leave_bay(self, evse: int = 1) -> None:
        """Let the vehicle leave the parking bay."""
        with _physically():
            self.hardware.evses[evse].occupy_bay(False)

    async def external_limit(self, limit: float, unit: str = "A", evse: int = 0, source: str = "EMS") -> None:
        """Let an energy management system limit the station (2.0.1).

        Args:
            limit: A a phase or W.
            unit: ``A`` or ``W``.
            evse: which EVSE; 0: the station.
            source: ChargingLimitSource.

        Raises:
            CannotDo: the version knows no limits from outside, or there is no such EVSE or unit.
        """
        with _physically():
            if evse:
                self.hardware.evses[evse]
            self.firmware.limit_from_outside(evse, limit, RateUnit(unit), source)

    async def release_limit(self, evse: int = 0) -> None:
        """Let the energy management system release its limit (2.0.1).

        Raises:
            CannotDo: the version knows no limits from outside.
        """
        with _physically():
            self.firmware.release_limit(evse)

    async def target_power(self, power_w: float | None = None, evse: int = 1) -> None:
        """Say what is to flow into a vehicle that lets the SECC decide (15118-20, dynamic control).

        Args:
            power_w: within what the limits allow (W), negative to take back; None for all that there is.
            evse: where.

        Raises:
            CannotDo: there is no such EVSE, or it has no SECC.
        """
        with _physically():
            secc = self.firmware.seccs.get(self.hardware.evses[evse].id)
        if secc is None:
            raise CannotDo(f"EVSE {evse} has no SECC")
        secc.evse.settings.target_power_w = power_w

    # -- the technician ------------------------------------------------------------------------------------------------------

    async def set_fault(self, evse: int = 1, connector: int = 1, error_code: str = "OtherError") -> None:
        """Break a connector."""
        with _physically():
            self.hardware.evses[evse].set_fault(connector, error_code)

    async def clear_fault(self, evse: int = 1, connector: int = 1) -> None:
        """Mend a connector."""
        with _physically():
            self.hardware.evses[evse].set_fault(connector, "")

    async def jam_lock(self, evse: int = 1, connector: int = 1, jammed: bool = True) -> None:
        """Jam the lock of a connector, so that unlocking fails; or free it."""
        with _physically():
            self.hardware.evses[evse].jam_lock(connector, jammed)

    async def local_reset(self) -> None:
        """Restart the station from its own side: transactions are stopped and reported first."""
        self.firmware.reset_station(BootCause.LOCAL_RESET, Trigger.ABNORMAL_CONDITION, StopReason.REBOOT)

    async def security_event(self, type: str, info: str = "") -> None:  # noqa: A002 - the verb's own word
        """Let the station report a security event."""
        self.firmware.security_event(type, info)

    async def configure(self, value: str | float | bool, key: str = "", component: str = "", variable: str = "") -> None:
        """Set a configuration key, or a variable of a component, from the local side.

        Raises:
            CannotDo: there is none of that name, or it does not take the value.
        """
        text = str(value).lower() if isinstance(value, bool) else str(value)
        name = key or f"{component}.{variable}"
        with _physically():
            self.firmware.configure(name, text)

    async def send(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Make the station send a CALL, unchecked; return ``{"result": …}`` or ``{"error": {"code", "description"}}``."""
        try:
            return {"result": await self.firmware.send(action, payload)}
        except CallRefused as refused:
            return {"error": {"code": refused.code, "description": refused.description}}

    async def observe(self) -> dict[str, Any]:
        """Return what is going on, for diagnosis."""
        firmware = self.firmware
        return {
            "online": firmware.online,
            "registration": firmware.registration,
            "queued": len(firmware.outbox),
            "evses": {str(number): self._observe_evse(number) for number in self.hardware.evses},
        }

    def _observe_evse(self, number: int) -> dict[str, Any]:
        hardware, session = self.hardware.evses[number], self.firmware.sessions[number]
        reading = hardware.read(self.firmware.now())
        told: dict[str, Any] = {} if reading.exported_wh is None else {"exported_wh": reading.exported_wh}
        if (secc := self._secc(number)) is not None:
            told["secc"] = {"port": secc.server.plain_port, "tls_port": secc.server.tls_port, "sdp_port": secc.server.sdp_port}
            told["iso15118"] = secc.server.secc.state if secc.server.secc is not None else ""
        return told | {
            "state": session.state,
            "transaction": None if session.transaction is None else session.transaction.id,
            "token": None if session.authorization is None else session.authorization.token.value,
            "meter_wh": reading.energy_wh,
            "power_w": reading.power_w,
            "limit_w": reading.offered_w,
            "soc": reading.soc,
            "connectors": {str(each.id): each.status for each in self.firmware.evses[number].connectors.values()},
        }


@contextmanager
def _physically() -> Iterator[None]:
    """Say that something cannot be done, in words."""
    try:
        yield
    except KeyError as missing:
        raise CannotDo(f"there is no EVSE or connector {missing}") from missing
    except ValueError as problem:
        raise CannotDo(str(problem)) from problem


def firmware_of(version: str) -> FirmwareFactory:
    """Return the firmware for an OCPP version.

    Raises:
        ValueError: there is none for that version.
    """
    if version not in _FIRMWARES:
        raise ValueError(f"there is no station for OCPP {version}; one of {', '.join(_FIRMWARES)}")
    # Imported by name and late, because the firmwares stand on this package.
    module, _, name = _FIRMWARES[version].partition(":")
    factory: FirmwareFactory = getattr(import_module(module), name)
    return factory


def _path(text: str) -> Path | None:
    return Path(text) if text else None
