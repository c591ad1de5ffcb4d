"""Reads captures: V2GTP over TCP, and SDP, as a tap would have recorded them.

A connection is taken for V2GTP when SDP has told of it, or when what is said on it begins like V2GTP. Who of the two is the EVCC
follows from who connected; of a connection whose beginning is missing, from what SDP told, or from who asks and who answers.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path

from v2x_adapters.capture.files import Capture, CaptureError, Packet
from v2x_adapters.capture.layers import Datagram, Segment, opened
from v2x_adapters.capture.packets import End
from v2x_adapters.capture.tcp import Ended, Octets, Opened, Reassembly
from v2x_adapters.capture.tcp import Event as TcpEvent
from v2x_adapters.v2gtp.reading import Reading
from v2x_adapters.v2gtp.units import Splitter, Unit, of_datagram
from v2x_architecture.iso15118.sdp import PORT, SdpError, Security, decode_response
from v2x_architecture.iso15118.v2gtp import PayloadType
from v2x_harness.events import Event, Frame, LinkEvent, Note

from v2x_suites.checking import LogError, Progress, silent
from v2x_suites.iso15118.logs.log import GAP, HELD, SDP, Log

_START = b"\x01\xfe"
_TLS = (b"\x16\x03", b"\x17\x03", b"\x15\x03")
_OTHER = {"evcc": "secc", "secc": "evcc", "": ""}
_SDP_SENDERS = {PayloadType.SDP_REQUEST: "evcc", PayloadType.SDP_RESPONSE: "secc"}


class CaptureLog(Log):
    """A pcap or pcapng file."""

    kind = "capture"
    unit = "packet"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._announced: dict[End, Security] = {}
        self._links: dict[int, _Connection] = {}
        self._encrypted: set[int] = set()

    def events(self, progress: Progress = silent) -> Iterator[Event]:
        """Give connections and messages; a file that is cut off or damaged is read as far as it goes."""
        capture, reassembly = Capture(self.path, progress), Reassembly()
        n, t, found = 0, 0.0, False
        try:
            for packet in capture.packets():
                n, t = packet.n, self._time(packet, t)
                match opened(packet.link_type, packet.data):
                    case Segment() as segment:
                        for event in reassembly.take(segment):
                            for each in self._connected(event, n, t):
                                found = True
                                yield each
                    case Datagram() as datagram:
                        for each in self._datagram(datagram, n, t):
                            found = True
                            yield each
        except CaptureError as error:
            raise LogError(str(error), error.hint) from error
        for event in reassembly.finish():
            for each in self._connected(event, n, t):
                found = True
                yield each
        self.problem = capture.problem
        if self._encrypted:
            count = len(self._encrypted)
            what = "1 connection is TLS" if count == 1 else f"{count} connections are TLS"
            self.notes = (f"{what}: what is said there is not judged; v2x proxy, which ends TLS, writes a capture without it",)
        if not found and not self._encrypted:
            packets = f"none of its {n} packets" if n else "it has no packet"
            problem = f"; {capture.problem}" if capture.problem else ""
            raise LogError(f"{self.path} holds no V2GTP: {packets}{problem}", "captures of ISO 15118 and DIN SPEC 70121 are read")

    def _time(self, packet: Packet, before: float) -> float:
        if packet.time is None:
            self.timed = False
            return before
        if self.began is None:
            self.began = packet.time
        # A clock that was set back while the capture ran does not turn time back.
        return max(before, packet.time - self.began)

    def _datagram(self, datagram: Datagram, n: int, t: float) -> Iterator[Event]:
        unit = of_datagram(datagram.data)
        sender = _SDP_SENDERS.get(PayloadType(unit.payload_type)) if unit.payload_type in _SDP_SENDERS else None
        if not unit.raw.startswith(_START):
            sender = None
        if sender is None:
            if PORT not in (datagram.source[1], datagram.target[1]):
                return
            sender = "evcc" if datagram.target[1] == PORT else "secc"
        if sender == "secc":
            try:
                response = decode_response(datagram.data)
            except SdpError:
                # What is wrong with it is for the rules to say.
                pass
            else:
                self._announced[response.address, response.port] = response.security
        yield _frame(SDP, sender, unit, n, t)

    def _connected(self, event: TcpEvent, n: int, t: float) -> Iterator[Event]:
        match event:
            case Opened():
                self._links[event.connection] = _Connection(event, self._announced)
            case Octets():
                connection = self._links[event.connection]
                yield from connection.sent(event, n, t)
                if connection.encrypted:
                    self._encrypted.add(event.connection)
            case Ended():
                yield from self._links[event.connection].ended(event, n, t)


class _Connection:
    """One TCP connection.

    Args:
        opened: how it began.
        announced: ends that SDP has told of, so far, and whether with TLS.
    """

    def __init__(self, opened: Opened, announced: Mapping[End, Security]) -> None:
        self._roles = {opened.client: "", opened.server: ""}
        self._told = bool(announced.keys() & self._roles.keys())
        if opened.sure:
            self._roles = {opened.client: "evcc", opened.server: "secc"}
        elif self._told:
            self._roles = {end: "secc" if end in announced else "evcc" for end in self._roles}
        # What was announced as TLS and can be read was decrypted before it was captured.
        plain = any(announced.get(end) is Security.NONE for end in self._roles)
        self._security = {"security": "none"} if plain else {}
        self.encrypted = False
        self._id = f"{_name(opened.server)}<-{_name(opened.client)}#{opened.connection}"
        self._sure, self._v2g, self._other = opened.sure, False, False
        self._splitters = {end: Splitter() for end in self._roles}
        self._lost = dict.fromkeys(self._roles, not opened.sure)
        self._early: dict[End, bytes] = dict.fromkeys(self._roles, b"")

    def sent(self, octets: Octets, n: int, t: float) -> Iterator[Event]:
        """Take what a side sent."""
        if self._other:
            return
        data = octets.data
        if not self._v2g:
            data = self._early[octets.source] = self._early[octets.source] + data
            if len(data) < len(_START):
                return
            if data[:2] in _TLS or not (self._told or data.startswith(_START) or (not self._sure and _START in data)):
                self.encrypted, self._other = data[:2] in _TLS, True
                return
            self._v2g = True
            by = "evcc" if self._sure else ""
            yield LinkEvent(link=self._id, event="open", by=by, protocol="iso15118", detail={**self._security}, n=n, t=t)
            if not self._sure:
                yield Note(topic=GAP, text=self._id, n=n, t=t)
        if octets.gap:
            self._splitters[octets.source], self._lost[octets.source] = Splitter(), True
            yield Note(topic=GAP, text=self._id, n=n, t=t)
        if self._lost[octets.source]:
            # Somewhere in here a message begins; what stands before it is the rest of one that cannot be read.
            at = data.find(_START)
            if at < 0:
                return
            data, self._lost[octets.source] = data[at:], False
        for unit in self._splitters[octets.source].feed(data):
            if not unit.tail:
                if octets.held:
                    yield Note(topic=HELD, text=self._id, n=n, t=t)
                yield _frame(self._id, self._role(octets.source, unit), unit, n, t)

    def ended(self, end: Ended, n: int, t: float) -> Iterator[Event]:
        """Hear that a side has sent its last."""
        if not self._v2g:
            return
        rest = self._splitters[end.source].rest()
        if rest is not None and end.complete and not self._lost[end.source]:
            yield _frame(self._id, self._roles[end.source], rest, n, t)
        detail = {"reason": "reset"} if end.reset else {}
        yield LinkEvent(link=self._id, event="close", by=self._roles[end.source], detail={**detail}, n=n, t=t)

    def _role(self, source: End, unit: Unit) -> str:
        """Return who sent a message; where nothing else tells, requests come from the EVCC."""
        if not self._roles[source]:
            label = Reading().read(unit).label
            role = {"Req": "evcc", "Res": "secc"}.get(label[-3:], "")
            self._roles = {end: role if end == source else _OTHER[role] for end in self._roles}
        return self._roles[source]


def _frame(link: str, sender: str, unit: Unit, n: int, t: float) -> Frame:
    raw = base64.b64encode(unit.raw).decode("ascii")
    return Frame(link=link, sender=sender, to=_OTHER[sender], raw=raw, media="binary", n=n, t=t)


def _name(end: End) -> str:
    host, port = end
    return f"[{host}]:{port}" if host.version == 6 else f"{host}:{port}"
