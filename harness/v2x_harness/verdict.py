"""The verdict lattice: a verdict can only get worse."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What a case came to.

    The first six form the lattice ``none < pass < warn < inconclusive < fail < error``. ``error`` is the harness's or an
    adapter's own fault and never blames the subject. The other four stand beside the lattice: no judgement was made.
    """

    NONE = "none"
    PASS = "pass"  # noqa: S105  (the word of the lattice, not a password)
    WARN = "warn"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"
    SKIPPED = "skipped"
    BLOCKED = "blocked"
    REVIEW = "review"

    @property
    def judged(self) -> bool:
        """Whether this verdict is on the lattice."""
        return self in _LATTICE

    def worsened_by(self, other: Verdict) -> Verdict:
        """Return the worse of the two; a verdict beside the lattice is never worsened, and worsens nothing."""
        if not (self.judged and other.judged):
            return self
        return max(self, other, key=_LATTICE.index)

    @property
    def settled(self) -> Verdict:
        """The verdict at the end of a case: one that ended ``none`` judged nothing, and that is the harness's error."""
        return Verdict.ERROR if self is Verdict.NONE else self


_LATTICE = (Verdict.NONE, Verdict.PASS, Verdict.WARN, Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.ERROR)
