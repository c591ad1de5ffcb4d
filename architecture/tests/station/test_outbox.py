"""The outbox: order, once or kept, retries, loss of connection and of power."""

from __future__ import annotations

import asyncio

import pytest
from v2x_architecture.ocpp.errors import CallRefused, ConnectionLost
from v2x_architecture.ocpp.station.outbox import Offline, Outbox, RetryPolicy
from v2x_architecture.ocpp.station.storage import MemoryStore

pytestmark = pytest.mark.anyio


class Line:
    """A connection that notes what passes; `fail` says what happens to the next messages."""

    def __init__(self):
        self.passed = []
        self.fail = []

    async def call(self, action, payload=None, timeout=None, *, check=True):
        await asyncio.sleep(0.01)
        if self.fail and (failure := self.fail.pop(0)) is not None:
            raise failure
        self.passed.append(action)
        return {"to": action}


@pytest.fixture
async def make():
    tasks = []

    def outbox(store=None, attempts=3, interval=10.0):
        box = Outbox(
            store or MemoryStore(),
            policy=lambda: RetryPolicy(attempts, interval),
            finish=lambda message: message.payload,
            delivered=lambda message, answer: box.delivered.append((message.action, answer)),
            discarded=lambda message: box.discarded.append(message.action),
        )
        box.delivered, box.discarded = [], []
        tasks.append(asyncio.get_running_loop().create_task(box.run()))
        return box

    yield outbox
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_messages_leave_in_the_order_they_were_made(make):
    box, line = make(), Line()
    box.opened(line, accepted=True)
    box.send("A", {})
    box.keep("B", {})
    box.send("C", {})
    urgent = box.send("D", {}, urgent=True)
    assert await urgent == {"to": "D"}
    await asyncio.sleep(1)
    assert line.passed in (["A", "D", "B", "C"], ["D", "A", "B", "C"])
    assert box.delivered == [("B", {"to": "B"})]


async def test_urgent_messages_leave_in_the_order_they_were_made(make):
    box, line = make(), Line()
    box.opened(line, accepted=True)
    box.keep("A", {})
    box.send("B", {})
    first, second, third = (box.send(name, {}, urgent=True) for name in ("C", "D", "E"))
    await asyncio.gather(first, second, third)
    await asyncio.sleep(1)
    urgent = [name for name in line.passed if name in "CDE"]
    assert urgent == ["C", "D", "E"]
    assert line.passed.index("E") < line.passed.index("B")


async def test_before_acceptance_only_what_the_csms_asked_for_leaves(make):
    box, line = make(), Line()
    box.opened(line, accepted=False)
    with pytest.raises(Offline):
        await box.send("A", {})
    box.keep("B", {})
    assert await box.send("C", {}, triggered=True) == {"to": "C"}
    assert line.passed == ["C"]
    box.opened(line, accepted=True)
    await asyncio.sleep(1)
    assert line.passed == ["C", "B"]


async def test_lost_connection_keeps_what_is_kept_and_fails_the_rest(make):
    box, line = make(), Line()
    box.opened(line, accepted=True)
    line.fail = [ConnectionLost(sent=True)]
    box.keep("B", {})
    once = box.send("A", {})
    with pytest.raises(Offline):
        await once
    assert [(message.action, message.offline) for message in box] == [("B", True)]
    again = Line()
    box.opened(again, accepted=True)
    await asyncio.sleep(1)
    assert again.passed == ["B"]


async def test_retries_wait_longer_each_time_and_others_pass_meanwhile(make):
    box, line = make(), Line()
    box.opened(line, accepted=True)
    line.fail = [CallRefused("InternalError"), None, CallRefused("InternalError")]
    box.keep("B", {})
    await asyncio.sleep(1)
    assert await box.send("A", {}) == {"to": "A"}
    await asyncio.sleep(10)
    assert line.passed == ["A"]
    await asyncio.sleep(21)
    assert line.passed == ["A", "B"]


async def test_after_the_last_attempt_the_next_message_goes_on(make):
    box, line = make(attempts=2), Line()
    box.opened(line, accepted=True)
    line.fail = [CallRefused("InternalError"), CallRefused("InternalError")]
    box.keep("B", {})
    box.keep("C", {})
    await asyncio.sleep(30)
    assert box.discarded == ["B"]
    assert line.passed == ["C"]


@pytest.mark.parametrize("code", ["NotImplemented", "NotSupported"])
async def test_a_message_that_the_csms_does_not_have_holds_nothing_up(make, code):
    box, line = make(), Line()
    line.fail = [CallRefused(code)]
    box.opened(line, accepted=True)
    box.keep("SecurityEventNotification", {})
    box.keep("StartTransaction", {}, "T1")
    await asyncio.sleep(1)
    assert box.discarded == ["SecurityEventNotification"]
    assert line.passed == ["StartTransaction"]


async def test_a_message_about_a_transaction_is_sent_again_whatever_the_refusal(make):
    box, line = make(interval=0.1), Line()
    line.fail = [CallRefused("NotSupported")]
    box.opened(line, accepted=True)
    box.keep("StartTransaction", {}, "T1")
    await asyncio.sleep(1)
    assert line.passed == ["StartTransaction"]


async def test_what_is_kept_survives_without_power(make):
    store = MemoryStore()
    for number in range(12):
        make(store).keep(f"M{number}", {"n": number}, "T")
    box, line = make(store), Line()
    assert len(box) == 12
    box.opened(line, accepted=True)
    await asyncio.sleep(1)
    assert line.passed == [f"M{number}" for number in range(12)]
    assert len(make(store)) == 0


async def test_settled_waits_for_delivery_and_no_longer(make):
    box, line = make(), Line()
    box.opened(line, accepted=True)
    box.keep("B", {})
    await box.settled(5)
    assert line.passed == ["B"]
    line.fail = [CallRefused("InternalError")] * 2
    box.keep("C", {})
    before = asyncio.get_running_loop().time()
    await box.settled(5)
    assert asyncio.get_running_loop().time() - before == pytest.approx(5, abs=0.1)


async def test_without_room_every_other_dispensable_message_is_dropped(make):
    box = Outbox(
        MemoryStore(),
        policy=RetryPolicy,
        finish=lambda message: message.payload,
        delivered=lambda message, answer: None,
        discarded=lambda message: None,
        dispensable=lambda message: message.action.startswith("M"),
        limit=6,
    )
    for action in ("Start", "M1", "M2", "M3", "Event", "M4", "M5"):
        box.keep(action, {})
    assert [message.action for message in box] == ["Start", "M2", "Event", "M4"]
