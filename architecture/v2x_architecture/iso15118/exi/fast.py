"""The fast reader: schema-valid messages, and nothing else.

Most of a message is elements that must be there, one after the other. Their event codes are zero bits, and many of their values
have a fixed width: such a *chain* is read in a few pieces instead of event by event.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from v2x_architecture.iso15118.exi.bits import BitReader
from v2x_architecture.iso15118.exi.errors import InvalidValue, LimitExceeded, UnexpectedEvent
from v2x_architecture.iso15118.exi.events import END, MANY, ONE, Event
from v2x_architecture.iso15118.exi.values import Simple

if TYPE_CHECKING:
    from v2x_architecture.iso15118.exi.grammar import Record, State


class Piece(msgspec.Struct, frozen=True):
    """Bits that are read at once, and a value that is read after them.

    Attributes:
        width: number of bits.
        zeros: those that must be zero: event codes.
        fields: field, shift, mask and values (by the bits) of each value among them.
        field: of the value after them; empty when there is none.
        read: reads it.
    """

    width: int
    zeros: int
    fields: tuple[tuple[str, int, int, Sequence[Any]], ...]
    field: str
    read: Callable[[BitReader], Any]


class Chain(msgspec.Struct, frozen=True):
    """What must follow a state.

    Attributes:
        pieces: none when there is a choice at once.
        after: the state that follows; None at the end of the element.
    """

    pieces: tuple[Piece, ...]
    after: State | None


class _Making:
    """A chain in the making."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._width = 0
        self._values: list[tuple[str, int, int, Sequence[Any]]] = []

    def event(self) -> None:
        """Add an event code of one bit, which is zero."""
        self._width += 1

    def value(self, field: str, width: int, values: Sequence[Any]) -> None:
        """Add a value of fixed width."""
        self._width += width
        self._values.append((field, self._width, width, values))

    def close(self, field: str = "", read: Callable[[BitReader], Any] | None = None) -> None:
        """End a piece, with the value that is read after it."""
        if not self._width and not field:
            return
        zeros = (1 << self._width) - 1
        fields = []
        for name, end, width, values in self._values:
            shift, mask = self._width - end, (1 << width) - 1
            zeros &= ~(mask << shift)
            fields.append((name, shift, mask, values))
        self.pieces.append(Piece(self._width, zeros, tuple(fields), field, read or _no_value))
        self._width, self._values = 0, []


def chain_from(state: State) -> Chain:
    """Return what must follow a state."""
    making = _Making()
    after: State | None = state
    while after is not None:
        if not after.width:
            after.expand()
        if len(after.productions) != 1:
            break
        production = after.productions[0]
        if production.event is Event.EE:
            making.event()
        elif production.event is Event.SE and production.operation == ONE:
            making.event()
            kind = production.kind
            values = kind.narrow_values if isinstance(kind, Simple) else None
            if isinstance(kind, Simple) and values is not None:
                making.event()
                making.value(production.field, kind.narrow_width, values)
                making.event()
            elif isinstance(kind, Simple):
                making.event()
                making.close(production.field, kind.read)
                making.event()
            else:
                making.close(production.field, production.read)
        else:
            break
        after = production.next
    making.close()
    return Chain(tuple(making.pieces), after)


def read_record(kind: Record, reader: BitReader) -> msgspec.Struct:
    """Read the attributes, the content and the end of an element of a complex type.

    Raises:
        ExiError: the bits are not what schema-valid messages have; the careful reader tells more.
    """
    fields: dict[str, Any] = {}
    state: State | None = kind.start
    while state is not None:
        chain = state.chain
        if chain is None:
            chain = state.chain = chain_from(state)
        if chain.pieces:
            for piece in chain.pieces:
                if piece.width:
                    seen = reader.bits(piece.width)
                    if seen & piece.zeros:
                        raise UnexpectedEvent("not a declared event", reader.position)
                    try:
                        for field, shift, mask, values in piece.fields:
                            fields[field] = values[(seen >> shift) & mask]
                    except IndexError:
                        raise InvalidValue("not a value of its enumeration", reader.position) from None
                if piece.field:
                    fields[piece.field] = piece.read(reader)
            state = chain.after
            continue
        production = state.by_code[reader.bits(state.width)]
        operation = production.operation
        if operation == ONE:
            fields[production.field] = production.read(reader)
        elif operation == MANY:
            items = fields.setdefault(production.field, [])
            items.append(production.read(reader))
            if len(items) > reader.max_items:
                raise LimitExceeded(f"a list of more than {reader.max_items}", reader.position)
        elif operation != END:
            raise UnexpectedEvent("not a declared event", reader.position)
        state = production.next
    return kind.message(**fields)


def _no_value(reader: BitReader) -> None:
    raise InvalidValue("there is no value", reader.position)
