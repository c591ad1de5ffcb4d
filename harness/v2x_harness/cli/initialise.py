"""``v2x init``: writes a subject file, by asking or by looking at the endpoint."""

from __future__ import annotations

import asyncio
import json as json_
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
import typer

from v2x_harness.cli.console import plain, print_json, stderr, stdout
from v2x_harness.errors import AdapterError, SubjectError
from v2x_harness.protocol import Probed, protocols
from v2x_harness.subject import Endpoint, load, schema

_TEMPLATE = """\
# A product under test. `v2x run {file}` judges it; every key is explained by `v2x init --explain`.

[subject]
name = {name}
vendor = {vendor}
version = {version}
roles = [{{ role = "{role}", protocol = "{protocol}", versions = {versions} }}]

[endpoint]
{endpoint}

# What the product can do{features}: true or false. What is not here is unset, and cases that depend on it are skipped.
[pics]
{pics}
# Timers in seconds, and values of the product.
[pixit]
{pixit}

# How the product is made to act: "http" (a URL each verb is posted to), "command", "adapter", "console" (a person), "none".
[operator]
kind = "console"
"""


class _Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the subject file of a role is like.

    Attributes:
        protocol: its id; ``name`` for people.
        listens: whether the product listens; else the harness does.
        schemes: of the URL of its endpoint.
        versions: that there are cases for; ``usual`` that most products speak.
        asked: the question for its endpoint, and what is answered where nobody is asked.
        identity: whether it is known by one.
        features: where the ids of capabilities come from.
        pics, pixit: lines of the file.
    """

    protocol: str
    name: str
    listens: bool
    schemes: tuple[str, ...]
    versions: tuple[str, ...]
    usual: str
    asked: tuple[str, str]
    pixit: tuple[str, ...]
    pics: tuple[str, ...] = ()
    identity: bool = False
    features: str = ""


@cache
def _kinds() -> dict[str, _Kind]:
    text = resources.files("v2x_harness.cli").joinpath("roles.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[str, _Kind])


_PASSWORD = 'password = "env:V2X_PASSWORD"'  # noqa: S105  (a reference, not a password)

# What --listen takes.
_LISTEN = re.compile(r"[^/:\s]+:\d{1,5}|sdp://[^/\s]+")


class Initialised(msgspec.Struct, frozen=True, kw_only=True):
    """What ``v2x init`` wrote, and what it had found out at the endpoint."""

    file: str
    role: str
    found: Probed


def init(
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("subject.toml"),
    role: Annotated[str, typer.Option(help="station, csms, secc or evcc; asked for when not told by the endpoint.")] = "",
    url: Annotated[
        str, typer.Option(help="Where a CSMS or SECC (sdp://eth0) listens: it is looked at, and the answers are filled in.")
    ] = "",
    listen: Annotated[str, typer.Option(help="host:port to wait at for a station, and look at it; sdp://eth0 for an EVCC.")] = "",
    identity: Annotated[str, typer.Option(help="Of the station on the link.")] = "",
    timeout: Annotated[float, typer.Option(help="Seconds to look.")] = 60.0,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; take what was found and the defaults.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Print the JSON Schema of the file, and write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was found and written as JSON.")] = False,
) -> int:
    """Write a subject file, by asking or by looking at the endpoint.

    Examples: v2x init --url ws://127.0.0.1:9000/ocpp --out my-csms.toml

    v2x init --url sdp://eth0 --out my-secc.toml

    v2x init --role evcc --listen sdp://eth0 --out my-ev.toml
    """
    if explain:
        stdout.print_json(json_.dumps(schema()))
        return 0
    if out.exists():
        raise SubjectError(f"{out} exists already", "choose another --out")
    chosen = role or _role_of(url, listen)
    if not chosen and yes:
        raise SubjectError(
            "it is not said what the product is", "give --role, or --url of a CSMS or SECC, or --listen for a station or EVCC"
        )
    chosen = chosen or typer.prompt(f"What is the product? ({', '.join(_kinds())})", default="station")
    if chosen not in _kinds():
        raise SubjectError(f"the role {chosen!r} is not known", f"one of: {', '.join(_kinds())}")
    probed = _look(chosen, url, listen, identity, timeout) if url or listen else Probed()
    out.write_text(_fill(out, chosen, probed, url, listen, identity, ask=not yes), encoding="utf-8")
    _check(out)
    if json:
        print_json(Initialised(file=str(out), role=chosen, found=probed))
        return 0
    then = f"then [bold]v2x run {out}[/]"
    stdout.print(f"{out} is written. Next: say in \\[pics] what it can do, in \\[operator] how it is made to act, {then}")
    return 0


def _role_of(url: str, listen: str) -> str:
    """Return what a product is by how it is reached; empty when that is not told."""
    scheme, listens = (urlsplit(url or listen).scheme if "://" in (url or listen) else "ws"), bool(url)
    if not (url or listen):
        return ""
    fits = [role for role, kind in _kinds().items() if kind.listens is listens and scheme in kind.schemes]
    return fits[0] if fits else "csms" if listens else "station"


def _look(role: str, url: str, listen: str, identity: str, timeout: float) -> Probed:
    kind = _kinds()[role]
    endpoint = Endpoint(url=url, listen=listen, identity=identity or "V2X-PROBE")
    if url and urlsplit(url).scheme not in kind.schemes:
        if kind.protocol == "ocpp":
            raise SubjectError(
                f"--url {url} is no WebSocket URL",
                "of a CSMS it looks like ws://127.0.0.1:9000/ocpp, of an SECC like sdp://eth0 or tcp://[fe80::1%25eth0]:61341",
            )
        raise SubjectError(f"--url {url} says not where an SECC is", "it looks like sdp://eth0, tcp://[fe80::1%25eth0]:61341")
    if listen and not _LISTEN.fullmatch(listen):
        raise SubjectError(
            f"--listen {listen} is no place to listen at", "it looks like 127.0.0.1:9000, or sdp://eth0 for an EVCC"
        )
    if kind.listens != bool(url):
        raise SubjectError(
            f"{'an' if role in ('evcc', 'secc') else 'a'} {role} is not looked at so",
            "--url is where a CSMS or SECC listens, --listen where a station or EVCC will connect",
        )
    if role == "evcc":
        # An EV is plugged in by a person; what it speaks is said in the file.
        stderr.print("an EV is not looked at: say in \\[subject] which versions it speaks")
        return Probed()
    if role == "station":
        stderr.print(f"waiting {timeout:g} s for the station at ws://{listen}/")
    try:
        probed = asyncio.run(protocols()[kind.protocol].probe(role, endpoint, timeout))
    except AdapterError as error:
        # Nothing of ours failed: nobody is there.
        raise SubjectError(str(error), error.hint) from error
    for note in probed.notes:
        stderr.print(f"[dim]{plain(note)}[/]")
    if not probed.versions:
        raise SubjectError(f"the endpoint speaks no {kind.name} of {', '.join(kind.versions)}", "; ".join(probed.notes))
    stderr.print(
        f"it speaks {kind.name} {', '.join(probed.versions)}" + (", and asks for a password" if probed.needs_password else "")
    )
    return probed


def _fill(out: Path, role: str, probed: Probed, url: str, listen: str, identity: str, *, ask: bool) -> str:
    kind = _kinds()[role]

    def answer(question: str, default: str) -> str:
        return str(typer.prompt(question, default=default)) if ask else default

    of = f"{kind.name} versions ({', '.join(kind.versions)}), separated by spaces"
    versions = answer(of, " ".join(probed.versions or (kind.usual,))).split()
    where = (url or listen) or answer(*kind.asked)
    endpoint = [f"{'url' if kind.listens else 'listen'} = {_quoted(where)}"]
    if kind.identity:
        named = identity or answer("Identity of the station on the link", probed.identity or "CS001")
        endpoint += [f"identity = {_quoted(named)}", ("" if probed.needs_password else "# ") + _PASSWORD]
    return _TEMPLATE.format(
        file=out,
        name=_quoted(answer("Name of the product", probed.name or "My product")),
        vendor=_quoted(answer("Vendor", probed.vendor or "")),
        version=_quoted(probed.product_version),
        role=role,
        protocol=kind.protocol,
        versions=_quoted_list(versions),
        endpoint="\n".join(endpoint),
        features=kind.features,
        pics="".join(f"{line}\n" for line in kind.pics),
        pixit="\n".join(kind.pixit),
    )


def _quoted(text: str) -> str:
    return json_.dumps(text, ensure_ascii=False)


def _quoted_list(texts: list[str]) -> str:
    return json_.dumps(texts)


def _check(out: Path) -> None:
    """Say at once what would be wrong with the file, such as a version that there is not."""
    try:
        load(str(out))
    except SubjectError as error:
        if "environment variable" not in str(error):
            out.unlink()
            raise
        stderr.print(f"[yellow]before you run it: {plain(error.hint)}[/]")
