"""Findings that say the same thing of different frames are told once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from v2x_harness.results import FindingRecord


@dataclass(frozen=True)
class FindingGroup:
    """Findings that say the same of other frames.

    Attributes:
        first: the one that is shown; ``indexes`` all of them.
    """

    first: FindingRecord
    indexes: tuple[int, ...]

    @property
    def clause(self) -> str:
        """The id of the violated requirement, and of those that the same observation violates."""
        return ", ".join((self.first.requirement, *self.first.also))


def grouped(findings: Sequence[FindingRecord], indexes: Iterable[int]) -> list[FindingGroup]:
    """Put together the findings that say the same: requirement, party, place (in whichever array element), and whether waived.

    Args:
        findings: of the run.
        indexes: of those to group.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for i in indexes:
        f = findings[i]
        pointer = "/".join("*" if step.isdigit() else step for step in f.location.pointer.split("/"))
        # Two cases that trip on the same thing say the same; two rules that cite the same clause do not.
        source = f.source if f.source.startswith("rule:") else ""
        groups.setdefault((f.requirement, f.party, f.axis, source, pointer, bool(f.waived)), []).append(i)
    return [FindingGroup(findings[group[0]], tuple(group)) for group in groups.values()]
