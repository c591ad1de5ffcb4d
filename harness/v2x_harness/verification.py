"""Verifying a bundle, offline: who signed it, that no part was changed, and that its verdicts follow from its journals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from v2x_harness.attestation import Envelope, PublicKey
from v2x_harness.bundle import MANIFEST, STATEMENT, Bundle
from v2x_harness.errors import HarnessError
from v2x_harness.results import Verdicts

FORMAT = "v2x-verification/1"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was checked; ``text`` says what was found, or exactly what is wrong."""

    what: str
    ok: bool
    text: str


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What verifying a bundle came to.

    Attributes:
        ok: everything is as it should be.
        signed_by: id of the key given that signed it; empty when none did.
    """

    bundle: str
    ok: bool
    signed_by: str
    checks: tuple[Check, ...]
    format: str = FORMAT


def verify(bundle: Bundle, keys: Sequence[PublicKey], *, unsigned: bool = False) -> Verification:
    """Check a bundle in every way that needs nothing but the bundle and the keys.

    Args:
        bundle: to check.
        keys: those that are trusted; one of them must have signed it.
        unsigned: take a bundle that nobody signed, or whose signer is not known.
    """
    signed_by, signature = _signature(bundle, keys, unsigned=unsigned)
    checks = [signature]
    for what, run in (
        ("statement", _statement),
        ("files", _files),
        ("journals", _journals),
        ("verdicts", _verdicts),
        ("redaction", _redaction),
    ):
        checks.append(_checked(what, run, bundle))
    return Verification(bundle=str(bundle.path), ok=all(c.ok for c in checks), signed_by=signed_by, checks=tuple(checks))


def _checked(what: str, run: Callable[[Bundle], Iterator[str] | str], bundle: Bundle) -> Check:
    """Run a check that returns what is well in words, or gives what is wrong."""
    try:
        found = run(bundle)
        if isinstance(found, str):
            return Check(what=what, ok=True, text=found)
        wrong = list(found)
    except HarnessError as error:
        wrong = [str(error)]
    return Check(what=what, ok=False, text="\n".join(wrong))


def _signature(bundle: Bundle, keys: Sequence[PublicKey], *, unsigned: bool) -> tuple[str, Check]:
    def check(ok: bool, text: str) -> Check:
        return Check(what="signature", ok=ok, text=text)

    if not bundle.sealed:
        return "", check(False, "the bundle was never sealed: there is nothing to sign")
    try:
        envelope: Envelope = bundle.envelope
        signer = next((k.id for k in keys if k.verify(envelope)), "")
    except HarnessError as error:
        return "", check(False, str(error))
    if signer:
        return signer, check(True, f"signed by {signer}")
    if not envelope.signatures:
        return "", check(unsigned, "nobody signed it")
    names = ", ".join(s.keyid for s in envelope.signatures)
    if not keys:
        return "", check(unsigned, f"signed by {names}, which was not checked: no key was given")
    return "", check(False, f"none of the {len(keys)} keys given has signed it; it says that it was signed by {names}")


def _statement(bundle: Bundle) -> Iterator[str] | str:
    statement = bundle.envelope.statement
    digest = next((s.digest.get("sha256") for s in statement.subject if s.name == MANIFEST), None)
    now = bundle.part(MANIFEST).sha256
    if digest != now:
        return iter([f"{STATEMENT} speaks of a {MANIFEST} with SHA-256 {digest}, and this one has {now}"])
    if statement != bundle.state(bundle.derive()):
        return iter([f"{STATEMENT} lists other results than the journals come to"])
    return f"about this manifest: {statement.predicate.result}"


def _files(bundle: Bundle) -> Iterator[str] | str:
    listed = bundle.manifest.files
    wrong = []
    for name, part in listed.items():
        if name not in bundle.names:
            wrong.append(f"{name} is missing")
        elif (now := bundle.part(name)) != part:
            wrong.append(f"{name} was changed: SHA-256 {now.sha256}, and the manifest says {part.sha256}")
    others = [n for n in bundle.names if n not in listed and n not in (MANIFEST, STATEMENT)]
    wrong += [f"{n} was added" for n in others if n.startswith("journal/")]
    if wrong or not listed:
        return iter(wrong or ["the manifest lists no files: the bundle was never sealed"])
    beside = [n for n in others if not n.startswith("journal/")]
    return f"{len(listed)} files unchanged" + (f"; not part of the evidence: {', '.join(beside)}" if beside else "")


def _journals(bundle: Bundle) -> Iterator[str] | str:
    wrong, count = [], 0
    for lane in sorted({*bundle.journals, *bundle.manifest.journals}):
        if lane not in bundle.journals:
            wrong.append(f"journal {lane} is missing")
            continue
        try:
            count += sum(1 for _ in bundle.journal(lane).events(strict=True))
        except HarnessError as error:
            wrong.append(str(error))
    if wrong or not bundle.journals:
        return iter(wrong or ["there is no journal"])
    return f"{len(bundle.journals)} complete, {count} events"


def _verdicts(bundle: Bundle) -> Iterator[str] | str:
    if not bundle.sealed:
        return iter(["there is no verdicts.json: the bundle was never sealed"])
    sealed, derived = bundle.verdicts, bundle.derive()
    if sealed == derived:
        return f"follow from the journals: {sealed.verdict}, {len(sealed.cases)} cases, {len(sealed.findings)} findings"
    return _differences(sealed, derived)


def _differences(sealed: Verdicts, derived: Verdicts) -> Iterator[str]:
    """Say where verdicts.json departs from the journals: the first few places."""
    told = 0
    for kind in ("cases", "rules", "requirements"):
        ours = {_key(r): r for r in getattr(derived, kind)}
        theirs = {_key(r): r for r in getattr(sealed, kind)}
        for key in sorted({*ours, *theirs}):
            if ours.get(key) == theirs.get(key) or told > 9:
                continue
            told += 1
            yield f"{key}: verdicts.json says {_verdict(theirs.get(key))}, the journals say {_verdict(ours.get(key))}"
    if sealed.findings != derived.findings:
        told += 1
        yield f"verdicts.json has {len(sealed.findings)} findings that differ from the {len(derived.findings)} in the journals"
    if not told:
        yield f"verdicts.json says {sealed.verdict} in all, the journals say {derived.verdict}"


def _key(result: msgspec.Struct) -> str:
    return str(getattr(result, "name", "") or getattr(result, "rule", "") or getattr(result, "id", ""))


def _verdict(result: msgspec.Struct | None) -> str:
    return "nothing" if result is None else str(getattr(result, "verdict", ""))


def _redaction(bundle: Bundle) -> Iterator[str] | str:
    if not bundle.sealed:
        return iter(["there is no redaction.json: the bundle was never sealed"])
    sealed = bundle.redaction
    if sealed != bundle.derive_redaction():
        return iter(["redaction.json does not list what was removed from the journals"])
    return f"lists what was removed: {sum(r.count for r in sealed.redacted)} secrets"
