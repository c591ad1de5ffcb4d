"""Whatever a schema lets through, the CSMS answers: with a valid response or a fitting CALLERROR, never with InternalError."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from v2x_architecture.clock import LoopClock
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.csms import CsmsConfig, TokenSpec
from v2x_architecture.ocpp.csms.backend import Backend
from v2x_architecture.ocpp.errors import CallRefused

# Few values, so that messages meet each other: the same transaction, token, EVSE, variable again.
TEXTS = st.sampled_from(["", "A", "a", "B", "TX1", "é\x00", "\ud800", "SecurityCtrlr", "x" * 40]) | st.text(max_size=8)
TIMES = st.sampled_from(["2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00", "9999-12-31T23:59:59-12:00", "1970-01-01T00:00:00"])
INTEGERS = st.integers(-1, 3) | st.sampled_from([2**31, 2**63 - 1, 2**63, -(2**63) - 1, 1.0])
NUMBERS = INTEGERS | st.floats(allow_nan=False, allow_infinity=False)
ANYTHING = st.none() | st.booleans() | INTEGERS | TEXTS | st.lists(INTEGERS, max_size=2)


def values(node, root):
    """Return a strategy for what a node of a JSON Schema allows."""
    if "$ref" in node:
        return values(root["definitions"][node["$ref"].rpartition("/")[2]], root)
    if "enum" in node:
        return st.sampled_from(node["enum"])
    match node.get("type"):
        case "object":
            members = {name: values(child, root) for name, child in node.get("properties", {}).items()}
            optional = {name: members.pop(name) for name in list(members) if name not in node.get("required", [])}
            return st.fixed_dictionaries(members, optional=optional)
        case "array":
            size = node.get("minItems", 0)
            return st.lists(values(node["items"], root), min_size=size, max_size=min(node.get("maxItems", size + 2), size + 2))
        case "string" if node.get("format") == "date-time":
            return TIMES | TEXTS
        case "string":
            longest = node.get("maxLength", 100)
            return TEXTS.map(lambda text: text[:longest])
        case "integer":
            return INTEGERS
        case "number":
            return NUMBERS
        case "boolean":
            return st.booleans()
        case _:
            return ANYTHING


def payloads(version, action, kind="request"):
    root = schema.schema(version, action, kind)
    return values(root, root).filter(lambda payload: schema.is_valid(version, action, kind, payload))


@pytest.fixture(params=["1.6", "2.0.1"])
def bench(request):
    """A version's room over an empty store, a station, and what runs the room's coroutines."""
    backend = Backend(CsmsConfig(tokens=(TokenSpec(id_token="A", concurrent=False, group="G"),), energy_price=0.3))

    async def set_up():
        await backend.store.open()
        await backend.store.run(backend._put_tokens)
        station = await backend.store.run(lambda db: backend._enter(db, "CS1", request.param))
        return Backend.rooms[request.param](backend.config, backend.store, backend.policies, LoopClock()), station

    with asyncio.Runner() as runner:
        room, station = runner.run(set_up())
        yield room, station, runner.run
        runner.run(backend.store.close())


often = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@often
@given(data=st.data())
def test_any_valid_request_gets_a_valid_answer(bench, data):
    room, station, run = bench
    station.registration = "Accepted"
    action = data.draw(st.sampled_from(sorted(room._handlers)))
    payload = data.draw(payloads(room.version, action))
    try:
        answer = run(room.answer(station, action, payload))
    except CallRefused as refused:
        code = refused.code
    else:
        code = ""
        assert schema.validate(room.version, action, "response", answer) == []
    assert code in {"", "PropertyConstraintViolation"}


@often
@given(data=st.data())
def test_any_valid_answer_to_any_valid_call_can_be_remembered(bench, data):
    room, station, run = bench
    action = data.draw(st.sampled_from(sorted(action for action in room._actions if room.hook(action))))
    payload, answer = data.draw(payloads(room.version, action)), data.draw(payloads(room.version, action, "response"))
    room.announce(station, action, payload)
    run(room.outcome(station, action, payload, answer))
