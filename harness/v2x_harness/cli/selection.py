"""What a run is to judge: cases, and the waivers for them. A typing error is told before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from v2x_harness.bundle import Bundle
from v2x_harness.cli.console import plain, stderr
from v2x_harness.errors import BundleError, HarnessError, SubjectError, WaiverError
from v2x_harness.finding import Axis
from v2x_harness.protocol import ProtocolSuite
from v2x_harness.results import CaseResult, Verdicts
from v2x_harness.subject import Subject
from v2x_harness.verdict import Verdict
from v2x_harness.waiver import Waiver

# How many ids a message proposes.
_PROPOSED = 4


def likely(word: str, known: Iterable[str]) -> str:
    """Say which of the known ids may have been meant; empty when none is near."""
    by_folded = {each.casefold(): each for each in known}
    folded = word.casefold()
    near = [each for each in by_folded if each.startswith(folded)] or get_close_matches(folded, by_folded, n=_PROPOSED)
    return f"perhaps {', '.join(by_folded[each] for each in near[:_PROPOSED])}" if near else ""


def roles_of(subject: Subject) -> str:
    """Say what a subject plays: ``station of ocpp 1.6, 2.0.1``."""
    return "; ".join(f"{r.role} of {r.protocol} {', '.join(r.versions)}" for r in subject.roles)


def packages_of(subject: Subject, suites: Mapping[str, ProtocolSuite], only: str = "") -> tuple[str, ...]:
    """Return the packages of cases for the roles and versions that a subject plays.

    Args:
        only: a protocol version, or empty.

    Raises:
        SubjectError: it plays none of that.
    """
    found = [
        package
        for role in subject.roles
        for version in role.versions
        if only in ("", version) and role.protocol in suites
        for package in suites[role.protocol].packages_for(role.role, version)
    ]
    if not found:
        wanted = f" in version {only}" if only else ""
        raise SubjectError(f"{subject.name} plays no role that there are cases for{wanted}", f"it plays: {roles_of(subject)}")
    return tuple(dict.fromkeys(found))


def check_cases(ids: Sequence[str], subject: Subject, suites: Mapping[str, ProtocolSuite]) -> None:
    """Check that there are cases with these ids, and that one of them at least is for the subject.

    Raises:
        HarnessError: there is no such case, or none of them fits.
    """
    known = {case.id: case for suite in suites.values() for case in suite.cases()}
    for id_ in ids:
        if id_ not in known:
            raise HarnessError(f"no case is called {id_}", likely(id_, known) or "v2x list --kind case prints every one")
    chosen = [known[id_] for id_ in ids]
    if chosen and not any(subject.plays(case.role, case.protocol, case.version) for case in chosen):
        one = chosen[0]
        raise HarnessError(
            f"{one.id} is for a {one.role} of {one.protocol} {one.version}", f"{subject.name} plays: {roles_of(subject)}"
        )


def check_waivers(waivers: Sequence[Waiver], subject: Subject, suites: Mapping[str, ProtocolSuite]) -> None:
    """Check that waivers name cases and rules that there are; tell of those that are for other subjects.

    Raises:
        WaiverError: one names what does not exist, and could never fire.
    """
    cases = [case.id for suite in suites.values() for case in suite.cases()]
    rules = [rule.id for suite in suites.values() for rule in suite.rules()]
    for waiver in waivers:
        for kind, named, known in (("case", waiver.case, cases), ("rule", waiver.rule, rules)):
            if named and named not in known:
                raise WaiverError(f"the waiver of {waiver}: no {kind} is called {named}", likely(named, known))
    if others := sorted({waiver.subject for waiver in waivers} - {subject.name}):
        stderr.print(f"[dim]waivers for {plain(', '.join(others))} are left aside: this is {plain(subject.name)}[/]")


def failed_last_time(subject: Subject, folders: Collection[Path]) -> tuple[str, ...]:
    """Return the ids of the cases that did not pass, or during which a rule found a violation, when this subject last ran.

    Args:
        subject: by whose name the newest bundle is looked for.
        folders: of runs, each with a ``bundle`` in it.

    Raises:
        SubjectError: there is no such bundle, or everything passed.
    """
    bundles = {bundle.resolve(): bundle for folder in folders for bundle in folder.glob("*/bundle")}
    for path in sorted(bundles.values(), key=lambda each: each.stat().st_mtime, reverse=True):
        try:
            bundle = Bundle.open(path)
        except BundleError as error:
            stderr.print(f"[dim]passing over {plain(str(path))}: {plain(str(error))}[/]")
            continue
        if bundle.manifest.product.name != subject.name:
            continue
        verdicts = bundle.derive()
        failed = tuple(dict.fromkeys(case.case for case in verdicts.cases if _failed(case, verdicts)))
        if not failed:
            raise SubjectError(f"everything passed in {path}", "there is nothing to run again")
        stderr.print(f"[dim]again: {len(failed)} cases of {plain(str(path))}[/]")
        return failed
    where = ", ".join(f"{folder}/" for folder in folders)
    raise SubjectError(f"no earlier run of {subject.name} in {where}", "run it once without --rerun-failed")


def _failed(case: CaseResult, verdicts: Verdicts) -> bool:
    """Whether a case is to be run again: it failed itself, or a rule spoke while it ran."""
    violated = any(
        verdicts.findings[index].axis is Axis.CONFORMANCE and not verdicts.findings[index].waived for index in case.findings
    )
    return violated or (case.verdict in (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE) and not case.waived)
