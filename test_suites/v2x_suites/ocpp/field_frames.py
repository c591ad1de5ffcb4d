"""Defects that were met in the field, each in a frame of our own, and the rule that sees it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

import msgspec
from v2x_harness.finding import Axis, Finding

from v2x_suites.ocpp.rules import OcppJudge
from v2x_suites.ocpp.rules.stream import OTHER, LeanFrame


class FieldFrame(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A defect from the field.

    Attributes:
        defect: what is wrong, or trips a peer though it is legal.
        thread: the public thread in which it was met.
        sender: role that sent it.
        raw: our own frame with this defect, of 1.6.
        rule: id of the rule that must speak.
        axis: on which.
        before: frames of the other side that it needs before it.
    """

    defect: str
    thread: str
    sender: str
    raw: str
    rule: str
    axis: Axis
    before: tuple[str, ...] = ()


@cache
def field_frames() -> tuple[FieldFrame, ...]:
    """Return the defects."""
    table = tomllib.loads(resources.files("v2x_suites.ocpp").joinpath("field_frames.toml").read_text(encoding="utf-8"))
    return msgspec.convert(table["frame"], tuple[FieldFrame, ...])


def judged(frame: FieldFrame) -> Sequence[Finding]:
    """Return what the rules find in a frame."""
    judge = OcppJudge("1.6", timed=False)
    for n, raw in enumerate(frame.before):
        judge.frame(LeanFrame(link="field", sender=OTHER[frame.sender], raw=raw, n=n))
    return judge.frame(LeanFrame(link="field", sender=frame.sender, raw=frame.raw, n=len(frame.before)))


def table() -> Iterator[str]:
    """Give the lines of the table of these defects."""
    yield "# Frames from the field\n"
    yield "Written by `make docs`: defects that real products brought into the field, and what our rules say of such a frame."
    yield "The frames themselves are in `v2x_suites/ocpp/field_frames.toml`; they are our own.\n"
    yield "| # | met in | sent by | what is wrong | rule that sees it | axis | where | requirement |"
    yield "|---|---|---|---|---|---|---|---|"
    for number, frame in enumerate(field_frames(), 1):
        finding = next(f for f in judged(frame) if f.source == f"rule:{frame.rule}")
        place = f"`{finding.location.pointer}`"
        row = (str(number), frame.thread, frame.sender, frame.defect, frame.rule, finding.axis, place, finding.requirement)
        yield f"| {' | '.join(row)} |"
