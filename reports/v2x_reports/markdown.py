"""A summary in Markdown, for the job pages of CI servers and for pull requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from v2x_harness.bundle import Bundle
from v2x_harness.verdict import Verdict

from v2x_reports.account import SEVERITY, Account, account
from v2x_reports.finding_view import FindingView
from v2x_reports.headline import count, headline
from v2x_reports.words import WORDS
from v2x_reports.writing import write_text

FILE = "summary.md"

# CI servers cut a page that is too long; the HTML report has everything.
_FINDINGS, _CASES = 40, 200
_SIGN = {
    Verdict.PASS: "✅",
    Verdict.WARN: "⚠️",
    Verdict.FAIL: "❌",
    Verdict.ERROR: "💥",
    Verdict.INCONCLUSIVE: "❔",
    Verdict.REVIEW: "👀",
    Verdict.BLOCKED: "⛔",
}


def render(told: Account) -> str:
    """Render the summary."""
    return "\n".join(_lines(told)) + "\n"


def _lines(told: Account) -> Iterator[str]:
    head = headline(told)
    word = WORDS[head.verdict] if told.verdicts.complete else "INCOMPLETE RUN"
    yield f"## {_SIGN.get(head.verdict, '❔')} {_inline(told.product)}: {word}"
    yield ""
    yield f"**{_inline(head.sentence)}**"
    yield ""
    if told.says:
        yield f"It says of itself: {_inline(told.says)}."
        yield ""
    for line in head.more:
        yield f"- {_inline(line)}"
    if head.more:
        yield ""
    yield from _totals(told)
    yield from _findings("What is wrong", [FindingView(g, told) for g in head.wrong])
    yield from _findings("Found in other actors of the cast", [FindingView(g, told) for g in head.elsewhere])
    yield from _findings("Compatibility", [FindingView(g, told) for g in head.compatible])
    yield from _findings("Waived", [FindingView(g, told) for g in head.waived])
    yield from _cases(told)
    manifest = told.manifest
    versions = ", ".join(f"{name} {v}" for name, v in sorted(manifest.versions.items()))
    facts = (f"run {manifest.run}", f"{told.started:%Y-%m-%d %H:%M} UTC", versions, f"suite {manifest.suite[:12]}")
    yield f"<sub>{_inline(', '.join(filter(None, facts)))}</sub>"


def _totals(told: Account) -> Iterator[str]:
    totals = told.verdicts.totals
    table = {"cases": totals.cases, "rules": totals.rules, "requirements": totals.requirements}
    shown = [v for v in SEVERITY if any(counts.get(v) for counts in table.values())]
    yield "| | " + " | ".join(WORDS[v] for v in shown) + " |"
    yield "|---|" + "---:|" * len(shown)
    for name, counts in table.items():
        yield f"| {name} | " + " | ".join(str(counts.get(v, "")) for v in shown) + " |"
    yield ""


def _findings(title: str, views: list[FindingView]) -> Iterator[str]:
    if not views:
        return
    yield f"### {title}"
    yield ""
    yield "| requirement | what | where | times |"
    yield "|---|---|---|---:|"
    for view in views[:_FINDINGS]:
        first = view.group.first
        cases = ", ".join(map(_code, view.cases[:4])) + (" …" if len(view.cases) > 4 else "")
        waived = f" ({_inline(first.waived)})" if first.waived else ""
        yield f"| {_code(view.group.clause)} | {_inline(view.short)}{waived} | {cases or _code(first.source)} | {view.more + 1} |"
    if len(views) > _FINDINGS:
        yield f"| | … and {len(views) - _FINDINGS} more in the HTML report | | |"
    yield ""


def _cases(told: Account) -> Iterator[str]:
    yield f"<details><summary>{count(len(told.cases), 'case')}</summary>"
    yield ""
    yield "| verdict | case | | why |"
    yield "|---|---|---|---|"
    for case in told.cases[:_CASES]:
        result = case.result
        word = f"{_SIGN.get(result.verdict, '')} {WORDS[result.verdict]}{' (waived)' if result.waived else ''}".strip()
        reason = result.reason.partition("\n")[0]
        yield f"| {word} | {_code(case.name)} | {_inline(case.title)} | {_inline(reason[:200])} |"
    if len(told.cases) > _CASES:
        yield f"| | … and {len(told.cases) - _CASES} more in the HTML report | | |"
    yield ""
    yield "</details>"
    yield ""


def _inline(text: str) -> str:
    """Write a text so that Markdown and HTML leave it as it is, on one line."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return re.sub(r"([\\`*_{}\[\]()#+!|~$@])", r"\\\1", flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _code(text: str) -> str:
    clean = "".join(c if c.isprintable() else " " for c in text).replace("`", "'").replace("|", "\\|")
    return f"`{clean}`" if clean else ""


def write_markdown(bundle: Bundle, folder: Path) -> Path:
    """Write ``summary.md`` into a folder.

    Raises:
        BundleError: a part of the bundle is missing or damaged, or the file cannot be written.
    """
    return write_text(folder / FILE, render(account(bundle)))
