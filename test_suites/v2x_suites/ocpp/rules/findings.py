"""Findings, made of what checks have found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from v2x_harness.finding import Finding, Location
from v2x_harness.rule import RuleInfo

from v2x_suites.ocpp.rules import framing
from v2x_suites.ocpp.rules.problem import THIS, Problem
from v2x_suites.ocpp.rules.stream import Session


class Findings:
    """Makes findings of problems.

    Args:
        limit: at most so many of one rule on one station; the rest is only counted.

    Attributes:
        suppressed: by rule, how many were only counted.
    """

    def __init__(self, limit: int) -> None:
        self.suppressed: Counter[str] = Counter()
        self._limit = limit
        self._given: Counter[tuple[str, str]] = Counter()

    def of(
        self, session: Session, n: int, sender: str, problems: Iterable[Problem], rule: RuleInfo = framing.STRUCTURE
    ) -> Sequence[Finding]:
        """Make findings of problems.

        Args:
            session: the connection that was looked at.
            n: number of the frame that was looked at; -1 for none.
            sender: at fault where a problem names nobody; empty when that is not known.
            problems: that were found.
            rule: of those that name none.
        """
        ids = session.table.ids
        found = []
        for problem in problems:
            described = problem.rule or rule
            key = (session.station.key, described.id)
            self._given[key] += 1
            if self._given[key] > self._limit:
                self.suppressed[described.id] += 1
                continue
            cited = described.requirements.get(ids) or next(iter(described.requirements.values()))
            where = n if problem.frame == THIS else problem.frame
            found.append(
                Finding(
                    requirement=problem.cite or cited[0],
                    text=problem.text,
                    location=Location(frame=where if where >= 0 else None, pointer=problem.pointer),
                    expected=problem.expected,
                    seen=problem.seen,
                    axis=problem.axis or described.axis,
                    layer=described.layer,
                    source=f"rule:{described.id}",
                    party=problem.party or sender,
                )
            )
        return found
