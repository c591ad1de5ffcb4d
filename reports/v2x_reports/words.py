"""What verdicts are called."""

from __future__ import annotations

from v2x_harness.verdict import Verdict

WORDS = {
    Verdict.NONE: "nothing judged",
    Verdict.PASS: "pass",
    Verdict.WARN: "warning",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.FAIL: "fail",
    Verdict.ERROR: "harness error",
    Verdict.NOT_APPLICABLE: "not applicable",
    Verdict.SKIPPED: "skipped",
    Verdict.BLOCKED: "blocked",
    Verdict.REVIEW: "to be reviewed",
}
