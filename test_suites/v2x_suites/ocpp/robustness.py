"""Robustness: what a peer may have to put up with, made from the schemas, and what it may answer.

The frames of a case are bounded in number and depend on nothing but a seed, so that a finding can be met again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, assert_never

import msgspec
import orjson
from hypothesis import strategies as st
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.versions import Version, as_version
from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.errors import AdapterError
from v2x_harness.events import Json, LinkEvent
from v2x_harness.finding import Layer

from v2x_suites.ocpp.drawing import draw
from v2x_suites.ocpp.lane import CsmsLane, StationLane
from v2x_suites.ocpp.rules.actions import MANDATORY, names
from v2x_suites.ocpp.sequences import LATER, NO_TRANSACTION, NOTHING, NOW, PAUSE, TOKEN, TRANSACTION
from v2x_suites.ocpp.under_test import UnderTest
from v2x_suites.ocpp.watch import Message

type Breach = Literal["missing", "type", "length", "enum", "additional"]
BREACHES: tuple[Breach, ...] = ("missing", "type", "length", "enum", "additional")

# What may be asked of a subject any number of times and leaves it as it was, by version and role.
HARMLESS: Mapping[tuple[Version, str], frozenset[str]] = {
    ("1.6", "station"): names("GetConfiguration RemoteStopTransaction DataTransfer GetCompositeSchedule"),
    ("1.6", "csms"): names("Heartbeat Authorize StatusNotification MeterValues DataTransfer FirmwareStatusNotification"),
    ("2.0.1", "station"): names("GetVariables RequestStopTransaction GetTransactionStatus DataTransfer GetCompositeSchedule"),
    ("2.0.1", "csms"): names("""
        Heartbeat Authorize StatusNotification MeterValues NotifyEvent SecurityEventNotification FirmwareStatusNotification
    """),
}
_PROBES: Mapping[tuple[Version, str], tuple[str, dict[str, Json]]] = {
    ("1.6", "station"): ("GetConfiguration", {"key": ["HeartbeatInterval"]}),
    ("1.6", "csms"): ("Heartbeat", {}),
    ("2.0.1", "station"): (
        "GetVariables",
        {"getVariableData": [{"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}]},
    ),
    ("2.0.1", "csms"): ("Heartbeat", {}),
}
# What no CALL that keeps to its schema is refused with.
ABOUT_FORM = frozenset(
    {
        ErrorCode.FORMAT_VIOLATION,
        ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
        ErrorCode.PROTOCOL_ERROR,
        ErrorCode.TYPE_CONSTRAINT_VIOLATION,
        ErrorCode.RPC_FRAMEWORK_ERROR,
        ErrorCode.INTERNAL_ERROR,
    }
)
# A frame that may be left unanswered is waited for no longer than this (s) before the next.
_PATIENCE = 2.0


class Wrong(msgspec.Struct, frozen=True):
    """A CALL whose payload breaks its schema.

    Attributes:
        breach: how.
        codes: error codes of the version that say so.
    """

    action: str
    payload: dict[str, Json]
    breach: Breach
    codes: frozenset[str]


class Rubbish(msgspec.Struct, frozen=True):
    """A frame that is no message, or a message in the wrong place.

    Attributes:
        answer_id: id that an answer would have; empty when there is none to be had.
        answerable: whether a CALLERROR may answer it.
    """

    text: str
    data: str | bytes
    answer_id: str = ""
    answerable: bool = True


@cache
def examples[T](
    strategy: Callable[[Version, str], st.SearchStrategy[T]], version: Version, role: str, count: int, seed: int
) -> Sequence[T]:
    """Draw examples for a role in a version that depend on the seed only; once, since every subject is sent the same."""
    return draw(strategy(version, role), count, f"{seed}/{version}/{role}/{getattr(strategy, '__name__', '')}")


@cache
def valid_payloads(version: Version, action: str) -> st.SearchStrategy[dict[str, Json]]:
    """Return payloads of CALLs that keep to their schema."""
    root = schema.schema(version, action, "request")
    return _values(root, root).filter(lambda payload: schema.is_valid(version, action, "request", payload))


def valid_calls(version: Version, role: str) -> st.SearchStrategy[tuple[str, dict[str, Json]]]:
    """Return harmless CALLs to a role, action and payload."""
    return st.sampled_from(sorted(HARMLESS[version, role])).flatmap(
        lambda action: valid_payloads(version, action).map(lambda payload: (action, payload))
    )


def wrong_calls(version: Version, role: str) -> st.SearchStrategy[Wrong]:
    """Return CALLs that every subject of a role must know, each with one breach of its schema."""
    actions = sorted(a for a in MANDATORY[version, role] if schema.schema(version, a, "request").get("properties"))

    def broken(action: str) -> st.SearchStrategy[Wrong]:
        return st.tuples(valid_payloads(version, action), st.sampled_from(BREACHES), st.integers(0, 1 << 16)).map(
            lambda drawn: _break(version, action, *drawn)
        )

    return st.sampled_from(actions).flatmap(broken).filter(lambda wrong: bool(wrong.codes))


def unknown_actions(version: Version, role: str) -> st.SearchStrategy[str]:
    """Return names of actions that the version does not have: invented ones, misspelt ones, those of another version."""
    known = schema.actions(version)
    others = {a for other in ("1.6", "2.0.1", "2.1") for a in schema.actions(as_version(other))} - known
    misspelt = {name for action in MANDATORY[version, role] for name in (action.lower(), f"{action}Request")} - known
    return (
        st.sampled_from(sorted(others)) | st.sampled_from(sorted(misspelt)) | st.from_regex(r"[A-Z][a-z]{3,12}X", fullmatch=True)
    )


def rubbish(version: Version) -> Sequence[Rubbish]:
    """Return frames that are no message, in the order in which they are sent."""
    return (
        Rubbish("an empty frame", ""),
        Rubbish("no JSON", "this is not JSON"),
        Rubbish("a CALL that breaks off", '[2,"cut-off","Heartbeat",{', "cut-off"),
        Rubbish("an empty array", "[]"),
        Rubbish("an object", '{"messageTypeId":2}'),
        Rubbish("a number", "42"),
        Rubbish("a message type in words", '["2","type-in-words","Heartbeat",{}]', "type-in-words"),
        Rubbish("message type 9", '[9,"type-9","Heartbeat",{}]', "type-9"),
        Rubbish("a message type below 0", '[-1,"type-below","Heartbeat",{}]', "type-below"),
        Rubbish("a CALL with a number as id", '[2,7,"Heartbeat",{}]'),
        Rubbish("a CALL without a payload", '[2,"no-payload","Heartbeat"]', "no-payload"),
        Rubbish("a CALL with a list as payload", '[2,"list-payload","Heartbeat",[]]', "list-payload"),
        Rubbish("a CALL with a number as action", '[2,"number-action",12,{}]', "number-action"),
        Rubbish("an id of 300 characters", orjson.dumps([2, "i" * 300, "Heartbeat", {}]).decode()),
        Rubbish("arrays 2,000 deep", "[" * 2000 + "]" * 2000),
        Rubbish("64 KiB of text", orjson.dumps([2, "long", "DataTransfer", {"vendorId": "v", "data": "d" * 65536}]).decode()),
        Rubbish("a binary frame", b"\x00\xff\x80 no text"),
        Rubbish("an answer to nothing", '[3,"answer-to-nothing",{}]', "answer-to-nothing", answerable=False),
        Rubbish("an answer without a payload", '[3,"answer-cut-off"]', "answer-cut-off", answerable=False),
        Rubbish("an error to nothing", '[4,"error-to-nothing","GenericError","",{}]', "error-to-nothing", answerable=False),
        Rubbish("an error that is none", '[4,"error-cut-off"]', "error-cut-off", answerable=False),
    ) + (() if version != "1.6" else (Rubbish("a SEND, which 2.1 has", '[6,"send","Heartbeat",{}]', "send"),))


class Thrower:
    """Throws frames at the subject of a lane, in its counterpart's name.

    Args:
        lane: open and connected.

    Attributes:
        seed: of what is generated, the run's.
    """

    def __init__(self, lane: StationLane | CsmsLane) -> None:
        self.lane = lane
        self.subject: UnderTest = lane.station if isinstance(lane, StationLane) else lane.csms
        self.version = as_version(lane.version)
        self.role = lane.role
        self.seed = lane.cast.seed
        self._sent = 0

    @property
    def by(self) -> str:
        """How a finding says what its message was drawn by."""
        return f"seed {self.seed}"

    def examples[T](self, strategy: Callable[[Version, str], st.SearchStrategy[T]], count: int) -> Sequence[T]:
        """Return what is thrown: the same every time, as far as the seed is the same."""
        return examples(strategy, self.version, self.role, count, self.seed)

    async def call(
        self, action: str, payload: Mapping[str, Json], *, message_id: str = "", within: float | None = None
    ) -> Message | None:
        """Send a CALL; return its answer, None when none came.

        Args:
            within: seconds to wait for it; when None, no longer than is worth while for what may be left unanswered.
        """
        self._sent += 1
        message_id = message_id or f"V2X-{self.lane.watch.now:.0f}-{self._sent}"
        await self.throw(orjson.dumps([2, message_id, action, payload]).decode())
        try:
            return await self.subject.answer_to_id(message_id, within or min(self.subject.pixit.answer, _PATIENCE * 5))
        except NotSeen:
            return None

    async def throw(self, data: str | bytes) -> None:
        """Send a frame, over a new connection if the last one was closed.

        Raises:
            CannotJudge: there is no connection.
        """
        pixit = self.subject.pixit
        try:
            await self.lane.tap.connected(identity=self.lane.identity, timeout=pixit.reboot)
        except TimeoutError:
            raise CannotJudge(f"the {self.role} was not connected any more") from None
        await self.lane.tap.inject(self.role, data)

    async def answers_since(self, start: int) -> list[Message]:
        """Return the answers that the subject gave since an index of the watch, when it has had a moment to."""
        await self.pause()
        return [
            item
            for item in self.lane.watch.items[start:]
            if isinstance(item, Message) and item.sender == self.role and item.kind in ("CALLRESULT", "CALLERROR")
        ]

    def known(self) -> dict[str, Json]:
        """Return what the payload of a sequence's step cannot know before it is sent."""
        now = self.lane.company.clock.now()
        known: dict[str, Json] = {
            NOW: _stamp(now),
            LATER: _stamp(now + timedelta(hours=1)),
            TOKEN: str(self.subject.pixit.values.get("id_token", "V2X-VALID")),
            TRANSACTION: NO_TRANSACTION if self.version != "1.6" else NOTHING,
        }
        for item in self.lane.watch.items:
            if isinstance(item, Message) and not item.forged:
                if item.kind == "CALL" and item.action == "TransactionEvent":
                    known[TRANSACTION] = item.transactionInfo.transactionId.peek()
                elif item.kind == "CALLRESULT" and item.action == "StartTransaction":
                    known[TRANSACTION] = item.transactionId.peek()
        return known

    async def by_hand(self, verb: str, arguments: dict[str, Json]) -> None:
        """Have something done at the station that the operator can do, or let time pass; what it cannot is left out."""
        if verb == PAUSE:
            await self.pause()
        elif self.lane.cast.subject.operator.kind != "console" and isinstance(self.lane, StationLane):
            with suppress(AdapterError):
                await self.lane.operator.do(verb, **arguments)

    async def rebooted(self, start: int) -> None:
        """Give a station that has accepted a reset since an index of the watch the time for it."""
        with suppress(NotSeen):
            await self.lane.watch.wait(_accepted_boot, start, self.subject.pixit.reboot, "an accepted BootNotification")
        await self.pause()

    def hung_up_since(self, start: int) -> bool:
        """Whether a connection was closed since an index of the watch."""
        return any(isinstance(item, LinkEvent) and item.event == "close" for item in self.lane.watch.items[start:])

    def booted_since(self, start: int) -> bool:
        """Whether a station was let in since an index of the watch."""
        return self.lane.watch.saw(_accepted_boot, start) is not None

    async def pause(self) -> None:
        """Let the subject have a moment."""
        with suppress(NotSeen):
            await self.lane.watch.wait(_nothing, len(self.lane.watch.items), _PATIENCE, "nothing")

    async def probe(self) -> Message:
        """Ask the subject for something that it must answer with a result.

        Raises:
            NotSeen: it gave none.
        """
        action, payload = _PROBES[self.version, self.role]
        answer = await self.call(action, payload)
        if answer is None or answer.is_error:
            raise NotSeen(f"a result of {action}", seen=repr(answer) if answer else "nothing", layer=Layer.LIVENESS)
        return answer


def _accepted_boot(item: Message | LinkEvent) -> Message | None:
    """Accept the answer that lets a station in."""
    fits = isinstance(item, Message) and (item.kind, item.action) == ("CALLRESULT", "BootNotification")
    return item if fits and isinstance(item, Message) and item.has({"status": "Accepted"}) else None


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def _nothing(item: Message | LinkEvent) -> None:
    """Accept no item: what waits for it waits its time out."""


def _values(node: Mapping[str, Any], root: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Return a strategy for what a node of a schema allows, in values that people would send."""
    if "$ref" in node:
        return _values(root["definitions"][node["$ref"].rpartition("/")[2]], root)
    if "enum" in node:
        return st.sampled_from(node["enum"])
    match node.get("type"):
        case "object":
            members = {name: _values(child, root) for name, child in node.get("properties", {}).items()}
            members.pop("customData", None)
            optional = {name: members.pop(name) for name in list(members) if name not in node.get("required", [])}
            return st.fixed_dictionaries(members, optional=optional)
        case "array":
            size = node.get("minItems", 0)
            most = min(node.get("maxItems", size + 1), size + 1)
            return st.lists(_values(node["items"], root), min_size=size, max_size=most)
        case "string" if node.get("format") == "date-time":
            return st.sampled_from(["2026-03-01T12:00:00Z", "2026-03-01T12:00:00.123Z", "2026-02-28T23:59:59Z"])
        case "string":
            most = min(node.get("maxLength", 20), 20)
            return st.text("ABCDEFabcdef0123456789", min_size=1, max_size=most)
        case "integer":
            return st.integers(max(0, node.get("minimum", 0)), 1000)
        case "number":
            return st.integers(0, 10_000).map(lambda tenths: tenths / 10)
        case "boolean":
            return st.booleans()
    return st.text("ABC", min_size=1, max_size=5)


def _break(version: Version, action: str, payload: dict[str, Json], breach: Breach, choice: int) -> Wrong:
    """Return a CALL with one breach of its schema; without codes when the payload has no place for such a breach."""
    root = schema.schema(version, action, "request")
    broken = orjson.loads(orjson.dumps(payload))
    places = [place for place in _places(root, root, broken) if _fits(breach, *place[2:])]
    if not places:
        return Wrong(action, payload, breach, frozenset())
    holder, name, node, _ = places[choice % len(places)]
    _damage(breach, holder, name, node)
    problems = schema.validate(version, action, "request", broken)
    return Wrong(action, broken, breach, frozenset(code for p in problems for code in (p.code, *p.also)))


def _places(
    node: Mapping[str, Any], root: Mapping[str, Any], value: Json
) -> Iterator[tuple[dict[str, Json], str, Mapping[str, Any], bool]]:
    """Give every member of an object in a payload: the object, the member's name, its schema, whether it must be there."""
    if "$ref" in node:
        node = root["definitions"][node["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        for each in value:
            yield from _places(node["items"], root, each)
    elif isinstance(value, dict):
        for name, child in value.items():
            inner = node["properties"][name]
            if "$ref" in inner:
                inner = root["definitions"][inner["$ref"].rpartition("/")[2]]
            yield value, name, inner, name in node.get("required", ())
            yield from _places(inner, root, child)


def _fits(breach: Breach, node: Mapping[str, Any], required: bool) -> bool:
    match breach:
        case "missing":
            return required
        case "enum":
            return "enum" in node
        case "length":
            return "maxLength" in node
        case "type" | "additional":
            return True
    assert_never(breach)


def _damage(breach: Breach, holder: dict[str, Json], name: str, node: Mapping[str, Any]) -> None:
    match breach:
        case "missing":
            del holder[name]
        case "type":
            holder[name] = 12 if node.get("type") == "string" else "twelve"
        case "length":
            holder[name] = "x" * (node["maxLength"] + 1)
        case "enum":
            holder[name] = "NoneOfTheList"
        case "additional":
            holder["inventedByV2x"] = True
