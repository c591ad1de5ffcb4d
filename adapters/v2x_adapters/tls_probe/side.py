"""What both sides of a probe do alike: take records apart, decrypt what is protected, and hear alerts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from v2x_adapters.tls_probe.answer import Outcome
from v2x_adapters.tls_probe.keys import Protection, Schedule
from v2x_adapters.tls_probe.names import Alert, Content
from v2x_adapters.tls_probe.wire import Malformed, Message, MessageReader, Reader, Record, RecordReader

FATAL: Final = 2
"""Level of an alert that ends the connection."""


class Side(ABC):
    """One side of one connection: octets in, octets out.

    Attributes:
        over: whether there is no more to find out.
    """

    def __init__(self) -> None:
        self.over = False
        self._records, self._messages = RecordReader(), MessageReader()
        self._transcript = b""
        self._schedule: Schedule | None = None
        self._reading: Protection | None = None

    def receive(self, data: bytes) -> bytes:
        """Take what came; return what is to be sent."""
        sent = b""
        try:
            for each in self._records.feed(data):
                if not self.over:
                    sent += self._take(each)
        except Malformed as error:
            self._told(Outcome.NOT_TLS, text=str(error))
        return sent

    @abstractmethod
    def ended(self, outcome: Outcome) -> None:
        """Hear that the connection is gone, or that nothing came for as long as was waited."""

    @abstractmethod
    def _told(self, outcome: Outcome, *, alert: str | None = None, text: str = "") -> None:
        """Know what became of the connection."""

    @abstractmethod
    def _hear(self, heard: Message) -> bytes:
        """Take a message of the handshake; return what is to be sent."""

    @abstractmethod
    def _heard(self, data: bytes) -> None:
        """Take data that came when the handshake was done."""

    def _take(self, each: Record) -> bytes:
        kind, body = each.kind, each.body
        if self._reading is not None and kind == Content.APPLICATION_DATA:
            kind, body = self._reading.open(each)
        match kind:
            case Content.ALERT:
                self._alert(body)
            case Content.APPLICATION_DATA:
                self._heard(body)
            case Content.HANDSHAKE:
                return b"".join(self._hear(heard) for heard in self._messages.feed(body) if not self.over)
            case _:
                # The change of the cipher means nothing in TLS 1.3, and comes after what is looked at in TLS 1.2.
                pass
        return b""

    def _alert(self, body: bytes) -> None:
        reader = Reader(body)
        level, number = reader.number(1), reader.number(1)
        if number == Alert.close_notify:
            self._told(Outcome.CLOSED)
        # All alerts of TLS 1.3 but that are fatal, whatever their level says (RFC 8446: 6).
        elif level == FATAL or self._schedule is not None:
            self._told(Outcome.REFUSED, alert=Alert.name_of(number))
