"""``v2x reference station``: one reference station as a simulator, for its own sake."""

from __future__ import annotations

import asyncio
import inspect
import re
import shlex
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer
from v2x_architecture.clock import SystemClock
from v2x_architecture.ocpp.station import CannotDo, EvseConfig, ReferenceStation, SeccSettings, StationConfig, TlsFiles
from v2x_architecture.ocpp.station.watching import Message
from v2x_harness.cli.console import plain, print_line, stderr, stdout
from v2x_harness.errors import HarnessError
from v2x_harness.events import Frame, Json
from v2x_harness.protocol import protocols
from v2x_harness.redact import Redactor
from v2x_harness.secret import is_reference, resolve

from v2x_adapters.interruption import over_in, until_interrupted

if TYPE_CHECKING:
    from v2x_architecture.iso15118.sending import Said as V2gMessage

VERBS = tuple(
    sorted(
        name
        for name, method in inspect.getmembers(ReferenceStation, inspect.iscoroutinefunction)
        if not name.startswith("_") and name not in ("start", "stop")
    )
)

_NUMBERS = {"CALL": 2, "CALLRESULT": 3, "CALLERROR": 4}


class Said(msgspec.Struct, frozen=True, kw_only=True, tag="message", tag_field="type"):
    """A message on the wire, credentials left out.

    Attributes:
        sender: ``station`` or ``csms``.
        kind: ``CALL``, ``CALLRESULT``, ``CALLERROR``.
        action: of the CALL, or of the CALL that it answers.
        payload: its JSON object; of a CALLERROR its code and description.
    """

    sender: Literal["station", "csms"]
    kind: Literal["CALL", "CALLRESULT", "CALLERROR"]
    action: str
    payload: Json


class Overheard(msgspec.Struct, frozen=True, kw_only=True, tag="iso15118", tag_field="type"):
    """A message between a vehicle and the SECC of an EVSE.

    Attributes:
        evse: EVSE id.
        sender: ``evcc`` or ``secc``.
        name: of the request or response.
        schema: its EXI grammar.
        content: the document as JSON.
    """

    evse: int
    sender: Literal["evcc", "secc"]
    name: str
    schema: str
    content: Json


class Secc(msgspec.Struct, frozen=True, kw_only=True, tag="secc", tag_field="type"):
    """The SECC of an EVSE listens.

    Attributes:
        evse: EVSE id.
        address: that it listens at.
        plain_port: TCP port without TLS; null for none.
        tls_port: TCP port with TLS; null for none.
        sdp_port: UDP port of SDP; null for none.
    """

    evse: int
    address: str
    plain_port: int | None
    tls_port: int | None
    sdp_port: int | None


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="verb", tag_field="type"):
    """A verb that was performed, or could not be.

    Attributes:
        verb: as it was written.
        result: what came of it; empty for most.
        error: why it could not be done; empty when it was done.
    """

    verb: str
    result: dict[str, Json] = {}
    error: str = ""


type Line = Said | Overheard | Secc | Done
"""One line of ``v2x reference station --json``."""


class Simulator:
    """A station, what is told of it, and the verbs that come in.

    Args:
        config: the station.
        over: is set when a line asks for the end.
        json: lines of JSON instead of words.
    """

    def __init__(self, config: StationConfig, over: asyncio.Event, *, json: bool) -> None:
        suites = protocols()
        self.json = json
        self.redactor = Redactor(
            {"password": config.password or ""}, suites["ocpp"].secrets() if "ocpp" in suites else (), (config.identity,)
        )
        self.station = ReferenceStation(config, SystemClock(), watcher=self.said, overhear=self.overheard)
        self.over = over

    def listens(self) -> None:
        """Show where vehicles find the SECCs."""
        for number, secc in self.station.firmware.seccs.items():
            # Here, because few stations have an SECC.
            from v2x_adapters.iso15118_console import ports_of

            server, where = secc.server, secc.settings.interface or secc.settings.host
            told = Secc(
                evse=number, address=where, plain_port=server.plain_port, tls_port=server.tls_port, sdp_port=server.sdp_port
            )
            if self.json:
                print_line(told)
            else:
                stderr.print(f"the SECC of EVSE {number} listens at {plain(where)}: {ports_of(told)}")

    def overheard(self, evse: int, said: V2gMessage) -> None:
        """Show a message between a vehicle and the SECC of an EVSE."""
        # Here, because few stations have an SECC.
        from v2x_adapters.iso15118_console import content_of, in_words

        content = content_of(said)
        if self.json:
            print_line(Overheard(evse=evse, sender=said.sender, name=said.name, schema=said.schema.value, content=content))
            return
        arrow = "[cyan]=>[/]" if said.sender == "evcc" else "[green]<=[/]"
        stdout.print(f"{arrow} EVSE {evse} {in_words(said.name, content)}")

    def said(self, message: Message) -> None:
        """Show a message."""
        payload = self._clean(message)
        if self.json:
            print_line(Said(sender=message.sender, kind=message.kind, action=message.action, payload=payload))
            return
        arrow = "[cyan]->[/]" if message.sender == "station" else "[green]<-[/]"
        words = {"CALL": "", "CALLRESULT": " answer", "CALLERROR": " [red]refused[/]"}[message.kind]
        stdout.print(f"{arrow} [bold]{plain(message.action)}[/]{words} {plain(msgspec.json.encode(payload).decode())}")

    async def perform(self, line: str) -> None:
        """Perform a line of input: a verb and its arguments."""
        try:
            verb, arguments = parse(line)
            result = await self._do(verb, arguments)
        except (CannotDo, msgspec.ValidationError, ValueError, TypeError, OSError) as problem:
            self._tell(Done(verb=line.strip(), error=str(problem) or type(problem).__name__))
        else:
            self._tell(Done(verb=line.strip(), result=result))

    async def _do(self, verb: str, arguments: Mapping[str, Json]) -> dict[str, Json]:
        match verb:
            case "quit":
                self.over.set()
                return {}
            case "wait":
                await asyncio.sleep(float(str(arguments.get("seconds", 1))))
                return {}
            case "help":
                return {"verbs": [*VERBS, "wait", "quit", "help"]}
            case _ if verb in VERBS:
                method = getattr(self.station, verb)
                inspect.signature(method).bind(**arguments)
                return await method(**arguments) or {}
        raise ValueError(f"there is no verb {verb}; there is: {', '.join(VERBS)}, wait, quit, help")

    def _tell(self, done: Done) -> None:
        if self.json:
            print_line(done)
        elif done.error:
            stderr.print(f"[bold red]cannot:[/] {plain(done.error)}")
        elif done.result:
            stdout.print(plain(msgspec.json.format(msgspec.json.encode(done.result), indent=2).decode()))

    def _clean(self, message: Message) -> Json:
        """Return the payload without credentials, whose places the protocol names as those of a frame."""
        head: list[Json] = [_NUMBERS[message.kind], "0", *([message.action] if message.kind == "CALL" else [])]
        raw = msgspec.json.encode([*head, message.payload]).decode()
        frame = self.redactor(Frame(link="", sender=message.sender, to="", raw=raw))
        assert isinstance(frame, Frame)
        clean: list[Json] = msgspec.json.decode(frame.raw)
        return clean[-1]


def parse(line: str) -> tuple[str, dict[str, Json]]:
    """Read a line: ``present_token id_token=ABC evse=2``, or ``{"verb": "present_token", "arguments": {…}}``.

    Raises:
        ValueError: it is neither.
    """
    if line.lstrip().startswith("{"):
        try:
            read = msgspec.json.decode(line, type=dict[str, Json])
        except msgspec.DecodeError as error:
            raise ValueError(f"this is no JSON object: {error}") from error
        verb, arguments = read.get("verb"), read.get("arguments", {})
        if not isinstance(verb, str) or not isinstance(arguments, dict):
            raise ValueError('it looks like {"verb": "plug_in", "arguments": {"evse": 1}}')
        return verb, arguments
    lexer = shlex.shlex(line, posix=True)
    # Double quotes belong to JSON values; what has spaces goes into single ones.
    lexer.whitespace_split, lexer.quotes, lexer.commenters, lexer.escape = True, "'", "", ""
    verb, *words = lexer
    values: dict[str, Json] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise ValueError(f"{word!r} is no argument; it looks like name=value")
        values[name] = _value(value)
    return verb, values


def _value(text: str) -> Json:
    """Return a value as JSON where it is a number, a word of JSON or an object, otherwise as text."""
    if re.fullmatch(r"-?\d+(\.\d+)?|true|false|null|[\[{].*", text):
        try:
            value: Json = msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text
        return value
    return text


def station_command(
    url: Annotated[str, typer.Option(help="URL of the CSMS, without the identity at the end.")] = "",
    identity: Annotated[str, typer.Option(help="Identity of the station.")] = "",
    ocpp: Annotated[str, typer.Option(help="OCPP version: 1.6 or 2.0.1.")] = "",
    evses: Annotated[int, typer.Option(min=0, help="How many EVSEs; 0: as configured.")] = 0,
    connectors: Annotated[int, typer.Option(min=1, help="Connectors of each EVSE, with --evses.")] = 1,
    password: Annotated[str, typer.Option(help="Basic auth password: env:NAME, file:PATH, or the password itself.")] = "",
    ca: Annotated[Path | None, typer.Option(help="PEM that signs the CSMS's certificate, for wss.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="PEM chain of the station, for security profile 3.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM private key of --certificate.")] = None,
    storage: Annotated[Path | None, typer.Option(help="File that keeps the station's memory over restarts.")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML file with everything a station is; the options above win.")] = None,
    values: Annotated[list[str] | None, typer.Option("--set", help="Variable or key: TxCtrlr.TxStartPoint=Authorized.")] = None,
    iso15118: Annotated[bool, typer.Option("--iso15118", help="Give every EVSE an SECC: vehicles may speak ISO 15118.")] = False,
    energy: Annotated[Literal["AC", "DC"], typer.Option(help="What the EVSEs give, with --iso15118.")] = "AC",
    interface: Annotated[str, typer.Option(help="Network interface of the charging cable; SDP is multicast there.")] = "",
    secc_port: Annotated[int, typer.Option(help="TCP port of the SECC of EVSE 1; 0 for any.", min=0, max=65535)] = 0,
    sdp_port: Annotated[int, typer.Option(help="UDP port of SDP.", min=0, max=65535)] = 15118,
    no_sdp: Annotated[bool, typer.Option("--no-sdp", help="Do not answer SDP.")] = False,
    secc_certificate: Annotated[Path | None, typer.Option(help="PEM chain of the SECC, for a port with TLS.")] = None,
    secc_key: Annotated[Path | None, typer.Option(help="PEM private key of --secc-certificate.")] = None,
    vehicle_root: Annotated[
        list[Path] | None, typer.Option(help="PEM root of vehicle certificates; every EV must show one.")
    ] = None,
    protocol: Annotated[
        list[str] | None, typer.Option(help="Of the SECC: din, iso2, iso20-ac or iso20-dc; may be repeated. All when not given.")
    ] = None,
    plain_20: Annotated[bool, typer.Option("--plain-20", help="Speak 15118-20 without TLS 1.3, against the standard.")] = False,
    discharge: Annotated[float, typer.Option(help="What the EVSEs take back at most, in 15118-20 (W).", min=0)] = 0,
    seconds: Annotated[float, typer.Option("--for", min=0, help="Stop after so many seconds; 0: when interrupted.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object a line; its schema is published.")] = False,
) -> int:
    """Run a charging station that does what the lines on standard input say.

    A line is a verb with its arguments: plug_in evse=1, present_token id_token=ABC, unplug, power_cycle, wait seconds=60,
    observe, help, quit. Every message on the wire is shown, credentials left out.

    With --iso15118 OCPP and ISO 15118 agree about what happens. A vehicle of the station's own arrives with plug_in evcc={}; any
    other finds the SECC, counts as plugged in when it does, and leaves when its session has ended.

    Example: echo "plug_in" | v2x reference station --url ws://localhost:9000/ocpp --identity CS001 --ocpp 2.0.1

    Example: v2x reference station --iso15118 --energy DC --interface eth1, and on the other end of the cable:
    v2x reference evcc --interface eth0
    """
    base = _base(config)
    named = {"url": url, "identity": identity, "version": ocpp, "storage": str(storage or "")}
    changes: dict[str, object] = {name: given for name, given in named.items() if given}
    if evses:
        changes["evses"] = (EvseConfig(connectors=connectors),) * evses
    if iso15118:
        try:
            shared = SeccSettings(
                interface=interface,
                sdp=not no_sdp,
                sdp_port=sdp_port,
                certificate=str(secc_certificate or ""),
                key=str(secc_key or ""),
                vehicle_roots=tuple(str(each) for each in vehicle_root or ()),
                protocols=tuple(protocol or ()),
                plain_20=plain_20,
                discharge_w=discharge,
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        changes["evses"] = _with_seccs(evses or len(base.evses), connectors, energy, shared, secc_port)
    if password:
        changes["password"] = resolve(password) if is_reference(password) else password
    if ca or certificate or key:
        changes["tls"] = TlsFiles(ca=str(ca or ""), certificate=str(certificate or ""), key=str(key or ""))
    if values:
        changes["variables"] = base.variables | dict(_assignment(each) for each in values)
    if changes.get("version", "2.0.1") not in ("1.6", "2.0.1"):
        raise typer.BadParameter(f"--ocpp {ocpp}: there is a station for 1.6 and for 2.0.1")
    return asyncio.run(_simulate(msgspec.structs.replace(base, **changes), seconds, json=json))


async def _simulate(config: StationConfig, seconds: float, *, json: bool) -> int:
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()
    with until_interrupted() as over:
        simulator = Simulator(config, over, json=json)
        try:
            try:
                await simulator.station.start()
            except ValueError as error:
                raise HarnessError(f"the station cannot be made: {error}") from error
            except OSError as error:
                raise HarnessError(f"an SECC of the station cannot listen: {error.strerror or error}") from error
            simulator.listens()
            if not json:
                words = f"{plain(config.identity)} connects to {plain(config.url)} with OCPP {config.version}"
                stderr.print(f"{words}; Ctrl-C ends it")
            # A thread of its own, because standard input may be a terminal, a pipe or a file; it dies with the process.
            threading.Thread(target=_read, args=(loop, lines), daemon=True).start()
            performing = loop.create_task(_perform_all(simulator, lines))
            try:
                await over_in(over, seconds)
            finally:
                performing.cancel()
        finally:
            await simulator.station.stop()
    return 0


async def _perform_all(simulator: Simulator, lines: asyncio.Queue[str]) -> None:
    while True:
        line = (await lines.get()).strip()
        if line and not line.startswith("#"):
            await simulator.perform(line)


def _read(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str]) -> None:
    """Hand every line of standard input to the loop."""
    for line in sys.stdin:
        if loop.is_closed():
            return
        loop.call_soon_threadsafe(lines.put_nowait, line)


def _base(path: Path | None) -> StationConfig:
    if path is None:
        return StationConfig()
    try:
        return StationConfig.from_toml(path)
    except OSError as error:
        raise HarnessError(f"cannot read {path}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise HarnessError(f"{path} describes no station: {error}") from error


def _with_seccs(count: int, connectors: int, energy: str, shared: SeccSettings, port: int) -> tuple[EvseConfig, ...]:
    """Return EVSEs with an SECC each: AC with a socket, or DC with an attached cable."""
    if count > 1 and shared.sdp:
        raise typer.BadParameter("several EVSEs need --no-sdp, or a cable each: --config can give each SECC its own interface")
    seccs = [msgspec.structs.replace(shared, port=port + place if port else 0) for place in range(count)]
    if energy == "AC":
        return tuple(EvseConfig(connectors=connectors, secc=secc) for secc in seccs)
    direct = EvseConfig(
        connectors=connectors,
        connector_type="cCCS2",
        current="DC",
        phases=1,
        voltage_v=400.0,
        max_current_a=200.0,
        min_current_a=0.0,
        tethered=True,
    )
    return tuple(msgspec.structs.replace(direct, secc=secc) for secc in seccs)


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"--set {text}: it looks like TxCtrlr.TxStartPoint=Authorized")
    return name, value
