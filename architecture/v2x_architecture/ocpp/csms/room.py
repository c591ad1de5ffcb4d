"""What the versions have in common in handling the CALLs of stations: registration, dispatch, policies."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import ClassVar

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from v2x_architecture.clock import Clock
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.csms.config import CsmsConfig
from v2x_architecture.ocpp.csms.errors import CallNotAllowed
from v2x_architecture.ocpp.csms.policies import Policies, altered, refusal
from v2x_architecture.ocpp.csms.requests import Request, Requests
from v2x_architecture.ocpp.csms.session import StationSession
from v2x_architecture.ocpp.csms.store import Store
from v2x_architecture.ocpp.csms.tables import LocalListEntry, MeterValue, Notification, Station
from v2x_architecture.ocpp.csms.tokens import Authorizer
from v2x_architecture.ocpp.csms.variables import Key
from v2x_architecture.ocpp.csms.wire import instant, stamp
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.versions import Version

type Hook = Callable[[AsyncSession, StationSession, Payload, Payload], Awaitable[None]]

type Handler = Callable[[AsyncSession, StationSession, Payload], Awaitable[Payload]]

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_log = logging.getLogger("v2x.csms")


class Room:
    """A version's side of the CSMS.

    The CALL ``BootNotification`` is handled by the method ``on_boot_notification``, what the station answered to our CALL
    ``SetChargingProfile`` by ``after_set_charging_profile`` where there is one. Each decision is a small method of its own,
    so that a variant of the CSMS overrides one of them.
    """

    version: ClassVar[Version]
    authorizer_type: ClassVar[type[Authorizer]] = Authorizer
    """What decides about identifiers."""
    remote_control: ClassVar[frozenset[str]]
    """CALLs that a pending station may not get (2.0.1 B02.FR.05; 1.6 4.2)."""
    noted: ClassVar[frozenset[str]]
    """CALLs of stations that are taken note of and confirmed, no more."""
    requests: ClassVar[Requests]
    """How the operator's wishes are said."""
    read_limit: ClassVar[Key | None]
    write_limit: ClassVar[Key | None]
    local_list_limit: ClassVar[Key | None]
    """Where a station tells how many values it can be asked for, can be given, and how many list entries it takes at once."""

    def __init__(self, config: CsmsConfig, store: Store, policies: Policies, clock: Clock) -> None:
        self.config = config
        self.store = store
        self.policies = policies
        self.clock = clock
        self.authorizer = self.authorizer_type(config, policies, clock)
        self._handlers: dict[str, Handler] = {}
        self._actions = schema.actions(self.version)
        for action in self.noted:
            self._handlers[action] = partial(self.confirm, action)
        for action in self._actions:
            handler = getattr(self, f"on_{method_name(action)}", None)
            if handler is not None:
                self._handlers[action] = handler

    async def answer(self, station: StationSession, action: str, payload: Payload) -> Payload:
        """Answer a CALL of a station.

        Args:
            station: who sent it.
            action: the CALL's action.
            payload: valid against the schema of the request.

        Raises:
            CallRefused: the answer is a CALLERROR.
        """
        station.seen_at = self.clock.now()
        async with station.turn:
            handler = self.handler(action)
            self.check_registration(station, action)
            policy = self.policies.take(station.identity, action)
            if policy is not None and policy.delay > 0:
                await asyncio.sleep(policy.delay)
            refused = refusal(policy)
            if refused is not None:
                raise refused

            async def work(db: AsyncSession) -> Payload:
                answer = altered(policy, await handler(db, station, payload))
                if action == "BootNotification":
                    await self.registered(db, station, payload, str(answer.get("status")))
                return answer

            answer = await self.store.run(work)
            self.answered(station, action, payload)
            return answer

    def answered(self, station: StationSession, action: str, payload: Payload) -> None:
        """Do what is to be done when a CALL has been processed and the store knows."""

    def follows_after(self, station: StationSession, action: str, answer: Payload) -> float | None:
        """Return after how long a CALL of ours follows the answer to one of the station's (s); None where none does."""
        del station, action, answer
        return None

    async def following(self, db: AsyncSession, station: StationSession, payload: Payload) -> Request | None:
        """Return the CALL of ours that follows a station's CALL; None where there is none to send any more."""
        del db, station, payload
        return None

    def handler(self, action: str) -> Handler:
        """Return what handles an action.

        Raises:
            CallRefused: NotSupported for an action that is no business of a CSMS, NotImplemented for one the version has not.
        """
        handler = self._handlers.get(action)
        if handler is None:
            if action in self._actions:
                raise CallRefused(ErrorCode.NOT_SUPPORTED, f"{action} is not what a CSMS answers")
            raise CallRefused(ErrorCode.NOT_IMPLEMENTED, f"OCPP {self.version} has no {action}")
        return handler

    # Registration

    def check_registration(self, station: StationSession, action: str) -> None:
        """Let a CALL of a station pass that may send it (2.0.1 B01.FR.10, B02.FR.09, B03.FR.07; 1.6 4.2).

        Raises:
            CallRefused: SecurityError, the station has not been accepted.
        """
        if action == "BootNotification" or station.registration == "Accepted":
            return
        if station.registration is None and self.config.serve_unregistered:
            return
        if station.registration == "Pending" and action in station.triggered:
            return
        state = station.registration or "not registered"
        raise CallRefused(ErrorCode.SECURITY_ERROR, f"the station is {state}: it may not send {action}")

    def check_call(self, station: StationSession, action: str, payload: Payload) -> None:
        """Let a CALL of ours pass that the station may get.

        Raises:
            CallNotAllowed: the station has not been accepted, and this is not allowed before.
        """
        if station.registration == "Accepted":
            return
        if station.registration is None:
            if self.config.serve_unregistered or (
                action == "TriggerMessage" and payload.get("requestedMessage") == "BootNotification"
            ):
                return
            raise CallNotAllowed(f"{station.identity} has not booted: it may only be triggered to send BootNotification")
        if station.registration == "Pending" and action not in self.remote_control:
            return
        raise CallNotAllowed(f"{station.identity} is {station.registration}: {action} is not allowed")

    def boot_answer(self, station: StationSession) -> Payload:
        """Decide about a BootNotification."""
        boot = self.policies.boot(station.identity)
        interval = self.policies.interval if self.policies.interval is not None else self.config.interval
        if boot is not None and boot.interval is not None:
            interval = boot.interval
        return {
            "currentTime": self.current_time(),
            "interval": interval,
            "status": self.config.boot if boot is None else boot.status,
        }

    async def registered(self, db: AsyncSession, station: StationSession, payload: Payload, status: str) -> None:
        """Remember a boot and what was answered to it."""
        station.registration = status
        station.triggered.clear()
        row = await self.row(db, station)
        row.version = self.version
        row.registration = status
        row.boot = payload
        row.booted_at = row.seen_at = self.clock.now()
        _log.info("%s booted: %s", station.identity, status)

    # What handlers share

    def current_time(self) -> str:
        """Return what the CSMS tells stations the time is."""
        return stamp(self.clock.now())

    async def row(self, db: AsyncSession, station: StationSession) -> Station:
        """Return the station's row."""
        row = await db.get(Station, station.identity)
        if row is None:
            row = Station(identity=station.identity, version=self.version)
            db.add(row)
        return row

    async def confirm(self, action: str, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Take note of a CALL whose answer says nothing but that it came."""
        await self.note(db, station, action, payload)
        return {}

    async def note(self, db: AsyncSession, station: StationSession, action: str, payload: Payload) -> None:
        """Remember what a station told and nothing else of the store holds."""
        db.add(Notification(station=station.identity, action=action, payload=payload, received_at=self.clock.now()))

    async def outcome(self, station: StationSession, action: str, payload: Payload, answer: Payload) -> None:
        """Remember what a station answered to a CALL of ours, where it matters.

        Nothing is remembered of what breaks its schema or holds what no store takes: a tester's CALL, a broken answer.
        """
        if answer.get("status", "Accepted") != "Accepted":
            self.withdraw(station, action, payload)
        hook = self.hook(action)
        if hook is None or not schema.is_valid(self.version, action, "request", payload):
            return
        if not schema.is_valid(self.version, action, "response", answer):
            return
        try:
            async with station.turn:
                await self.store.run(lambda db: hook(db, station, payload, answer))
        except CallRefused as unusable:
            _log.info("%s: nothing is remembered of %s: %s", station.identity, action, unusable)

    def hook(self, action: str) -> Hook | None:
        """Return what is to be done after a CALL of ours."""
        hook: Hook | None = getattr(self, f"after_{method_name(action)}", None) if action in self._actions else None
        return hook

    def sample(
        self, db: AsyncSession, station: StationSession, evse: int | None, transaction_id: str | None, values: list[Payload]
    ) -> None:
        """Store samples."""
        db.add_all(
            MeterValue(
                station=station.identity,
                evse=evse,
                transaction_id=transaction_id,
                timestamp=instant(value["timestamp"]),
                sampled=value["sampledValue"],
            )
            for value in values
        )

    async def told_list_version(self, db: AsyncSession, station: StationSession, version: int) -> None:
        """Take a station's word for the version of its local list; without one (0, in 1.6 also -1) it has no entries."""
        (await self.row(db, station)).local_list_version = max(0, version)
        if version <= 0:
            await db.execute(delete(LocalListEntry).where(LocalListEntry.station == station.identity))

    def announce(self, station: StationSession, action: str, payload: Payload) -> None:
        """Prepare for what a CALL of ours is about to bring: a pending station may send what it is asked for (B02.FR.02)."""
        station.triggered |= self.asked_for(action, payload)

    def withdraw(self, station: StationSession, action: str, payload: Payload) -> None:
        """Take back what `announce` said: the station did not take the CALL."""
        station.triggered -= self.asked_for(action, payload)

    def asked_for(self, action: str, payload: Payload) -> set[str]:
        """Return the CALLs that a station is asked to send by a CALL of ours."""
        raise NotImplementedError

    def data_transfer_answer(self, payload: Payload) -> Payload:
        """Answer a DataTransfer (1.6 4.3; 2.0.1 P02.FR.06 to FR.08)."""
        vendor, message = payload["vendorId"], payload.get("messageId")
        policy = self.policies.vendor(vendor, message)
        if policy is None:
            return {"status": "UnknownMessageId" if self.policies.knows_vendor(vendor) else "UnknownVendorId"}
        return {"status": policy.status} if policy.data is None else {"status": policy.status, "data": policy.data}


def method_name(action: str) -> str:
    """Return an action as methods are named: ``NotifyEVChargingNeeds`` is ``notify_ev_charging_needs``."""
    return _WORD.sub("_", action).lower()
