"""``v2x proxy``: the tap between two products, judged live."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import msgspec
import typer
from rich.live import Live
from rich.text import Text
from v2x_harness.bundle import Bundle
from v2x_harness.cli.console import plain, print_json, short, stderr, stdout
from v2x_harness.errors import AdapterError, HarnessError
from v2x_harness.events import Header
from v2x_harness.evidence import begin_bundle, write_reports
from v2x_harness.finding import Axis, Finding
from v2x_harness.journal import Recorder, utc_now
from v2x_harness.protocol import ProtocolSuite, protocols
from v2x_harness.redact import Redactor
from v2x_harness.steer import Steer, Toxic
from v2x_harness.subject import Role, Subject
from v2x_harness.watching import Watch, Watched

from v2x_adapters.interruption import over_in, until_interrupted

if TYPE_CHECKING:
    from v2x_adapters.proxy_taps import Make


class Program(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a ``--steer`` file asks for.

    Attributes:
        steer: ``[[steer]]``, steps done to frames that pass.
        toxic: ``[[toxic]]``, conditions of the network.
    """

    steer: tuple[Steer, ...] = ()
    toxic: tuple[Toxic, ...] = ()


def proxy(
    listen: Annotated[
        str,
        typer.Option(
            help="Where the station connects: ws://HOST:PORT or wss://HOST:PORT; where the EV looks for its SECC: sdp://eth0, "
            "or tcp:// or tls:// with \\[address]:port. Port 0 for any."
        ),
    ],
    forward: Annotated[
        str,
        typer.Option(
            help="URL of the CSMS, without the identity at the end; or with {identity} where it stands. Of the SECC: sdp://eth1, "
            "or tcp:// or tls:// with \\[address]:port."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for bundle and reports; must be new. Under runs/ when not given.")
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="Write only a journal, to this file; must be new.")] = None,
    name: Annotated[str, typer.Option(help="What the report calls the session.")] = "",
    protocol: Annotated[str, typer.Option(help="Protocol that is spoken; by --listen when not given.")] = "",
    steer: Annotated[Path | None, typer.Option(help="TOML file of \\[\\[steer]] steps and \\[\\[toxic]] conditions.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="PEM chain to listen with, for wss; of the SECC, for the EV.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM private key of --certificate.")] = None,
    client_ca: Annotated[
        Path | None, typer.Option(help="Ask the station, or the EV in 15118-20, for a certificate signed by this PEM.")
    ] = None,
    ca: Annotated[Path | None, typer.Option(help="PEM that signs the CSMS's certificate; V2G root of the SECC's.")] = None,
    client_certificate: Annotated[
        Path | None, typer.Option(help="PEM chain to show to the CSMS; of a vehicle, to the SECC in 15118-20.")
    ] = None,
    client_key: Annotated[Path | None, typer.Option(help="PEM private key of --client-certificate.")] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Do not check the certificate of the CSMS or SECC.")] = False,
    tls_only: Annotated[bool, typer.Option("--tls-only", help="No port without TLS for the EV.")] = False,
    untouched: Annotated[bool, typer.Option("--untouched", help="Let TLS of EV and SECC pass as it is, unseen.")] = False,
    keylog: Annotated[Path | None, typer.Option(help="File that TLS keys of EV and SECC are added to, for dissectors.")] = None,
    pcapng: Annotated[Path | None, typer.Option(help="Write what EV and SECC say as a capture, without TLS.")] = None,
    seconds: Annotated[float, typer.Option("--for", min=0, help="Stop after so many seconds; 0: when interrupted.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON; its schema is published.")] = False,
) -> int:
    """Stand between two products, keep everything they say, judge it live, and write a bundle and reports.

    The exit code is 1 when a product violated the specification. Ctrl-C ends it in order.

    Examples: v2x proxy --listen ws://0.0.0.0:8887 --forward ws://csms.example:9000/ocpp --out runs/today

              v2x proxy --listen sdp://eth0 --forward sdp://eth1 --pcapng session.pcapng
    """
    # Here, because every v2x loads this module, and few want a tap.
    from v2x_adapters.proxy_taps import TAPPED, Tls, protocol_of, tap_for

    if out and journal:
        raise typer.BadParameter("--journal is for a journal without a bundle; --out keeps one in the bundle")
    suites, protocol = protocols(), protocol or protocol_of(listen)
    if protocol not in suites or protocol not in TAPPED:
        raise typer.BadParameter(f"there is no tap for {protocol}; there is one for {' and '.join(TAPPED)}")
    program = _program(steer)
    files = Tls(
        certificate=certificate,
        key=key,
        client_ca=client_ca,
        ca=ca,
        client_certificate=client_certificate,
        client_key=client_key,
        insecure=insecure,
        keylog=keylog,
        only=tls_only,
        untouched=untouched,
    )
    try:
        make = tap_for(protocol, listen, forward, files, pcapng)
    except AdapterError as error:
        raise HarnessError(str(error), error.hint) from error
    session = _Session(name or f"session with {_place(forward)}", protocol, suites)
    folder = None if journal else out or Path("runs") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-proxy"
    bundle = session.begin(folder) if folder else None
    path = bundle.journal_path("lane-0") if bundle else journal or Path()
    run = folder.name if folder else path.stem
    try:
        watched = asyncio.run(_watch(make, forward, path, suites[protocol], program, seconds, run))
    except HarnessError:
        if bundle:
            path.unlink(missing_ok=True)
            bundle.discard()
        raise
    if bundle and folder:
        bundle.seal()
        reports = write_reports(bundle, folder)
        page = next((str(each) for each in reports if each.suffix == ".html"), "")
        watched = msgspec.structs.replace(watched, bundle=str(bundle.path), report=page)
    if json:
        print_json(watched)
    else:
        _summarise(watched)
    return watched.exit_code()


class _Session:
    """What is watched, as the subject of a bundle.

    Args:
        name: what the report calls it.
        protocol: that is spoken.
        suites: the installed protocols.
    """

    def __init__(self, name: str, protocol: str, suites: Mapping[str, ProtocolSuite]) -> None:
        self._suites = suites
        parties = dict.fromkeys(party for rule in suites[protocol].rules() for party in rule.parties)
        roles = tuple(Role(role=party, protocol=protocol, versions=()) for party in parties)
        self._subject = Subject(name=name, roles=roles)

    def begin(self, folder: Path) -> Bundle:
        """Begin the bundle in a folder.

        Raises:
            BundleError: it holds something already, or cannot be written.
        """
        return begin_bundle(folder / "bundle", folder.name, self._subject, self._suites)


def _place(url: str) -> str:
    """Return a URL without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


async def _watch(
    make: Make, forward: str, path: Path, suite: ProtocolSuite, program: Program, seconds: float, run: str
) -> Watched:
    """Run the tap until it is interrupted; the journal ends with its footer whatever happens."""
    loop = asyncio.get_running_loop()
    header = Header(run=run, started=utc_now(), versions={"v2x-conformance": version("v2x-conformance")})
    with Recorder(path, header, loop.time, Redactor(places=suite.secrets())) as recorder:
        watch = Watch(recorder, (suite.judge(),), _tell)
        try:
            tap = make(recorder)
            tap.install("steer", program.steer)
            tap.poison(program.toxic)
            await tap.start()
        except AdapterError as error:
            raise HarnessError(str(error), error.hint) from error
        except ValueError as error:
            raise HarnessError(f"the steering program cannot be used: {error}") from error
        try:
            stderr.print(f"{plain(tap.url)} goes on to {plain(_place(forward))}; journal {plain(str(path))}; Ctrl-C ends it")
            await _watch_until_interrupted(seconds, watch)
        finally:
            await tap.stop()
        return watch.end()


async def _watch_until_interrupted(seconds: float, watch: Watch) -> None:
    """Wait for Ctrl-C or the end of the time, and show what there is so far where there is a terminal."""
    with until_interrupted() as interrupted:
        try:
            async with asyncio.timeout(seconds or None):
                with Live(console=stderr, auto_refresh=False, transient=True) as live:
                    while not interrupted.is_set():
                        if stderr.is_terminal:
                            live.update(Text(_line(watch)), refresh=True)
                        await over_in(interrupted, 0.5)
        except TimeoutError:
            return


def _line(watch: Watch) -> str:
    return f"links open: {watch.links}   frames: {watch.frames}   findings: {watch.findings}"


def _tell(finding: Finding) -> None:
    """Show a finding the first time it is made."""
    style = "bold red" if finding.axis is Axis.CONFORMANCE else "yellow"
    where = f"frame {finding.location.frame} {finding.location.pointer}".rstrip()
    text = f"{plain(finding.requirement)} {plain(short(finding.text))} [dim]({plain(where)})[/]"
    stderr.print(f"[{style}]{plain(finding.party or '?')}[/] {text}")


def _summarise(watched: Watched) -> None:
    frames = ", ".join(f"{count} of the {role}" for role, count in sorted(watched.frames.items())) or "none"
    refused = f", {watched.refused} refused" if watched.refused else ""
    links = f"{watched.links} link{'' if watched.links == 1 else 's'}{refused}"
    stdout.print(f"{links}; frames: {frames}; {watched.seconds:.1f} s")
    for each in sorted(watched.findings, key=lambda one: (one.first.party, one.first.axis, -one.times)):
        first = each.first
        stdout.print(
            f"{first.party:<8} {first.axis:<13} {each.times:>5} times  {plain(first.requirement)}  {plain(short(first.text))}"
            f"  first in frame {first.location.frame} {plain(first.location.pointer)}"
        )
    if not watched.findings:
        applied = (
            f"{len(watched.inspected)} rules had something to judge" if watched.inspected else "no rule had anything to judge"
        )
        stdout.print(f"no findings; {applied}")
    for kind, where in (("report", watched.report), ("bundle", watched.bundle), ("journal", watched.journal)):
        if where:
            stdout.print(f"{kind:<8}{plain(where)}")


def _program(path: Path | None) -> Program:
    if path is None:
        return Program()
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Program)
    except OSError as error:
        raise HarnessError(f"cannot read {path}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise HarnessError(f"{path} is no steering program: {error}", "it has [[steer]] and [[toxic]] tables") from error
