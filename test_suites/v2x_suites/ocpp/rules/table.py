"""What each version knows of each action: its schema made fast, and the rules that look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Literal

import jsonschema_rs
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.versions import Version

from v2x_suites.ocpp.rules import strings
from v2x_suites.ocpp.rules.actions import initiators

if TYPE_CHECKING:
    from v2x_suites.ocpp.rules.knowledge import Station
    from v2x_suites.ocpp.rules.rule import Check, Guard, Rule
    from v2x_suites.ocpp.rules.stream import OcppMessage

type Learn = Callable[[OcppMessage, Station], None]
# What is learnt, by kind and action: of a station what it sent, whatever became of it; of a CSMS what arrived, whoever made it.
type Lesson = tuple[str, str, Learn]
type Bound = tuple[Check, int]
type Guarded = tuple[Guard, tuple[Bound, ...]]
type PayloadKind = Literal["request", "response"]


class Entry:
    """One message of one version: how its payload is checked, and who else looks at it.

    Attributes:
        action, kind: which message.
        by: the roles that may send the CALL.
        keeps: whether a payload keeps to the schema and to the formats: one pass in compiled code for both layers.
        empty: whether it is fine to be empty.
        quiet: whether nothing looks at it, or learns of it, when it is empty.
        checks: the rules that look at it, each with its number.
        guarded: further rules, by the cheap look that spares them most messages.
        unsettled: further rules that look while the station is not known to be registered.
        error_checks: those that look at a CALLERROR that answers it.
        learn: what is remembered of it afterwards; ``error_learn`` of a CALLERROR that answers it.
        seen: how many were seen.
        response: the entry of its answer.
    """

    keeps: Callable[[object], bool]

    __slots__ = (
        "action",
        "by",
        "checks",
        "empty",
        "error_checks",
        "error_learn",
        "guarded",
        "keeps",
        "kind",
        "learn",
        "quiet",
        "response",
        "seen",
        "unsettled",
        "version",
    )

    def __init__(self, version: Version, action: str, kind: PayloadKind) -> None:
        self.version, self.action, self.kind = version, action, kind
        self.by = initiators(version, action)
        self.keeps = self._compile
        self.empty = self.quiet = False
        self.checks: tuple[Bound, ...] = ()
        self.guarded: tuple[Guarded, ...] = ()
        self.unsettled: tuple[Bound, ...] = ()
        self.error_checks: tuple[Bound, ...] = ()
        self.learn: tuple[Learn, ...] = ()
        self.error_learn: tuple[Learn, ...] = ()
        self.seen = 0
        self.response: Entry | None = None

    def _compile(self, payload: object) -> bool:
        """Compile the schema when the first payload comes, and take this function's place."""
        self.keeps = compiled(self.version, self.action, self.kind)
        self.empty = self.keeps({})
        self.quiet = self.empty and not self.checks and not self.learn
        return self.keeps(payload)

    def wanted(self, call: OcppMessage) -> bool:
        """Tell whether a guarded rule wants to see the answer to a call."""
        for guard, _ in self.guarded:  # noqa: SIM110  (it is asked for every result: a generator costs more than the looks)
            if guard(call):
                return True
        return False


class Table:
    """What one version knows, with the rules of one judge.

    Args:
        version: of OCPP.
        rules: with the number of each.
        learners: by (kind, action), what is remembered of a message.
    """

    def __init__(self, version: Version, rules: Iterable[tuple[int, Rule]], learners: Iterable[Lesson]) -> None:
        self.version: Version = version
        self.ids: Version = "1.6" if version == "1.6" else "2.0.1"
        self.entries: dict[str, Entry] = {}
        for action in schema.actions(version):
            request = Entry(version, action, "request")
            if _has_response(version, action):
                request.response = Entry(version, action, "response")
            self.entries[action] = request
        for number, rule in rules:
            if any(self.ids in info.requirements for info in rule.infos):
                for kind, action in rule.on:
                    self._attach(kind, action, rule, number)
        for kind, action, learn in learners:
            for entry in self._matching(kind, action):
                if kind == "CALLERROR":
                    entry.error_learn += (learn,)
                else:
                    entry.learn += (learn,)

    def all_entries(self) -> Iterable[Entry]:
        """Return every entry, requests and responses."""
        for request in self.entries.values():
            yield request
            if request.response:
                yield request.response

    def _attach(self, kind: str, action: str, rule: Rule, number: int) -> None:
        for entry in self._matching(kind, action):
            bound = (rule.check, number)
            if kind == "CALLERROR":
                entry.error_checks += (bound,)
            elif rule.unsettled:
                entry.unsettled += (bound,)
            elif rule.guard is not None:
                entry.guarded = _with(entry.guarded, rule.guard, bound)
            else:
                entry.checks += (bound,)

    def _matching(self, kind: str, action: str) -> Iterable[Entry]:
        for request in self.entries.values():
            if action in ("*", request.action):
                if kind == "CALLRESULT":
                    if request.response:
                        yield request.response
                else:
                    yield request


def _with(guarded: tuple[Guarded, ...], guard: Guard, bound: Bound) -> tuple[Guarded, ...]:
    """Add a check to those that share its guard."""
    if any(each == guard for each, _ in guarded):
        return tuple((each, (*bounds, bound) if each == guard else bounds) for each, bounds in guarded)
    return (*guarded, (guard, (bound,)))


def _has_response(version: Version, action: str) -> bool:
    try:
        schema.schema(version, action, "response")
    except LookupError:
        return False
    return True


@cache
def compiled(version: Version, action: str, kind: PayloadKind) -> Callable[[object], bool]:
    """Compile a message's schema together with what the format rules ask of its strings."""
    strict = strings.with_formats(version, schema.schema(version, action, kind))
    return jsonschema_rs.validator_for(strict).is_valid
