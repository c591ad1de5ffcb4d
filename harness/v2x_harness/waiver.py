"""Waivers: findings that are known and accepted for a while. One that expired, or that no longer fires, fails the run."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path

import msgspec

from v2x_harness.errors import WaiverError
from v2x_harness.finding import Finding


class Waiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One finding that is known and accepted until a day.

    Attributes:
        subject: name of the subject it is for.
        requirement: id that the finding cites.
        case: id of the case that finds it; or ``rule``, id of the rule.
        reason: why it is accepted; ``owner`` who answers for that.
        expires: the last day it holds.
    """

    subject: str
    requirement: str
    reason: str
    owner: str
    expires: date
    case: str = ""
    rule: str = ""

    def __post_init__(self) -> None:
        if bool(self.case) == bool(self.rule):
            raise ValueError("a waiver names either a case or a rule")
        if blank := [name for name in ("subject", "requirement", "reason", "owner") if not getattr(self, name).strip()]:
            raise ValueError(f"a waiver's {', '.join(blank)} must not be empty")

    @property
    def source(self) -> str:
        """What finds it, as a finding's ``source`` has it."""
        return self.case or f"rule:{self.rule}"

    def covers(self, finding: Finding) -> bool:
        """Whether it is this finding that is waived."""
        return finding.source == self.source and self.requirement in finding.cites

    def __str__(self) -> str:
        return f"{self.requirement} in {self.case or self.rule} of {self.subject} (owner {self.owner}, expires {self.expires})"


class WaiverResult(msgspec.Struct, frozen=True):
    """What the waivers did to the findings of one run.

    Attributes:
        waived: index of a finding to the waiver that covers it.
        expired: waivers past their day; they waive nothing.
        stale: waivers whose case or rule was judged and did not find it.
    """

    waived: Mapping[int, Waiver]
    expired: tuple[Waiver, ...] = ()
    stale: tuple[Waiver, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """Say what fails the run."""
        return tuple(
            [f"waiver has expired: {w}" for w in self.expired] + [f"waiver no longer fires, remove it: {w}" for w in self.stale]
        )


def load(path: Path) -> tuple[Waiver, ...]:
    """Read a waiver file: TOML with ``[[waiver]]`` tables.

    Raises:
        WaiverError: names the file, the line of the table, and what is wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise WaiverError(f"cannot read the waivers in {path}: {reason}") from error
    if unknown := sorted(set(document) - {"waiver"}):
        raise WaiverError(f"{path}: unknown key {unknown[0]!r}", "every waiver is a [[waiver]] table")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip().replace(" ", "") == "[[waiver]]"]
    tables = document.get("waiver", [])
    waivers: list[Waiver] = []
    for index, table in enumerate(tables if isinstance(tables, list) else [tables]):
        place = f"{path}:{lines[index]}" if index < len(lines) else f"{path}, waiver {index + 1}"
        try:
            waivers.append(msgspec.convert(table, Waiver))
        except msgspec.ValidationError as error:
            raise WaiverError(
                f"{place}: {error}", "a waiver has subject, requirement, case or rule, reason, owner, expires = YYYY-MM-DD"
            ) from error
    return tuple(waivers)


def apply(
    waivers: Sequence[Waiver],
    findings: Sequence[Finding],
    today: date,
    *,
    subject: str | None = None,
    judged: Collection[str] | None = None,
) -> WaiverResult:
    """Say which findings are waived, and which waivers fail the run.

    Args:
        waivers: all that are known.
        findings: of the run, in order.
        today: the day of the run.
        subject: name of the subject of this run; waivers for others are left aside. None takes all.
        judged: ``source`` (``TC_B_01_CS``, ``rule:ocpp.schema``) of everything that came to a judgement; a waiver for what was
            not judged this time is not stale. None means that everything was.
    """
    mine = [w for w in waivers if subject is None or w.subject == subject]
    expired = tuple(w for w in mine if w.expires < today)
    live = [w for w in mine if w.expires >= today]
    waived: dict[int, Waiver] = {}
    fired: set[int] = set()
    for index, finding in enumerate(findings):
        covering = [i for i, w in enumerate(live) if w.covers(finding)]
        fired.update(covering)
        if covering:
            waived[index] = live[covering[0]]
    stale = tuple(w for i, w in enumerate(live) if i not in fired and (judged is None or w.source in judged))
    return WaiverResult(waived, expired, stale)
