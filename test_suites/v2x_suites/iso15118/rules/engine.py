"""The judge: takes the journal's events as they come, follows each session, and has the rules look at its messages."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from v2x_adapters.v2gtp.reading import Meaning, Reading
from v2x_adapters.v2gtp.units import Unit, of_datagram
from v2x_architecture.iso15118.v2gtp import Reason
from v2x_harness.events import Event, Frame
from v2x_harness.finding import Finding, Location
from v2x_harness.rule import RuleInfo

from v2x_suites.iso15118.logs.log import SDP
from v2x_suites.iso15118.rules import framing, payload
from v2x_suites.iso15118.rules.rule import VERSION_OF, Problem

_LARGEST = 1 << 20
_LINKS_KEPT = 10_000


def all_infos() -> tuple[RuleInfo, ...]:
    """Return what every rule says of itself, in the order of the layers."""
    return (*framing.INFOS, *payload.INFOS)


class Iso15118Judge:
    """The passive rules of ISO 15118 with the state they keep over one run; a `v2x_harness.rule.Judge`.

    Args:
        limit: at most so many findings of one rule on one link; the rest is only counted.

    Attributes:
        suppressed: by rule, how many findings were only counted.
        frames: how many messages were judged: those that the harness made itself are not.
        links: how many connections were seen.
    """

    def __init__(self, *, limit: int = 1000) -> None:
        self.rules: Sequence[RuleInfo] = all_infos()
        self.suppressed: Counter[str] = Counter()
        self.frames = self.links = 0
        self._limit = limit
        self._readings: dict[str, Reading] = {}
        self._inspected: Counter[str] = Counter({each.id: 0 for each in self.rules})
        self._given: Counter[tuple[str, str]] = Counter()
        self._versions: set[str] = set()

    @property
    def versions(self) -> tuple[str, ...]:
        """The editions that were judged by, as the registries are named."""
        return tuple(sorted(self._versions))

    def feed(self, event: Event) -> Iterable[Finding]:
        """Take the next event; give what it reveals. Never raises for what a product sent."""
        return list(self._frame(event)) if isinstance(event, Frame) and event.media == "binary" else ()

    def finish(self) -> Iterable[Finding]:
        """The stream has ended: give what only the end reveals."""
        return ()

    def inspected(self) -> dict[str, int]:
        """How often each rule had something to judge."""
        return dict(self._inspected)

    def _frame(self, frame: Frame) -> Iterator[Finding]:
        try:
            unit = of_datagram(base64.b64decode(frame.raw, validate=True), _LARGEST)
        except binascii.Error:
            # It is no frame of a V2GTP tap.
            return
        meaning = self._reading(frame.link).read(unit)
        if meaning.edition is not None:
            self._versions.add(VERSION_OF[meaning.edition])
        if frame.fate == "injected" or unit.problem is Reason.LENGTH:
            return
        self.frames += 1
        for problem in self._problems(unit, meaning, udp=frame.link == SDP):
            key = (problem.rule.id, frame.link)
            self._given[key] += 1
            if self._given[key] > self._limit:
                self.suppressed[problem.rule.id] += 1
            else:
                yield _finding(problem, frame, meaning)

    def _reading(self, link: str) -> Reading:
        reading = self._readings.get(link)
        if reading is None:
            self.links += link != SDP
            if len(self._readings) >= _LINKS_KEPT:
                del self._readings[next(iter(self._readings))]
            reading = self._readings[link] = Reading()
        return reading

    def _problems(self, unit: Unit, meaning: Meaning, *, udp: bool) -> Iterator[Problem]:
        self._inspected.update((framing.HEADER.id, framing.PAYLOAD_TYPE.id, framing.LENGTH.id))
        if problem := framing.of_header(unit):
            yield problem
            return
        self._inspected[framing.PLACE.id] += 1
        if problem := framing.of_place(unit, meaning, udp=udp):
            yield problem
        if framing.is_sdp(unit):
            self._inspected[framing.SDP.id] += 1
            yield from framing.of_sdp(unit)
        if meaning.schema is None:
            return
        self._inspected.update((payload.DECODE.id, payload.UNUSUAL.id))
        if problem := payload.of_error(meaning):
            yield problem
        if meaning.decoded is not None:
            self._inspected.update((payload.END.id, payload.DECLARED.id, payload.FACETS.id))
            yield from payload.of_message(meaning.decoded)


def _finding(problem: Problem, frame: Frame, meaning: Meaning) -> Finding:
    version = VERSION_OF[meaning.edition] if meaning.edition is not None else "2"
    rule = problem.rule
    return Finding(
        requirement=rule.requirements[version][0],
        text=f"{meaning.label}: {problem.text}",
        location=Location(frame.n, problem.pointer),
        expected=problem.expected,
        seen=problem.seen,
        axis=rule.axis,
        layer=rule.layer,
        source=f"rule:{rule.id}",
        party=frame.sender,
    )
