"""``v2x init``: writes a subject file, by asking or by looking at the endpoint."""

from __future__ import annotations

import asyncio
import json as json_
import re
from pathlib import Path
from typing import Annotated, Literal
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
roles = [{{ role = "{role}", protocol = "ocpp", versions = {versions} }}]

[endpoint]
{endpoint}
identity = {identity}
{password}

# What the product can do, by the feature ids of the certification profiles: true or false. What is not here is unset, and cases
# that depend on it are skipped.
[pics]

# Timers in seconds, and values of the product.
[pixit]
answer = 30
settle = 30
reboot = 120
{pixit}

# How the product is made to act: "http" (a URL each verb is posted to), "command", "adapter", "console" (a person), "none".
[operator]
kind = "console"
"""

# What --listen takes.
_LISTEN = re.compile(r"[^/:\s]+:\d{1,5}")


class Initialised(msgspec.Struct, frozen=True, kw_only=True):
    """What ``v2x init`` wrote, and what it had found out at the endpoint."""

    file: str
    role: str
    found: Probed


def init(
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("subject.toml"),
    role: Annotated[str, typer.Option(help="station or csms; asked for when not given.")] = "",
    url: Annotated[str, typer.Option(help="Where a CSMS listens: it is looked at, and the answers are filled in.")] = "",
    listen: Annotated[str, typer.Option(help="host:port to wait at for a station: it is looked at when it comes.")] = "",
    identity: Annotated[str, typer.Option(help="Of the station on the link.")] = "",
    timeout: Annotated[float, typer.Option(help="Seconds to look.")] = 60.0,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; take what was found and the defaults.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Print the JSON Schema of the file, and write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was found and written as JSON.")] = False,
) -> int:
    """Write a subject file, by asking or by looking at the endpoint.

    Example: v2x init --url ws://127.0.0.1:9000/ocpp --out my-csms.toml
    """
    if explain:
        stdout.print_json(json_.dumps(schema()))
        return 0
    if out.exists():
        raise SubjectError(f"{out} exists already", "choose another --out")
    chosen = role or ("csms" if url else "station" if listen else "")
    if not chosen and yes:
        raise SubjectError("it is not said what the product is", "give --role, or --url of a CSMS, or --listen for a station")
    chosen = chosen or typer.prompt("What is the product? (station, csms)", default="station")
    if chosen not in ("station", "csms"):
        raise SubjectError(f"the role {chosen!r} is not known", "station or csms")
    probed = _look(chosen, url, listen, identity, timeout) if url or listen else Probed()
    out.write_text(_fill(out, chosen, probed, url, listen, identity, ask=not yes), encoding="utf-8")
    _check(out)
    if json:
        print_json(Initialised(file=str(out), role=chosen, found=probed))
        return 0
    stdout.print(f"{out} is written. Next: say in \\[operator] how it is made to act, then [bold]v2x run {out}[/]")
    return 0


def _look(role: str, url: str, listen: str, identity: str, timeout: float) -> Probed:
    endpoint = Endpoint(url=url, listen=listen, identity=identity or "V2X-PROBE")
    if url and urlsplit(url).scheme not in ("ws", "wss"):
        raise SubjectError(f"--url {url} is no WebSocket URL", "it looks like ws://127.0.0.1:9000/ocpp")
    if listen and not _LISTEN.fullmatch(listen):
        raise SubjectError(f"--listen {listen} is no place to listen at", "it looks like 127.0.0.1:9000")
    if (role == "csms") != bool(url):
        raise SubjectError(
            f"a {role} is not looked at so", "--url is where a CSMS listens, --listen where a station will connect"
        )
    if role == "station":
        stderr.print(f"waiting {timeout:g} s for the station at ws://{listen}/")
    try:
        probed = asyncio.run(protocols()["ocpp"].probe(role, endpoint, timeout))
    except AdapterError as error:
        # Nothing of ours failed: nobody is there.
        raise SubjectError(str(error), error.hint) from error
    for note in probed.notes:
        stderr.print(f"[dim]{plain(note)}[/]")
    if not probed.versions:
        raise SubjectError("the endpoint speaks none of OCPP 1.6 and 2.0.1", "; ".join(probed.notes))
    stderr.print(
        f"it speaks OCPP {' and '.join(probed.versions)}" + (", and asks for a password" if probed.needs_password else "")
    )
    return probed


def _fill(out: Path, role: str, probed: Probed, url: str, listen: str, identity: str, *, ask: bool) -> str:
    def answer(question: str, default: str) -> str:
        return str(typer.prompt(question, default=default)) if ask else default

    versions = answer("OCPP versions (1.6, 2.0.1), separated by spaces", " ".join(probed.versions or ("2.0.1",))).split()
    if role == "csms":
        endpoint = f"url = {_quoted(url or answer('URL of the CSMS, without the identity', 'ws://127.0.0.1:9000'))}"
    else:
        endpoint = f"listen = {_quoted(listen or answer('Where shall the harness listen for the station?', '127.0.0.1:9000'))}"
    password: Literal["env:V2X_PASSWORD"] = "env:V2X_PASSWORD"  # noqa: S105  (a reference, not a password)
    return _TEMPLATE.format(
        file=out,
        name=_quoted(answer("Name of the product", probed.name or "My product")),
        vendor=_quoted(answer("Vendor", probed.vendor or "")),
        version=_quoted(probed.product_version),
        role=role,
        versions=_quoted_list(versions),
        endpoint=endpoint,
        identity=_quoted(identity or answer("Identity of the station on the link", probed.identity or "CS001")),
        password=f'password = "{password}"' if probed.needs_password else f'# password = "{password}"',
        pixit="connectors = [1]  # of each EVSE" if role == "station" else 'id_token = "DEADBEEF"  # a token it accepts',
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
