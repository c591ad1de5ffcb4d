"""``v2x reference csms``: the reference CSMS on its own, for stations that want one to talk to."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer


def csms_command(
    host: Annotated[str | None, typer.Option(help="Address to listen on; loopback when not given.")] = None,
    port: Annotated[int | None, typer.Option(help="Port for stations; 0 for any. 9000 when not given.", min=0, max=65535)] = None,
    ocpp: Annotated[list[str] | None, typer.Option(help="OCPP version; may be repeated. Both when not given.")] = None,
    db: Annotated[str | None, typer.Option(help="File of a SQLite database, or a URL; in memory when not given.")] = None,
    rest_port: Annotated[int | None, typer.Option(help="Port of the REST API; none when not given.", min=0, max=65535)] = None,
    rest_token: Annotated[str | None, typer.Option(help="Bearer token of the REST API: env:NAME or file:PATH.")] = None,
    tokens: Annotated[Path | None, typer.Option(help="TOML file of \\[\\[token]] tables: identifiers of drivers.")] = None,
    anybody: Annotated[bool, typer.Option("--anybody", help="Let drivers with unknown identifiers charge.")] = False,
    station: Annotated[list[str] | None, typer.Option(help="ID, or ID=env:NAME or ID=file:PATH with its password.")] = None,
    only_known: Annotated[bool, typer.Option("--only-known", help="Turn stations away that no --station names.")] = False,
    boot: Annotated[str | None, typer.Option(help="Answer to booting stations: Accepted, Pending or Rejected.")] = None,
    interval: Annotated[int | None, typer.Option(help="Heartbeat interval (s).", min=0)] = None,
    security_profile: Annotated[
        int | None, typer.Option(help="0 none, 1 password, 2 with TLS, 3 certificates.", min=0, max=3)
    ] = None,
    certificate: Annotated[Path | None, typer.Option(help="PEM chain to listen with, for wss.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM private key of --certificate.")] = None,
    client_ca: Annotated[Path | None, typer.Option(help="PEM that signs the stations' certificates (profile 3).")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML file of settings (CsmsConfig); options overrule it.")] = None,
    seconds: Annotated[float, typer.Option("--for", min=0, help="Stop after so many seconds; 0: when interrupted.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, one event a line; its schema is published.")] = False,
) -> int:
    """Run the reference CSMS for OCPP 1.6J and 2.0.1, and show what stations and CSMS say. Ctrl-C ends it in order.

    Example: v2x reference csms --port 9000 --rest-port 9001 --anybody
    """
    # Here, because every v2x loads this module, and few want a CSMS.
    from v2x_adapters.ocpp import csms_console

    given: dict[str, object] = {
        "host": host,
        "port": port,
        "versions": ocpp,
        "database": csms_console.database(db) if db is not None else None,
        "rest_port": rest_port,
        "rest_token": rest_token,
        "unknown_identifier": "Accepted" if anybody else None,
        "allow_unknown": False if only_known else None,
        "boot": boot,
        "interval": interval,
        "security_profile": security_profile,
    }
    tls = (certificate, key, client_ca)
    settings = csms_console.configuration(config, given, stations=station or (), tokens=tokens, tls=tls)
    return asyncio.run(csms_console.serve(settings, seconds, json=json))
