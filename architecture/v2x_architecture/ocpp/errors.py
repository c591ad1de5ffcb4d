"""What can go wrong on an OCPP-J connection, and whose fault it is.

- We use the library wrongly, or would send what the protocol forbids: :class:`LocalProtocolError` (nothing was sent).
- The peer sends what is no OCPP-J, or answers with a payload its schema forbids: :class:`RemoteProtocolError`.
- The peer answers a CALL with CALLERROR: :class:`CallRefused`; a handler raises the same to answer one.
- The peer does not answer in time: :class:`CallTimeout`.
- The connection goes away under a CALL: :class:`ConnectionLost`.
- The opening handshake does not end in an OCPP connection: :class:`HandshakeRefused`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """Whose fault an error is."""

    LOCAL = "local"
    REMOTE = "remote"
    NETWORK = "network"


class OcppError(Exception):
    """Base of all errors of this package."""

    fault = Fault.LOCAL


class ProtocolError(OcppError):
    """A rule of OCPP-J is broken."""


class LocalProtocolError(ProtocolError):
    """We were about to break a rule of the protocol; nothing has been sent."""

    fault = Fault.LOCAL


class RemoteProtocolError(ProtocolError):
    """The peer broke a rule of the protocol.

    Attributes:
        code: the error code (2.x name) that describes it.
        message_id: id of the peer's message, None when it could not be read.
        text: what is wrong, in words.
        message_type: the message type number, None when it could not be read.
    """

    fault = Fault.REMOTE

    def __init__(self, code: str, message_id: str | None, text: str, message_type: int | None = None) -> None:
        super().__init__(code, message_id, text, message_type)
        self.code = code
        self.message_id = message_id
        self.text = text
        self.message_type = message_type

    def __str__(self) -> str:
        return f"{self.code}: {self.text}" + (f" (message {self.message_id})" if self.message_id is not None else "")


class CallRefused(OcppError):
    """A CALL was answered with CALLERROR; raised by a handler, it answers one.

    Attributes:
        code: error code. When received, as the peer spelled it; when raised by a handler, the 2.x name will do for every version.
        description: ErrorDescription.
        details: ErrorDetails.
    """

    fault = Fault.REMOTE

    def __init__(self, code: str, description: str = "", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(code, description)
        self.code = code
        self.description = description
        self.details: dict[str, Any] = dict(details or {})

    def __str__(self) -> str:
        return f"{self.code}: {self.description}" if self.description else self.code


class CallTimeout(OcppError):
    """The peer did not answer a CALL in time.

    Attributes:
        action: the CALL's action.
        seconds: how long was waited.
    """

    fault = Fault.REMOTE

    def __init__(self, action: str, seconds: float) -> None:
        super().__init__(action, seconds)
        self.action = action
        self.seconds = seconds

    def __str__(self) -> str:
        return f"no answer to {self.action} within {self.seconds:g} s"


class ConnectionLost(OcppError):
    """The connection ended before a CALL was answered.

    Attributes:
        sent: whether the CALL had left before; if so, the peer may have acted on it.
        code: WebSocket close code, None when there was none.
        reason: WebSocket close reason.
    """

    fault = Fault.NETWORK

    def __init__(self, *, sent: bool = False, code: int | None = None, reason: str = "") -> None:
        super().__init__(sent, code, reason)
        self.sent = sent
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"connection lost (close code {self.code}{f', {self.reason}' if self.reason else ''})"


class HandshakeRefused(OcppError):
    """The opening handshake ended without an OCPP connection.

    Attributes:
        status: HTTP status of the refusal; 101 when the handshake was completed without a common version; None when the
            connection failed below HTTP.
        text: what happened.
        tls: whether TLS was the reason (the certificate, the version, the cipher suites); also when the peer broke off before
            any HTTP, as a TLS 1.3 server does that wants a better client certificate.
    """

    fault = Fault.REMOTE

    def __init__(self, text: str, status: int | None = None, *, tls: bool = False) -> None:
        super().__init__(text, status, tls)
        self.text = text
        self.status = status
        self.tls = tls

    def __str__(self) -> str:
        return self.text
