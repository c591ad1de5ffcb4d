"""``with requirement("B01.FR.05"):`` records pass or fail for one requirement, explained by pytest's own introspection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec

from v2x_harness.errors import RegistryError
from v2x_harness.field import last_look
from v2x_harness.finding import Axis, Finding, Layer, Location
from v2x_harness.verdict import Verdict


class NotSeen(AssertionError):
    """Something expected on the wire did not come, or something came that should not have.

    Args:
        text: what was waited for, and how long (s).
        frame: ``n`` of the frame that was wrong, when there is one.
    """

    def __init__(
        self, text: str, *, expected: str = "", seen: str = "nothing", frame: int | None = None, layer: Layer = Layer.SEQUENCE
    ) -> None:
        super().__init__(text)
        self.expected, self.seen, self.frame, self.layer = expected or text, seen, frame, layer


class CannotJudge(Exception):
    """A case cannot get as far as its checks: a precondition was not reached. It ends ``inconclusive``."""


class DoesNotApply(Exception):
    """A case asks for what the subject need not be able to do, and shows that it is not: it ends ``not_applicable``."""


class Ledger:
    """What one running case has found so far.

    Args:
        case: the case's id.
        verifies: the requirement ids it says it judges; a block that names another one is the harness's own error.
        party: the role under test, at fault in its findings.
    """

    def __init__(self, case: str, verifies: tuple[str, ...], party: str) -> None:
        self.case, self.verifies, self.party = case, verifies, party
        self.results: dict[str, Verdict] = {}
        self.findings: list[Finding] = []

    def settle(self, requirement: str, verdict: Verdict) -> None:
        """Note a requirement's verdict; it can only get worse."""
        self.results[requirement] = self.results.get(requirement, Verdict.NONE).worsened_by(verdict)

    def void(self) -> None:
        """Forget what was found: the harness itself failed meanwhile, and nothing can be held against anybody."""
        self.results.clear()
        self.findings.clear()

    @property
    def verdict(self) -> Verdict:
        """The worst over the requirements judged so far."""
        verdict = Verdict.NONE
        for result in self.results.values():
            verdict = verdict.worsened_by(result)
        return verdict


_ledger: ContextVar[Ledger | None] = ContextVar("ledger", default=None)


@contextmanager
def judging(ledger: Ledger) -> Iterator[Ledger]:
    """Make `ledger` the one that `requirement` blocks write to."""
    token = _ledger.set(ledger)
    try:
        yield ledger
    finally:
        _ledger.reset(token)


@contextmanager
def requirement(*ids: str, axis: Axis = Axis.CONFORMANCE, layer: Layer = Layer.SEMANTICS, hard: bool = False) -> Iterator[None]:
    """Judge one requirement, or several that the same observation decides.

    The block is soft: when an assertion in it fails, the finding is recorded and the case goes on after the block.

    Args:
        ids: requirement ids; the first is the one the finding leads with.
        axis: ``COMPATIBILITY`` makes a failure a ``warn``.
        layer: which layer of judgement speaks.
        hard: end the case when it fails, because the rest makes no sense without it.

    Raises:
        RegistryError: outside a case, or with an id that the case does not say it verifies.
    """
    ledger = _ledger.get()
    if ledger is None:
        raise RegistryError(f"requirement({ids[0]}) stands outside a case")
    if unknown := [i for i in ids if i not in ledger.verifies]:
        raise RegistryError(f"case {ledger.case} judges {', '.join(unknown)} but does not list it in verifies=")
    last_look.set(None)
    try:
        yield
    except AssertionError as failure:
        bad = Verdict.FAIL if axis is Axis.CONFORMANCE else Verdict.WARN
        for i in ids:
            ledger.settle(i, bad)
        ledger.findings.append(_finding(ledger, ids, failure, axis, layer))
        if hard:
            raise
    else:
        for i in ids:
            ledger.settle(i, Verdict.PASS)


def _finding(ledger: Ledger, ids: tuple[str, ...], failure: AssertionError, axis: Axis, layer: Layer) -> Finding:
    look = last_look.get()
    finding = Finding(
        requirement=ids[0],
        also=ids[1:],
        text=str(failure).strip() or "the assertion failed",
        axis=axis,
        layer=layer,
        source=ledger.case,
        case=ledger.case,
        party=ledger.party,
    )
    if isinstance(failure, NotSeen):
        return msgspec.structs.replace(
            finding, expected=failure.expected, seen=failure.seen, location=Location(failure.frame), layer=failure.layer
        )
    if look:
        return msgspec.structs.replace(
            finding, expected=look.expected, seen=look.seen, location=Location(look.frame, look.pointer)
        )
    return finding
