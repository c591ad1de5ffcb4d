"""The reference SECC and EVCC as products of a cast, in this process.

Their settings are the fields of `SeccConfig` and `EvseSettings`, of `EvccConfig` and `DriverSettings`, those of `sites.plug`, and
for TLS files in PEM: ``certificate`` and ``key``, the ``v2g_root`` that an EVCC trusts, the ``oem_root`` that an SECC does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from v2x_architecture.clock import Clock, LoopClock
from v2x_architecture.coupling import Coupling, CpState
from v2x_architecture.iso15118.charging import DcStatus, Notification, Schedule
from v2x_architecture.iso15118.evcc import DriverSettings, Evcc, EvccConfig, SimulatedEv, Wish
from v2x_architecture.iso15118.evcc.client import EvccClient, SeccAddress
from v2x_architecture.iso15118.secc import EvseSettings, Secc, SeccConfig, SimulatedEvse
from v2x_architecture.iso15118.secc.evse import Authorization
from v2x_architecture.iso15118.secc.server import SeccListener, SeccServer
from v2x_architecture.iso15118.tcp import ConnectFailed
from v2x_architecture.iso15118.tls import EvccTls, Profile, SeccTls
from v2x_architecture.iso15118.udp import NotFound
from v2x_harness.errors import AdapterError, UnsupportedVerb
from v2x_harness.events import Json
from v2x_harness.operator import Placement, Ready

from v2x_adapters.acting import configured, own_version, perform
from v2x_adapters.iso15118.places import Place
from v2x_adapters.iso15118.sites import applications_of, energy_of, plug

_AUTHORIZATIONS: Final = {
    "Accepted": Authorization.ACCEPTED,
    "Ongoing": Authorization.ONGOING,
    "Waiting": Authorization.WAITING,
    "Rejected": Authorization.REJECTED,
}


class ReferenceSeccProduct:
    """The reference SECC, or a variety of it.

    Args:
        kind: the state machine; a subclass for one with a fault.
        at: the plug that it shares with a model of an EV; a plug of its own when None.
        clock: the actor's.

    Attributes:
        running: the server while it runs.
        evse: what it sits on.
    """

    plain = False
    """Whether there is a port without TLS beside the one with it."""
    verbs = (
        *("notify", "observe", "reset", "set_authorization", "set_contactor", "set_insulation", "set_limits", "set_rcd"),
        *("set_schedules", "set_status", "set_target_power"),
    )

    def __init__(self, kind: type[Secc] = Secc, at: Coupling | None = None, clock: Clock | None = None) -> None:
        self._kind, self._plug, self._clock = kind, at, clock or LoopClock()
        self.running: SeccServer | None = None
        self.evse: SimulatedEvse | None = None
        self._first = EvseSettings()

    async def start(self, placement: Placement) -> Ready:
        """Listen on loopback, for SDP and without or with TLS.

        Raises:
            AdapterError: it cannot, or a setting is wrong.
        """
        settings = placement.settings
        energy = energy_of(settings)
        self._first = configured(EvseSettings(), settings)
        self.evse = SimulatedEvse(self._plug or plug(energy, settings, ev=False), msgspec.structs.replace(self._first))
        spoken = applications_of(placement.version, energy)
        config = configured(SeccConfig(applications=spoken), settings)
        tls = self.tls(placement)
        listener = SeccListener(sdp_port=0, plain=self.plain or tls is None, tls=tls)
        try:
            server = SeccServer(self.evse, self._clock, config, listener, kind=self._kind)
            await server.start()
        except OSError as error:
            raise AdapterError(f"the reference SECC cannot listen: {error}") from error
        self.running = server
        endpoint = Place(scheme="sdp", port=server.sdp_port or 0).url
        return Ready(product="reference SECC", product_version=own_version(), endpoint=endpoint, verbs=self.verbs)

    def tls(self, placement: Placement) -> SeccTls | None:
        """Return its side of TLS; None for none."""
        return secc_tls(placement)

    async def stop(self) -> None:
        """Stop it."""
        server, self.running = self.running, None
        if server is not None:
            await server.stop()

    async def do(self, verb: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Do what its operator does.

        Raises:
            UnsupportedVerb: it cannot.
            AdapterError: it does not run, or the arguments do not fit.
        """
        return await perform("reference SECC", self if self.running else None, self.verbs, verb, arguments)

    # Verbs

    async def reset(self) -> None:
        """Forget what an operator has set, and the session that was paused."""
        assert self.evse is not None
        assert self.running is not None
        self.evse.settings = msgspec.structs.replace(self._first)
        self.running.memory.paused = None
        self.evse.plug.evse_contactor_stuck = False

    async def set_authorization(self, status: str = "Accepted", seconds: float = 0.0) -> None:
        """Have an EV authorized by external means: ``Accepted``, ``Ongoing``, ``Waiting``, ``Rejected``, after some seconds."""
        if status not in _AUTHORIZATIONS:
            raise UnsupportedVerb(f"there is no authorization {status!r}", f"there are {', '.join(_AUTHORIZATIONS)}")
        self._settings.authorization, self._settings.authorization_s = _AUTHORIZATIONS[status], seconds

    async def notify(self, notification: str = "None", max_delay_s: int = 0) -> None:
        """Want something of the EV: ``None``, ``StopCharging``, ``ReNegotiation``.

        In 15118-20 also ``Pause``, ``ExitStandby``, ``ServiceRenegotiation``, ``MeteringConfirmation``.
        """
        self._settings.notification = _fitting({"kind": notification, "max_delay_s": max_delay_s}, Notification)

    async def set_limits(self, max_current_a: float | None = None, max_power_w: float | None = None) -> None:
        """Offer less than the hardware can (A of a phase or of DC, W); None for what the hardware can."""
        self._settings.max_current_a, self._settings.max_power_w = max_current_a, max_power_w

    async def set_schedules(self, schedules: Json = None, seconds: float = 0.0) -> None:
        """Offer schedules, after they took some seconds to be worked out; None for the full power."""
        read = None if schedules is None else _fitting(schedules, tuple[Schedule, ...])
        self._settings.schedules, self._settings.schedule_s = read, seconds

    async def set_target_power(self, power_w: float | None = None) -> None:
        """Want some power to flow in dynamic control (W), negative to take back; None for all there is."""
        self._settings.target_power_w = power_w

    async def set_status(self, status: str = "EVSE_Ready") -> None:
        """Have a DC supply be in a state, as DC_EVSEStatusCode has it."""
        self._settings.dc_status = _fitting(status, DcStatus.__value__)

    async def set_insulation(self, ohm: float | None = None) -> None:
        """Have so much resistance between the DC output and earth (ohm); that of the supply for None."""
        self._settings.insulation_ohm = ohm

    async def set_contactor(self, stuck: bool = True) -> None:
        """Have its contactor stay as it is: open or welded."""
        assert self.evse is not None
        self.evse.plug.evse_contactor_stuck = stuck

    async def set_rcd(self, tripped: bool = True) -> None:
        """Have the residual current device of an AC outlet trip, or be switched on again."""
        assert self.evse is not None
        self._settings.rcd_tripped = tripped
        self.evse.rcd(self._clock.monotonic())

    async def observe(self) -> dict[str, Json]:
        """Tell how things stand; for diagnosis only."""
        assert self.evse is not None
        assert self.running is not None
        now = self._clock.monotonic()
        present = self.evse.present(now)
        return {
            "state": self.running.secc.state if self.running.secc is not None else "",
            "voltage_v": present.voltage_v,
            "current_a": present.current_a,
            "power_w": present.power_w,
            "contactor_closed": self.evse.plug.evse_contactor_closed,
            "cp": self.evse.cp_state(now).value,
            "energy_wh": self.evse.meter(now)[1],
        }

    @property
    def _settings(self) -> EvseSettings:
        assert self.evse is not None
        return self.evse.settings


class ReferenceEvccProduct:
    """The reference EVCC in a vehicle, or a variety of it.

    Args:
        kind: the state machine; a subclass for one with a fault.
        at: the plug that it shares with a model of an EVSE; a plug of its own when None.
        clock: the actor's.

    Attributes:
        running: the client while the vehicle is there.
    """

    verbs = ("observe", "pause", "plug_in", "renegotiate", "reset", "set_driver", "stop_charging", "unplug")

    def __init__(self, kind: type[Evcc] = Evcc, at: Coupling | None = None, clock: Clock | None = None) -> None:
        self._kind, self._plug, self._clock = kind, at, clock or LoopClock()
        self.running: EvccClient | None = None
        self._first = DriverSettings()
        self._session: asyncio.Task[None] | None = None
        self._failure = ""

    async def start(self, placement: Placement) -> Ready:
        """Park at the plug; no session begins before ``plug_in``.

        Raises:
            AdapterError: a setting is wrong.
        """
        settings = placement.settings
        energy = energy_of(settings)
        modes = tuple(mode for mode in DriverSettings().modes if mode.startswith(energy))
        self._first = configured(DriverSettings(modes=modes), settings)
        ev = SimulatedEv(self._plug or plug(energy, settings, evse=False), msgspec.structs.replace(self._first))
        config = configured(EvccConfig(applications=applications_of(placement.version, energy)), settings)
        place = Place.of(placement.connect_to)
        address = SeccAddress(host=place.host, interface=place.interface, tls=self.tls(placement), **_port(place))
        self.running = EvccClient(ev, self._clock, config, address, kind=self._kind)
        return Ready(product="reference EVCC", product_version=own_version(), verbs=self.verbs)

    def tls(self, placement: Placement) -> EvccTls | None:
        """Return its side of TLS; None for none."""
        return evcc_tls(placement)

    async def stop(self) -> None:
        """Drive away."""
        if self.running is not None:
            await self.unplug()
        self.running = None

    async def do(self, verb: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Do what its driver does.

        Raises:
            UnsupportedVerb: it cannot.
            AdapterError: it does not run, or the arguments do not fit.
        """
        return await perform("reference EVCC", self if self.running else None, self.verbs, verb, arguments)

    # Verbs

    async def reset(self) -> None:
        """Forget what the driver wanted, and the session that was paused."""
        assert self.running is not None
        await self.unplug()
        self._ev.settings = msgspec.structs.replace(self._first)
        self.running.evcc = None

    async def plug_in(self) -> None:
        """Plug in, or wake up from a pause: a session begins.

        Raises:
            AdapterError: one goes on.
        """
        if self._session is not None and not self._session.done():
            raise AdapterError("the EV is plugged in already", "unplug it first")
        self._failure = ""
        if self._ev.settings.wish is Wish.PAUSE:
            self._ev.settings.wish = Wish.CHARGE
        self._ev.set_cp(CpState.B, self._clock.monotonic())
        self._session = asyncio.create_task(self._run())

    async def unplug(self) -> None:
        """Pull the cable out, whatever goes on."""
        if self._session is not None:
            self._session.cancel()
            with suppress(asyncio.CancelledError):
                await self._session
            self._session = None
        self._ev.set_cp(CpState.A, self._clock.monotonic())

    async def stop_charging(self) -> None:
        """Want no more."""
        self._ev.settings.wish = Wish.STOP

    async def pause(self) -> None:
        """Want to go on later."""
        self._ev.settings.wish = Wish.PAUSE

    async def renegotiate(self) -> None:
        """Want another schedule."""
        self._ev.settings.wish = Wish.RENEGOTIATE

    async def set_driver(self, **wanted: Json) -> None:
        """Want something else; fields as in `DriverSettings`."""
        self._ev.settings = configured(self._ev.settings, wanted)

    async def observe(self) -> dict[str, Json]:
        """Tell how things stand; for diagnosis only."""
        assert self.running is not None
        evcc, now = self.running.evcc, self._clock.monotonic()
        over = self._session is None or self._session.done()
        outcome = evcc.outcome if evcc is not None and over else None
        return {
            "over": over,
            "session": outcome.ending.name.lower()
            if outcome is not None
            else "failed"
            if self._failure
            else "none"
            if over
            else "on",
            "reason": self._failure or (outcome.text if outcome is not None else ""),
            "soc": self._ev.soc(now),
            "cp": self._ev.plug.cp_state.value,
            "contactor_closed": self._ev.plug.ev_contactor_closed,
        }

    @property
    def _ev(self) -> SimulatedEv:
        assert self.running is not None
        assert isinstance(self.running.ev, SimulatedEv)
        return self.running.ev

    async def _run(self) -> None:
        assert self.running is not None
        try:
            await self.running.run()
        except (NotFound, ConnectFailed, OSError) as error:
            # An EV that cannot charge does nothing about it; who asks is told.
            self._failure = str(error)


def _fitting[T](value: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise UnsupportedVerb(f"the reference actor cannot be set to {value!r}: {error}") from error


def _session(failure: str, *, over: bool) -> str:
    """Return a word for a session of which no end is known."""
    if not over:
        return "on"
    return "failed" if failure else "none"


def _port(place: Place) -> dict[str, int]:
    return {"sdp_port" if place.scheme == "sdp" else "port": place.port}


def _profile(placement: Placement) -> Profile:
    return Profile.ISO20 if placement.version == "20" else Profile.ISO2


def _files(placement: Placement, *names: str) -> Sequence[Path | None]:
    return [Path(str(placement.settings[name])) if placement.settings.get(name) else None for name in names]


def secc_tls(placement: Placement) -> SeccTls | None:
    """Return an SECC's TLS by the files that a placement names; None where it names none."""
    certificate, key, root = _files(placement, "certificate", "key", "oem_root")
    if certificate is None or key is None:
        return None
    return SeccTls(certificate, key, (root,) if root is not None else (), _profile(placement))


def evcc_tls(placement: Placement) -> EvccTls | None:
    """Return an EVCC's TLS by the files that a placement names; None where it names none."""
    root, certificate, key = _files(placement, "v2g_root", "vehicle_certificate", "vehicle_key")
    if root is None:
        return None
    return EvccTls((root,), certificate, key, _profile(placement))
