"""An SECC's side by OpenSSL, with an eye on what comes: the ClientHello, which OpenSSL keeps to itself."""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import replace
from typing import Final

from v2x_adapters.tls_probe.answer import EvccAnswer, Outcome, Step
from v2x_adapters.tls_probe.hello import read_client_hello
from v2x_adapters.tls_probe.names import Content, Handshake
from v2x_adapters.tls_probe.wire import Malformed, MessageReader, RecordReader

_CHUNK: Final = 1 << 16
_ALERTS: Final = {"USER_CANCELLED": "user_canceled"}
"""Alerts that OpenSSL spells otherwise."""


class OpensslServer:
    """One connection: octets in, octets and an `EvccAnswer` out.

    Args:
        context: of the SECC.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self.answer = EvccAnswer()
        self.over = False
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._records, self._messages = RecordReader(), MessageReader()

    def receive(self, data: bytes) -> bytes:
        """Take what came; return what is to be sent."""
        if self.answer.hello is None:
            self._look(data)
        self._incoming.write(data)
        try:
            self._go_on()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended(Outcome.CLOSED)
        except ssl.SSLError as error:
            self._failed(error)
        return self._outgoing.read()

    def ended(self, outcome: Outcome) -> None:
        """Hear that the connection is gone, or that nothing came for as long as was waited."""
        if not self.over:
            self.over = True
            self.answer = replace(self.answer, outcome=outcome)

    def _go_on(self) -> None:
        if self.answer.step in (Step.NOTHING, Step.HELLO):
            self._tls.do_handshake()
            cipher = self._tls.cipher()
            self.answer = replace(
                self.answer,
                step=Step.DONE,
                version=self._tls.version(),
                suite=cipher[0] if cipher is not None else None,
                certificate=self._tls.getpeercert(binary_form=True),
            )
        if heard := self._tls.read(_CHUNK):
            self.answer = replace(self.answer, step=Step.DATA, heard=heard)
            self.ended(Outcome.ACCEPTED)

    def _failed(self, error: ssl.SSLError) -> None:
        reason = error.reason or str(error)
        _, alerted, name = reason.partition("_ALERT_")
        if alerted:
            self.answer = replace(self.answer, alert=_ALERTS.get(name, name.lower()))
            self.ended(Outcome.REFUSED)
        else:
            self.answer = replace(self.answer, text=reason)
            self.ended(Outcome.DISAGREED if self.answer.hello is not None else Outcome.NOT_TLS)

    def _look(self, data: bytes) -> None:
        """Read the ClientHello; what is none is left to OpenSSL to refuse."""
        with contextlib.suppress(Malformed):
            for each in self._records.feed(data):
                for message in self._messages.feed(each.body if each.kind == Content.HANDSHAKE else b""):
                    if message.kind == Handshake.CLIENT_HELLO and self.answer.hello is None:
                        self.answer = replace(self.answer, hello=read_client_hello(message.body), step=Step.HELLO)
