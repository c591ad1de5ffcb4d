"""The format rules are written twice: compiled into the schemas, and in words. The two must agree."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_suites.ocpp.rules import strings
from v2x_suites.ocpp.rules.strings import Sort, of_string
from v2x_suites.ocpp.rules.table import compiled

SORTS = [sort for sort in Sort if sort is not Sort.OPAQUE]
odd = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
likely = st.sampled_from(["null", "", " ", "a b", "2024-05-01T08:00:00Z", "[1]", "{", "1.5", "-0", "http://x/y", "ü", "a\nb"])
stamps = st.from_regex(r"\A20[12][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,7})?(Z|\+0[0-9]:00)\Z")


@given(st.sampled_from(SORTS), odd | likely | stamps)
def test_what_the_compiled_constraint_passes_the_words_pass_too(sort: Sort, text: str) -> None:
    passed = re.fullmatch(strings._PATTERNS[sort], text) is not None and not (
        sort in strings._WORDS and text in strings._PLACEHOLDERS
    )
    problems = list(of_string("2.0.1", sort, text, "", required=True))
    if passed:
        assert problems == []


@given(st.datetimes(min_value=datetime(2010, 1, 1), max_value=datetime(2099, 1, 1)))  # noqa: DTZ001  (made aware below)
def test_every_moment_written_well_passes(moment: datetime) -> None:
    text = moment.replace(tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert list(strings.of_timestamp("2.0.1", text, "")) == []
    assert compiled("1.6", "Heartbeat", "response")({"currentTime": text})


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("2024-05-01T08:00:00Z", set()),
        ("2024-05-01T08:00:00.1Z", set()),
        ("2024-05-01T08:00:00+02:00", {"format.timestamp-zone"}),
        ("2024-05-01t08:00:00z", {"format.timestamp-zone"}),
        ("2024-05-01T08:00:00", {"format.timestamp"}),
        ("2024-05-01T08:00:00+02", {"format.timestamp"}),
        ("2024-05-01T08:00:00+0200", {"format.timestamp"}),
        ("2024-05-01", {"format.timestamp"}),
        ("2024-02-30T08:00:00Z", {"format.timestamp"}),
        ("2024-13-01T08:00:00Z", {"format.timestamp"}),
        ("2024-05-01T24:00:00Z", {"format.timestamp"}),
        ("2024-05-01T08:00:00.123456Z", {"format.timestamp-precision"}),
        ("1970-01-01T00:00:00Z", {"semantics.clock-not-set"}),
        ("1970-01-01T00:00:00.123456+00:00", {"semantics.clock-not-set", "format.timestamp-precision", "format.timestamp-zone"}),
    ],
)
def test_timestamps(text: str, rules: set[str]) -> None:
    found = {problem.rule.id.removeprefix("ocpp.") for problem in strings.of_timestamp("2.0.1", text, "") if problem.rule}
    assert found == rules


def test_signed_data_is_no_number_and_need_not_be() -> None:
    sample = {"value": "OCMF|{}", "format": "SignedData"}
    payload: dict[str, Any] = {"connectorId": 1, "meterValue": [{"timestamp": "2024-05-01T08:00:00Z", "sampledValue": [sample]}]}
    from v2x_architecture.ocpp import schema

    assert list(strings.explain("1.6", schema.schema("1.6", "MeterValues", "request"), payload, "/3")) == []
