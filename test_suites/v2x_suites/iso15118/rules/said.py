"""A message as rules look at it: its name, its values with where they stand, and the request that it answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import msgspec
from v2x_adapters.v2gtp.reading import Meaning
from v2x_architecture.iso15118.editions import Edition
from v2x_harness.events import Frame, Json

_FAILED = ("FAILED", "Failed")


class Value(NamedTuple):
    """What stands somewhere in a message.

    Attributes:
        value: number in the unit of the element, text, or truth.
        pointer: JSON pointer to it in the decoded form.
    """

    value: float | str | bool
    pointer: str


@dataclass(eq=False)
class Said:
    """A message that could be decoded.

    Attributes:
        n: number of its frame.
        t: when it passed (s).
        sender: ``evcc`` or ``secc``.
        name: of the message.
        edition: that was agreed on; None before that.
        form: its decoded form.
        message: the object.
        timely: whether its receiver had it at that time.
        held: whether the network held it back, so that when it was sent is not known.
        request: of a response what it answers, where that is known.
        illegal: of a request the state that does not take it; empty for none, and where it is not known.
    """

    n: int
    t: float
    sender: str
    name: str
    edition: Edition | None
    form: dict[str, Json]
    message: msgspec.Struct
    timely: bool = True
    held: bool = False
    request: Said | None = None
    illegal: str = ""

    @classmethod
    def of(cls, frame: Frame, meaning: Meaning, *, held: bool = False) -> Said | None:
        """Return what a frame says; None where it holds no message. What was `held` is not timely."""
        if meaning.decoded is None:
            return None
        name = meaning.label
        role = {"Req": "evcc", "Res": "secc"}.get(name[-3:], "")
        timely = frame.fate in ("forwarded", "injected") and not held
        sender, message = frame.sender or role, meaning.decoded.message
        return cls(frame.n, frame.t, sender, name, meaning.edition, meaning.form, message, timely, held)

    @property
    def is_request(self) -> bool:
        """Whether it is for an SECC to answer, by its name."""
        return self.name.endswith("Req")

    @property
    def pair(self) -> str:
        """The name without ``Req`` and ``Res``."""
        return self.name[:-3]

    @property
    def body(self) -> msgspec.Struct:
        """The message without what is around it in DIN SPEC 70121 and 15118-2."""
        found = getattr(getattr(self.message, "Body", None), "BodyElement", None)
        return found if isinstance(found, msgspec.Struct) else self.message

    @property
    def session_id(self) -> bytes | None:
        """SessionID of its header; None in the negotiation, which has none."""
        found = getattr(getattr(self.message, "Header", None), "SessionID", None)
        return found if isinstance(found, bytes) else None

    @property
    def root(self) -> str:
        """JSON pointer to the message's own element."""
        return f"/V2G_Message/Body/{self.name}" if "V2G_Message" in self.form else f"/{self.name}"

    @property
    def id_pointer(self) -> str:
        """JSON pointer to the SessionID."""
        return "/V2G_Message/Header/SessionID" if "V2G_Message" in self.form else f"/{self.name}/Header/SessionID"

    @property
    def code(self) -> str:
        """ResponseCode; empty where there is none."""
        found = getattr(self.body, "ResponseCode", "")
        return found if isinstance(found, str) else ""

    @property
    def failed(self) -> bool:
        """Whether a response says no."""
        return self.code.startswith(_FAILED)

    @property
    def processing(self) -> str:
        """EVSEProcessing or EVProcessing: ``Ongoing``, ``Finished``, or empty; whoever is waited for counts as Ongoing."""
        found = self.text("EVSEProcessing") or self.text("EVProcessing")
        return "Ongoing" if found.startswith("Ongoing") else found

    @cached_property
    def values(self) -> dict[str, Value]:
        """What stands in it by element name, the first of each; what is repeated in lists is left out."""
        found: dict[str, Value] = {}
        content: Json = self.form
        for part in self.root.split("/")[1:]:
            content = content.get(part) if isinstance(content, dict) else None
        for name, value in _walked(content, self.root):
            found.setdefault(name, value)
        return found

    def number(self, name: str) -> float | None:
        """Return a number that stands in it."""
        found = self.values.get(name)
        return float(found.value) if found is not None and isinstance(found.value, float) else None

    def first(self, *names: str) -> float | None:
        """Return the first number of these that stands in it."""
        return next((found for name in names if (found := self.number(name)) is not None), None)

    def text(self, name: str) -> str:
        """Return a text that stands in it; empty where there is none."""
        found = self.values.get(name)
        return found.value if found is not None and isinstance(found.value, str) else ""

    def true(self, name: str) -> bool | None:
        """Return a truth that stands in it."""
        found = self.values.get(name)
        return found.value if found is not None and isinstance(found.value, bool) else None

    def at(self, *names: str) -> str:
        """Return the JSON pointer to the first of these that stands in it; to the message where none does."""
        return next((self.values[name].pointer for name in names if name in self.values), self.root)


def _walked(content: Json, pointer: str) -> Iterator[tuple[str, Value]]:
    if not isinstance(content, dict):
        return
    for name, value in content.items():
        where = f"{pointer}/{name}"
        match value:
            case bool() | str():
                yield name, Value(value, where)
            case int() | float():
                yield name, Value(float(value), where)
            case {"Value": int() as whole, "Multiplier": int() as power} | {"Value": int() as whole, "Exponent": int() as power}:
                yield name, Value(whole * 10.0**power if power >= 0 else whole / 10.0**-power, where)
            case dict():
                # The element itself stands there too: which of several may tell something.
                yield name, Value(name, where)
                yield from _walked(value, where)
