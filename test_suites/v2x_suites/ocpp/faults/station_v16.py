"""A zoo of charge points for OCPP 1.6, each with one thing wrong."""

from __future__ import annotations

import dataclasses
from typing import override

from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.endpoint import Reply
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.authorizing import Decision, Source
from v2x_architecture.ocpp.station.availability import Connector, Evse
from v2x_architecture.ocpp.station.config import StationConfig
from v2x_architecture.ocpp.station.firmware import BootAnswer, BootCause, Parts
from v2x_architecture.ocpp.station.link import Link
from v2x_architecture.ocpp.station.model import Authorization, IdToken, Registration, TokenInfo
from v2x_architecture.ocpp.station.resetting import Resetting
from v2x_architecture.ocpp.station.session import Session
from v2x_architecture.ocpp.station.settings import Settings
from v2x_architecture.ocpp.v16.keys import Access, Key
from v2x_architecture.ocpp.v16.station import Firmware16

# -- boot --------------------------------------------------------------------------------------------------------------------


class ChargePointThatRefusesWhilePending(Firmware16):
    """Refuses to answer while its boot is pending."""

    @override
    async def handle(self, action: str, payload: Payload) -> Payload | Reply:
        if self.registration is Registration.PENDING:
            raise CallRefused(ErrorCode.SECURITY_ERROR, "not accepted yet")
        return await super().handle(action, payload)


class ChargePointThatTalksBeforeItIsAccepted(Firmware16):
    """Reports its main controller whatever its boot is answered."""

    @override
    def registered(self, link: Link, answer: BootAnswer) -> None:
        super().registered(link, answer)
        if answer.status is not Registration.ACCEPTED:
            self.report_main(triggered=True)


class ChargePointThatCannotWaitToBoot(Firmware16):
    """Boots again after a third of the interval of a pending or rejected boot."""

    @override
    async def boot_notification(self, link: Link, cause: BootCause) -> BootAnswer:
        answer = await super().boot_notification(link, cause)
        if answer.status is Registration.ACCEPTED:
            return answer
        return BootAnswer(answer.status, answer.interval_s * 0.6, answer.current_time)


class ChargePointThatAnswersWhileRejected(Firmware16):
    """Answers CALLs although its boot was rejected."""

    @override
    async def handle(self, action: str, payload: Payload) -> Payload | Reply:
        if self.registration is Registration.REJECTED:
            return await Resetting.handle(self, action, payload)
        return await super().handle(action, payload)


# -- sessions ----------------------------------------------------------------------------------------------------------------


class ChargePointThatTrustsEverybody(Firmware16):
    """Lets everybody charge without asking the central system."""

    @override
    async def authorize(self, token: IdToken, evse: int | None) -> Decision:
        return Decision(accepted=True, info=TokenInfo("Accepted"), source=Source.NOBODY)


class ChargePointThatWaitsForEver(Firmware16):
    """Waits for a cable without end."""

    @override
    def await_vehicle(self, session: Session) -> None:
        pass


class ChargePointThatIgnoresDisconnects(Firmware16):
    """Behaves as if StopTransactionOnEVSideDisconnect were false."""

    @override
    def read_settings(self) -> Settings:
        stopped_by = super().read_settings()
        points = frozenset(point for point in stopped_by.tx_stop_points if point.value == "Authorized")
        return dataclasses.replace(stopped_by, stop_on_ev_side_disconnect=False, tx_stop_points=points)


class ChargePointThatStopsOnDisconnect(Firmware16):
    """Behaves as if StopTransactionOnEVSideDisconnect were true."""

    @override
    def unplugged(self, session: Session) -> None:
        super().unplugged(session)
        if session.transaction is not None:
            self.stop_authorized(session, None)


class ChargePointThatAuthorizesAgain(Firmware16):
    """Has the idTag that started a transaction authorized again before it may stop it."""

    @override
    async def stop_with(self, session: Session, authorization: Authorization, token: IdToken) -> None:
        await self.request_authorization(token, None)
        await super().stop_with(session, authorization, token)


class ChargePointThatAnybodyStops(Firmware16):
    """Lets every accepted idTag stop every transaction."""

    @override
    def may_stop(self, authorization: Authorization, info: TokenInfo | None) -> bool:
        return True


# -- authorization -----------------------------------------------------------------------------------------------------------


class ChargePointThatAlwaysAsks(Firmware16):
    """Asks the central system about everybody, whatever LocalPreAuthorize says."""

    @override
    def trusts_local(self, known: Decision) -> bool:
        return False


class ChargePointThatKeepsItsCache(Firmware16):
    """Says that its cache is cleared, and keeps it."""

    @override
    def on_clear_cache(self, request: Payload) -> Payload:
        return {"status": "Accepted"}


class ChargePointThatAcceptsEverybody(Firmware16):
    """Takes every answer to Authorize for an acceptance."""

    @override
    async def request_authorization(self, token: IdToken, evse: int | None) -> TokenInfo:
        await super().request_authorization(token, evse)
        return TokenInfo("Accepted")


class ChargePointThatTrustsRemoteStarts(Firmware16):
    """Starts remotely without authorizing the idTag."""

    @override
    def read_settings(self) -> Settings:
        return dataclasses.replace(super().read_settings(), authorize_remote_start=False)


# -- remote control ----------------------------------------------------------------------------------------------------------


class ChargePointThatForgetsRemoteStarts(Firmware16):
    """Accepts a remote start and does nothing."""

    @override
    async def start_remotely(self, evse: Evse, token: IdToken) -> None:
        pass


class ChargePointThatStartsElsewhere(Firmware16):
    """Takes a remote start that cannot be for the next free connector."""

    @override
    def place_for_start(self, number: int | None) -> tuple[Evse, Connector] | None:
        return super().place_for_start(number) or super().place_for_start(None)


class ChargePointThatStartsAnyway(Firmware16):
    """Rejects a remote start for connector 0, and starts on connector 1."""

    @override
    def on_remote_start_transaction(self, request: Payload) -> Payload:
        answer = super().on_remote_start_transaction(request)
        if answer["status"] == "Rejected":
            super().on_remote_start_transaction({**request, "connectorId": 1})
        return answer


class ChargePointThatStopsAny(Firmware16):
    """Stops the transaction that is running, whatever transaction is named."""

    @override
    def session_with(self, csms_id: int) -> Session | None:
        return next((each for each in self.sessions.values() if each.transaction is not None), None)


class ChargePointThatForgetsRemoteStops(Firmware16):
    """Accepts a remote stop and goes on."""

    @override
    def remote_stop(self, session: Session) -> None:
        pass


class ChargePointThatDoesNotReset(Firmware16):
    """Accepts a reset and does nothing."""

    @override
    def on_reset(self, request: Payload) -> Payload:
        return {"status": "Accepted"}


# -- configuration -----------------------------------------------------------------------------------------------------------


class ChargePointWithoutResetRetries(Firmware16):
    """Lacks a configuration key that the Core profile requires."""

    @override
    def configuration_keys(self, config: StationConfig) -> tuple[Key, ...]:
        return tuple(key for key in super().configuration_keys(config) if key.name != "ResetRetries")


class ChargePointWithoutListSize(Firmware16):
    """Has local lists, and lacks a configuration key that their profile requires."""

    @override
    def configuration_keys(self, config: StationConfig) -> tuple[Key, ...]:
        return tuple(key for key in super().configuration_keys(config) if key.name != "SendLocalListMaxLength")


class ChargePointThatFixesItsChoices(Firmware16):
    """Lets nobody change whether it trusts its memory, which a central system must be able to."""

    @override
    def configuration_keys(self, config: StationConfig) -> tuple[Key, ...]:
        fixed = ("LocalPreAuthorize", "LocalAuthorizeOffline")
        keys = super().configuration_keys(config)
        return tuple(dataclasses.replace(key, access=Access.READ) if key.name in fixed else key for key in keys)


class ChargePointThatHidesItsCache(Firmware16):
    """Has an authorization cache, and leaves the key that switches it out of its configuration."""

    @override
    def on_get_configuration(self, request: Payload) -> Payload:
        answer = super().on_get_configuration(request)
        told, _ = self.configuration.report(request.get("key", []))
        return {**answer, "configurationKey": [entry for entry in told if entry["key"] != "AuthorizationCacheEnabled"]}


class ChargePointThatTellsEverything(Firmware16):
    """Tells all keys, whatever is asked for."""

    @override
    def on_get_configuration(self, request: Payload) -> Payload:
        unknown = super().on_get_configuration(request).get("unknownKey", [])
        return {**super().on_get_configuration({}), "unknownKey": unknown}


class ChargePointThatHidesReadOnly(Firmware16):
    """Says of every key that it can be changed."""

    @override
    def on_get_configuration(self, request: Payload) -> Payload:
        known, _ = self.configuration.report(request.get("key", []))
        told = [{**entry, "readonly": False} for entry in known]
        return {**super().on_get_configuration(request), "configurationKey": told}


class ChargePointThatForgetsChanges(Firmware16):
    """Accepts a sample interval of 300 s and keeps the old one."""

    @override
    def on_change_configuration(self, request: Payload) -> Payload:
        if request["value"] == "300":
            return {"status": "Accepted"}
        return super().on_change_configuration(request)


class ChargePointWithVolatileConfiguration(Firmware16):
    """Forgets its configuration when the power is cut."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        parts.store.clear("configuration")
        super().__init__(parts, cause)


class ChargePointThatRejectsAndChanges(Firmware16):
    """Rejects a change and makes it."""

    @override
    def on_change_configuration(self, request: Payload) -> Payload:
        answer = super().on_change_configuration(request)
        if answer["status"] == "Rejected":
            self.configuration.set(request["key"], "7")
        return answer
