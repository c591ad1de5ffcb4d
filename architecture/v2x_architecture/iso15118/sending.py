"""Messages on their way out of a state machine, and what is told to who watches one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from v2x_architecture.iso15118.exi import Schema


@dataclass(frozen=True, slots=True)
class Send:
    """A message.

    Attributes:
        name: of its element.
        message: an object of its class.
        payload_type, payload: for V2GTP.
        after: seconds from now to send it in.
    """

    name: str
    message: object
    payload_type: int
    payload: bytes
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """A message that a state machine took or gave.

    Attributes:
        sender: whose it is.
        name: of the request or response.
        root: name of the document's element; ``V2G_Message`` around the requests and responses of the older editions.
        message: an object of the document's class.
        schema: its grammar.
        at: when (s of the state machine's clock).
    """

    sender: Literal["evcc", "secc"]
    name: str
    root: str
    message: object
    schema: Schema
    at: float


type Watcher = Callable[[Said], None]


def name_of(message: object, root: str) -> str:
    """Return the name of a request or response, by the document's class and the name of its element."""
    body = getattr(getattr(message, "Body", None), "BodyElement", None)
    if body is None:
        return root
    # The one type that is not named as its element is in DIN SPEC 70121.
    name = type(body).__name__.removesuffix("Type")
    return "SessionStopReq" if name == "SessionStop" else name
