"""Every field failure has something of ours that is about it, or says why not; and what is named is there."""

from pathlib import Path

import pytest
from v2x_suites.iso15118 import PROTOCOL
from v2x_suites.iso15118.field_failures import field_failures, table


def test_all_thirty_five_are_there() -> None:
    assert [each.number for each in field_failures()] == list(range(1, 36))


@pytest.mark.parametrize("failure", field_failures(), ids=lambda each: str(each.number))
def test_what_is_named_is_there_and_something_is_named(failure) -> None:
    assert set(failure.rule) <= {each.id for each in PROTOCOL.rules()}
    assert set(failure.case) <= {each.id for each in PROTOCOL.cases()}
    assert set(failure.fault) <= {each.id for each in PROTOCOL.faults()}
    assert failure.rule or failure.case or failure.fault or failure.later


def test_the_table_is_fresh() -> None:
    path = Path(__file__).parents[2] / "field_failures.md"
    assert path.read_text(encoding="utf-8") == "\n".join(table()).rstrip() + "\n"
