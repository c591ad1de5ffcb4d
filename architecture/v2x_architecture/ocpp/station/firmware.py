"""The ground floor of the firmware: power, registration with the CSMS, connection, heartbeat, dispatch of incoming messages.

The firmware is a tower of layers, each a class in a file of its own that adds one concern and offers small methods to override:

    Firmware        registration, connection, heartbeat, dispatch              firmware.py
    Availability    operative or not, faults, connector status                 availability.py
    Authorizing     cache, local list, online and offline decisions            authorizing.py
    Metering        sampled and clock-aligned values                           metering.py
    Transactions    transactions, their reports and meter values               transactions.py
    Charging        sessions: plugs, tokens, start and stop points, faults     charging.py
    Limiting        charging profiles and what they do to the offer of power   limiting.py
    Speaking        what an SECC may ask for; said here, done above it         speaking.py
    Communicating   SECCs: what vehicles and the CSMS agree on is the same     communicating.py
    Resetting       resets at once or when idle                                resetting.py

`v2x_architecture.ocpp.v201` and `v2x_architecture.ocpp.v16` stand on top of them: they turn what happens into their version's
messages and answer the CSMS. An object lives from power-on to power-off and no longer; what must survive is in the `Store`.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from v2x_architecture.clock import Clock
from v2x_architecture.ocpp.backoff import BackOff
from v2x_architecture.ocpp.endpoint import Reply
from v2x_architecture.ocpp.errors import CallRefused, ConnectionLost, OcppError
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.config import StationConfig
from v2x_architecture.ocpp.station.hardware import EvseHardware, Happening, Hardware
from v2x_architecture.ocpp.station.link import ConnectionProfile, Connector, Link
from v2x_architecture.ocpp.station.model import Registration
from v2x_architecture.ocpp.station.outbox import Offline, Outbox, QueuedMessage, RetryPolicy
from v2x_architecture.ocpp.station.settings import Settings
from v2x_architecture.ocpp.station.storage import Store
from v2x_architecture.ocpp.station.timers import Timers

if TYPE_CHECKING:
    from v2x_architecture.iso15118.sending import Said

type Overhear = Callable[[int, Said], None]

_log = logging.getLogger(__name__)
_DAY = 86400.0
_STATE = "state"


class BootCause(StrEnum):
    """Why the station starts (BootReasonEnumType; 1.6 does not tell)."""

    POWER_UP = "PowerUp"
    LOCAL_RESET = "LocalReset"
    REMOTE_RESET = "RemoteReset"
    SCHEDULED_RESET = "ScheduledReset"
    APPLICATION_RESET = "ApplicationReset"
    FIRMWARE_UPDATE = "FirmwareUpdate"
    TRIGGERED = "Triggered"
    UNKNOWN = "Unknown"
    WATCHDOG = "Watchdog"


@dataclass(frozen=True, slots=True)
class BootAnswer:
    """What the CSMS said to a BootNotification.

    Attributes:
        status: accepted, pending or rejected.
        interval_s: heartbeat interval, or how long to wait before the next BootNotification; 0: the station's choice (s).
        current_time: the CSMS's, None when it cannot be read.
    """

    status: Registration
    interval_s: float
    current_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a firmware is given when the power comes on.

    Attributes:
        config: of the station.
        clock: real or virtual time.
        store: what survives.
        hardware: the physical side.
        connect: opens connections.
        restart: cuts the power and gives it back, for a reset.
        overhear: is told every message of ISO 15118, with the EVSE that it is about; None: nobody is.
    """

    config: StationConfig
    clock: Clock
    store: Store
    hardware: Hardware
    connect: Connector
    restart: Callable[[BootCause], None]
    overhear: Overhear | None = None


class Firmware(ABC):
    """Registration, connection, heartbeat, dispatch. Cold boot is B01 to B03 (1.6: 4.2), offline behaviour B04.

    Args:
        parts: what it works with.
        cause: why it starts.
    """

    actions: ClassVar[frozenset[str]]
    """CALLs that this version lets a CSMS send; those without an ``on_…`` method are answered NotSupported."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        self.config = parts.config
        self.clock = parts.clock
        self.store = parts.store
        self.hardware = parts.hardware
        self.cause = cause
        self.timers = Timers()
        self.random = random.Random(f"{parts.config.seed}/{parts.config.identity}")
        self.registration = Registration.NONE
        self.settings = self.read_settings()
        self.outbox = Outbox(
            self.store,
            policy=self.retry_policy,
            finish=self.finish_message,
            delivered=self.message_delivered,
            discarded=self.message_discarded,
            dispensable=self.message_dispensable,
            limit=self.config.queue_limit,
        )
        self._connect = parts.connect
        self._restart = parts.restart
        self._clock_offset = timedelta()
        self._link: Link | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._network = asyncio.Event()
        self._network.set()
        self._after: list[Callable[[], None]] = []
        self._boot_not_before = 0.0
        self._boot_now = asyncio.Event()
        self._offline_since: float | None = None

    # -- what a version says -------------------------------------------------------------------------------------------------

    @abstractmethod
    def read_settings(self) -> Settings:
        """Return the configuration as the core needs it; called at power-on and by `settings_changed`."""

    @abstractmethod
    async def boot_notification(self, link: Link, cause: BootCause) -> BootAnswer:
        """Send a BootNotification and return what the CSMS says.

        Raises:
            CallRefused, CallTimeout, ConnectionLost: as `Link.call`.
        """

    @abstractmethod
    async def heartbeat(self) -> datetime | None:
        """Send a Heartbeat and return the CSMS's time.

        Raises:
            Offline, CallRefused, CallTimeout, ConnectionLost: there is no answer.
        """

    @abstractmethod
    def message_delivered(self, message: QueuedMessage, answer: Payload) -> None:
        """Take the answer to a kept message (TransactionEvent; StartTransaction, StopTransaction, MeterValues)."""

    def message_discarded(self, message: QueuedMessage) -> None:
        """Take note that a kept message was given up (E13.FR.04)."""
        _log.warning("%s: gave up on %s after %d attempts", self.config.identity, message.action, message.attempts)

    def message_dispensable(self, message: QueuedMessage) -> bool:
        """Whether a kept message may be dropped when there is no room for more."""
        del message
        return False

    def finish_message(self, message: QueuedMessage) -> Payload:
        """Return the payload of a kept message as it goes out."""
        return message.payload

    def retry_policy(self) -> RetryPolicy:
        """Return how kept messages are retried."""
        return RetryPolicy(self.settings.message_attempts, self.settings.message_attempt_interval_s)

    def connection_profile(self, attempt: int) -> ConnectionProfile:
        """Return where to connect in the ``attempt``-th try since the last connection, counting from 0."""
        del attempt
        settings = self.settings
        return ConnectionProfile(
            url=self.config.url,
            password=self.config.password,
            message_timeout_s=settings.message_timeout_s,
            ping_interval_s=settings.ping_interval_s,
        )

    # -- power ---------------------------------------------------------------------------------------------------------------

    def power_on(self) -> None:
        """Begin to work: watch the hardware, connect, register."""
        for evse in self.hardware.evses.values():
            evse.listener = self.hardware_event
        self.spawn(self.outbox.run())
        self.spawn(self.stay_connected())

    async def power_off(self) -> None:
        """Stop at once; nothing more is said."""
        self.timers.stop_all()
        self.hardware.power_off()
        link, self._link = self._link, None
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if link is not None:
            await link.abort()

    def restart(self, cause: BootCause) -> None:
        """Cut the power and start again."""
        self._restart(cause)

    def hardware_event(self, evse: EvseHardware, happening: Happening, connector: int) -> None:
        """Take note of what the hardware tells; each layer adds what it does about it."""
        _log.debug("%s: EVSE %d connector %d: %s", self.config.identity, evse.id, connector, happening)

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Do something beside; it ends with the power at the latest."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def after_answer(self, action: Callable[[], None]) -> None:
        """Do something once the answer to the current CALL has been sent (F06.FR.04)."""
        self._after.append(action)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            task.get_loop().call_exception_handler({"message": f"firmware of {self.config.identity} failed", "exception": error})

    # -- time ----------------------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Return the station's wall time, which follows the CSMS's (B01.FR.06)."""
        return self.clock.now() + self._clock_offset

    def synchronize_clock(self, current_time: datetime | None) -> None:
        """Set the station's clock to the CSMS's, when it is off by more than a second."""
        if current_time is not None and abs(current_time - self.now()) > timedelta(seconds=1):
            self._clock_offset = current_time - self.clock.now()

    # -- connection ----------------------------------------------------------------------------------------------------------

    @property
    def online(self) -> bool:
        """Whether the CSMS can be reached and has accepted the station."""
        return self.outbox.online

    def network_down(self) -> None:
        """Lose the network until `network_up`."""
        self._network.clear()
        if self._link is not None:
            self.spawn(self._link.abort())

    def reconnect(self) -> None:
        """Close the connection and open a new one."""
        if self._link is not None:
            self.spawn(self._link.close())

    def network_up(self) -> None:
        """Have a network again."""
        self._network.set()

    async def stay_connected(self) -> None:
        """Connect, serve the connection, connect again: for ever."""
        attempt = 0
        waits: Iterator[float] | None = None
        while True:
            await self._network.wait()
            try:
                link = await self._connect(self.connection_profile(attempt), self.handle)
            except (OSError, OcppError) as problem:
                _log.info("%s: cannot connect: %s", self.config.identity, problem)
                attempt += 1
            else:
                attempt, waits = 0, None
                await self._serve(link)
            waits = waits or self.reconnect_delays()
            await asyncio.sleep(next(waits))

    async def _serve(self, link: Link) -> None:
        self._link = link
        try:
            self.connected(link)
            await link.run()
        finally:
            self._link = None
            self.disconnected()

    def reconnect_delays(self) -> Iterator[float]:
        """Return how long to wait before each new attempt to connect (s; 2.0.1 part 4, 5.3)."""
        settings = self.settings
        back_off = BackOff(settings.backoff_minimum_s, settings.backoff_random_s, settings.backoff_repeats)
        return back_off.delays(self.random.uniform)

    def connected(self, link: Link) -> None:
        """Take note of a new connection: register first, or go on where the last one ended."""
        accepted = self.registration is Registration.ACCEPTED
        self.outbox.opened(link, accepted=accepted)
        if accepted:
            now = self.clock.monotonic()
            away, self._offline_since = now - (self._offline_since or now), None
            self.back_online(away)
        else:
            self.spawn(self._register(link))

    def disconnected(self) -> None:
        """Take note that the connection is gone."""
        self.outbox.closed()
        self.timers.stop("heartbeat")
        self._offline_since = self.clock.monotonic()

    def back_online(self, away_s: float) -> None:
        """Tell the CSMS what it missed while the station was offline for so long (s); layers add theirs (B04)."""
        del away_s
        self._schedule_heartbeat()

    # -- registration --------------------------------------------------------------------------------------------------------

    async def _register(self, link: Link) -> None:
        """Send BootNotifications until the CSMS accepts the station or the connection is gone."""
        while self.registration is not Registration.ACCEPTED and self._link is link:
            self._boot_now.clear()
            wait = self._boot_not_before - self.clock.monotonic()
            if wait > 0:
                await _until(self._boot_now, wait)
            try:
                answer = await self.boot_notification(link, self.cause)
            except ConnectionLost:
                return
            except OcppError as problem:
                _log.info("%s: BootNotification failed: %s", self.config.identity, problem)
                self._boot_not_before = self.clock.monotonic() + self.config.boot_retry_s
            else:
                self.registered(link, answer)

    def registered(self, link: Link, answer: BootAnswer) -> None:
        """Act on the answer to a BootNotification (B01.FR.04 to 06, B02.FR.07 and 08, B03.FR.05 and 06)."""
        self.registration = answer.status
        if answer.status is not Registration.REJECTED:
            self.synchronize_clock(answer.current_time)
        if answer.status is Registration.ACCEPTED:
            if answer.interval_s > 0:
                self.set_heartbeat_interval(answer.interval_s)
            self.outbox.opened(link, accepted=True)
            self.accepted()
        else:
            self._boot_not_before = self.clock.monotonic() + (answer.interval_s or self.config.boot_retry_s)
            self.outbox.opened(link, accepted=False)

    def accepted(self) -> None:
        """Begin normal operation after a boot; layers add theirs (status of every connector)."""
        self._schedule_heartbeat()

    def boot_again_now(self) -> None:
        """Send the next BootNotification at once (TriggerMessage)."""
        self._boot_now.set()

    # -- heartbeat -----------------------------------------------------------------------------------------------------------

    @abstractmethod
    def set_heartbeat_interval(self, seconds: float) -> None:
        """Keep the heartbeat interval that the CSMS gave (s) where the configuration shows it."""

    def settings_changed(self) -> None:
        """Read the configuration anew; layers add what follows from a change."""
        before, self.settings = self.settings, self.read_settings()
        if before.heartbeat_interval_s != self.settings.heartbeat_interval_s and self.online:
            self._schedule_heartbeat()
        if before.ping_interval_s != self.settings.ping_interval_s and self._link is not None:
            self._link.set_ping_interval(self.settings.ping_interval_s)

    def _schedule_heartbeat(self, seconds: float | None = None) -> None:
        interval = self.settings.heartbeat_interval_s if seconds is None else seconds
        if interval > 0:
            self.timers.start("heartbeat", interval, self._heartbeat_due)
        else:
            self.timers.stop("heartbeat")

    def _heartbeat_due(self) -> None:
        """Send a heartbeat, unless another message has just shown that the station lives (G02.FR.05)."""
        quiet = self.clock.monotonic() - self.outbox.last_sent_at
        interval = self.settings.heartbeat_interval_s
        if quiet < interval < _DAY:
            self._schedule_heartbeat(interval - quiet)
        else:
            self._schedule_heartbeat()
            self.spawn(self.beat())

    async def beat(self) -> None:
        """Send a heartbeat and follow the CSMS's clock; nobody waits for it."""
        try:
            self.synchronize_clock(await self.heartbeat())
        except (Offline, OcppError) as problem:
            _log.info("%s: Heartbeat failed: %s", self.config.identity, problem)

    # -- the local side ------------------------------------------------------------------------------------------------------

    @abstractmethod
    def configure(self, name: str, value: str) -> None:
        """Set a variable (2.0.1: ``Component.Variable``) or configuration key (1.6) from the local side, read-only ones too.

        Raises:
            ValueError: there is no such variable, or the value is not one for it.
        """

    @abstractmethod
    def security_event(self, kind: str, info: str = "") -> None:
        """Report a security event (A04; 1.6 security whitepaper)."""

    async def send(self, action: str, payload: Payload) -> Payload:
        """Send a CALL as it is given, unchecked, and return the answer.

        Raises:
            Offline: there is no connection.
            CallRefused, CallTimeout, ConnectionLost: as `Link.call`.
        """
        if self._link is None:
            raise Offline
        return await self._link.call(action, payload, check=False)

    # -- incoming ------------------------------------------------------------------------------------------------------------

    async def handle(self, action: str, payload: Payload) -> Payload | Reply:
        """Answer a CALL of the CSMS.

        Raises:
            CallRefused: with the error code to answer: SecurityError before the CSMS accepted the station (B03.FR.08),
                NotImplemented, NotSupported.
        """
        if self.registration in (Registration.NONE, Registration.REJECTED):
            raise CallRefused("SecurityError", "the CSMS has not accepted this station")
        if action not in self.actions:
            raise CallRefused("NotImplemented", f"{action} is not known")
        method = getattr(self, handler_name(action), None)
        if method is None:
            raise CallRefused("NotSupported", f"{action} is not supported by this station")
        self._after = []
        answer: Payload = method(payload)
        if not self._after:
            return answer
        return Reply(answer, partial(_do_all, self._after))

    # -- state ---------------------------------------------------------------------------------------------------------------

    def remember[T](self, key: str, value: T) -> T:
        """Keep a value without power."""
        self.store.put(_STATE, key, value)
        return value

    def recall[T](self, key: str, kind: type[T]) -> T | None:
        """Return a value that was kept, or None."""
        return self.store.get(_STATE, key, kind)


async def _until(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, but no longer than so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def _do_all(actions: list[Callable[[], None]]) -> None:
    for action in actions:
        action()


def handler_name(action: str) -> str:
    """Return the name of the method that answers an action: ``on_get_base_report``."""
    return "on_" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", action).lower()
