"""What the firmware needs of a connection. `v2x_architecture.ocpp.endpoint.Endpoint` is one; tests bring their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import msgspec

from v2x_architecture.ocpp.endpoint import Handler
from v2x_architecture.ocpp.errors import RemoteProtocolError
from v2x_architecture.ocpp.messages import Payload


class Link(Protocol):
    """An open connection to the CSMS: one outstanding CALL a side, answers correlated."""

    async def call(
        self, action: str, payload: Payload | None = None, timeout: float | None = None, *, check: bool = True
    ) -> Payload:
        """Send a CALL and return the payload of its result.

        Args:
            action: name of the message.
            payload: its JSON object.
            timeout: seconds until it counts as timed out; the connection's own when None.
            check: hold the payload against its schema first.

        Raises:
            CallRefused: the answer is a CALLERROR.
            CallTimeout: no answer came in time.
            ConnectionLost: the connection is gone.
            RemoteProtocolError: the answer breaks its schema.
            LocalProtocolError: the payload breaks its schema.
        """
        ...

    async def run(self) -> None:
        """Serve the connection until it is closed."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close it with a closing handshake."""
        ...

    async def abort(self) -> None:
        """Drop it, as a power cut would."""
        ...

    def set_ping_interval(self, seconds: float | None) -> None:
        """Change how often the connection is probed with a Ping (s); None or 0: never."""
        ...


class ConnectionProfile(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how to connect (a network connection profile of 2.0.1; 1.6 has one).

    Attributes:
        slot: configuration slot; 0 for the only one.
        url: of the CSMS, without the identity.
        security_profile: 0 to 3.
        password: for Basic authentication; None: none.
        message_timeout_s: of a CALL (s).
        ping_interval_s: between Pings (s); 0: none.
    """

    url: str
    slot: int = 0
    security_profile: int = 0
    password: str | None = None
    message_timeout_s: float = 30.0
    ping_interval_s: float = 0.0


@contextmanager
def readable(action: str) -> Iterator[None]:
    """Read an answer that nobody may have held against its schema.

    Raises:
        RemoteProtocolError: it lacks what is needed, or has it in another form.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise RemoteProtocolError("FormatViolation", None, f"the answer to {action} cannot be read: {problem!r}") from problem


type Connector = Callable[[ConnectionProfile, Handler], Awaitable[Link]]
"""Opens a connection that gives incoming CALLs to the handler. Raises `OSError` or the client's errors when it cannot."""
