from __future__ import annotations

from pathlib import Path

import pytest
from v2x_adapters.operators import CommandOperator, ConsoleOperator, HttpOperator, NoOperator, operator_from
from v2x_harness.errors import SubjectError, UnsupportedVerb
from v2x_harness.subject import OperatorSpec

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize(
    ("kind", "settings", "expected"),
    [
        ("http", {"url": "http://127.0.0.1:8080/op", "token": "resolved", "within": 5}, HttpOperator),
        ("command", {"command": ["./op.sh", "{verb}"]}, CommandOperator),
        ("console", {}, ConsoleOperator),
        ("none", {}, NoOperator),
    ],
)
def test_each_kind_has_its_operator(tmp_path: Path, kind: str, settings: dict[str, object], expected: type) -> None:
    assert type(operator_from(OperatorSpec(kind=kind, settings=settings), tmp_path)) is expected


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        ("http", {}, "operator.url: needs"),
        ("http", {"url": "ftp://x"}, "operator.url: needs"),
        ("http", {"url": "http://x", "within": 0}, "operator.within: needs seconds"),
        ("http", {"url": "http://x", "within": True}, "operator.within: needs seconds"),
        ("command", {"command": "./op.sh"}, "operator.command: needs a list"),
        ("command", {}, "operator.command: needs a list"),
        ("adapter", {}, "starts the product itself"),
    ],
)
def test_a_setting_that_is_wrong_is_the_subject_files_fault(kind: str, settings: dict[str, object], message: str) -> None:
    with pytest.raises(SubjectError, match=message):
        operator_from(OperatorSpec(kind=kind, settings=settings))


async def test_nobody_does_nothing() -> None:
    with pytest.raises(UnsupportedVerb, match="nobody is there to plug_in"):
        await NoOperator().do("plug_in", {"evse": 1})
