"""Watching what a station says and hears, for people; a tap sees the same from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from v2x_architecture.ocpp.endpoint import Handler, Reply
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.link import ConnectionProfile, Connector, Link


@dataclass(frozen=True, slots=True)
class Message:
    """A message that a station sent or received.

    Attributes:
        sender: who sent it.
        kind: what it is.
        action: of the CALL, or of the CALL that it answers.
        payload: its JSON object; of a CALLERROR its code and description.
    """

    sender: Literal["station", "csms"]
    kind: Literal["CALL", "CALLRESULT", "CALLERROR"]
    action: str
    payload: Payload


type Watcher = Callable[[Message], None]


class WatchedLink:
    """A connection whose messages are told to a watcher.

    Args:
        link: the connection itself.
        watcher: who is told.
    """

    def __init__(self, link: Link, watcher: Watcher) -> None:
        self._link = link
        self._watcher = watcher

    async def call(
        self, action: str, payload: Payload | None = None, timeout: float | None = None, *, check: bool = True
    ) -> Payload:
        """Send a CALL as `Link.call` does, and tell it and its answer."""
        self._watcher(Message("station", "CALL", action, payload or {}))
        try:
            answer = await self._link.call(action, payload, timeout, check=check)
        except CallRefused as refused:
            self._watcher(Message("csms", "CALLERROR", action, {"code": refused.code, "description": refused.description}))
            raise
        self._watcher(Message("csms", "CALLRESULT", action, answer))
        return answer

    async def run(self) -> None:
        """Serve the connection until it is closed."""
        await self._link.run()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close it with a closing handshake."""
        await self._link.close(code, reason)

    async def abort(self) -> None:
        """Drop it."""
        await self._link.abort()

    def set_ping_interval(self, seconds: float | None) -> None:
        """Change how often it is probed (s)."""
        self._link.set_ping_interval(seconds)


def watched(connect: Connector, watcher: Watcher) -> Connector:
    """Return what opens connections whose messages are told to a watcher."""

    async def opened(profile: ConnectionProfile, handler: Handler) -> Link:
        async def told(action: str, payload: Payload) -> Payload | Reply:
            watcher(Message("csms", "CALL", action, payload))
            try:
                answer = await handler(action, payload)
            except CallRefused as refused:
                watcher(Message("station", "CALLERROR", action, {"code": refused.code, "description": refused.description}))
                raise
            watcher(Message("station", "CALLRESULT", action, answer.payload if isinstance(answer, Reply) else answer))
            return answer

        return WatchedLink(await connect(profile, told), watcher)

    return opened
