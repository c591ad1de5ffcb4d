"""A bundle, with its reports, of a file that was not recorded by us: a capture, or a log from elsewhere."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import msgspec
from v2x_adapters.ocpp.labels import OcppLabeller
from v2x_adapters.v2gtp.reading import Reading
from v2x_adapters.v2gtp.units import of_datagram
from v2x_harness.events import Event, Frame, Header, Json, LinkEvent, Note, OperatorEvent
from v2x_harness.evidence import begin_bundle, write_reports
from v2x_harness.journal import Recorder
from v2x_harness.protocol import ProtocolSuite
from v2x_harness.redact import Redactor
from v2x_harness.rule import Judge
from v2x_harness.subject import Role, Subject
from v2x_harness.watching import Watch

from v2x_suites.iso15118 import logs as iso15118_logs
from v2x_suites.iso15118.rules import Iso15118Judge
from v2x_suites.ocpp import logs as ocpp_logs
from v2x_suites.ocpp.rules import OcppJudge
from v2x_suites.ocpp.rules.stream import LeanFrame

_LARGEST = 1 << 20
_OTHER = {"station": "csms", "csms": "station"}
_UNKNOWN = datetime.fromtimestamp(0, UTC)


class _Told:
    """What a file gives, as a tap would have recorded it.

    Attributes:
        protocol: that is in it.
        judge: makes a judge, once the first event was taken.
        began: makes the wall time of the file's first moment; None where the file does not tell.
    """

    def __init__(
        self, protocol: str, events: Iterator[Event], judge: Callable[[], Judge], began: Callable[[], float | None]
    ) -> None:
        self.protocol, self.events, self.judge, self.began = protocol, events, judge, began


def write_bundle(path: Path, folder: Path, suites: dict[str, ProtocolSuite], ocpp_version: str = "") -> Path:
    """Judge a file once more, and keep what is in it and what it comes to as a run is kept.

    Frames keep the numbers that they have in the file as their ``origin``.

    Args:
        path: of the file.
        folder: for ``bundle`` and reports; must be new.
        suites: the installed protocols.
        ocpp_version: of OCPP, where the file does not tell.

    Returns:
        The HTML report; the bundle where none is written.

    Raises:
        LogError: the file cannot be used.
        BundleError: the folder holds something already, or cannot be written.
    """
    told = _told(path, ocpp_version)
    first = next(told.events, None)
    suite = suites[told.protocol]
    parties = dict.fromkeys(party for rule in suite.rules() for party in rule.parties)
    roles = tuple(Role(role=party, protocol=told.protocol, versions=()) for party in parties)
    bundle = begin_bundle(folder / "bundle", folder.name, Subject(name=path.name, roles=roles), suites)
    now, began = 0.0, told.began()
    start = _UNKNOWN if began is None else _UNKNOWN + timedelta(seconds=began)
    header = Header(run=folder.name, started=_written(start), versions={"v2x-conformance": version("v2x-conformance")})
    with Recorder(bundle.journal_path("lane-0"), header, lambda: now, Redactor(places=suite.secrets())) as recorder:
        watch = Watch(recorder, (told.judge(),))
        for event in chain(() if first is None else (first,), told.events):
            now = max(now, event.t)
            stamped = isinstance(event, Frame) and began is not None and not event.at
            recorder.record(_stamped(event, start) if stamped else event)
        watch.end()
    bundle.seal()
    reports = write_reports(bundle, folder)
    return next((each for each in reports if each.suffix == ".html"), bundle.path)


def _stamped(event: Event, start: datetime) -> Event:
    return msgspec.structs.replace(event, at=_written(start + timedelta(seconds=event.t)))


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _told(path: Path, ocpp_version: str) -> _Told:
    log = iso15118_logs.open_log(path)
    if log is not None:

        def judge() -> Judge:
            made = Iso15118Judge()
            made.timed = log.timed
            return made

        return _Told("iso15118", _v2g(log), judge, lambda: log.began)
    ocpp = ocpp_logs.open_log(path)
    return _Told("ocpp", _ocpp(ocpp), lambda: OcppJudge(ocpp_version or None, told=ocpp.versions, timed=ocpp.timed), lambda: None)


def _v2g(log: iso15118_logs.Log) -> Iterator[Event]:
    """Give connections and messages, the latter with their names and decoded forms."""
    readings: dict[str, Reading] = {}
    for event in log.events():
        match event:
            case Frame(media="binary"):
                try:
                    unit = of_datagram(base64.b64decode(event.raw, validate=True), _LARGEST)
                except binascii.Error:
                    # It is no frame of a V2GTP tap; what it is instead is for nobody here to say.
                    yield event
                    continue
                meaning = readings.setdefault(event.link, Reading()).read(unit)
                yield msgspec.structs.replace(event, label=meaning.label, decoded=meaning.form, origin=event.n)
            case Frame() | LinkEvent() | OperatorEvent() | Note():
                yield event


def _ocpp(log: ocpp_logs.Log) -> Iterator[Event]:
    """Give connections and messages, the latter with their names."""
    labellers: dict[str, OcppLabeller] = {}
    for batch in log.batches():
        for item in batch:
            match item:
                case LeanFrame():
                    frame = Frame(
                        link=item.link,
                        sender=item.sender,
                        to=_OTHER.get(item.sender, ""),
                        raw=item.raw,
                        media=item.media,
                        fate=item.fate,
                        origin=item.n,
                        t=item.t,
                    )
                    labeller = labellers.setdefault(item.link, OcppLabeller())
                    yield msgspec.structs.replace(frame, label=labeller.label(item.sender, _form(frame)))
                case LinkEvent() | OperatorEvent():
                    yield item


def _form(frame: Frame) -> Json:
    try:
        return frame.form()
    except (msgspec.DecodeError, RecursionError):
        return None
