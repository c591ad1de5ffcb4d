"""A value in a decoded frame that knows where it stands.

Cases compare fields with plain ``assert``; when the assertion fails, the finding can say which field of which frame was looked at
last, so that the report can point at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from typing import TypeGuard

import msgspec

from v2x_harness.events import Json


class Look(msgspec.Struct, frozen=True):
    """The last comparison a case made: where, what was wanted, what stood there."""

    frame: int
    pointer: str
    expected: str
    seen: str


last_look: ContextVar[Look | None] = ContextVar("last_look", default=None)


class Field:
    """A JSON value at a pointer of a recorded frame.

    Attribute and item access go deeper (``boot.chargingStation.model``, ``report.reportData[0]``) and never raise: what is not
    there is a field that does not `exist`, is false, and equals nothing but ``None``.

    Args:
        value: the decoded value, or None.
        frame: ``n`` of the frame in the journal.
        pointer: JSON pointer of the value in the frame's decoded form.
        exists: whether it is there at all.
    """

    __slots__ = ("_exists", "_frame", "_pointer", "_value")

    def __init__(self, value: Json, frame: int, pointer: str = "", *, exists: bool = True) -> None:
        self._value, self._frame, self._pointer, self._exists = value, frame, pointer, exists

    @property
    def value(self) -> Json:
        """The plain JSON value; looking at it counts as looking at the field."""
        self._look("a value")
        return self._value

    def peek(self) -> Json:
        """Return the plain JSON value without that counting as a look."""
        return self._value

    def number(self) -> int:
        """Return the value as an integer, or 0 where it is none; does not count as a look."""
        return int(self._value) if isinstance(self._value, int | float) else 0

    @property
    def exists(self) -> bool:
        """Whether the field is in the frame."""
        self._look("present")
        return self._exists

    @property
    def pointer(self) -> str:
        """JSON pointer of this field."""
        return self._pointer

    @property
    def frame(self) -> int:
        """``n`` of the frame it stands in."""
        return self._frame

    def _look(self, expected: str) -> None:
        seen = msgspec.json.encode(self._value).decode() if self._exists else "absent"
        last_look.set(Look(self._frame, self._pointer, expected, seen if len(seen) < 400 else seen[:400] + "…"))

    def __getattr__(self, name: str) -> Field:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, key: str | int) -> Field:
        pointer = f"{self._pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
        match self._value, key:
            case dict() as table, str() if key in table:
                return Field(table[key], self._frame, pointer)
            case list() as array, int() if -len(array) <= key < len(array):
                return Field(array[key], self._frame, f"{self._pointer}/{key % len(array)}")
        return Field(None, self._frame, pointer, exists=False)

    def __iter__(self) -> Iterator[Field]:
        return iter([self[i] for i in range(len(self._value))] if isinstance(self._value, list) else [])

    def __len__(self) -> int:
        self._look("elements")
        return len(self._value) if isinstance(self._value, list | dict | str) else 0

    def __bool__(self) -> bool:
        self._look("true")
        return bool(self._value)

    def __contains__(self, item: object) -> bool:
        self._look(f"contains {_plain(item)!r}")
        plain = _plain(item)
        match self._value:
            case list() as elements:
                return any(_same(element, plain) for element in elements)
            case dict() | str() as names:
                return isinstance(plain, str) and plain in names
        return False

    def __hash__(self) -> int:
        return hash(repr(self._value))

    def __eq__(self, other: object) -> bool:
        self._look(repr(_plain(other)))
        return _same(self._value, _plain(other))

    def __ne__(self, other: object) -> bool:
        self._look(f"not {_plain(other)!r}")
        return not _same(self._value, _plain(other))

    def is_in(self, *allowed: Json) -> bool:
        """Whether the value is one of those given."""
        self._look("one of " + ", ".join(repr(a) for a in allowed))
        return any(_same(self._value, each) for each in allowed)

    def _number(self, other: object, sign: str) -> tuple[float, float]:
        self._look(f"{sign} {_plain(other)!r}")
        right = _plain(other)
        if _is_number(self._value) and _is_number(right):
            return self._value, right
        raise AssertionError(f"{self!r} is no number to compare with {right!r}")

    def __lt__(self, other: object) -> bool:
        left, right = self._number(other, "<")
        return left < right

    def __le__(self, other: object) -> bool:
        left, right = self._number(other, "<=")
        return left <= right

    def __gt__(self, other: object) -> bool:
        left, right = self._number(other, ">")
        return left > right

    def __ge__(self, other: object) -> bool:
        left, right = self._number(other, ">=")
        return left >= right

    def __repr__(self) -> str:
        return f"{self._value!r} at {self._pointer or '/'}" if self._exists else f"nothing at {self._pointer}"


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(left: object, right: object) -> bool:
    """Compare as JSON does, where ``true`` is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _plain(value: object) -> object:
    return value._value if isinstance(value, Field) else value  # noqa: SLF001  (its own class)
