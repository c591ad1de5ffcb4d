"""Status of connectors: which statuses there are where, which follow which, and what goes with them (1.6: 4.9; 2.0.1: G01)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from v2x_harness.finding import Axis, Layer

from v2x_suites.ocpp.rules.actions import names
from v2x_suites.ocpp.rules.problem import FINE, Problem
from v2x_suites.ocpp.rules.rule import rule

if TYPE_CHECKING:
    from v2x_suites.ocpp.rules.knowledge import Station
    from v2x_suites.ocpp.rules.stream import OcppMessage
    from v2x_suites.ocpp.rules.table import Lesson

_CONNECTORS_KEPT = 256

# The table of 4.9: from each status, those that follow it; a fault can come and go anywhere.
_NEXT = {
    "Available": names("Preparing Charging SuspendedEV SuspendedEVSE Reserved Unavailable Faulted"),
    "Preparing": names("Available Charging SuspendedEV SuspendedEVSE Finishing Faulted"),
    "Charging": names("Available SuspendedEV SuspendedEVSE Finishing Unavailable Faulted"),
    "SuspendedEV": names("Available Charging SuspendedEVSE Finishing Unavailable Faulted"),
    "SuspendedEVSE": names("Available Charging SuspendedEV Finishing Unavailable Faulted"),
    "Finishing": names("Available Preparing Unavailable Faulted"),
    "Reserved": names("Available Preparing Unavailable Faulted"),
    "Unavailable": names("Available Preparing Charging SuspendedEV SuspendedEVSE Faulted"),
    "Faulted": names("Available Preparing Charging SuspendedEV SuspendedEVSE Finishing Reserved Unavailable"),
}
_OF_THE_WHOLE = names("Available Unavailable Faulted")
_WITH_EV_ERROR = names("Preparing SuspendedEV SuspendedEVSE Finishing")


@rule(
    "sequence.status-transition",
    Layer.SEQUENCE,
    on="CALL StatusNotification",
    v16="OCPP-1.6#4.9",
    parties=("station",),
    axis=Axis.COMPATIBILITY,
)
def status_transition(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A connector goes from one status to the next as the table has it.

    A station may leave out a status that was short (MinimumStatusDuration), so a gap is legal; a CSMS may not follow it though.
    """
    payload = message.payload
    before, status = station.statuses.get(payload["connectorId"]), payload["status"]
    if not before or payload["connectorId"] == 0:
        return None
    if status == before or status in _NEXT.get(before, ()):
        return FINE
    words = f"the status goes from {before} to {status}, which the table of transitions does not have"
    return (Problem("/3/status", words, f"one of {', '.join(sorted(_NEXT.get(before, ())))}", status),)


@rule(
    "semantics.status-of-station",
    Layer.SEMANTICS,
    on="CALL StatusNotification",
    v16="OCPP-1.6#4.9",
    v201="OCPP-2.0.1#part1-7",
    parties=("station",),
)
def status_of_station(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """The station as a whole is Available, Unavailable or Faulted; 2.0.1 reports the status of connectors only."""
    payload = message.payload
    if message.session.table.ids == "1.6":
        if payload["connectorId"] != 0:
            return None
        if payload["status"] in _OF_THE_WHOLE:
            return FINE
        words = f"connector 0 is the station as a whole, which cannot be {payload['status']}"
        return (Problem("/3/status", words, "Available, Unavailable or Faulted", payload["status"]),)
    if payload["evseId"] > 0 and payload["connectorId"] > 0:
        return FINE
    at = "/3/evseId" if payload["evseId"] <= 0 else "/3/connectorId"
    return (Problem(at, "EVSEs and connectors are numbered from 1", "1 or more", str(payload[at[3:]])),)


@rule(
    "semantics.status-error",
    Layer.SEMANTICS,
    on="CALL StatusNotification",
    v16="OCPP-1.6#4.9",
    parties=("station",),
)
def status_error(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """The error code of a status goes with the status."""
    error, status = message.payload["errorCode"], message.payload["status"]
    if error == "EVCommunicationError" and status not in _WITH_EV_ERROR:
        words = f"EVCommunicationError does not go with {status}"
        return (Problem("/3/errorCode", words, "Preparing, SuspendedEV, SuspendedEVSE or Finishing", status),)
    if status == "Faulted" and error == "NoError":
        words = "the status is Faulted and the error code says that there is no error"
        return (Problem("/3/errorCode", words, "an error", error, axis=Axis.COMPATIBILITY),)
    return FINE


RULES = (status_transition, status_of_station, status_error)


def _learn_status(message: OcppMessage, station: Station) -> None:
    connector, status = message.payload.get("connectorId"), message.payload.get("status")
    if not isinstance(connector, int) or not isinstance(status, str):
        return
    statuses = station.statuses
    if connector not in statuses and len(statuses) >= _CONNECTORS_KEPT:
        return
    statuses[connector] = status
    if status == "Available":
        station.transactions_v16.free.add(connector)


def _learn_start(message: OcppMessage, station: Station) -> None:
    station.statuses.clear()


LEARN: tuple[Lesson, ...] = (
    ("CALL", "StatusNotification", _learn_status),
    ("CALL", "BootNotification", _learn_start),
)
