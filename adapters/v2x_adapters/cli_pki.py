"""``v2x pki``: test certificates of ISO 15118, good ones and faulty ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer
from rich.table import Table
from v2x_architecture.iso15118.pki import ALGORITHMS, BAD_SECC, BAD_VEHICLE, V2gPki, make_pki
from v2x_harness.cli.console import print_json, stdout

pki = typer.Typer(no_args_is_help=True, help="Test certificates of ISO 15118.")

_LEAVES = {
    "secc": "the SECC's: TLS server",
    "cps": "signs what provisions contracts",
    "oem": "identifies the EV when it asks for a contract",
    "vehicle": "the EV's: TLS client of 15118-20",
    "contract": "Plug and Charge",
}


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate.

    Attributes:
        name: of its files: ``NAME.pem`` with the chain, ``NAME.key``.
        subject: as RFC 4514 writes it.
        days: of its validity.
        what: what it is for, or what is wrong with it.
        faulty: whether a peer must refuse it.
    """

    name: str
    subject: str
    days: int
    what: str
    faulty: bool


class MadePki(msgspec.Struct, frozen=True, kw_only=True):
    """What ``v2x pki make --json`` prints.

    Attributes:
        folder: where the files are.
        edition: of ISO 15118. ``algorithm`` of the keys.
        certificates: what was made.
    """

    folder: str
    edition: str
    algorithm: str
    certificates: tuple[Made, ...]


@pki.callback()
def _pki() -> None:
    """Test certificates of ISO 15118."""


@pki.command()
def make(
    folder: Annotated[Path, typer.Argument(help="Where to; made when missing, and must not hold such files yet.")],
    edition: Annotated[Literal["2", "20"], typer.Option(help="Of ISO 15118.")] = "2",
    algorithm: Annotated[str, typer.Option(help="Of the keys: p256 (15118-2), p521 or ed448 (15118-20).")] = "",
    secc: Annotated[str, typer.Option(help="CN of the SECC's certificate.")] = "DEV2XE000001",
    pcid: Annotated[str, typer.Option(help="CN of the EV's certificates: its PCID.")] = "WV2XE0000000000A1",
    emaid: Annotated[str, typer.Option(help="CN of the contract's certificate.")] = "DEV2XC0000001A",
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table; its schema is published.")] = False,
) -> int:
    """Make roots, authorities and certificates of a SECC, an EV and its contract, and the faulty variants of the first two.

    For tests only: the keys are not encrypted.

    Example: v2x pki make test-pki --edition 20
    """
    kinds = {kind: kind for kind in ALGORITHMS[edition]}
    if algorithm and algorithm not in kinds:
        raise typer.BadParameter(
            f"ISO 15118-{edition} has no keys of kind {algorithm!r}; it has {', '.join(kinds)}", param_hint="--algorithm"
        )
    if (folder / "v2g-root.pem").exists():
        raise typer.BadParameter(f"{folder} holds certificates already; give another folder", param_hint="FOLDER")
    chosen = kinds.get(algorithm) if algorithm else ALGORITHMS[edition][0]
    whole = make_pki(edition, chosen, secc=secc, pcid=pcid, emaid=emaid)
    try:
        whole.write(folder)
    except OSError as error:
        raise typer.BadParameter(f"{folder} cannot be written: {error.strerror}", param_hint="FOLDER") from error
    made = MadePki(folder=str(folder), edition=edition, algorithm=str(chosen), certificates=tuple(_listed(whole)))
    if json:
        print_json(made)
        return 0
    table = Table("files", "subject", "days", "what", title=f"ISO 15118-{edition}, {chosen}, in {folder}", title_justify="left")
    for each in made.certificates:
        table.add_row(each.name, each.subject, str(each.days), f"[red]faulty:[/] {each.what}" if each.faulty else each.what)
    stdout.print(table)
    return 0


def _listed(whole: V2gPki) -> list[Made]:
    roots = {"v2g-root": whole.v2g_root, "oem-root": whole.oem_root, "mo-root": whole.mo_root}
    good = {name: (authority.credential, "root") for name, authority in roots.items()}
    good |= {name: (authority.credential, "authority") for name, authority in whole.authorities.items()}
    good |= {name: (getattr(whole, name), what) for name, what in _LEAVES.items()}
    bad = {f"secc-{name}": (each, f"it {BAD_SECC[name]}") for name, each in whole.bad_secc.items()}
    bad |= {f"vehicle-{name}": (each, f"it {BAD_VEHICLE[name]}") for name, each in whole.bad_vehicle.items()}
    return [
        Made(
            name=name,
            subject=credential.certificate.subject.rfc4514_string(),
            days=(credential.certificate.not_valid_after_utc - credential.certificate.not_valid_before_utc).days,
            what=what,
            faulty=name in bad,
        )
        for name, (credential, what) in (good | bad).items()
    ]
