"""A zoo of charging stations for OCPP 2.0.1, each with one thing wrong in provisioning, authorization or transactions."""

from __future__ import annotations

from typing import override

from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.resetting import ResetStatus
from v2x_architecture.ocpp.station.session import Session
from v2x_architecture.ocpp.v201.device_model import Variable
from v2x_architecture.ocpp.v201.station import Firmware201

# -- B: provisioning ---------------------------------------------------------------------------------------------------------


class StationThatGetsOneVariable(Firmware201):
    """Answers the first of several variables that are read."""

    @override
    def on_get_variables(self, payload: Payload) -> Payload:
        answer = super().on_get_variables(payload)
        return {"getVariableResult": answer["getVariableResult"][:1]}


class StationThatSetsOneVariable(Firmware201):
    """Sets the first of several variables, and answers for it alone."""

    @override
    def on_set_variables(self, payload: Payload) -> Payload:
        return super().on_set_variables({"setVariableData": payload["setVariableData"][:1]})


class StationThatForgetsVariables(Firmware201):
    """Accepts a new value for a variable and keeps the old one, once it is in operation."""

    @override
    def on_set_variables(self, payload: Payload) -> Payload:
        known = {each["variable"]["name"]: self.get_variable(each) for each in payload["setVariableData"]}
        answer = super().on_set_variables(payload)
        for item, old in zip(payload["setVariableData"], known.values(), strict=True):
            value = old.get("attributeValue", "")
            if item["attributeValue"] in ("300", "true") and value:
                super().on_set_variables({"setVariableData": [item | {"attributeValue": value}]})
        return answer


class StationThatReportsEverything(Firmware201):
    """Reports its full inventory, whatever report is asked for."""

    @override
    def on_get_base_report(self, payload: Payload) -> Payload:
        return super().on_get_base_report(payload | {"reportBase": "FullInventory"})


class StationThatNumbersReportsFromOne(Firmware201):
    """Numbers the parts of a report from 1."""

    @override
    def notify_report(self, request_id: int, generated: str, number: int, part: list[Payload], count: int) -> Payload:
        report = super().notify_report(request_id, generated, number, part, count)
        return report | {"seqNo": number + 1}


class StationThatReportsBareVariables(Firmware201):
    """Reports variables without their characteristics."""

    @override
    def notify_report(self, request_id: int, generated: str, number: int, part: list[Payload], count: int) -> Payload:
        bare = [{name: value for name, value in entry.items() if name != "variableCharacteristics"} for entry in part]
        return super().notify_report(request_id, generated, number, bare, count)


class StationThatHidesVariables(Firmware201):
    """Leaves its authorization cache and the energy for invalid tokens out of every report."""

    @override
    def send_variables(self, request_id: int, variables: list[Variable]) -> None:
        shown = [each for each in variables if each.component != "AuthCacheCtrlr" and each.name != "MaxEnergyOnInvalidId"]
        super().send_variables(request_id, shown)


class StationThatCannotWait(Firmware201):
    """Says that a reset is scheduled, and reboots at once."""

    @override
    def order_reset(self, *, immediate: bool, evse: int | None = None) -> ResetStatus:
        busy = any(self.busy(each) for each in self.evses.values())
        super().order_reset(immediate=True, evse=evse)
        return ResetStatus.SCHEDULED if busy else ResetStatus.ACCEPTED


class StationThatWaitsForOne(Firmware201):
    """Reboots when idle as soon as one of several transactions has ended."""

    @override
    def transaction_over(self, session: Session) -> None:
        others = [
            each for each in self.sessions.values() if each is not session and each.evse is not None and each.evse.resetting
        ]
        running = {each.evse.id: each.transaction for each in others if each.evse is not None}
        for each in others:
            each.transaction = None
        super().transaction_over(session)
        for each in others:
            if each.evse is not None:
                each.transaction = running[each.evse.id]


class StationThatReportsChangesOnly(Firmware201):
    """Reports only changed connectors, however long it was offline."""

    @override
    def back_online(self, away_s: float) -> None:
        super().back_online(0.0)


class StationThatReportsAllConnectors(Firmware201):
    """Reports every connector, however short it was offline."""

    @override
    def back_online(self, away_s: float) -> None:
        super().back_online(away_s + 1e6)
