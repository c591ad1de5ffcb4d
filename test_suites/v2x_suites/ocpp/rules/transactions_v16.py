"""Transactions of 1.6: StartTransaction, StopTransaction and the ids between them (3.7, 4.8, 4.10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from v2x_harness.finding import Axis, Layer

from v2x_suites.ocpp.rules.actions import names
from v2x_suites.ocpp.rules.known.moments import instant
from v2x_suites.ocpp.rules.known.transactions_v16 import Transaction, Transactions
from v2x_suites.ocpp.rules.problem import FINE, Problem, info
from v2x_suites.ocpp.rules.rule import rule, rules

if TYPE_CHECKING:
    from v2x_suites.ocpp.rules.knowledge import Station
    from v2x_suites.ocpp.rules.stream import OcppMessage
    from v2x_suites.ocpp.rules.table import Lesson

_KEPT = 1024
# A stop that follows a remote stop within this time is taken for its effect (s).
_SOON = 60.0
REASONS = names("""
    DeAuthorized EmergencyStop EVDisconnected HardReset Local Other PowerLoss Reboot Remote SoftReset UnlockCommand
""")


UNKNOWN = info(
    "sequence.transaction-unknown",
    Layer.SEQUENCE,
    "A transaction is called by the id that the CSMS gave it.",
    v16="OCPP-1.6#6.49",
    parties=("station",),
)
STOPPED = info(
    "sequence.transaction-stopped",
    Layer.SEQUENCE,
    "Nothing comes of a transaction after its StopTransaction was answered.",
    v16="OCPP-1.6#3.7 OCPP-1.6#3.7.1",
    parties=("station",),
)


@rules(UNKNOWN, STOPPED, on="CALL MeterValues, CALL StopTransaction")
def named(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """Look at the transaction that a message names."""
    given = message.payload.get("transactionId")
    if given is None:
        return None
    known = station.transactions_v16.known.get(given)
    if known is None:
        return _of_unknown(message, station, given)
    if known.stop is None or not known.stop_answered:
        return FINE
    # After a loss of the connection the station cannot know that its stop arrived.
    axis = None if known.stop_session is message.session else Axis.COMPATIBILITY
    at = "/3/transactionId"
    if message.action == "StopTransaction":
        words, cite = f"transaction {given} is stopped a second time (first in frame {known.stop_n})", "OCPP-1.6#3.7.1"
        return (Problem(at, words, "one StopTransaction", str(given), STOPPED, axis=axis, cite=cite),)
    words = f"meter values of transaction {given} come after its StopTransaction (frame {known.stop_n})"
    return (Problem(at, words, "the order in which things happened", str(given), STOPPED, axis=axis),)


def _of_unknown(message: OcppMessage, station: Station, given: int) -> Sequence[Problem] | None:
    """Judge an unknown transaction, but only where every one that can be going on was seen to start: a log may begin in one."""
    transactions = station.transactions_v16
    if not transactions.active or transactions.unanswered or given == -1:
        return None
    if message.action == "MeterValues":
        active = transactions.active.get(message.payload["connectorId"])
        if active is None:
            return None
    elif transactions.free >= station.statuses.keys() - {0}:
        active = next(iter(transactions.active.values()))
    else:
        return None
    words = f"{message.action} speaks of transaction {given}, which the CSMS never began"
    return (Problem("/3/transactionId", words, f"{active.id}, as answered to frame {active.n}", str(given), UNKNOWN),)


@rule(
    "sequence.transaction-on-transaction",
    Layer.SEQUENCE,
    on="CALL StartTransaction",
    v16="OCPP-1.6#3.7",
    parties=("station",),
)
def transaction_on_transaction(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A transaction starts on a connector only after the stop of the last one was delivered."""
    active = station.transactions_v16.active.get(message.payload["connectorId"])
    if active is None:
        return FINE
    if active.start == message.payload:
        return None
    # A hard reset may lose what was queued (5.14).
    axis = Axis.COMPATIBILITY if station.registration.n > active.n else None
    words = f"a transaction starts while transaction {active.id} (frame {active.n}) goes on at this connector"
    at = "/3/connectorId"
    return (Problem(at, words, "StopTransaction first", f"connector {message.payload['connectorId']}", axis=axis),)


@rule(
    "semantics.meter-stop",
    Layer.SEMANTICS,
    on="CALL StopTransaction",
    v16="OCPP-1.6#6.49 OCPP-1.6#7.31",
    parties=("station",),
)
def meter_stop(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """The meter at the end of a transaction is not below what it was before."""
    payload = message.payload
    known = station.transactions_v16.known.get(payload["transactionId"])
    if known is None:
        return None
    start, stop = known.start.get("meterStart"), payload["meterStop"]
    if isinstance(start, int) and stop < start:
        words = f"meterStop is below meterStart (frame {known.n})"
        return (Problem("/3/meterStop", words, f"{start} or more", str(stop)),)
    last = station.registers.main.get(known.id)
    # A value in kWh may have been rounded up to the next 10 Wh.
    if last is not None and stop < last.energy - 10:
        words = "meterStop is below the last meter value of the transaction"
        return (Problem("/3/meterStop", words, f"{last.energy:g} or more", str(stop)),)
    return FINE


@rule(
    "semantics.stop-before-start",
    Layer.SEMANTICS,
    on="CALL StopTransaction",
    v16="OCPP-1.6#6.49",
    parties=("station",),
)
def stop_before_start(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A transaction does not end before it started."""
    known = station.transactions_v16.known.get(message.payload["transactionId"])
    if known is None:
        return None
    start, stop = instant(known.start.get("timestamp")), instant(message.payload["timestamp"])
    if start is None or stop is None:
        return None
    if stop >= start or start.year < 2010 or stop.year < 2010:
        return FINE
    words = f"the transaction ends before it started (frame {known.n})"
    expected = f"after {known.start['timestamp']}"
    return (Problem("/3/timestamp", words, expected, message.payload["timestamp"]),)


@rule(
    "semantics.id-tag-is-reason",
    Layer.SEMANTICS,
    on="CALL StopTransaction",
    v16="OCPP-1.6#6.49",
    parties=("station",),
    axis=Axis.COMPATIBILITY,
)
def id_tag_is_reason(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """The idTag of a StopTransaction is who stopped it, not why it stopped."""
    id_tag = message.payload.get("idTag")
    if id_tag is None:
        return None
    if id_tag not in REASONS:
        return FINE
    words = f"the idTag is {id_tag}, which is a reason; a CSMS that does not know this token finds it invalid"
    return (Problem("/3/idTag", words, "the token of who stopped it, or no idTag", id_tag),)


@rule(
    "semantics.stop-reason",
    Layer.SEMANTICS,
    on="CALL StopTransaction",
    v16="OCPP-1.6#6.49",
    parties=("station",),
)
def stop_reason(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """The reason of a stop is left out only when the driver stopped it at the station."""
    known = station.transactions_v16.known.get(message.payload["transactionId"])
    if known is None or known.remote_stop is None or not message.t - known.remote_stop < _SOON:
        return None
    if "reason" in message.payload:
        return FINE
    words = "the transaction was stopped from afar, and the reason is left out, which means Local"
    return (Problem("/3", words, "reason Remote", "no reason"),)


@rule(
    "semantics.transaction-id",
    Layer.SEMANTICS,
    on="CALLRESULT StartTransaction",
    v16="OCPP-1.6#6.46 OCPP-1.6-errata#3.18",
    parties=("csms",),
)
def transaction_id(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A CSMS gives each transaction an id of its own, other than -1, which stands for an id that was never learnt."""
    given, call = message.payload.get("transactionId"), message.call
    if not isinstance(given, int) or call is None:
        return None
    at = "/2/transactionId"
    if given == -1:
        words = "-1 is what a station uses for a transaction whose id it never learnt"
        return (Problem(at, words, "an id of its own", "-1", cite="OCPP-1.6-errata#3.18"),)
    if given <= 0:
        words = f"the transaction id is {given}; many stations take that for none"
        return (Problem(at, words, "more than 0", str(given), axis=Axis.COMPATIBILITY),)
    known = station.transactions_v16.known.get(given)
    if known is None or known.start == call.payload:
        return FINE
    axis = None if known.stop is None else Axis.COMPATIBILITY
    words = f"transaction id {given} was given before, to frame {known.n}" + (", which goes on" if axis is None else "")
    return (Problem(at, words, "an id of its own", str(given), axis=axis),)


@rule(
    "sequence.authorize-to-stop",
    Layer.SEQUENCE,
    on="CALL StopTransaction",
    v16="OCPP-1.6#4.1",
    parties=("station",),
)
def authorize_to_stop(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """Whoever started a transaction stops it without being authorized again."""
    transactions = station.transactions_v16
    known = transactions.known.get(message.payload["transactionId"])
    id_tag = message.payload.get("idTag")
    if known is None or id_tag is None or id_tag != known.start.get("idTag"):
        return None
    asked = transactions.asked.get(id_tag)
    if asked is None or asked[0] < known.n or message.t - asked[1] > _SOON:
        return FINE
    if message.payload.get("reason", "Local") != "Local":
        return None
    words = "Authorize is sent for the token that started the transaction, to stop it"
    return (Problem("/3/idTag", words, "no Authorize", f"Authorize in frame {asked[0]}", frame=asked[0]),)


RULES = (
    named,
    transaction_on_transaction,
    meter_stop,
    stop_before_start,
    id_tag_is_reason,
    stop_reason,
    transaction_id,
    authorize_to_stop,
)


def _learn_start(message: OcppMessage, station: Station) -> None:
    transactions, id_tag = station.transactions_v16, message.payload.get("idTag")
    transactions.unanswered += 1
    if isinstance(id_tag, str):
        transactions.asked.pop(id_tag, None)


def _learn_started(message: OcppMessage, station: Station) -> None:
    transactions, call = station.transactions_v16, message.call
    transactions.unanswered = max(0, transactions.unanswered - 1)
    given = message.payload.get("transactionId")
    connector = call.payload.get("connectorId") if call else None
    if call is None or not isinstance(given, int) or not isinstance(connector, int):
        return
    if len(transactions.known) >= _KEPT:
        del transactions.known[next(iter(transactions.known))]
    transactions.known[given] = transactions.active[connector] = Transaction(given, call.payload, call.n)
    if len(transactions.active) > _KEPT:
        del transactions.active[next(iter(transactions.active))]


def _learn_start_failed(message: OcppMessage, station: Station) -> None:
    transactions = station.transactions_v16
    transactions.unanswered = max(0, transactions.unanswered - 1)


def _learn_stop(message: OcppMessage, station: Station) -> None:
    transactions = station.transactions_v16
    known = _of(transactions, message.payload)
    if known is None:
        return
    if known.stop is None:
        known.stop, known.stop_n = message.payload, message.n
    known.stop_session = message.session
    for connector in [connector for connector, active in transactions.active.items() if active is known]:
        del transactions.active[connector]


def _learn_stop_answered(message: OcppMessage, station: Station) -> None:
    known = _of(station.transactions_v16, message.call.payload) if message.call else None
    if known is not None:
        known.stop_answered = True


def _learn_remote_stop(message: OcppMessage, station: Station) -> None:
    known = _of(station.transactions_v16, message.call.payload) if message.call else None
    if known is not None and message.payload.get("status") == "Accepted":
        known.remote_stop = message.t


def _learn_authorize(message: OcppMessage, station: Station) -> None:
    asked, id_tag = station.transactions_v16.asked, message.payload.get("idTag")
    if isinstance(id_tag, str):
        asked.pop(id_tag, None)
        asked[id_tag] = (message.n, message.t)
        if len(asked) > 16:
            del asked[next(iter(asked))]


def _of(transactions: Transactions, payload: dict[str, Any]) -> Transaction | None:
    given = payload.get("transactionId")
    return transactions.known.get(given) if isinstance(given, int) else None


LEARN: tuple[Lesson, ...] = (
    ("CALL", "StartTransaction", _learn_start),
    ("CALLRESULT", "StartTransaction", _learn_started),
    ("CALLERROR", "StartTransaction", _learn_start_failed),
    ("CALL", "StopTransaction", _learn_stop),
    ("CALLRESULT", "StopTransaction", _learn_stop_answered),
    ("CALLRESULT", "RemoteStopTransaction", _learn_remote_stop),
    ("CALL", "Authorize", _learn_authorize),
)
