"""``v2x adapter``: third-party products, and adapters of one's own."""

from __future__ import annotations

import asyncio
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from v2x_harness.cli.console import plain, print_json, stderr, stdout
from v2x_harness.errors import Misnamed
from v2x_harness.operator import Placement

from v2x_adapters import peers
from v2x_adapters.process import AdapterProcess, AdapterProduct, manifest, skeleton, smoke_cable
from v2x_adapters.process.messages import schema_text
from v2x_adapters.process.smoke import IDENTITY, PASSWORD, Report, smoke

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text; its schema is published.")]
Name = Annotated[str, typer.Argument(help="A product we know (v2x adapter list), or the folder of an adapter.", metavar="NAME")]
Version = Annotated[str, typer.Option("--ocpp", "--edition", help="Version to try it with; its first when not given.")]

adapter = typer.Typer(no_args_is_help=True, help="Third-party products, and adapters of your own.")


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One line of ``v2x adapter list``; ``blocked`` says why it cannot be started now, and is empty when it can."""

    name: str
    title: str
    role: str
    protocol: str
    versions: tuple[str, ...]
    requirements: tuple[str, ...]
    homepage: str
    licence: str
    blocked: str


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """One product that ``v2x adapter install`` saw to; ``blocked`` says why it cannot be had here."""

    name: str
    place: str = ""
    blocked: str = ""
    hint: str = ""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What ``v2x adapter new`` wrote."""

    folder: str
    files: tuple[str, ...]


class Verbs(msgspec.Struct, frozen=True, kw_only=True):
    """What ``v2x adapter verbs`` found: what a product can be made to do, and what else there is for its role."""

    adapter: str
    product: str
    product_version: str
    verbs: tuple[str, ...]
    missing: tuple[str, ...]


@adapter.command("list")
def list_(json: Json = False) -> int:
    """List the third-party products that we have adapters for.

    Example: v2x adapter list
    """
    products = [
        Listed(
            name=each.name,
            title=each.title,
            role=each.role,
            protocol=each.protocol,
            versions=each.versions,
            requirements=each.requirements,
            homepage=each.homepage,
            licence=each.licence,
            blocked=peers.why_not_ready(each),
        )
        for each in peers.catalogue().values()
    ]
    if json:
        print_json(products)
        return 0
    table = Table("name", "product", "role", "versions", "state", box=None)
    for each in products:
        state = f"[cyan]blocked[/]: {plain(each.blocked)}" if each.blocked else "[green]ready[/]"
        table.add_row(each.name, each.title, each.role, " ".join(each.versions), state)
    stdout.print(table)
    return 0


@adapter.command("install")
def install(
    names: Annotated[list[str] | None, typer.Argument(help="Products; all when none is given.", metavar="[NAME]...")] = None,
    within: Annotated[float, typer.Option(help="Seconds for each.")] = 600.0,
    json: Json = False,
) -> int:
    """Make the environments of third-party products; what stands already is left as it is.

    A product that cannot be had here is named with the reason. That is an error only for one that was asked for by name.

    Example: v2x adapter install arthexis
    """
    chosen = [peers.peer(name) for name in names or peers.catalogue()]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        done = list(pool.map(lambda product: _install(product, within), chosen))
    if json:
        print_json(done)
    return 3 if names and any(each.blocked for each in done) else 0


def _install(product: peers.PeerProduct, within: float) -> Installed:
    try:
        place = peers.install(product, lambda line: stderr.print(plain(line)), within=within)
    except peers.PeerBlocked as blocked:
        stderr.print(f"[cyan]blocked[/] {plain(product.name)}: {plain(blocked.reason)}")
        if blocked.hint:
            stderr.print(f"[dim]hint:[/] {plain(blocked.hint)}")
        return Installed(name=product.name, blocked=blocked.reason, hint=blocked.hint)
    return Installed(name=product.name, place=str(place))


@adapter.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Of the adapter.")],
    role: Annotated[str, typer.Option(help=f"What the product plays: {', '.join(skeleton.VERBS)}.")] = "csms",
    ocpp: Annotated[
        list[str] | None, typer.Option("--ocpp", "--edition", help="Version that it speaks; may be repeated.")
    ] = None,
    javascript: Annotated[bool, typer.Option("--javascript", help="A program for node instead of Python.")] = False,
    into: Annotated[Path | None, typer.Option(help="Folder; its name when not given.")] = None,
    json: Json = False,
) -> int:
    """Write the skeleton of an adapter: a program to fill in, and all that belongs to it.

    Example: v2x adapter new my-csms --role csms --ocpp 2.0.1
    """
    folder = into or Path(name)
    language: skeleton.Language = "javascript" if javascript else "python"
    files = skeleton.write(name, folder, role=role, versions=ocpp or [skeleton.VERSION.get(role, "")], language=language)
    if json:
        print_json(Written(folder=str(folder), files=tuple(str(file) for file in files)))
        return 0
    for file in files:
        stdout.print(plain(f"  {file}"))
    stdout.print(plain(f"fill in {files[0]}, then: v2x adapter smoke {folder}"))
    return 0


@adapter.command("smoke")
def smoke_(name: Name, ocpp: Version = "", json: Json = False) -> int:
    """Try an adapter without judging its product: tells bugs of the adapter from bugs of the product.

    Example: v2x adapter smoke ocpp-csms
    """
    role, protocol, version = _plays(name, ocpp)
    report = asyncio.run(smoke(lambda: _adapter(name), role=role, protocol=protocol, version=version))
    if json:
        print_json(report)
    else:
        _show(report)
    return 0 if report.passed else 1


@adapter.command("verbs")
def verbs(name: Name, ocpp: Version = "", json: Json = False) -> int:
    """Start a product, and say what it can be made to do.

    Example: v2x adapter verbs ocpp-station
    """
    role, protocol, version = _plays(name, ocpp)
    found = asyncio.run(_verbs(name, role, protocol, version))
    if json:
        print_json(found)
        return 0
    stdout.print(plain(f"{found.product} {found.product_version}".strip()))
    table = Table("verb", "arguments", "", box=None)
    known = skeleton.VERBS.get(role, {})
    for verb in dict.fromkeys([*found.verbs, *known]):
        table.add_row(verb, plain(known.get(verb, "")), "[green]yes[/]" if verb in found.verbs else "[dim]no[/]")
    stdout.print(table)
    return 0


@adapter.command("protocol")
def protocol_() -> int:
    """Print the JSON Schema of the protocol between the harness and an adapter.

    Example: v2x adapter protocol > adapter-protocol.json
    """
    typer.echo(schema_text().rstrip())
    return 0


def _adapter(name: str) -> AdapterProcess:
    return AdapterProduct({"adapter": name})


def _plays(name: str, version: str) -> tuple[str, str, str]:
    """Return role, protocol and version that a product is tried with; its first version when none is asked for.

    Raises:
        Misnamed: there is no such adapter, or it does not speak that version.
    """
    if name in peers.catalogue():
        product = peers.peer(name)
        role, protocol, versions = product.role, product.protocol, product.versions
    elif Path(name).exists():
        of, _ = manifest.load(Path(name))
        role, protocol, versions = of.role, of.protocol, of.versions
    else:
        raise Misnamed(f"there is no adapter {name}", f"a folder, or one of: {', '.join(peers.catalogue())}")
    if version and version not in versions:
        raise Misnamed(f"{name} does not speak {protocol} {version}", f"one of: {', '.join(versions)}")
    return role, protocol, version or versions[0]


async def _verbs(name: str, role: str, protocol: str, version: str) -> Verbs:
    process = _adapter(name)
    with tempfile.TemporaryDirectory(prefix="v2x-adapter-") as folder, smoke_cable.ground(protocol) as cable:
        placement = Placement(
            role=role,
            protocol=protocol,
            version=version,
            # Nobody is there: a station will look in vain, which does not matter here.
            connect_to="ws://127.0.0.1:9",
            identity=IDENTITY,
            password=PASSWORD,
            identities={IDENTITY: PASSWORD},
            settings=smoke_cable.settings(cable, role),
            workdir=folder,
        )
        try:
            ready = await process.start(placement)
        finally:
            await process.stop()
    missing = tuple(verb for verb in skeleton.VERBS.get(role, {}) if verb not in ready.verbs)
    return Verbs(
        adapter=process.name,
        product=ready.product,
        product_version=ready.product_version,
        verbs=ready.verbs,
        missing=missing,
    )


def _show(report: Report) -> None:
    """Print a smoke test: each check, and for those that failed whose fault it is and what was seen."""
    if report.product:
        stdout.print(plain(f"{report.adapter}: {report.product} {report.product_version}".strip()))
    for check in report.checks:
        if check.passed:
            stdout.print(f"  [green]ok[/]    {plain(check.name)}")
        else:
            stdout.print(f"  [bold red]wrong[/] {plain(check.name)}")
            stdout.print(f"        the {check.party}'s fault: {plain(check.detail)}")
    if not report.passed and report.log:
        stdout.print("[dim]what the adapter logged last:[/]")
        for line in report.log[-10:]:
            stdout.print(plain(f"  | {line}"))
