"""A product under test, as its ``subject.toml`` describes it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

import jsonschema
import msgspec

from v2x_harness.errors import HarnessError, SubjectError
from v2x_harness.events import Json
from v2x_harness.pics import Pics
from v2x_harness.secret import resolve

# One of our own actors in the place of a subject file.
REFERENCE = re.compile(r"reference:(?P<role>[a-z]+)@(?P<version>[\w.]+)(?:/(?P<protocol>[a-z0-9]+))?")


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role that the subject plays, in which protocol and versions."""

    role: str
    protocol: str
    versions: tuple[str, ...]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How the subject is reached.

    Attributes:
        url: where it listens (a CSMS); for OCPP without the identity at the end.
        listen: ``host:port`` where the harness listens for it (a station); ``wss://host:port`` for TLS.
        identity: of the station on this link.
        password: resolved credential; the file holds a reference only (``env:NAME``, ``file:PATH``).
        ca, certificate, key: PEM files for TLS.
    """

    url: str = ""
    listen: str = ""
    identity: str = ""
    password: str = ""
    ca: str = ""
    certificate: str = ""
    key: str = ""


class Pixit(msgspec.Struct, frozen=True, kw_only=True):
    """Values and timers of the product that a judgement needs (s).

    Attributes:
        answer: within which a CALL must be answered.
        settle: within which the messages that follow from an act must have come.
        reboot: from a power cycle or reset to the next BootNotification.
        connect: within which the subject connects at the start of a run.
        quiet: how long silence is watched where the specification gives no time.
        interval: what a pending or rejected boot is told to wait, and other intervals that a case may choose: short, so that a
            real product can be judged in minutes.
        lanes: how many of it stand side by side.
        values: everything else in ``[pixit]`` (``id_token``, ``evses``…).
    """

    answer: float = 30.0
    settle: float = 30.0
    reboot: float = 120.0
    connect: float = 120.0
    quiet: float = 5.0
    interval: int = 10
    lanes: int = 1
    values: dict[str, Json] = {}


class OperatorSpec(msgspec.Struct, frozen=True, kw_only=True):
    """How the subject is made to act: the kind of operator, and its own settings."""

    kind: str = "none"
    settings: dict[str, Json] = {}


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A product under test.

    Attributes:
        path: of the file it came from; empty for a reference actor.
        secrets: resolved credentials, which must never be written anywhere.
    """

    name: str
    roles: tuple[Role, ...]
    vendor: str = ""
    product_version: str = ""
    endpoint: Endpoint = Endpoint()
    pics: dict[str, bool] = {}
    pixit: Pixit = Pixit()
    operator: OperatorSpec = OperatorSpec()
    path: str = ""
    secrets: tuple[str, ...] = ()

    @property
    def capabilities(self) -> Pics:
        """The declared PICS."""
        return Pics(self.pics)

    def varied(self, pics: Mapping[str, bool], pixit: Mapping[str, Json]) -> Subject:
        """Return the same subject with some capabilities, timers and values otherwise.

        Raises:
            SubjectError: one of the timers is none.
        """
        timers = {name: value for name, value in pixit.items() if name in Pixit.__struct_fields__ and name != "values"}
        values = {**self.pixit.values, **{name: value for name, value in pixit.items() if name not in timers}}
        try:
            changed = msgspec.convert({**msgspec.to_builtins(self.pixit), **timers, "values": values}, Pixit)
        except msgspec.ValidationError as error:
            raise SubjectError(f"{self.name}: pixit: {error}") from error
        return msgspec.structs.replace(self, pics={**self.pics, **pics}, pixit=changed)

    def plays(self, role: str, protocol: str, version: str) -> bool:
        """Whether the subject says it plays this role in this version of this protocol."""
        return any(r.role == role and r.protocol == protocol and version in r.versions for r in self.roles)


@cache
def schema() -> dict[str, Json]:
    """Return the published JSON Schema of ``subject.toml``."""
    text = resources.files("v2x_harness").joinpath("schemas/subject.json").read_text(encoding="utf-8")
    document: dict[str, Json] = json.loads(text)
    return document


def load(source: str) -> Subject:
    """Read a subject file.

    Raises:
        SubjectError: names the file, the line, the key and what is allowed there.
    """
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SubjectError(
            f"cannot read the subject file {source}: {reason}", "v2x init writes one; reference:station@2.0.1 needs none"
        ) from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SubjectError(f"{source}: no valid TOML: {error}", "see https://toml.io") from error
    problems = sorted(
        jsonschema.Draft202012Validator(schema()).iter_errors(table), key=lambda e: [str(p) for p in e.absolute_path]
    )
    if problems:
        raise SubjectError(
            "\n".join(_explain(source, text, p) for p in problems), "the keys and values are listed by: v2x init --explain"
        )
    return _build(source, table)


def _explain(source: str, text: str, error: jsonschema.ValidationError) -> str:
    """Say file, line, key and what is allowed."""
    path = [str(p) for p in error.absolute_path]
    rule: dict[str, dict[str, Json]] = error.schema if isinstance(error.schema, dict) else {}
    allowed, unknown, message = "", "", error.message
    if path[-1:] in (["password"], ["token"]):
        message = "is a secret and must be a reference: env:NAME or file:PATH"
    elif error.validator == "enum":
        allowed = f"; allowed: {', '.join(map(str, rule['enum']))}"
    elif error.validator == "additionalProperties":
        known = sorted(rule.get("properties", {}))
        present = error.instance if isinstance(error.instance, dict) else {}
        unknown = next((key for key in present if key not in known), "")
        allowed = f"; allowed keys: {', '.join(known)}"
    line = _line_of(text, [*path, *([unknown] if unknown else [])])
    return f"{source}:{line}: {'.'.join(path) or 'the file'}: {message}{allowed}"


def _line_of(text: str, path: list[str]) -> int:
    """Find the line of a key in TOML text: of the last table or key on the path that is found."""
    line, lines = 1, text.splitlines()
    for word in (re.escape(p) for p in path if not p.isdigit()):
        pattern = re.compile(rf"""^\s*(\[+[^\]]*\b{word}\b[^\]]*\]+|["']?{word}["']?\s*=|.*[{{,]\s*["']?{word}["']?\s*=)""")
        line = next((i for i, each in enumerate(lines, 1) if i >= line and pattern.search(each)), line)
    return line


def _build(source: str, table: Mapping[str, Json]) -> Subject:
    """Make a `Subject` of a table that the schema has accepted."""
    folder = Path(source).resolve().parent
    head = msgspec.convert(table["subject"], dict[str, object])
    endpoint = msgspec.convert(table.get("endpoint", {}), dict[str, str])
    secrets = []
    if reference := endpoint.pop("password", ""):
        endpoint["password"] = _secret(source, "endpoint.password", reference, folder)
        secrets.append(endpoint["password"])
    for key in ("ca", "certificate", "key"):
        if key in endpoint:
            file = folder / endpoint[key]
            if not file.is_file():
                raise SubjectError(f"{source}: endpoint.{key}: there is no file {file}", "paths are relative to the subject file")
            endpoint[key] = str(file)
    kind = msgspec.convert(table.get("operator", {}), dict[str, object]).get("kind", "none")
    if kind not in ("reference", "adapter") and not (endpoint.get("url") or endpoint.get("listen")):
        raise SubjectError(
            f"{source}: endpoint: it is not said how the product is reached",
            "give url (where a CSMS listens) or listen (host:port where a station will connect)",
        )
    pixit = msgspec.convert(table.get("pixit", {}), dict[str, object])
    known = {name: pixit.pop(name) for name in Pixit.__struct_fields__ if name in pixit}
    operator = msgspec.convert(table.get("operator", {}), dict[str, object])
    if isinstance(token := operator.get("token"), str):
        operator["token"] = _secret(source, "operator.token", token, folder)
        secrets.append(str(operator["token"]))
    try:
        return msgspec.convert(
            {
                "name": head["name"],
                "vendor": head.get("vendor", ""),
                "product_version": head.get("version", ""),
                "roles": head["roles"],
                "endpoint": endpoint,
                "pics": table.get("pics", {}),
                "pixit": {**known, "values": pixit},
                "operator": {"kind": operator.pop("kind", "none"), "settings": operator},
                "path": source,
                "secrets": secrets,
            },
            Subject,
        )
    except msgspec.ValidationError as error:
        raise SubjectError(f"{source}: {error}") from error


def _secret(source: str, key: str, reference: str, folder: Path) -> str:
    try:
        return resolve(reference, folder)
    except HarnessError as error:
        raise SubjectError(f"{source}: {key}: {error}", error.hint) from error
