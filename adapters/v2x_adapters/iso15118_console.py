"""What ``v2x reference secc`` and ``v2x reference evcc`` print: messages, as words or as JSON lines."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal, Protocol

import msgspec
import typer
from v2x_architecture.iso15118.editions import APPLICATIONS, Application
from v2x_architecture.iso15118.exi import codec, message_to_plain
from v2x_architecture.iso15118.sending import Said
from v2x_harness.cli.console import plain, print_line, stdout
from v2x_harness.errors import HarnessError
from v2x_harness.events import Json


class Message(msgspec.Struct, frozen=True, kw_only=True, tag="message", tag_field="type"):
    """A message on the wire.

    Attributes:
        at: seconds since the command began.
        sender: ``evcc`` or ``secc``.
        name: of the request or response.
        schema: its EXI grammar.
        content: the document as JSON.
    """

    at: float
    sender: Literal["evcc", "secc"]
    name: str
    schema: str
    content: Json


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag="ready", tag_field="type"):
    """The SECC listens.

    Attributes:
        address: that it listens at.
        plain_port: TCP port without TLS; null for none.
        tls_port: TCP port with TLS; null for none.
        sdp_port: UDP port of SDP; null for none.
    """

    address: str
    plain_port: int | None
    tls_port: int | None
    sdp_port: int | None


class SessionEnd(msgspec.Struct, frozen=True, kw_only=True, tag="end", tag_field="type"):
    """A session has ended.

    Attributes:
        in_order: whether it ended as it should.
        how: in words.
        message: the message pair it ended at, where that plays a part.
        code: the response code that said no.
        text: more of it.
        energy_wh: that flowed into the EV, less what flowed back, by the side's own meter.
        soc: state of charge of the EV, where it is known (percent).
    """

    in_order: bool
    how: str
    message: str = ""
    code: str = ""
    text: str = ""
    energy_wh: float = 0.0
    soc: float | None = None


type Line = Message | Ready | SessionEnd
"""One line of ``v2x reference secc|evcc --json``."""


class Listens(Protocol):
    """What says at which ports an SECC listens, None where it does not."""

    @property
    def plain_port(self) -> int | None:
        """TCP without TLS."""
        ...

    @property
    def tls_port(self) -> int | None:
        """TCP with TLS."""
        ...

    @property
    def sdp_port(self) -> int | None:
        """UDP of SDP."""
        ...


class Console:
    """Shows what is said.

    Args:
        json: lines of JSON instead of words.
    """

    def __init__(self, *, json: bool) -> None:
        self._json = json
        self._began = asyncio.get_running_loop().time()

    def said(self, said: Said) -> None:
        """Show a message."""
        content = content_of(said)
        at = round(said.at - self._began, 3)
        if self._json:
            line = Message(at=at, sender=said.sender, name=said.name, schema=said.schema.value, content=content)
            self.line(line)
            return
        arrow = "[cyan]->[/]" if said.sender == "evcc" else "[green]<-[/]"
        stdout.print(f"{at:9.3f} {arrow} {in_words(said.name, content)}")

    def line(self, line: Line) -> None:
        """Show what is no message."""
        if self._json:
            print_line(line)
        elif isinstance(line, Ready):
            stdout.print(f"listens at {plain(line.address)}: {ports_of(line)}; Ctrl-C ends it")
        elif isinstance(line, SessionEnd):
            soc = f", SoC {line.soc:.1f} %" if line.soc is not None else ""
            more = f": {line.text}" if line.text else ""
            colour = "green" if line.in_order else "bold red"
            stdout.print(f"[{colour}]{plain(line.how)}{plain(more)}[/] ({line.energy_wh / 1000:.3f} kWh{soc})")


def applications(names: list[str] | None, default: tuple[Application, ...]) -> tuple[Application, ...]:
    """Return protocols by name.

    Raises:
        typer.BadParameter: there is none of a name.
    """
    if not names:
        return default
    unknown = [name for name in names if name not in APPLICATIONS]
    if unknown:
        raise typer.BadParameter(f"--protocol {unknown[0]}: there is {', '.join(sorted(APPLICATIONS))}")
    return tuple(APPLICATIONS[name] for name in names)


def readable(path: Path) -> Path:
    """Return a file that can be read.

    Raises:
        HarnessError: it cannot.
    """
    try:
        path.open("rb").close()
    except OSError as error:
        raise HarnessError(f"cannot read {path}: {error.strerror}") from error
    return path


def content_of(said: Said) -> Json:
    """Return the document of a message as JSON, without its root."""
    content: Json = msgspec.to_builtins(message_to_plain(codec(said.schema), said.root, said.message)[said.root])
    return content


def in_words(name: str, content: Json) -> str:
    """Return a message for people: its name, and of its document what is in the body."""
    body = content.get("Body", content) if isinstance(content, dict) else content
    inner = body.get(name, body) if isinstance(body, dict) else body
    return f"[bold]{plain(name)}[/] {plain(msgspec.json.encode(_readable(inner)).decode())}"


def ports_of(secc: Listens) -> str:
    """Return in words which ports an SECC has."""
    ports = {"TCP": secc.plain_port, "TLS": secc.tls_port, "SDP": secc.sdp_port}
    return ", ".join(f"{name} {port}" for name, port in ports.items() if port is not None)


def _readable(form: Json) -> Json:
    """Write physical values as people do: ``"403 V"``; those of 15118-20, which have no unit, as numbers."""
    if isinstance(form, list):
        return [_readable(each) for each in form]
    if not isinstance(form, dict):
        return form
    match list(form.items()):
        case [("Multiplier", int() as power), ("Unit", str() as unit), ("Value", int() as whole)]:
            return f"{whole * 10.0**power:.6g} {unit}"
        case [("Exponent", int() as power), ("Value", int() as whole)]:
            return float(f"{whole * 10.0**power:.6g}")
    return {name: _readable(each) for name, each in form.items()}
