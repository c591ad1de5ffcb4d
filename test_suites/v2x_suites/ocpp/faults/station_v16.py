"""A zoo of charge points for OCPP 1.6, each with one thing wrong."""

from __future__ import annotations

import dataclasses
from typing import override

from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.endpoint import Reply
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.authorizing import Decision, Source
from v2x_architecture.ocpp.station.firmware import BootAnswer, BootCause
from v2x_architecture.ocpp.station.link import Link
from v2x_architecture.ocpp.station.model import Authorization, IdToken, Registration, TokenInfo
from v2x_architecture.ocpp.station.resetting import Resetting
from v2x_architecture.ocpp.station.session import Session
from v2x_architecture.ocpp.station.settings import Settings
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
