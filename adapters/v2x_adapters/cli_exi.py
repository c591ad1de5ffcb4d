"""``v2x exi``: reads and writes the payloads of ISO 15118 and DIN SPEC 70121."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table
from v2x_architecture.iso15118.exi import (
    AMENDMENTS,
    Codec,
    Decoded,
    DecodeError,
    Deviation,
    ExiError,
    Mark,
    Schema,
    Violation,
    from_plain,
    to_plain,
    validate,
)
from v2x_architecture.iso15118.exi.generator import output
from v2x_architecture.iso15118.exi.xml import from_xml
from v2x_harness.cli.console import plain, print_json, stdout
from v2x_harness.errors import HarnessError

from v2x_adapters.cli_exi_check import check
from v2x_adapters.exi_input import Payload, payload_of, sets_of

exi = typer.Typer(no_args_is_help=True, help="EXI payloads of ISO 15118 and DIN SPEC 70121.")
exi.command("check")(check)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text; its schema is published.")]
Set = Annotated[str, typer.Option("--schema", help=f"Schema set: {', '.join(Schema)}; found out where it can be.")]
Fragment = Annotated[bool, typer.Option("--fragment", help="The payload is a fragment, as signatures are made over.")]


_ROOT = re.compile(r"<([\w.:-]+)")
_NO_ROOT = re.compile(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>", re.DOTALL)


class DecodedPayload(msgspec.Struct, frozen=True, kw_only=True):
    """What ``v2x exi decode --json`` prints.

    Attributes:
        schema: the set.
        fragment: whether it is a fragment.
        hex: the payload, without a V2GTP header.
        message: its plain form; None when it could not be decoded.
        fields: where each value stands.
        deviations: what the schema does not declare.
        violations: what the schema does not allow.
        trailing: bytes after the document, as hexadecimal.
        problem: why it could not be decoded; empty when it could.
        bit_offset, pointer: where.
    """

    schema: str
    fragment: bool
    hex: str
    message: dict[str, Any] | None = None
    fields: tuple[Mark, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    violations: tuple[Violation, ...] = ()
    trailing: str = ""
    problem: str = ""
    bit_offset: int | None = None
    pointer: str = ""


class EncodedPayload(msgspec.Struct, frozen=True, kw_only=True):
    """What ``v2x exi encode --json`` prints."""

    schema: str
    fragment: bool
    name: str
    hex: str


class GeneratedFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What ``v2x exi tables --json`` prints.

    Attributes:
        fresh: whether every committed file is as the XSDs make it (after writing, without ``--check``).
        stale: files that were not.
    """

    fresh: bool
    stale: tuple[str, ...]


@exi.command()
def decode(
    source: Annotated[str, typer.Argument(help="The payload in hexadecimal, a file that holds it, or - for standard input.")],
    schema: Set = "",
    fragment: Fragment = False,
    json: Json = False,
) -> int:
    """Decode a payload, and show each value with its grammar path and its bits.

    A V2GTP header before it is taken off. Exit code 0: decoded; 1: it is no payload of the set, or not valid against its schema;
    2: there is no payload, or it cannot be told of which set it is.

    Examples: v2x exi decode 80980011d0180301652003fc00

              v2x exi decode capture.bin --schema dc --json
    """
    payload = payload_of(source)
    known, decoded = _decoded(payload, schema, fragment=fragment)
    if isinstance(decoded, ExiError):
        if json:
            print_json(_failed(known, payload, decoded, fragment=fragment))
        else:
            stdout.print(f"[bold red]not decoded:[/] {plain(str(decoded))}")
        return 1
    violations = tuple(validate(decoded))
    if json:
        print_json(
            DecodedPayload(
                schema=known.schema,
                fragment=fragment,
                hex=decoded.raw.hex(),
                message=to_plain(decoded),
                fields=decoded.trace.marks,
                deviations=decoded.deviations,
                violations=violations,
                trailing=decoded.trailing.hex(),
            )
        )
    else:
        _show(decoded, violations)
    return int(bool(violations))


@exi.command()
def encode(
    source: Annotated[str, typer.Argument(help="The message as JSON or XML, a file that holds it, or - for standard input.")],
    schema: Set = "",
    fragment: Fragment = False,
    json: Json = False,
) -> int:
    """Encode a message, and print the payload in hexadecimal.

    Takes the plain form ({"V2G_Message": {…}}), what ``v2x exi decode --json`` prints, and XML. Exit code 0: encoded; 2: it is no
    message of the set, and why.

    Examples: v2x exi encode message.json --schema iso2

              v2x exi decode 80980011d0180301652003fc00 --json | v2x exi encode -
    """
    text = _text(source)
    is_xml = text.lstrip().startswith("<")
    given = None if is_xml else _json(text)
    if isinstance(given, dict) and isinstance(given.get("message"), dict) and "schema" in given:
        schema, fragment = schema or str(given["schema"]), fragment or given.get("fragment") is True
        given = given["message"]
    known = _codec(_named(schema) if schema else _set_of(text if is_xml else given, fragment=fragment))
    try:
        name, message = from_xml(known, text, fragment=fragment) if is_xml else from_plain(known, given, fragment=fragment)
        encoded = known.encode_fragment(message, name) if fragment else known.encode(message, name)
    except ExiError as error:
        hint = "v2x exi decode --json shows what messages look like"
        raise HarnessError(f"the message cannot be encoded: {error}", hint) from None
    if json:
        print_json(EncodedPayload(schema=known.schema, fragment=fragment, name=name, hex=encoded.hex()))
    else:
        sys.stdout.write(encoded.hex() + "\n")
    return 0


@exi.command()
def tables(
    xsd: Annotated[
        list[Path],
        typer.Option(
            help="Folder of XSDs, or the wheel of the PyPI package iso15118, unpacked or not; may be given several times."
        ),
    ],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when a file is stale.")] = False,
    json: Json = False,
) -> int:
    """Make the grammar tables and message classes from the XSDs.

    The XSDs are not part of v2x (ISO's licence lets everybody use them, and nobody pass them on). Those of Amendment 1 of
    ISO 15118-20 (AC_DER) are not in the wheel either; where they are not given, their tables are left as they are. Exit code 1:
    --check found a file stale.

    Example: v2x exi tables --xsd iso15118-0.31.2-py3-none-any.whl --check
    """
    try:
        stale = output.stale(xsd) if check else output.write(xsd)
    except ExiError as error:
        raise HarnessError(error.text) from None
    if json:
        print_json(GeneratedFiles(fresh=not (check and stale), stale=tuple(stale)))
    else:
        for name in stale:
            stdout.print(f"{plain(name)}: {'stale' if check else 'written'}")
        if not stale:
            stdout.print("every table and module is fresh")
    return int(check and bool(stale))


def _decoded(payload: Payload, schema: str, *, fragment: bool) -> tuple[Codec, Decoded | ExiError]:
    """Decode with the set that is given, or else with those that the payload can belong to; more than one is a question."""
    if schema:
        known = _codec(_named(schema))
        return known, _attempt(known, payload, fragment=fragment)
    candidates = [_codec(each) for each in sets_of(payload)]
    attempts = [(known, _attempt(known, payload, fragment=fragment)) for known in candidates]
    fitting = [(known, result) for known, result in attempts if isinstance(result, Decoded)]
    if len(fitting) > 1:
        # Bits that happen to fit a second grammar seldom fit its facets as well.
        fitting = [
            (known, result) for known, result in fitting if isinstance(result, Decoded) and not validate(result)
        ] or fitting
    # What an amendment's grammar reads as that of the set which it extends does is a message of that set.
    read = {known.schema: result.message for known, result in fitting if isinstance(result, Decoded)}
    fitting = [(known, result) for known, result in fitting if not _same(read, known.schema)]
    if len(fitting) == 1 or (len(attempts) == 1 and not fitting):
        return (fitting or attempts)[0]
    names = ", ".join(known.schema for known, _ in fitting or attempts)
    what = "can be a payload of several schema sets" if fitting else "is no payload of any schema set"
    raise HarnessError(f"it {what}: {names}", "give one with --schema" + ("" if fitting else ", which tells where it goes wrong"))


def _same(read: dict[Schema, object], schema: Schema) -> bool:
    base = AMENDMENTS.get(schema)
    return base in read and read[base] == read[schema]


@cache
def _codec(schema: Schema) -> Codec:
    """Return a codec that reads whatever can be read: what a schema does not allow is told, not refused."""
    return Codec(schema, nillable=True)


def _set_of(given: object, *, fragment: bool) -> Schema:
    """Return the only set that has a message of this name (and namespace, in XML)."""
    namespace, name = "", ""
    if isinstance(given, str):
        found = _ROOT.search(_NO_ROOT.sub("", given))
        prefix, _, name = found[1].rpartition(":") if found else ("", "", "")
        xmlns = re.search(rf"""\bxmlns{f":{re.escape(prefix)}" if prefix else ""}\s*=\s*["']([^"']*)["']""", given)
        namespace = xmlns[1] if xmlns else ""
    elif isinstance(given, dict) and len(given) == 1:
        name = next(iter(given))
    sets = [each for each in Schema if _has(_codec(each), namespace, name, fragment=fragment)]
    sets = [each for each in sets if AMENDMENTS.get(each) not in sets]
    if len(sets) == 1:
        return sets[0]
    return (
        _named("?")
        if sets or not name
        else _named(f"? (none has a {'fragment' if fragment else 'message'} {name}{f' of {namespace}' if namespace else ''})")
    )


def _has(known: Codec, namespace: str, name: str, *, fragment: bool) -> bool:
    grammar = known.grammar
    codes = grammar.fragment_codes if fragment else grammar.document_codes
    return name in codes and (not namespace or fragment or (namespace, name) in grammar.globals_by_name)


def _attempt(known: Codec, payload: Payload, *, fragment: bool) -> Decoded | ExiError:
    try:
        return known.decode_fragment(payload.data) if fragment else known.decode(payload.data)
    except ExiError as error:
        return error


def _failed(known: Codec, payload: Payload, error: ExiError, *, fragment: bool) -> DecodedPayload:
    return DecodedPayload(
        schema=known.schema,
        fragment=fragment,
        hex=payload.data.hex(),
        problem=error.text if isinstance(error, DecodeError) else f"not supported: {error.text}",
        bit_offset=error.bit_offset,
        pointer=error.path,
    )


def _show(decoded: Decoded, violations: tuple[Violation, ...]) -> None:
    what = "fragment" if decoded.is_fragment else "document"
    stdout.print(
        f"[bold]{decoded.name}[/], {what} of {decoded.schema} ({plain(decoded.schema.description)}): "
        f"{len(decoded.raw)} bytes, {decoded.trace.end} bits"
    )
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("bit", "width"):
        table.add_column(title, justify="right")
    table.add_column("path", no_wrap=True)
    table.add_column("value", overflow="fold")
    for mark in sorted(decoded.trace.marks, key=lambda mark: (mark.event, -mark.width)):
        value = "" if mark.text is None else plain(repr(mark.text) if not mark.text.isprintable() or not mark.text else mark.text)
        table.add_row(str(mark.offset), str(mark.width), plain(mark.pointer), value)
    stdout.print(table)
    for each in violations:
        value = f" stands {each.value!r}," if each.value else ""
        where = f"at bit {each.offset}{f' in {each.pointer}' if each.pointer else ''}"
        stdout.print(f"[yellow]not valid:[/] {plain(f'{where}{value} {each.facet}: {each.expected}')}")


def _named(schema: str) -> Schema:
    try:
        return Schema(schema.lower())
    except ValueError:
        problem = f"which schema set is it{schema}" if schema.startswith("?") else f"{schema!r} is no schema set;"
        raise typer.BadParameter(f"{problem} One of {', '.join(Schema)}", param_hint="--schema") from None


def _text(source: str) -> str:
    if source == "-":
        return sys.stdin.read()
    if source.lstrip().startswith(("{", "<")):
        return source
    try:
        return Path(source).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise HarnessError(f"cannot read {source}: {getattr(error, 'strerror', None) or error}") from None


def _json(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise HarnessError(f"the message is neither JSON nor XML: {error}") from None
