"""The account of a run: a bundle read once, put in the order in which a reader wants it. Every report is written from it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec
from v2x_harness.bundle import Bundle
from v2x_harness.case import Case
from v2x_harness.errors import HarnessError
from v2x_harness.events import CaseEvent, Event, Frame, Header, Json, LinkEvent, Note, OperatorEvent
from v2x_harness.manifest import Catalogue, Manifest, SubjectDocument
from v2x_harness.redaction import RedactionReport
from v2x_harness.requirement import Requirement
from v2x_harness.results import CaseResult, FindingRecord, Verdicts
from v2x_harness.rule import RuleInfo
from v2x_harness.verdict import Verdict

from v2x_reports.curve_reading import CurveReader, SessionCurves
from v2x_reports.folding import Fold, Folder, Gap, Shown
from v2x_reports.words import protocol_word, role_word

# How much of one case is told: its beginning, its end, and what surrounds every frame that a finding rests on.
_HEAD, _TAIL, _AROUND, _MIDDLE = 160, 80, 3, 160
# Cases without findings share so many events, so that a report of a thousand long cases can still be opened; each has some.
_QUIET, _QUIET_LEAST = 40_000, 24
# Notes are no evidence: a few are shown, so that an adapter's last words are not lost.
_NOTES = 40

# The order in which a reader wants verdicts.
SEVERITY = (
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.INCONCLUSIVE,
    Verdict.REVIEW,
    Verdict.WARN,
    Verdict.BLOCKED,
    Verdict.PASS,
    Verdict.SKIPPED,
    Verdict.NOT_APPLICABLE,
    Verdict.NONE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A frame or link event that a finding rests on."""

    journal: str
    n: int


@dataclass(frozen=True)
class CaseAccount:
    """One case: what it is, what it came to, what was seen.

    Attributes:
        info: what the catalogue says of it; None for one that the catalogue does not have.
        block: the functional block it belongs to, for grouping.
        findings: its own and those of rules while it ran, as indexes into the run's.
        story: its events in order, loops folded, with gaps where much was left out.
        curves: the quantities over time of every connection that told of any.
        begins: seconds since the journal was opened; ``started`` and ``ended`` wall time.
        called: its title as the journal has it, for one that is in no catalogue.
    """

    result: CaseResult
    info: Case | None
    block: str
    findings: tuple[int, ...]
    story: tuple[Shown | Fold | Gap, ...]
    begins: float
    started: datetime
    ended: datetime
    called: str = ""
    curves: tuple[SessionCurves, ...] = ()

    @property
    def name(self) -> str:
        """The case's id, with its variant in brackets."""
        return self.result.name

    @property
    def title(self) -> str:
        """What it is called, for people."""
        return (self.info.title if self.info else self.called).rstrip(".")

    @property
    def suite(self) -> str:
        """Protocol, version and role, as in ``ocpp.2.0.1.station``."""
        return f"{self.info.protocol}.{self.info.version}.{self.info.role}" if self.info else self.result.role or "unknown"

    @property
    def left_out(self) -> int:
        """How many of its events are not in the story."""
        return sum(e.count for e in self.story if isinstance(e, Gap))


# Of a frame with more characters a report keeps the beginning only, but for those that findings cite, as long as there is room.
_LONG = 100_000
_BEGINNING = 4_000
_CITED = 50_000_000


class _Window:
    """Keeps a bounded part of a case's events: head, tail, and what surrounds the cited ones."""

    def __init__(self, cited: frozenset[int], head: int = _HEAD, tail: int = _TAIL) -> None:
        self._cited, self._most_head, self._most_tail = cited, head, tail
        self._folder = Folder(cited)
        self._head: list[Shown | Fold | Gap] = []
        self._middle: list[Shown | Fold | Gap] = []
        self._tail: deque[Shown | Fold] = deque()
        self.sessions: dict[str, SessionCurves] = {}
        self.first: float | None = None
        self.last = 0.0

    def add(self, event: Shown) -> None:
        if not self._folder.holding and not (isinstance(event, Frame) and event.decoded is not None):
            self._add(event)
            return
        for settled in self._folder.add(event):
            self._add(settled)

    def _add(self, event: Shown | Fold) -> None:
        if len(self._head) < self._most_head:
            self._head.append(event)
            return
        self._tail.append(event)
        if len(self._tail) > self._most_tail:
            old = self._tail.popleft()
            first, last = (old.first, old.last) if isinstance(old, Fold) else (old.n, old.n)
            near = any(n in self._cited for n in (*range(first - _AROUND, first), first, *range(last, last + _AROUND + 1)))
            count = old.count * len(old.labels) if isinstance(old, Fold) else 1
            if near and len(self._middle) < _MIDDLE:
                self._middle.append(old)
            elif self._middle and isinstance(gap := self._middle[-1], Gap):
                self._middle[-1] = Gap(gap.count + count)
            else:
                self._middle.append(Gap(count))

    def story(self) -> tuple[Shown | Fold | Gap, ...]:
        for settled in self._folder.rest():
            self._add(settled)
        return (*self._head, *self._middle, *self._tail)


@dataclass
class Account:
    """A run, told from its bundle alone.

    Attributes:
        cases: worst first, then by id.
        cited: every frame and link event that a finding rests on.
        case_of: index of a finding to the name of the case it belongs to; those outside every case are not in it.
        roles: of the actors, in the order in which charts draw them.
        signers: ids of the keys that signed the bundle, as it says itself; reports do not verify.
    """

    manifest: Manifest
    verdicts: Verdicts
    catalogue: Catalogue
    subject: SubjectDocument
    redaction: RedactionReport
    signers: tuple[str, ...]
    started: datetime
    ended: datetime
    virtual: bool
    roles: tuple[str, ...] = ()
    cases: tuple[CaseAccount, ...] = ()
    cited: dict[Place, Frame | LinkEvent] = field(default_factory=dict)
    case_of: dict[int, str] = field(default_factory=dict)
    notes: tuple[tuple[str, Note], ...] = ()

    @property
    def findings(self) -> tuple[FindingRecord, ...]:
        """Every finding of the run."""
        return self.verdicts.findings

    @property
    def subject_roles(self) -> frozenset[str]:
        """The roles that the product under test plays."""
        return frozenset(str(table["role"]) for table in self._declared_roles() if "role" in table)

    @property
    def plays(self) -> tuple[str, ...]:
        """What the product plays, in words: ``station, OCPP 1.6 and 2.0.1``."""
        told = []
        for table in self._declared_roles():
            versions = table.get("versions")
            spoken = " and ".join(map(str, versions)) if isinstance(versions, list) else ""
            told.append(
                f"{role_word(str(table.get('role', '')))}, {protocol_word(str(table.get('protocol', '')))} {spoken}".strip(", ")
            )
        return tuple(told)

    def _declared_roles(self) -> list[dict[str, Json]]:
        roles = self.subject.declared.get("roles")
        return [r for r in roles if isinstance(r, dict)] if isinstance(roles, list) else []

    @property
    def product(self) -> str:
        """Name and version of the product."""
        return f"{self.manifest.product.name} {self.manifest.product.version}".strip()

    @property
    def says(self) -> str:
        """What the product said of itself on the wire, in words: ``model Wallbox 22, version 1.2.3``; empty if nothing."""
        return ", ".join(f"{name} {said}" for name, said in sorted(self.manifest.product.observed.items()))

    @property
    def corrected(self) -> dict[str, bool]:
        """The PICS that were observed to be otherwise than declared, as they were observed."""
        declared = self.subject.declared.get("pics")
        known = declared if isinstance(declared, dict) else {}
        return {i: yes for i, yes in self.manifest.pics.items() if i in known and known[i] is not yes}

    def requirement(self, id: str, version: str = "") -> Requirement | None:  # noqa: A002  (as everywhere else)
        """Return what is registered of a requirement: of this protocol version when there are several."""
        found = [(s.version, r) for s in self.catalogue.requirements for r in s.requirements if r.id == id]
        return next((r for v, r in found if v == version), found[0][1] if found else None)

    def rule(self, id: str) -> RuleInfo | None:  # noqa: A002  (as everywhere else)
        """Return what a rule is."""
        return next((r for r in self.catalogue.rules if r.id == id), None)

    def event(self, finding: FindingRecord) -> Frame | LinkEvent | None:
        """Return what a finding rests on, when it is no absence."""
        n = finding.location.frame
        return None if n is None else self.cited.get(Place(finding.journal, n))


@lru_cache(maxsize=1)
def account(bundle: Bundle) -> Account:
    """Read a bundle, sealed or not, complete or not; once for all the reports that are written of it.

    Raises:
        BundleError: a part that a report cannot do without is missing or damaged.
    """
    verdicts = bundle.verdicts
    catalogue = bundle.catalogue
    reader = _Reader(bundle, verdicts, catalogue)
    for lane in bundle.journals:
        reader.read(lane)
    started = min(reader.starts, default=datetime.fromisoformat(bundle.manifest.created))
    told = Account(
        manifest=bundle.manifest,
        verdicts=verdicts,
        catalogue=catalogue,
        subject=bundle.subject,
        redaction=bundle.redaction,
        signers=_signers(bundle),
        started=started,
        ended=max(reader.ends, default=started),
        virtual=reader.virtual,
        roles=_in_order(reader.senders),
        cited=reader.cited,
        notes=tuple(reader.notes),
    )
    info = {c.id: c for c in told.catalogue.cases}
    told.cases = tuple(sorted((reader.case(r, info.get(r.case)) for r in verdicts.cases), key=_worst_first))
    told.case_of = {i: c.name for c in told.cases for i in c.findings}
    return told


class _Reader:
    """Goes through the journals once."""

    def __init__(self, bundle: Bundle, verdicts: Verdicts, catalogue: Catalogue) -> None:
        self._bundle, self._verdicts = bundle, verdicts
        self._wanted = {Place(f.journal, f.location.frame) for f in verdicts.findings if f.location.frame is not None}
        self._windows: dict[Place, _Window] = {}
        self._curves = CurveReader(catalogue.quantities)
        quiet = sum(not c.findings for c in verdicts.cases)
        self._quiet = min(_HEAD + _TAIL, max(_QUIET_LEAST, _QUIET // (quiet or 1)))
        self._bases: dict[str, datetime] = {}
        self._called: dict[Place, str] = {}
        self.starts: list[datetime] = []
        self.ends: list[datetime] = []
        self.virtual = False
        self.senders: dict[str, None] = {}
        self.cited: dict[Place, Frame | LinkEvent] = {}
        self._room = _CITED
        self.notes: list[tuple[str, Note]] = []

    def read(self, lane: str) -> None:
        """Read one journal."""
        cases = [c for c in self._verdicts.cases if c.journal == lane]
        ranges = sorted((c.first, c.last) for c in cases)
        telling = {c.first for c in cases if c.findings}
        cited = frozenset(p.n for p in self._wanted if p.journal == lane)
        windows = deque(ranges)
        end = 0.0
        for read in self._bundle.events(lane):
            event = self._shortened(lane, read, cited=read.n in cited) if isinstance(read, Frame) else read
            end = max(end, event.t)
            self._note(lane, event)
            if event.n in cited and isinstance(event, Frame | LinkEvent):
                self.cited.setdefault(Place(lane, event.n), event)
            while windows and event.n > windows[0][1]:
                windows.popleft()
            if windows and event.n >= windows[0][0]:
                first = windows[0][0]
                window = self._windows.get(Place(lane, first))
                if window is None:
                    window = _Window(cited) if first in telling else _Window(cited, self._quiet * 2 // 3, self._quiet // 3)
                    self._windows[Place(lane, first)] = window
                window.first = event.t if window.first is None else window.first
                window.last = event.t
                if isinstance(event, Frame | LinkEvent | OperatorEvent) or (
                    isinstance(event, CaseEvent) and event.event == "step"
                ):
                    window.add(event)
                if isinstance(event, Frame) and event.decoded is not None:
                    self._curves.take(event, window.sessions)
        if lane in self._bases:
            self.ends.append(self._bases[lane] + timedelta(seconds=end))

    def _shortened(self, lane: str, frame: Frame, *, cited: bool) -> Frame:
        """Return a frame, a long one without its end; a long one that is cited is kept whole for its finding."""
        if len(frame.raw) <= _LONG:
            return frame
        if cited and len(frame.raw) <= self._room:
            self._room -= len(frame.raw)
            self.cited[Place(lane, frame.n)] = frame
        return msgspec.structs.replace(frame, raw=f"{frame.raw[:_BEGINNING]}…", media="text", decoded=None)

    def _note(self, lane: str, event: Event) -> None:
        match event:
            case Header():
                self._bases[lane] = _wall(event.started)
                self.starts.append(self._bases[lane])
                self.virtual |= event.clock == "virtual"
            case LinkEvent() if event.event == "open":
                self._curves.opened(event)
                # Who connects stands on the left.
                self.senders = {event.by: None} | self.senders if event.by and event.by not in self.senders else self.senders
            case CaseEvent(event="begin") if event.text:
                self._called[Place(lane, event.n)] = event.text
            case Frame():
                self.senders.setdefault(event.sender)
                self.senders.setdefault(event.to)
            case OperatorEvent():
                self.senders.setdefault(event.role)
            case Note() if len(self.notes) < _NOTES:
                self.notes.append((lane, event))

    def case(self, result: CaseResult, info: Case | None) -> CaseAccount:
        """Tell one case."""
        window = self._windows.get(Place(result.journal, result.first), _Window(frozenset()))
        base = self._bases.get(result.journal, _wall(self._bundle.manifest.created))
        begins = window.first or 0.0
        return CaseAccount(
            result=result,
            info=info,
            block=_block(result.case, info),
            # Its own findings before those of rules.
            findings=tuple(sorted(result.findings, key=lambda i: self._verdicts.findings[i].source != result.case)),
            story=window.story(),
            begins=begins,
            started=base + timedelta(seconds=begins),
            ended=base + timedelta(seconds=max(window.last, begins)),
            called=self._called.get(Place(result.journal, result.first), ""),
            curves=tuple(session for session in window.sessions.values() if session.telling),
        )


def _wall(text: str) -> datetime:
    """Read a wall time; one that is none (a journal from elsewhere) is the epoch."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _in_order(senders: dict[str, None]) -> tuple[str, ...]:
    return tuple(s for s in senders if s)


def _signers(bundle: Bundle) -> tuple[str, ...]:
    if not bundle.sealed:
        return ()
    try:
        return tuple(s.keyid for s in bundle.envelope.signatures)
    except HarnessError:
        return ()


def _block(case: str, info: Case | None) -> str:
    """Return the functional block: the letter in an id like ``TC_B_01_CS``, else the module the case stands in."""
    words = case.split("_")
    if len(words) > 2 and words[1].isalpha() and len(words[1]) < 3:
        return words[1]
    module = info.source.partition(":")[0].rpartition(".")[2] if info else ""
    return module.removeprefix("test_").replace("_", " ") or "other"


def _worst_first(case: CaseAccount) -> tuple[int, str]:
    return (SEVERITY.index(case.result.verdict) + (len(SEVERITY) if case.result.waived else 0), case.name)
