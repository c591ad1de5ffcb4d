"""Failures that were met in the field and at interoperability tests: which case, rule or fault of ours is about each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources

import msgspec


class FieldFailure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A failure.

    Attributes:
        number: of the table.
        failure: what happened, in our own words.
        met_in: public threads and reports.
        rule: ids of the rules that see it. ``case``: ids of the cases that provoke it. ``fault``: ids of the seeded faults that
            do it.
        later: what of it is not judged yet, and why; empty where all is.
        note: how what is named goes with it.
    """

    number: int
    failure: str
    met_in: str
    rule: tuple[str, ...] = ()
    case: tuple[str, ...] = ()
    fault: tuple[str, ...] = ()
    later: str = ""
    note: str = ""


@cache
def field_failures() -> tuple[FieldFailure, ...]:
    """Return the failures."""
    text = resources.files("v2x_suites.iso15118").joinpath("field_failures.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["failure"], tuple[FieldFailure, ...])


def table() -> Iterator[str]:
    """Give the lines of the table."""
    yield "# Field failures of ISO 15118 and DIN SPEC 70121\n"
    yield "Written by `make docs` from `v2x_suites/iso15118/field_failures.toml`: what went wrong between real products, and what"
    yield "of ours is about it. What is not named under later is judged by what stands beside it.\n"
    yield "| # | what went wrong | met in | rules | cases | faults | later |"
    yield "|---|---|---|---|---|---|---|"
    for each in field_failures():
        ids = (" ".join(name.removeprefix("iso15118.") for name in names) or "-" for names in (each.rule, each.case, each.fault))
        later = "; ".join(part for part in (each.later, each.note) if part) or "-"
        yield f"| {each.number} | {each.failure} | {each.met_in} | {' | '.join(ids)} | {later} |"
