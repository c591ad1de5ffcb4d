"""``v2x key``, ``v2x verify`` and ``v2x diff``: signing keys, and what can be done with bundles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from v2x_harness import comparison, verification
from v2x_harness.attestation import PublicKey, SigningKey
from v2x_harness.bundle import Bundle
from v2x_harness.cli.console import short

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text; its schema is published.")]


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """What ``v2x key new`` wrote."""

    id: str
    private: str
    public: str


key = typer.Typer(no_args_is_help=True, help="Keys that bundles are signed with (Ed25519).")


@key.callback()
def _key() -> None:
    """Keys that bundles are signed with (Ed25519)."""


@key.command("new")
def key_new(
    file: Annotated[Path, typer.Argument(help="The private key's file; the public key goes to FILE.pub.")],
    json: Json = False,
) -> int:
    """Make a key pair; neither file may exist yet.

    Keep FILE to yourself: v2x run --key FILE signs with it. Give FILE.pub to who verifies.

    Example: v2x key new lab.key
    """
    made = SigningKey.new()
    public = made.save(file)
    written = NewKey(id=made.public.id, private=str(file), public=str(public))
    if json:
        _print_json(written)
    else:
        typer.echo(f"key {written.id}\n  private {written.private} (readable by you only)\n  public  {written.public}")
    return 0


def verify(
    bundle: Annotated[Path, typer.Argument(help="Folder or zip.")],
    key: Annotated[list[Path] | None, typer.Option("--key", help="Public key that is trusted; may be repeated.")] = None,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Check the contents only, whoever signed it or not.")] = False,
    json: Json = False,
) -> int:
    """Verify a bundle offline: signature, every file's hash, journal footers, and that the verdicts follow from the journals.

    Exit code 0 when all of it holds, else 1.

    Example: v2x verify runs/first/bundle --key lab.key.pub
    """
    result = verification.verify(Bundle.open(bundle), [PublicKey.load(k) for k in key or ()], unsigned=unsigned)
    if json:
        _print_json(result)
    else:
        for check in result.checks:
            typer.echo(f"{'ok   ' if check.ok else 'WRONG'} {check.what:<10} {check.text.replace(chr(10), chr(10) + ' ' * 17)}")
        typer.echo("verified" if result.ok else "NOT verified")
    return 0 if result.ok else 1


def diff(
    before: Annotated[Path, typer.Argument(help="Bundle of the earlier run, folder or zip.")],
    after: Annotated[Path, typer.Argument(help="Bundle of the later run, folder or zip.")],
    json: Json = False,
) -> int:
    """Compare two runs: newly failing, fixed, still failing, new and removed cases, findings that came and went.

    Exit code 1 when the later run is worse, else 0.

    Example: v2x diff runs/last-week/bundle runs/today/bundle
    """
    result = comparison.compare(Bundle.open(before), Bundle.open(after))
    if json:
        _print_json(result)
    else:
        typer.echo("\n".join([f"{before} → {after}", *_diff_lines(result)]))
    return 1 if result.regressed else 0


def _diff_lines(diff: comparison.Diff) -> list[str]:
    lines = [*(f"note: {n}" for n in diff.notes)]
    for title, changes in (
        ("newly failing", diff.newly_failing),
        ("not judged any more", diff.lost),
        ("fixed", diff.fixed),
        ("still failing", diff.still_failing),
        ("new", diff.new),
        ("removed", diff.removed),
    ):
        if changes:
            lines.append(f"{title} ({len(changes)})")
            for c in changes:
                words = " → ".join(filter(None, (c.before, c.after)))
                reason = f"  {short(c.reason)}" if c.reason else ""
                lines.append(f"  {c.what:<28} {words}{reason}")
    for title, findings in (("new findings", diff.findings_new), ("findings gone", diff.findings_gone)):
        if findings:
            lines.append(f"{title} ({len(findings)})")
            lines += [f"  {f.requirement:<16} {f.source:<28} {short(f.text)}" for f in findings]
    lines.append("WORSE than before" if diff.regressed else "not worse than before")
    return lines


def _print_json(value: msgspec.Struct) -> None:
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))
