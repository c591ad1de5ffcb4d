"""EVCCs of ISO 15118-2 with one thing wrong each below the session: what they do about time, and about what they cannot read."""

from __future__ import annotations

from v2x_architecture.iso15118 import v2gtp
from v2x_architecture.iso15118.evcc import Evcc
from v2x_architecture.iso15118.exi import ExiError, codec
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.v2gtp import PayloadType, Received

_LONG = 100_000.0


class NeverGivesUp(Evcc):
    """Waits for a response as long as it takes."""

    def handle_timeout(self, now: float) -> list[Send]:
        """Do nothing about a response that does not come."""
        if self.asked is not None and self._deadline is not None and now >= self._deadline:
            self._deadline = now + _LONG
            return []
        return super().handle_timeout(now)


class AsksAgainInTime(Evcc):
    """Sends a request again that is not answered in time."""

    def handle_timeout(self, now: float) -> list[Send]:
        """Send it again."""
        asked = self.asked
        if asked is None or self._deadline is None or now < self._deadline:
            return super().handle_timeout(now)
        self._deadline = now + asked.timeout
        return [Send(f"{asked.name}Req", asked.message, asked.payload_type, codec(asked.schema).encode(asked.message))]


class AsksAgainWhenUnreadable(Evcc):
    """Sends a request again whose response it cannot read."""

    def receive(self, event: v2gtp.Event, now: float) -> list[Send]:
        """Look whether it can be read."""
        asked = self.asked
        if asked is not None and isinstance(event, Received) and event.payload_type == asked.payload_type:
            try:
                codec(asked.schema).decode(event.payload)
            except ExiError:
                self._deadline = now + asked.timeout
                return [Send(f"{asked.name}Req", asked.message, asked.payload_type, codec(asked.schema).encode(asked.message))]
        return super().receive(event, now)


class HangsWhenUnreadable(Evcc):
    """Waits without end, contactors closed, once it could not read a response."""

    def receive(self, event: v2gtp.Event, now: float) -> list[Send]:
        """Look whether it can be read."""
        asked = self.asked
        if asked is not None and isinstance(event, Received) and event.payload_type == asked.payload_type:
            try:
                codec(asked.schema).decode(event.payload)
            except ExiError:
                self._deadline = now + _LONG
                return []
        return super().receive(event, now)


class ReadsAnyPayload(Evcc):
    """Takes whatever payload type for EXI."""

    def receive(self, event: v2gtp.Event, now: float) -> list[Send]:
        """Call it EXI."""
        if isinstance(event, Received):
            event = Received(PayloadType.EXI, event.payload, event.header)
        return super().receive(event, now)


class EndsOverForeignPayload(Evcc):
    """Ends the session over a message of another payload type."""

    def receive(self, event: v2gtp.Event, now: float) -> list[Send]:
        """Look at the type."""
        if isinstance(event, Received) and self.asked is not None and event.payload_type != self.asked.payload_type:
            self.lost(now, "what is this?")
            return []
        return super().receive(event, now)
