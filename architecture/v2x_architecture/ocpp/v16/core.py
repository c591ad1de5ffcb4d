"""The Core profile's operations of the central system (5.2 to 5.4, 5.6, 5.8, 5.11, 5.12, 5.14, 5.18)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, override

from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.smart_charging import InvalidProfile, Profile
from v2x_architecture.ocpp.station.availability import Connector, Evse
from v2x_architecture.ocpp.station.firmware import BootCause, Parts
from v2x_architecture.ocpp.station.model import IdToken, Registration, StopReason, Trigger
from v2x_architecture.ocpp.station.session import Session
from v2x_architecture.ocpp.v16.messages import Json
from v2x_architecture.ocpp.v16.reporting import Reporting16
from v2x_architecture.ocpp.v16.status import MAIN_CONTROLLER

_ACCEPTED: Final[Json] = {"status": "Accepted"}
_REJECTED: Final[Json] = {"status": "Rejected"}


class Core16(Reporting16):
    """Adds the answers to the central system's operations of the Core profile."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        super().__init__(parts, cause)
        self.start_profiles: dict[int, tuple[IdToken, Profile]] = {}

    # -- configuration -------------------------------------------------------------------------------------------------------

    def on_get_configuration(self, request: Payload) -> Json:
        """Answer GetConfiguration (5.8)."""
        names = request.get("key", [])
        if len(names) > self.configuration.integer("GetConfigurationMaxKeys"):
            raise CallRefused(ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "more keys than GetConfigurationMaxKeys")
        known, unknown = self.configuration.report(names)
        return {"configurationKey": known, "unknownKey": unknown} if unknown else {"configurationKey": known}

    def on_change_configuration(self, request: Payload) -> Json:
        """Answer ChangeConfiguration (5.3)."""
        name, value = self.configuration.canonical(request["key"]), request["value"]
        if self.refuses_value(name, value):
            return dict(_REJECTED)
        status = self.configuration.change(name, value)
        if status in ("Accepted", "RebootRequired"):
            self.configured(name)
        return {"status": status.value}

    def refuses_value(self, name: str, value: str) -> bool:
        """Whether a value is refused although it is one of its key; layers add theirs."""
        del name, value
        return False

    # -- availability, cache, data transfer ----------------------------------------------------------------------------------

    def on_change_availability(self, request: Payload) -> Json:
        """Answer ChangeAvailability (5.2)."""
        number = request["connectorId"]
        if number != MAIN_CONTROLLER and number not in self.connectors:
            return dict(_REJECTED)
        # The answer comes first, the StatusNotification that tells of the change after it.
        done = not self.availability_must_wait(number, operative=request["type"] == "Operative")
        self.after_answer(partial(self._change_availability, number, operative=request["type"] == "Operative"))
        return {"status": "Accepted" if done else "Scheduled"}

    def availability_must_wait(self, number: int, *, operative: bool) -> bool:
        """Whether a change of availability has to wait for the end of a transaction."""
        places = self.connectors.values() if number == MAIN_CONTROLLER else (self.connectors[number],)
        return any(self.busy(evse) and connector.operative != operative for evse, connector in places)

    def _change_availability(self, number: int, *, operative: bool) -> None:
        self.change_availability(number, operative=operative)

    def on_clear_cache(self, request: Payload) -> Json:
        """Answer ClearCache (5.4, errata 3.23)."""
        del request
        if not self.settings.cache_enabled:
            return dict(_REJECTED)
        self.cache.clear()
        return dict(_ACCEPTED)

    def on_data_transfer(self, request: Payload) -> Json:
        """Answer DataTransfer: no vendor's messages are known here but our own, of which there are none (4.3)."""
        return {"status": "UnknownMessageId" if request["vendorId"] == self.config.vendor else "UnknownVendorId"}

    # -- remote start and stop -----------------------------------------------------------------------------------------------

    def on_remote_start_transaction(self, request: Payload) -> Json:
        """Answer RemoteStartTransaction (5.11, 5.16.2)."""
        place = self.place_for_start(request.get("connectorId"))
        if place is None or self.registration is not Registration.ACCEPTED:
            return dict(_REJECTED)
        evse, _ = place
        token = IdToken(request["idTag"])
        if "chargingProfile" in request and self.supports("SmartCharging"):
            profile = self.profile_for_start(request["chargingProfile"], evse)
            if profile is None:
                return dict(_REJECTED)
            self.start_profiles[evse.id] = (token, profile)
        else:
            self.start_profiles.pop(evse.id, None)
        self.after_answer(lambda: self.spawn(self.start_remotely(evse, token)))
        return dict(_ACCEPTED)

    async def start_remotely(self, evse: Evse, token: IdToken) -> None:
        """Start for an idTag; when it may not, its charging profile is forgotten."""
        session = self.sessions[evse.id]
        await self.remote_start(session, token)
        if session.authorization is None:
            self.start_profiles.pop(evse.id, None)

    def place_for_start(self, number: int | None) -> tuple[Evse, Connector] | None:
        """Return where a remote start is to happen: the connector named, else one with a vehicle, else a free one."""
        if number is not None:
            place = self.connectors.get(number)
            return place if place is not None and self.is_free(*place) else None
        free = [place for place in self.connectors.values() if self.is_free(*place)]
        waiting = (place for place in free if place[0].hardware.plugged is not None)
        return next(waiting, free[0] if free else None)

    def is_free(self, evse: Evse, connector: Connector) -> bool:
        """Whether a transaction may be started on a connector."""
        session, plugged = self.sessions[evse.id], evse.hardware.plugged
        return (
            self.may_serve(evse)
            and connector.operative
            and not session.authorized
            and session.transaction is None
            and (plugged is None or plugged.id == connector.id)
        )

    def profile_for_start(self, payload: Payload, evse: Evse) -> Profile | None:
        """Return the charging profile that came with a remote start, None when it cannot be used."""
        try:
            profile = self.profiles.read(payload, evse.id, self.now())
        except InvalidProfile:
            return None
        return profile if self.profiles.refusal(profile, self.smart_sessions(), starting=True) is None else None

    @override
    def start_transaction(self, session: Session, trigger: Trigger) -> None:
        """Start a transaction, with the charging profile that its remote start brought (5.16.2)."""
        assert session.evse is not None, "in 1.6 a transaction begins with a vehicle"
        token, profile = self.start_profiles.pop(session.evse.id, (None, None))
        super().start_transaction(session, trigger)
        if profile is not None and session.authorization is not None and session.authorization.token.same(token):
            self.profiles.install(profile)
            self.save_profiles()
            self.apply_offer(session)

    @override
    def connect_timeout(self, session: Session) -> None:
        """Give up waiting for a vehicle, and with it the charging profile of a remote start."""
        if session.evse is not None:
            self.start_profiles.pop(session.evse.id, None)
        super().connect_timeout(session)

    def on_remote_stop_transaction(self, request: Payload) -> Json:
        """Answer RemoteStopTransaction (5.12)."""
        session = self.session_with(request["transactionId"])
        if session is None or self.registration is not Registration.ACCEPTED:
            return dict(_REJECTED)
        self.after_answer(partial(self._if_running, session, self.remote_stop))
        return dict(_ACCEPTED)

    def _if_running(self, session: Session, action: Callable[[Session], None]) -> None:
        if session.transaction is not None:
            action(session)

    # -- reset and unlock ----------------------------------------------------------------------------------------------------

    def on_reset(self, request: Payload) -> Json:
        """Answer Reset: transactions are stopped and told of first, for either type (5.14, errata 3.36)."""
        self.reset_type = request["type"]
        return {"status": self.order_reset(immediate=True).value}

    def on_unlock_connector(self, request: Payload) -> Json:
        """Answer UnlockConnector: a transaction there ends first (5.18, errata 3.87)."""
        place = self.connectors.get(request["connectorId"])
        if place is None or place[0].hardware.config.tethered:
            return {"status": "NotSupported"}
        evse, connector = place
        session = self.sessions[evse.id]
        if session.transaction is not None and session.transaction.connector in (None, connector.id):
            self.withdraw(session, Trigger.UNLOCK_COMMAND, StopReason.OTHER, end=True)
        unlocked = evse.hardware.unlock(connector.id)
        session.held = session.held and not unlocked
        return {"status": "Unlocked" if unlocked else "UnlockFailed"}
