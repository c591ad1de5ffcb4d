"""The reference CSMS on its own: settings from a command line and files, its life, and what it shows.

Apart from the command itself, which every ``v2x`` loads, because what is imported here takes a second.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from v2x_architecture.clock import SystemClock
from v2x_architecture.ocpp.csms import CsmsConfig, CsmsError, ReferenceCsms, TokenSpec
from v2x_architecture.ocpp.csms.activity import Activity, Connected, Disconnected, Exchange, Refused
from v2x_architecture.ocpp.tls import ServerTls
from v2x_harness.cli.console import plain, print_line, stdout
from v2x_harness.errors import HarnessError
from v2x_harness.secret import is_reference, resolve

from v2x_adapters.interruption import over_in, until_interrupted


class SettingsError(HarnessError):
    """An option or a settings file says what cannot be."""


class Listening(msgspec.Struct, frozen=True, kw_only=True, tag="listening", tag_field="event"):
    """The CSMS runs: where stations connect, the identity appended, and where its REST API is."""

    at: datetime
    url: str
    rest_url: str | None
    database: str


class Stopped(msgspec.Struct, frozen=True, kw_only=True, tag="stopped", tag_field="event"):
    """The CSMS has ended in order."""

    at: datetime


type Line = Listening | Connected | Disconnected | Refused | Exchange | Stopped
"""What ``--json`` prints, one a line."""


def configuration(
    path: Path | None,
    given: Mapping[str, object],
    *,
    stations: Sequence[str],
    tokens: Path | None,
    tls: Sequence[Path | None],
) -> CsmsConfig:
    """Put a configuration together.

    Args:
        path: TOML file of settings, None without.
        given: settings that overrule it, by their names; None for what is not given.
        stations: ``ID``, or ``ID=REFERENCE`` to its password.
        tokens: TOML file of identifiers, None without.
        tls: certificate, key and roots of station certificates.

    Raises:
        SettingsError: what is wrong, and where.
    """
    types = get_type_hints(CsmsConfig)
    settings = _settings(path, types) if path is not None else {}
    settings = {"port": 9000, "ping_interval": 60.0} | settings
    for name, value in given.items():
        if value is not None:
            secret = name == "rest_token"
            settings[name] = _secret(f"--{name}", str(value)) if secret else _converted(f"--{name}", value, types[name])
    if stations:
        pairs = [entry.partition("=") for entry in stations]
        settings["stations"] = {id_: _secret(f"--station {id_}", ref) if ref else "" for id_, _, ref in pairs}
    if tokens is not None:
        settings["tokens"] = _read(tokens, _Tokens).token
    certificate, key, client_ca = tls
    if certificate is not None and key is not None:
        settings["tls"] = ServerTls(certificate, key, client_ca=client_ca)
    elif certificate is not None or key is not None or client_ca is not None:
        raise SettingsError("--certificate and --key belong together, and --client-ca to both")
    config = CsmsConfig(**settings)
    if config.security_profile >= 2 and config.tls is None:
        raise SettingsError(f"security profile {config.security_profile} needs a certificate", "--certificate and --key")
    if config.security_profile == 3 and (config.tls is None or config.tls.client_ca is None):
        raise SettingsError("security profile 3 needs the roots of the stations' certificates", "--client-ca")
    unserved = [version for version in config.versions if version not in ReferenceCsms.rooms]
    if unserved:
        raise SettingsError(f"OCPP {unserved[0]} is not served here", f"there is: {', '.join(ReferenceCsms.rooms)}")
    return config


async def serve(config: CsmsConfig, seconds: float, *, json: bool) -> int:
    """Run the CSMS until it is interrupted or its time is over.

    Args:
        config: its settings.
        seconds: its time; 0 for no end.
        json: show JSON lines.

    Raises:
        SettingsError: it cannot start: a port that is taken, a file or database that cannot be used.
    """
    show = print_line if json else _show
    clock = SystemClock()
    with until_interrupted() as over:
        try:
            csms = ReferenceCsms(config, clock, watch=show)
            await csms.start()
        except (CsmsError, OSError, ssl.SSLError) as error:
            raise SettingsError(f"the reference CSMS cannot start: {error}", "see v2x reference csms --help") from error
        try:
            show(Listening(at=clock.now(), url=csms.url, rest_url=csms.rest_url, database=csms.store.url))
            await over_in(over, seconds)
        finally:
            await csms.stop()
    show(Stopped(at=clock.now()))
    return 0


def _show(line: Line | Activity) -> None:
    at = f"[dim]{line.at.astimezone():%H:%M:%S}[/]"
    match line:
        case Listening():
            api = f", REST API at {line.rest_url}/openapi.json" if line.rest_url else ""
            stdout.print(f"{at} listening for stations at {plain(line.url)}/IDENTITY{api}; Ctrl-C stops")
        case Connected():
            stdout.print(f"{at} [green]{plain(line.station)}[/] connected with OCPP {line.version}")
        case Disconnected():
            stdout.print(f"{at} [yellow]{plain(line.station)}[/] disconnected ({plain(f'{line.code} {line.reason}'.strip())})")
        case Refused():
            stdout.print(f"{at} [red]{plain(line.station)}[/] turned away: HTTP {line.status} {plain(line.text)}".rstrip())
        case Exchange():
            arrow = "→" if line.sender == "station" else "←"
            back = "←" if line.sender == "station" else "→"
            stdout.print(f"{at} {plain(line.station)} {arrow} [bold]{plain(line.action)}[/] {_compact(line.request)}")
            answer = _compact(line.response) if line.response is not None else f"[red]{plain(line.error or '')}[/]"
            stdout.print(f"         {plain(line.station)} {back} {answer}")
        case Stopped():
            stdout.print(f"{at} stopped")


def _compact(value: object) -> str:
    return plain(msgspec.json.encode(value).decode())


def database(text: str) -> str:
    """Return the URL of a database that is given as such, or as a file."""
    return text if "://" in text else f"sqlite+aiosqlite:///{Path(text).absolute()}"


def _secret(what: str, reference: str) -> str:
    """Resolve ``env:NAME`` or ``file:PATH``: no secret belongs on a command line or into a settings file."""
    if not is_reference(reference):
        raise SettingsError(f"{what} is a secret", "give a reference: env:NAME or file:PATH")
    try:
        return resolve(reference)
    except HarnessError as error:
        raise SettingsError(f"{what}: {error}", error.hint) from error


class _Tokens(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tokens file."""

    token: tuple[TokenSpec, ...]


def _read[T](path: Path, kind: type[T]) -> T:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _settings(path: Path, types: Mapping[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for name, value in _read(path, dict[str, Any]).items():
        if name not in types:
            raise SettingsError(f"{path}: there is no setting {name}", f"there are: {', '.join(types)}")
        if name == "stations":
            passwords = _converted(f"{path}: {name}", value, dict[str, str])
            settings[name] = {id_: _secret(f"{path}: {id_}", ref) if ref else "" for id_, ref in passwords.items()}
        elif name == "rest_token":
            settings[name] = _secret(f"{path}: {name}", str(value))
        else:
            settings[name] = _converted(f"{path}: {name}", value, types[name])
    return settings


def _converted(what: str, value: object, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{what}: {error}") from error


def _decode(kind: type, value: object) -> object:
    """Read what msgspec does not know itself."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind)
