"""The Remote Trigger profile (5.17), and ExtendedTriggerMessage of the security whitepaper (5.5)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from v2x_architecture.ocpp.errors import OcppError
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.availability import Connector, Evse
from v2x_architecture.ocpp.station.metering import Context
from v2x_architecture.ocpp.station.model import Registration
from v2x_architecture.ocpp.station.outbox import Offline
from v2x_architecture.ocpp.v16.messages import Json, measurand_of, meter_value
from v2x_architecture.ocpp.v16.smart import SmartCharging16
from v2x_architecture.ocpp.v16.status import MAIN_CONTROLLER

_log = logging.getLogger(__name__)

_ABOUT_CONNECTORS: Final = ("MeterValues", "StatusNotification")


class Triggers16(SmartCharging16):
    """Adds messages on request. The answer goes first, the message after it."""

    def on_trigger_message(self, request: Payload) -> Json:
        """Answer TriggerMessage."""
        return {"status": self.trigger(request["requestedMessage"], request.get("connectorId"))}

    def on_extended_trigger_message(self, request: Payload) -> Json:
        """Answer ExtendedTriggerMessage."""
        return {"status": self.trigger(request["requestedMessage"], request.get("connectorId"))}

    def trigger(self, message: str, number: int | None) -> str:
        """Send a message that was asked for, once the answer is sent; return TriggerMessageStatus (7.44).

        Args:
            message: MessageTrigger.
            number: connectorId; None for all that the message can be about.
        """
        action = self.triggered_action(message, number)
        if action is None:
            return "NotImplemented"
        if not self.may_trigger(message, number):
            return "Rejected"
        self.after_answer(action)
        return "Accepted"

    def triggered_action(self, message: str, number: int | None) -> Callable[[], None] | None:
        """Return what sends a message; None for one that this charge point never sends."""
        return {
            "BootNotification": self.boot_again_now,
            "Heartbeat": lambda: self.spawn(self.triggered_heartbeat()),
            "MeterValues": lambda: self.triggered_meter_values(number),
            "StatusNotification": lambda: self.triggered_status(number),
        }.get(message)

    def may_trigger(self, message: str, number: int | None) -> bool:
        """Whether a message can be sent now: no BootNotification once accepted (errata 3.35), none about what there is not."""
        if message == "BootNotification":
            return self.registration is not Registration.ACCEPTED
        if message == "MeterValues" and (number == MAIN_CONTROLLER or not self.configuration.items("MeterValuesSampledData")):
            return False
        return message not in _ABOUT_CONNECTORS or number in {None, MAIN_CONTROLLER, *self.connectors}

    async def triggered_heartbeat(self) -> None:
        """Send a Heartbeat now."""
        try:
            self.synchronize_clock(await self.send_heartbeat(triggered=True))
        except (Offline, OcppError) as problem:
            _log.info("%s: Heartbeat failed: %s", self.config.identity, problem)

    def triggered_status(self, number: int | None) -> None:
        """Send StatusNotification of the main controller, a connector, or all of them."""
        if number in (None, MAIN_CONTROLLER):
            self.report_main(triggered=True)
        for each, (evse, connector) in self.connectors.items():
            if number in (None, each):
                self.report_status(evse, connector, triggered=True)

    def triggered_meter_values(self, number: int | None) -> None:
        """Send the most recent values of MeterValuesSampledData for a connector, or for each."""
        for each, (evse, connector) in self.connectors.items():
            if number in (None, each):
                self.send_values_now(each, evse, connector)

    def send_values_now(self, number: int, evse: Evse, connector: Connector) -> None:
        """Sample a connector and send what it measures; with the transaction's id, if one runs there and has one."""
        asked = self.configuration.items("MeterValuesSampledData")
        value = self.sample(evse, dict.fromkeys(measurand_of(item) for item in asked), Context.TRIGGER)
        told = None if value is None else meter_value(value, measurands=asked)
        if told is None:
            return
        payload: Json = {"connectorId": number, "meterValue": [told]}
        transaction = self.sessions[evse.id].transaction
        if transaction is None or transaction.connector not in (None, connector.id):
            self.outbox.send("MeterValues", payload, triggered=True)
        elif transaction.id in self.csms_ids:
            self.outbox.send("MeterValues", payload | {"transactionId": self.csms_ids[transaction.id]}, triggered=True)
        else:
            self.outbox.keep("MeterValues", payload, transaction.id)
