"""Probe of an EVCC under test: an SECC that shows it a certificate, and tells what it offers and what it does about that."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from typing import Final, Self

from v2x_architecture.iso15118.tcp import listen
from v2x_architecture.iso15118.tls import SeccTls

from v2x_adapters.tls_probe.answer import Outcome, Step
from v2x_adapters.tls_probe.hello import ClientHello, read_client_hello
from v2x_adapters.tls_probe.names import Content, Handshake
from v2x_adapters.tls_probe.secc import LONGEST
from v2x_adapters.tls_probe.wire import Malformed, MessageReader, RecordReader

_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class EvccAnswer:
    """What an EVCC did about the certificate it was shown.

    Attributes:
        outcome: what became of the connection. ``ACCEPTED``: it finished the handshake and went on to speak. One that finishes
            the handshake and then ends the connection without a word has refused in its own way: ``CLOSED``.
        step: how far it went.
        hello: what it offered; None where none could be read.
        version, suite: that were agreed on; None where it did not come to that.
        certificate: the vehicle certificate that it showed, in DER; None for none.
        alert: that it sent, by its name.
        heard: the first octets that it sent when the handshake was done.
        text: what went wrong, in OpenSSL's words.
    """

    outcome: Outcome
    step: Step = Step.NOTHING
    hello: ClientHello | None = None
    version: str | None = None
    suite: str | None = None
    certificate: bytes | None = None
    alert: str | None = None
    heard: bytes = b""
    text: str = ""


class EvccProbe:
    """Listens where the EVCC under test expects its SECC with TLS; each of its connections gives one `EvccAnswer`.

    Args:
        tls: the certificate to show, and the rest of an SECC's side.
        host: address to listen at.
        port: TCP port to listen at; 0 for a free one of the dynamic ports.
        longest: seconds that a connection may take.
    """

    def __init__(self, tls: SeccTls, host: str = "::1", port: int = 0, *, longest: float = LONGEST) -> None:
        self._tls, self._host, self._port, self._longest = tls, host, port, longest
        self._context: ssl.SSLContext | None = None
        self._server: asyncio.Server | None = None
        self._answers: asyncio.Queue[EvccAnswer] = asyncio.Queue()
        self._going_on: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """TCP port it listens at."""
        return self._port

    async def __aenter__(self) -> Self:
        self._context = self._tls.context()
        self._server = await listen(self._serve, self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._going_on):
            task.cancel()
        await asyncio.gather(*self._going_on, return_exceptions=True)
        await self._server.wait_closed()

    async def answer(self, patience: float = LONGEST) -> EvccAnswer | None:
        """Wait for the next connection's answer; None when the EVCC does not connect in time.

        Args:
            patience: how long to wait for it (s); a connection that was made takes the probe's own time besides.
        """
        try:
            async with asyncio.timeout(patience):
                return await self._answers.get()
        except TimeoutError:
            return None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        assert self._context is not None
        self._going_on.add(task)
        try:
            self._answers.put_nowait(await _Attempt(self._context, reader, writer, self._longest).held())
        finally:
            self._going_on.discard(task)
            writer.close()
            # The answer is known; how the connection ends is of no consequence.
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class _Attempt:
    """One connection of the EVCC."""

    def __init__(
        self, context: ssl.SSLContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, longest: float
    ) -> None:
        self._reader, self._writer = reader, writer
        self._until = asyncio.get_running_loop().time() + longest
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._records, self._messages = RecordReader(), MessageReader()
        self._hello: ClientHello | None = None
        self._step = Step.NOTHING

    async def held(self) -> EvccAnswer:
        """Shake hands, hear the first words, and return what there was."""
        while True:
            try:
                if self._step in (Step.NOTHING, Step.HELLO):
                    self._tls.do_handshake()
                    self._step = Step.DONE
                heard = self._tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                self._flush()
                if (gone := await self._feed()) is not None:
                    return self._told(gone)
            except ssl.SSLZeroReturnError:
                return self._told(Outcome.CLOSED)
            except ssl.SSLError as error:
                self._flush()
                return self._failed(error)
            else:
                self._step = Step.DATA if heard else self._step
                return self._told(Outcome.ACCEPTED if heard else Outcome.CLOSED, heard=heard)

    def _told(self, outcome: Outcome, *, heard: bytes = b"", alert: str | None = None, text: str = "") -> EvccAnswer:
        cipher, known = self._tls.cipher(), self._step is not Step.NOTHING
        finished = self._step in (Step.DONE, Step.DATA)
        return EvccAnswer(
            outcome=outcome,
            step=self._step,
            hello=self._hello,
            version=self._tls.version() if known else None,
            suite=cipher[0] if cipher is not None else None,
            certificate=self._tls.getpeercert(binary_form=True) if finished else None,
            alert=alert,
            heard=heard,
            text=text,
        )

    def _failed(self, error: ssl.SSLError) -> EvccAnswer:
        reason = error.reason or str(error)
        _, alerted, name = reason.partition("_ALERT_")
        if alerted:
            return self._told(Outcome.REFUSED, alert=_ALERTS.get(name, name.lower()))
        return self._told(Outcome.DISAGREED if self._hello is not None else Outcome.NOT_TLS, text=reason)

    async def _feed(self) -> Outcome | None:
        """Give on what the EVCC sends; return what became of the connection where it sends nothing more."""
        try:
            async with asyncio.timeout_at(self._until):
                data = await self._reader.read(_CHUNK)
        except TimeoutError:
            return Outcome.SILENT
        except OSError:
            return Outcome.RESET
        if not data:
            return Outcome.CLOSED
        if self._hello is None:
            self._look(data)
        self._incoming.write(data)
        return None

    def _look(self, data: bytes) -> None:
        """Read the ClientHello; what is none is left to OpenSSL to refuse."""
        with contextlib.suppress(Malformed):
            for each in self._records.feed(data):
                for message in self._messages.feed(each.body if each.kind == Content.HANDSHAKE else b""):
                    if message.kind == Handshake.CLIENT_HELLO and self._hello is None:
                        self._hello, self._step = read_client_hello(message.body), Step.HELLO

    def _flush(self) -> None:
        if self._outgoing.pending and not self._writer.is_closing():
            self._writer.write(self._outgoing.read())


_ALERTS: Final = {"USER_CANCELLED": "user_canceled", "NO_CERTIFICATE": "no_certificate"}
"""Alerts that OpenSSL spells otherwise."""
