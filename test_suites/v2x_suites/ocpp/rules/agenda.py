"""What is to be looked at when its time has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

from v2x_harness.finding import Finding

from v2x_suites.ocpp.rules import timing
from v2x_suites.ocpp.rules.findings import Findings
from v2x_suites.ocpp.rules.knowledge import Watch
from v2x_suites.ocpp.rules.stream import Session

_FOREVER = float("inf")


class Agenda:
    """Looks at what is due, and now and then at all calls that have no answer.

    Args:
        findings: makes findings.
        sessions: the connections, by link; they come and go.
        timed: whether times mean anything; if not, nothing is ever due.

    Attributes:
        due: when to look next (s of the journal).
        looked: by rule, how often it had something to judge.
    """

    def __init__(self, findings: Findings, sessions: Mapping[str, Session], *, timed: bool) -> None:
        self.looked: Counter[str] = Counter()
        self._findings, self._sessions, self._timed = findings, sessions, timed
        self._watches: list[tuple[float, int, Watch]] = []
        self._serial = 0
        self._sweep = self.due = 0.0 if timed else _FOREVER

    def watch(self, due: float, watch: Watch) -> None:
        """Have something looked at when that time has come."""
        if self._timed:
            self._serial += 1
            heappush(self._watches, (due, self._serial, watch))
            self.due = min(self.due, due)

    def look(self, t: float) -> Sequence[Finding]:
        """Look at what is due by now."""
        found: Sequence[Finding] = ()
        while self._watches and self._watches[0][0] <= t:
            watch = heappop(self._watches)[2]
            session = watch.session
            if session.closed:
                continue
            problems, again = watch.look(t)
            if problems is not None:
                self.looked[watch.rule.id] += 1
                found = (*found, *self._findings.of(session, -1, watch.party, problems, watch.rule))
            if again is not None:
                self.watch(again, watch)
        if t >= self._sweep:
            self._sweep = t + timing.SWEEP
            for session in self._sessions.values():
                calls = session.calls
                if (calls["station"] or calls["csms"]) and (problems := timing.unanswered(session, t)):
                    found = (*found, *self._findings.of(session, -1, "", problems, timing.UNANSWERED))
        self.due = min(self._sweep, self._watches[0][0]) if self._watches else self._sweep
        return found
