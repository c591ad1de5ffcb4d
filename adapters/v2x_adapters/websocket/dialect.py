"""What a tap must know of the protocol spoken over WebSocket: names for what was negotiated, and labels for frames."""

from __future__ import annotations

from typing import Protocol

from v2x_harness.events import Json


class Labeller(Protocol):
    """Labels the frames of one link, and remembers what it needs for that."""

    def label(self, sender: str, form: Json, beginning: str = "") -> str:
        """Return the label of a frame.

        Args:
            sender: role that sent it.
            form: its decoded form; None when it is no JSON text.
            beginning: of a message too large to be decoded, the first characters.
        """
        ...


class Dialect(Protocol):
    """A protocol spoken over WebSocket."""

    def protocol(self, subprotocol: str) -> str:
        """Return the journal's name (``ocpp/2.0.1``) of a WebSocket subprotocol (``ocpp2.0.1``)."""
        ...

    def labeller(self) -> Labeller:
        """Return what labels the frames of a new link."""
        ...
