"""A zoo of charge points for OCPP 1.6, each with one thing wrong about power, connections, meters, triggers, lists or limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import override

from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.smart_charging import Profile
from v2x_architecture.ocpp.station.authorizing import Decision, Source
from v2x_architecture.ocpp.station.firmware import BootCause, Parts
from v2x_architecture.ocpp.station.model import IdToken, Registration, TokenInfo
from v2x_architecture.ocpp.station.outbox import QueuedMessage
from v2x_architecture.ocpp.station.session import Session, TransactionReport
from v2x_architecture.ocpp.v16.messages import timestamp
from v2x_architecture.ocpp.v16.station import Firmware16

# -- power and availability --------------------------------------------------------------------------------------------------


class ChargePointThatGoesOnAfterPowerFailure(Firmware16):
    """Holds itself for accepted when the central system has ever accepted it."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        super().__init__(parts, cause)
        if self.settings.tx_before_accepted:
            self.registration = Registration.ACCEPTED


class ChargePointThatForgetsAvailability(Firmware16):
    """Forgets which connectors are unavailable when the power fails."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        parts.store.clear("availability")
        super().__init__(parts, cause)


class ChargePointThatInterrupts(Firmware16):
    """Ends a transaction to make its connector unavailable."""

    @override
    def on_change_availability(self, request: Payload) -> Payload:
        answer = super().on_change_availability(request)
        if answer["status"] == "Scheduled":
            self.after_answer(self._interrupt)
        return answer

    def _interrupt(self) -> None:
        for session in self.sessions.values():
            if session.transaction is not None:
                self.remote_stop(session)


# -- offline -----------------------------------------------------------------------------------------------------------------


class ChargePointThatSamplesOnline(Firmware16):
    """Takes no samples while it has no connection."""

    @override
    def periodic_sample(self, session: Session) -> None:
        if self.online:
            super().periodic_sample(session)


class ChargePointThatDeliversBackwards(Firmware16):
    """Delivers what it has queued last first."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        self._untold: list[TransactionReport] = []
        super().__init__(parts, cause)

    @override
    def send_report(self, report: TransactionReport) -> None:
        if self.online:
            super().send_report(report)
        else:
            self._untold.append(report)

    @override
    def back_online(self, away_s: float) -> None:
        super().back_online(away_s)
        while self._untold:
            super().send_report(self._untold.pop())


class ChargePointThatStampsDeliveries(Firmware16):
    """Gives messages of transactions the time of their delivery."""

    @override
    def finish_message(self, message: QueuedMessage) -> Payload:
        payload = super().finish_message(message)
        return {**payload, "timestamp": timestamp(self.now())} if "timestamp" in payload else payload


class ChargePointThatNeedsConnection(Firmware16):
    """Lets nobody charge without a connection."""

    @override
    def decide_offline(self, token: IdToken, known: Decision | None) -> Decision:
        return Decision(accepted=False, info=None, source=Source.NOBODY)


class ChargePointThatDoesNotDeauthorize(Firmware16):
    """Lets a transaction go on whose idTag turned out to be invalid."""

    @override
    def token_judged(self, transaction_id: str, token: IdToken, info: TokenInfo) -> None:
        self.learn(token, info)


class ChargePointThatIsNotAligned(Firmware16):
    """Reads its meter 7 s after every multiple of ClockAlignedDataInterval."""

    @override
    def seconds_to_aligned(self, interval_s: float) -> float:
        return super().seconds_to_aligned(interval_s) + 7


# -- triggers ----------------------------------------------------------------------------------------------------------------


class ChargePointThatForgetsTriggers(Firmware16):
    """Accepts triggers and sends nothing."""

    @override
    def triggered_action(self, message: str, number: int | None) -> Callable[[], None] | None:
        return None if super().triggered_action(message, number) is None else _nothing


class ChargePointThatSendsAnyway(Firmware16):
    """Rejects a trigger for a connector that it does not have, and reports all that it has."""

    @override
    def on_trigger_message(self, request: Payload) -> Payload:
        answer = super().on_trigger_message(request)
        if answer["status"] == "Rejected":
            self.after_answer(lambda: self.triggered_status(None))
        return answer


# -- local list --------------------------------------------------------------------------------------------------------------


class ChargePointThatTakesAnyList(Firmware16):
    """Takes changes of an older list than it has."""

    @override
    def update_list(self, request: Payload) -> str:
        self.local_list.version = 0
        return super().update_list(request)


# -- smart charging ----------------------------------------------------------------------------------------------------------


class ChargePointThatForgetsProfiles(Firmware16):
    """Accepts charging profiles and does not keep them."""

    @override
    def install_profile(self, profile: Profile) -> None:
        pass


class ChargePointThatKeepsProfiles(Firmware16):
    """Says that a profile is cleared, and keeps it."""

    @override
    def on_clear_charging_profile(self, request: Payload) -> Payload:
        return {"status": "Accepted"}


def _nothing() -> None:
    """Send nothing."""
