from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from rich.console import Console
from v2x_adapters.operators import ConsoleOperator
from v2x_adapters.operators.console import instruction
from v2x_harness.errors import AdapterError, UnsupportedVerb

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def terminal() -> Iterator[tuple[ConsoleOperator, Callable[[str], None], io.StringIO]]:
    """Return an operator at a pseudo-terminal, what types into it, and what it shows."""
    ours, theirs = os.openpty()
    shown = io.StringIO()
    with os.fdopen(theirs, "r") as source:
        typed: list[bool] = []

        def write(text: str) -> None:
            os.write(ours, text.encode())

        def hang_up() -> None:
            if not typed:
                typed.append(True)
                os.close(ours)

        write.hang_up = hang_up  # type: ignore[attr-defined]  # the other thing that a person does
        yield ConsoleOperator(Console(file=shown, width=100), source), write, shown
        with suppress(OSError):
            hang_up()


async def test_a_person_is_told_what_to_do_and_says_that_it_is_done(terminal) -> None:
    operator, write, shown = terminal
    doing = asyncio.create_task(operator.do("plug_in", {"evse": 2}))
    await asyncio.sleep(0)
    assert not doing.done()
    write("d\n")
    assert await doing == {}
    assert "Plug a vehicle in at EVSE 2, connector 1." in shown.getvalue()


async def test_what_cannot_be_done_is_unsupported(terminal) -> None:
    operator, write, _ = terminal
    write("c no such button\n")
    with pytest.raises(UnsupportedVerb, match="cannot press_stop: no such button"):
        await operator.do("press_stop", {})


async def test_a_failure_is_no_fault_of_the_product(terminal) -> None:
    operator, write, _ = terminal
    write("failed the cable is too short\n")
    with pytest.raises(AdapterError, match="plug_in failed, says the person at the product: the cable is too short"):
        await operator.do("plug_in", {})


async def test_another_answer_is_asked_for_again(terminal) -> None:
    operator, write, shown = terminal
    write("what?\ndone\n")
    assert await operator.do("unplug", {}) == {}
    assert "Say" in shown.getvalue()


async def test_one_thing_is_asked_at_a_time(terminal) -> None:
    operator, write, shown = terminal
    both = asyncio.gather(operator.do("plug_in", {}), operator.do("press_stop", {}))
    await asyncio.sleep(0)
    assert "stop button" not in shown.getvalue()
    write("d\nd\n")
    assert await both == [{}, {}]


async def test_a_person_who_leaves_is_no_fault_of_the_product() -> None:
    read, write = os.pipe()
    os.close(write)
    with os.fdopen(read) as source:
        operator = ConsoleOperator(Console(file=io.StringIO()), source, interactive=True)
        with pytest.raises(AdapterError, match="has gone"):
            await operator.do("unplug", {})


async def test_where_nobody_can_answer_everything_is_unsupported() -> None:
    with io.TextIOWrapper(io.FileIO(os.devnull)) as source:
        operator = ConsoleOperator(Console(file=io.StringIO()), source)
        with pytest.raises(UnsupportedVerb, match="nobody is at the terminal to plug_in"):
            await operator.do("plug_in", {})


@pytest.mark.parametrize(
    ("verb", "arguments", "said"),
    [
        ("power_cycle", {}, "Switch the station off and on again."),
        ("power_cycle", {"cause": "local"}, "Switch the station off and on again.\ncause: local"),
        ("configure", {"key": "HeartbeatInterval", "value": 10}, "Set at the station itself: HeartbeatInterval = 10."),
        (
            "configure",
            {"component": "TxCtrlr", "variable": "TxStartPoint", "value": "Authorized"},
            "Set at the station itself: TxCtrlr.TxStartPoint = Authorized.",
        ),
        (
            "plug_in",
            {"evse": 2, "evcc": {"protocols": ["iso2"]}},
            'Plug a vehicle that speaks ISO 15118 in at EVSE 2, connector 1.\nevcc: {"protocols": ["iso2"]}',
        ),
        ("send_fax", {"to": "CSMS"}, "Send fax.\nto: CSMS"),
        ("set_boot", {"status": "Pending"}, "Have the CSMS answer the next BootNotification with Pending, interval - s."),
    ],
)
def test_instructions_are_in_words(verb: str, arguments: dict[str, object], said: str) -> None:
    assert instruction(verb, arguments) == said
