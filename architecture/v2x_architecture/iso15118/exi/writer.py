"""Writes messages: bits for what a message class holds, or an error that names the field."""

from __future__ import annotations

from v2x_architecture.iso15118.exi.binding import CONTENT, TEXT
from v2x_architecture.iso15118.exi.bits import BitWriter
from v2x_architecture.iso15118.exi.errors import EncodeError, ExiError, Unsupported
from v2x_architecture.iso15118.exi.events import END_KEY, MIXED_KEY, Event
from v2x_architecture.iso15118.exi.grammar import Kind, Production, Record, State
from v2x_architecture.iso15118.exi.nodes import Child
from v2x_architecture.iso15118.exi.values import Simple, write_string


def write_element(kind: Kind, value: object, writer: BitWriter) -> None:
    """Write the attributes, the content and the end of an element.

    Raises:
        EncodeError: the value does not fit its type so that no bits stand for it.
        Unsupported: it holds elements that no schema declares.
    """
    if isinstance(kind, Simple):
        writer.bits(0, 1)
        kind.write(writer, value)
        writer.bits(0, 1)
    else:
        _Writing(kind, value, writer).element()


class _Writing:
    """The way through the states of one element."""

    def __init__(self, kind: Record, value: object, writer: BitWriter) -> None:
        if type(value) is not kind.message:
            raise EncodeError(f"a {type(value).__name__} stands where a {kind.message.__name__} belongs")
        self._kind, self._value, self._writer = kind, value, writer
        self._state: State = kind.start

    def element(self) -> None:
        kind, message = self._kind, self._value
        for use in kind.attributes:
            value = getattr(message, use.name)
            if value is not None:
                self._attribute(use.name, value)
        if kind.text is not None:
            self._text(kind.text, getattr(message, TEXT))
        elif kind.shape.is_open:
            for index, item in enumerate(getattr(message, CONTENT)):
                self._item(index, item)
        for field in kind.shape.fields.values():
            value = getattr(message, field.name)
            if field.many:
                if not isinstance(value, list | tuple):
                    raise EncodeError(f"{value!r} is no list", path=f"/{field.name}")
                for index, item in enumerate(value):
                    self._child((field.name, type(item)) if field.substituted else field.name, field.name, item, f"/{index}")
            elif value is not None:
                self._child((field.name, type(value)) if field.substituted else field.name, field.name, value)
        self._step(END_KEY, "its end")

    def _attribute(self, name: str, value: object) -> None:
        try:
            kind = self._step(name, f"the attribute {name}").kind
            assert isinstance(kind, Simple)
            kind.write(self._writer, value)
        except (EncodeError, Unsupported) as error:
            _within(error, name)
            raise

    def _text(self, kind: Simple, value: object) -> None:
        try:
            self._step(TEXT, "text")
            kind.write(self._writer, value)
        except (EncodeError, Unsupported) as error:
            _within(error, TEXT)
            raise

    def _child(self, key: object, name: str, value: object, index: str = "") -> None:
        try:
            production = self._step(key, name)
            name = production.name
            assert production.kind is not None
            write_element(production.kind, value, self._writer)
        except (EncodeError, Unsupported) as error:
            _within(error, name + index)
            raise

    def _item(self, index: int, item: object) -> None:
        step = f"{CONTENT}/{index}"
        if isinstance(item, str):
            try:
                self._step(MIXED_KEY, "text")
                write_string(self._writer, item)
            except (EncodeError, Unsupported) as error:
                _within(error, step)
                raise
        elif isinstance(item, Child):
            if item.namespace:
                raise Unsupported(
                    f"elements that a wildcard lets in are not written: {item.name} of {item.namespace}", path=f"/{step}"
                )
            try:
                self._child((CONTENT, item.name), item.name, item.value)
            except (EncodeError, Unsupported) as error:
                _within(error, step)
                raise
        else:
            raise EncodeError(f"{item!r} is neither text nor a Child", path=f"/{step}")

    def _step(self, key: object, what: str) -> Production:
        """Write the code of an event, and go on to what follows it."""
        state = self._state
        if not state.width:
            state.expand()
        try:
            code, production = state.codes[key]
        except (KeyError, TypeError):
            expected = " or ".join(_title(each) for each in state.productions) or "nothing more"
            raise EncodeError(f"{what} does not belong here; {expected} does") from None
        self._writer.bits(code, state.width)
        if production.next is not None:
            self._state = production.next
        return production


def _title(production: Production) -> str:
    return production.name or {Event.EE: "its end", Event.CH: "its value"}.get(production.event, production.event.value)


def _within(error: ExiError, step: str) -> None:
    """Lead the path of an error one element further up."""
    error.path = f"/{step}{error.path}"
