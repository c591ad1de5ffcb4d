"""Transactions of 2.0.1: the chain of TransactionEvents (E01 to E12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from v2x_harness.finding import Axis, Layer

from v2x_suites.ocpp.rules.actions import names
from v2x_suites.ocpp.rules.known.moments import instant
from v2x_suites.ocpp.rules.known.transactions_v201 import Transaction, Transactions
from v2x_suites.ocpp.rules.problem import FINE, Problem, info
from v2x_suites.ocpp.rules.rule import rule, rules

if TYPE_CHECKING:
    from v2x_suites.ocpp.rules.knowledge import Station
    from v2x_suites.ocpp.rules.stream import OcppMessage
    from v2x_suites.ocpp.rules.table import Lesson

_KEPT = 1024
_GAPS_KEPT = 256
_REMOTE_STARTS_KEPT = 64
_SOON = 60.0
_CLOCK_STEP = 2.0
_CONNECTED = names("EVConnected Charging SuspendedEV SuspendedEVSE")
# Triggers of an end that was not the driver's at the station (3.85, 3.69).
_NOT_LOCAL = {
    "RemoteStop": "Remote",
    "Deauthorized": "DeAuthorized",
    "EVConnectTimeout": "Timeout",
    "EnergyLimitReached": "EnergyLimitReached",
    "TimeLimitReached": "TimeLimitReached",
    "UnlockCommand": "Other",
    "ResetCommand": "ImmediateReset",
    "AbnormalCondition": "Other",
    "EVCommunicationLost": "EVDisconnected",
}

_ROUTINE = names("MeterValuePeriodic MeterValueClock")

_EVENT = "OCPP-2.0.1#TransactionEventRequest"
EVENT_TYPE = info(
    "sequence.transaction-event-type",
    Layer.SEQUENCE,
    "The first event of a transaction is Started, the last Ended, all others Updated.",
    v201=_EVENT,
    parties=("station",),
)
SEQUENCE_NUMBER = info(
    "sequence.sequence-number",
    Layer.SEQUENCE,
    "The sequence number of a transaction's events goes up by one each time.",
    v201="E01.FR.07 E02.FR.07",
    parties=("station",),
)
REUSED = info(
    "semantics.transaction-id-reused",
    Layer.SEMANTICS,
    "A station never uses a transaction id for a second transaction.",
    v201="E01.FR.08",
    parties=("station",),
)
EVENT_ORDER = info(
    "semantics.event-order",
    Layer.SEMANTICS,
    "A later event of a transaction did not happen before an earlier one.",
    v201=_EVENT,
    parties=("station",),
)
EVSE = info(
    "semantics.evse-missing",
    Layer.SEMANTICS,
    "Once an EV is connected, the transaction's next event says at which EVSE and connector.",
    v201="E01.FR.16",
    parties=("station",),
)
ON_ONE_EVSE = info(
    "sequence.one-transaction-on-evse",
    Layer.SEQUENCE,
    "An EVSE has one transaction at a time.",
    v201="E01.FR.14",
    parties=("station",),
)


@rules(EVENT_TYPE, SEQUENCE_NUMBER, REUSED, EVENT_ORDER, EVSE, ON_ONE_EVSE, on="CALL TransactionEvent")
def chain(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """Look at an event as one of its transaction's."""
    payload = message.payload
    transactions = station.transactions_v201
    told = payload["transactionInfo"]
    key, kind, number = told["transactionId"], payload["eventType"], int(payload["seqNo"])
    known = transactions.known.get(key)
    if known is not None and _goes_on(payload, known, number) and known.connected and payload["timestamp"] >= known.time:
        return FINE
    problems: list[Problem] = []
    if known is None:
        if number == 0 and kind != "Started":
            words = f"the first event of transaction {key!r} is {kind}"
            problems.append(Problem("/3/eventType", words, "Started", kind, EVENT_TYPE))
    else:
        if number == known.last and known.payload == payload:
            # Sent again, for want of an answer.
            return None
        if kind == "Started" and known.ended is not None and number not in known.gaps:
            words = "a transaction starts with the id of one that has ended"
            return (Problem("/3/transactionInfo/transactionId", words, "an id of its own", "used before", REUSED),)
        if number != known.last + 1:
            problems += _of_number(message, known)
        if kind != "Updated" or known.ended is not None:
            problems += _of_kind(message, known)
        time = payload["timestamp"]
        if number == known.last + 1 and _goes_back(known.time, time):
            words = f"the event happened before the one ahead of it (frame {known.last_n})"
            problems.append(Problem("/3/timestamp", words, f"{known.time} or later", time, EVENT_ORDER))
    if known is None or not known.connected or "evse" in payload:
        problems += _of_evse(payload, known, transactions)
    return problems


def _goes_on(payload: dict[str, Any], known: Transaction, number: int) -> bool:
    """Tell whether an event is just the next of a transaction that goes on, as most are."""
    return (
        number == known.last + 1
        and payload["eventType"] == "Updated"
        and known.ended is None
        and "evse" not in payload
        and len(payload["timestamp"]) == len(known.time)
    )


def _goes_back(then: str, now: str) -> bool:
    """Tell whether a time is earlier than another by more than the step of a clock that is set."""
    if len(then) == len(now) and now >= then:
        return False
    first, second = instant(then), instant(now)
    return first is not None and second is not None and (first - second).total_seconds() > _CLOCK_STEP


def _of_evse(payload: dict[str, Any], known: Transaction | None, transactions: Transactions) -> list[Problem]:
    told, kind, evse = payload["transactionInfo"], payload["eventType"], payload.get("evse")
    first_connected = told.get("chargingState") in _CONNECTED and (
        kind == "Started" if known is None else known.started and not known.connected and known.evse is None
    )
    if evse is None:
        if not first_connected:
            return []
        words = f"the event says {told['chargingState']}, and no event says at which EVSE and connector"
        return [Problem("/3", words, "evse with id and connectorId", "no evse", EVSE)]
    if first_connected and "connectorId" not in evse:
        words = "the EV is connected, and the event does not say to which connector"
        return [Problem("/3/evse", words, "id and connectorId", "no connectorId", EVSE)]
    other = transactions.at.get(evse["id"], "")
    ongoing = transactions.known.get(other)
    if kind != "Started" or other == told["transactionId"] or ongoing is None or ongoing.ended is not None:
        return []
    words = f"a transaction starts at EVSE {evse['id']}, where {other!r} (frame {ongoing.last_n}) goes on"
    return [Problem("/3/evse/id", words, "Ended first", "Started", ON_ONE_EVSE)]


def _of_number(message: OcppMessage, known: Transaction) -> list[Problem]:
    payload = message.payload
    number, at = int(payload["seqNo"]), "/3/seqNo"
    expected = known.last + 1
    if number == expected or number in known.gaps:
        return []
    if known.first_number <= number < expected:
        words = f"sequence number {number} was used before in this transaction, for another event"
        return [Problem(at, words, str(expected), str(number), SEQUENCE_NUMBER)]
    if number > expected:
        # While offline and short of memory, events in the middle may be dropped (E04.FR.07).
        lost = payload.get("offline") or known.last_session != message.session.serial
        words = f"the sequence number jumps from {known.last} to {number}; a CSMS waits for the events between"
        axis = Axis.COMPATIBILITY if lost else None
        return [Problem(at, words, str(expected), str(number), SEQUENCE_NUMBER, axis=axis)]
    words = f"the sequence number goes back from {known.last} to {number}"
    return [Problem(at, words, str(expected), str(number), SEQUENCE_NUMBER)]


def _of_kind(message: OcppMessage, known: Transaction) -> list[Problem]:
    payload = message.payload
    kind, number, at = payload["eventType"], int(payload["seqNo"]), "/3/eventType"
    if kind == "Started":
        if known.started or number > known.last:
            words = f"the transaction is Started, though it was seen to go on since frame {known.first}"
            return [Problem(at, words, "Updated or Ended", kind, EVENT_TYPE)]
    elif known.ended is not None and number > known.ended:
        words = "an event of the transaction comes after its end"
        return [Problem(at, words, "nothing after Ended", kind, EVENT_TYPE)]
    return []


def eventful(message: OcppMessage) -> bool:
    """Tell whether a message is more than the next of many samples."""
    return message.payload.get("triggerReason") not in _ROUTINE


def carries_token(message: OcppMessage) -> bool:
    """Tell whether a message carries a token."""
    return "idToken" in message.payload


@rule(
    "semantics.stopped-reason",
    Layer.SEMANTICS,
    on="CALL TransactionEvent",
    v201="E06.FR.08",
    parties=("station",),
    guard=eventful,
)
def stopped_reason(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """The reason of an end is left out only when the driver ended it at the station."""
    payload = message.payload
    reason = _NOT_LOCAL.get(payload["triggerReason"])
    if payload["eventType"] != "Ended" or reason is None:
        return None
    if "stoppedReason" in payload["transactionInfo"]:
        return FINE
    words = f"the transaction ended by {payload['triggerReason']}, and the reason is left out, which means Local"
    return (Problem("/3/transactionInfo", words, f"stoppedReason, as {reason}", "no stoppedReason"),)


@rule(
    "semantics.charging-state",
    Layer.SEMANTICS,
    on="CALL TransactionEvent",
    v201="E02.FR.13 E01.FR.18",
    parties=("station",),
    guard=eventful,
)
def charging_state(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """An event whose trigger is a change of the charging state says the charging state."""
    if message.payload["triggerReason"] != "ChargingStateChanged":
        return None
    if "chargingState" in message.payload["transactionInfo"]:
        return FINE
    words = "the charging state has changed, and the event does not say to what"
    return (Problem("/3/transactionInfo", words, "chargingState", "none"),)


@rule(
    "semantics.remote-start-id",
    Layer.SEMANTICS,
    on="CALL TransactionEvent",
    v201="F02.FR.21 F02.FR.01",
    parties=("station",),
    guard=eventful,
)
def remote_start_id(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """An event that follows a remote start carries the id of that remote start."""
    payload = message.payload
    given = payload["transactionInfo"].get("remoteStartId")
    if given is None:
        if payload["triggerReason"] != "RemoteStart":
            return None
        words = "the trigger is a remote start, and the event does not say which"
        return (Problem("/3/transactionInfo", words, "remoteStartId", "none"),)
    transactions = station.transactions_v201
    starts = transactions.remote_starts
    known = transactions.known.get(payload["transactionInfo"]["transactionId"])
    if not starts or not (payload["eventType"] == "Started" or (known and known.started)):
        # The remote start may be older than the log.
        return None
    if given in starts:
        return FINE
    words = f"no RequestStartTransaction had the remoteStartId {given}"
    expected = f"{next(reversed(starts))}, as in the last one"
    return (Problem("/3/transactionInfo/remoteStartId", words, expected, str(given)),)


@rule(
    "semantics.id-token-info",
    Layer.SEMANTICS,
    on="CALLRESULT TransactionEvent",
    v201="E01.FR.12 E02.FR.02",
    parties=("csms",),
    guard=carries_token,
)
def id_token_info(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """An event that carries a token is answered with what the token may."""
    call = message.call
    if call is None or "idToken" not in call.payload:
        return None
    if "idTokenInfo" in message.payload:
        return FINE
    words = "the event carries an idToken, and the answer does not say whether it is accepted"
    return (Problem("/2", words, "idTokenInfo", "none"),)


@rule(
    "sequence.authorize-to-end",
    Layer.SEQUENCE,
    on="CALL TransactionEvent",
    v201="E07.FR.01 C01.FR.03",
    parties=("station",),
    guard=eventful,
)
def authorize_to_end(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """Whoever started a transaction ends it without being authorized again."""
    payload, transactions = message.payload, station.transactions_v201
    if payload["triggerReason"] != "StopAuthorized" or "idToken" not in payload:
        return None
    token = token_of(payload)
    known = transactions.known.get(payload["transactionInfo"]["transactionId"])
    if known is None or not token or token != known.token:
        return None
    asked = transactions.asked.get(token)
    if asked is None or asked[0] < known.token_n or message.t - asked[1] > _SOON:
        return FINE
    words = "Authorize is sent for the token that started the transaction, to end it"
    return (Problem("/3/idToken", words, "no Authorize", f"Authorize in frame {asked[0]}", frame=asked[0]),)


RULES = (chain, stopped_reason, charging_state, remote_start_id, id_token_info, authorize_to_end)


def token_of(payload: dict[str, Any]) -> str:
    """Return the idToken of a payload, in lower case since case does not count; empty when there is none."""
    token = payload.get("idToken")
    text = token.get("idToken") if isinstance(token, dict) else None
    return text.lower() if isinstance(text, str) else ""


def _learn_event(message: OcppMessage, station: Station) -> None:
    if not message.valid:
        return
    transactions, payload = station.transactions_v201, message.payload
    told = payload["transactionInfo"]
    key, kind, number = told["transactionId"], payload["eventType"], int(payload["seqNo"])
    known = transactions.known.get(key)
    if known is not None and known.connected and "idToken" not in payload and _goes_on(payload, known, number):
        known.last, known.last_n, known.last_session = number, message.n, message.session.serial
        known.time, known.payload = payload["timestamp"], payload
        return
    if known is None or (kind == "Started" and known.ended is not None and number not in known.gaps):
        if len(transactions.known) >= _KEPT:
            del transactions.known[next(iter(transactions.known))]
        known = transactions.known[key] = Transaction(message.n, number)
    if number > known.last:
        if number > known.last + 1 and len(known.gaps) < _GAPS_KEPT:
            known.gaps.update(range(known.last + 1, min(number, known.last + 64)))
        known.last, known.last_n, known.last_session = number, message.n, message.session.serial
        known.time, known.payload = payload["timestamp"], payload
    elif known.gaps:
        known.gaps.discard(number)
    known.started |= kind == "Started"
    known.connected |= told.get("chargingState") in _CONNECTED
    evse = payload.get("evse")
    if evse is not None:
        known.evse = evse["id"]
        if len(transactions.at) < _KEPT or known.evse in transactions.at:
            transactions.at[known.evse] = key
    if kind == "Ended":
        known.ended = number
    if "idToken" in payload and (token := token_of(payload)):
        if not known.token:
            known.token, known.token_n = token, message.n
        if payload["triggerReason"] != "StopAuthorized":
            transactions.asked.pop(token, None)


def _learn_remote_start(message: OcppMessage, station: Station) -> None:
    given = message.payload.get("remoteStartId")
    starts = station.transactions_v201.remote_starts
    if isinstance(given, int):
        starts.pop(given, None)
        starts[given] = message.t
        if len(starts) > _REMOTE_STARTS_KEPT:
            del starts[next(iter(starts))]


def _learn_authorize(message: OcppMessage, station: Station) -> None:
    asked, token = station.transactions_v201.asked, token_of(message.payload)
    if token:
        asked.pop(token, None)
        asked[token] = (message.n, message.t)
        if len(asked) > 16:
            del asked[next(iter(asked))]


LEARN: tuple[Lesson, ...] = (
    ("CALL", "TransactionEvent", _learn_event),
    ("CALL", "RequestStartTransaction", _learn_remote_start),
    ("CALL", "Authorize", _learn_authorize),
)
