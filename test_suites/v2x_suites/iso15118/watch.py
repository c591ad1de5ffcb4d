"""What a case sees of a session: the messages in the journal's frames, in the order of the wire."""

from __future__ import annotations

import base64
from collections.abc import Collection
from typing import Final

import msgspec
from v2x_harness.events import Event, Frame, Json, LinkEvent
from v2x_harness.field import Field
from v2x_harness.journal import Recorder

from v2x_suites import watching

_BESIDE: Final = ("v2gtp", "schema", "payload", "problem", "bit")
_ENVELOPE: Final = "V2G_Message"
SDP: Final = "sdp"


class Message:
    """One V2GTP message as the tap saw it.

    What is in the request or response is an attribute (``res.ResponseCode``, ``res.DC_EVSEStatus.EVSENotification``), in either
    form of envelope; see `v2x_harness.field.Field`.

    Attributes:
        name: of the request or response; ``malformed`` for what cannot be read.
        sender: role that sent it.
        n: number of the frame in the journal; ``t`` its monotonic stamp (s).
        link: id of the connection; ``sdp`` for SDP.
        forged: whether the harness made the frame itself.
        schema: name of the grammar; empty where there is none.
        raw: the octets, header included.
        header: the message's header; of V2GTP it is `v2gtp`.
    """

    __slots__ = ("content", "forged", "header", "link", "n", "name", "raw", "schema", "sender", "t", "v2gtp")

    def __init__(self, frame: Frame) -> None:
        self.name, self.sender, self.n, self.t, self.link = frame.label, frame.sender, frame.n, frame.t, frame.link
        self.forged = frame.fate == "injected"
        self.raw = base64.b64decode(frame.raw) if frame.media == "binary" else frame.raw.encode()
        form = Field(frame.form(), frame.n)
        self.schema = str(form["schema"].peek() or "")
        self.v2gtp = form["v2gtp"]
        plain = form.peek()
        root = next((key for key in plain if key not in _BESIDE), "") if isinstance(plain, dict) else ""
        self.content = form[_ENVELOPE]["Body"][self.name] if root == _ENVELOPE else form[root]
        self.header = form[_ENVELOPE]["Header"] if root == _ENVELOPE else self.content["Header"]

    def __getattr__(self, name: str) -> Field:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.content[name]

    @property
    def session_id(self) -> Field:
        """SessionID of the header, in hexadecimal."""
        return self.header["SessionID"]

    @property
    def code(self) -> Field:
        """ResponseCode."""
        return self.content["ResponseCode"]

    @property
    def brief(self) -> str:
        """What it is and whose, in a few words."""
        code = self.code.peek()
        return f"{self.name}{f' {code}' if code else ''} from the {self.sender}"

    def __repr__(self) -> str:
        return f"<{self.brief}, frame {self.n}>"


class Watch(watching.Watch[Message]):
    """Follows a recorder and keeps the messages and link events of one case.

    Args:
        gone: names of links that belong to the case before: what is still said there, and that they end, is not seen.
    """

    def __init__(self, recorder: Recorder, gone: Collection[str] = ()) -> None:
        self.gone = frozenset(gone)
        super().__init__(recorder)

    @property
    def links(self) -> set[str]:
        """Names of the connections of the case."""
        return {item.link for item in self.items if item.link != SDP}

    def read(self, frame: Frame) -> Message:
        """Return the message in a frame."""
        return Message(frame)

    def _take(self, event: Event) -> None:
        if not isinstance(event, Frame | LinkEvent) or event.link not in self.gone:
            super()._take(event)


def amount(field: Field) -> float:
    """Return the number that a physical value stands for: PhysicalValue of the older editions, RationalNumber of 15118-20.

    Raises:
        AssertionError: it is not there, or is none.
    """
    value = field.value
    assert isinstance(value, dict), f"{field!r} is no physical value"
    assert isinstance(value.get("Value"), int), f"{field!r} has no Value"
    return msgspec.convert(value["Value"], int) * 10.0 ** _exponent(value)


def physical(value: float, unit: str = "", *, exponent: int = 0) -> dict[str, Json]:
    """Return the plain form of a physical value of the older editions, or without a unit of 15118-20's RationalNumber."""
    whole = round(value / 10.0**exponent)
    if unit:
        return {"Multiplier": exponent, "Unit": unit, "Value": whole}
    return {"Exponent": exponent, "Value": whole}


def _exponent(value: dict[str, Json]) -> int:
    return msgspec.convert(value.get("Exponent", value.get("Multiplier", 0)), int)
