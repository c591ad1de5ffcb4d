"""Writes messages: bits for what a message class holds, or an error that names the field."""

from __future__ import annotations

from functools import cached_property

from v2x_architecture.iso15118.exi.binding import CONTENT, TEXT
from v2x_architecture.iso15118.exi.bits import BitWriter
from v2x_architecture.iso15118.exi.errors import EncodeError, ExiError
from v2x_architecture.iso15118.exi.events import END_KEY, MIXED_KEY, WILDCARD_KEY, Event
from v2x_architecture.iso15118.exi.grammar import Grammar, Kind, Production, Record, State
from v2x_architecture.iso15118.exi.nodes import Child, Nil, Node
from v2x_architecture.iso15118.exi.qnames import XSI, Happening, Learned, Name, Names, parted
from v2x_architecture.iso15118.exi.values import Simple, write_string


class Stream:
    """One document or fragment on its way out.

    Attributes:
        grammar: of the schema set.
        writer: of the bits.
    """

    def __init__(self, grammar: Grammar, writer: BitWriter) -> None:
        self.grammar, self.writer = grammar, writer
        self._learned: dict[Name, Learned] = {}

    @cached_property
    def names(self) -> Names:
        """The names that may be spelled out."""
        return Names(self.grammar.table)

    def element(self, kind: Kind, value: object) -> None:
        """Write the attributes, the content and the end of an element.

        Raises:
            EncodeError: the value does not fit its type so that no bits stand for it.
        """
        if isinstance(kind, Record) and type(value) is kind.message:
            _Writing(self, kind.start).element(kind, value)
        elif isinstance(value, Nil):
            self._nil(kind, value)
        elif isinstance(kind, Simple):
            self.writer.bits(0, 1)
            kind.write(self.writer, value)
            self.writer.bits(0, 1)
        else:
            actual = self.grammar.records.get(type(value)) if isinstance(value, kind.message) else None
            if actual is None:
                raise EncodeError(f"a {type(value).__name__} stands where a {kind.message.__name__} belongs")
            self.deviation(kind.start, Event.AT_TYPE)
            self.names.write(self.writer, self.grammar.type_name(actual.model))
            _Writing(self, actual.start).element(actual, value)

    def any_element(self, child: Child) -> None:
        """Write the name, the content and the end of an element that a wildcard lets in.

        Raises:
            EncodeError: no bits stand for it.
        """
        name = (child.namespace, child.name)
        self.names.write(self.writer, name)
        self._named(name, child)

    def deviation(self, state: State, event: Event) -> None:
        """Write the code of an event that a state does not declare (EXI 1.0, 8.5.4.4.1)."""
        if not state.width:
            state.expand()
        events = [each for each, _ in state.deviations()]
        self.writer.bits(len(state.productions), state.width)
        self.writer.bits(events.index(event), (len(events) - 1).bit_length())

    def _nil(self, kind: Kind, value: Nil) -> None:
        self.deviation(self.grammar.steps(kind).start, Event.AT_NIL)
        self.writer.bits(1, 1)
        emptied = self.grammar.emptied(kind)
        if unknown := sorted(value.attributes.keys() - {use.name for use in emptied.attributes}):
            raise EncodeError(f"{kind.name} has no attribute {unknown[0]}")
        writing = _Writing(self, emptied.start)
        for use in emptied.attributes:
            if use.name in value.attributes:
                writing.attribute(use.name, value.attributes[use.name])
        writing.end()

    def _named(self, name: Name, child: Child) -> None:
        position = self.grammar.globals_by_name.get(name)
        if position is not None:
            self.element(self.grammar.kind(self.grammar.table.elements[position].type), child.value)
            return
        learned = self._learned.setdefault(name, Learned())
        if child.type:
            said = parted(child.type)
            kind = self.grammar.types_by_name.get(said)
            if kind is None:
                raise EncodeError(f"there is no type {child.type} for {child.name}")
            learned.write(self.writer, self.names, _TYPE, in_tag=True)
            self.names.write(self.writer, said)
            self.element(self.grammar.kind(kind), child.value)
        elif isinstance(child.value, Node):
            self._node(learned, child.value)
        else:
            raise EncodeError(f"no schema declares {child.name} of {child.namespace or 'no namespace'}; its value is no Node")

    def _node(self, learned: Learned, node: Node) -> None:
        for namespace, local, text in node.attributes:
            event: Happening = (Learned.ATTRIBUTE, (namespace, local))
            learned.write(self.writer, self.names, event, in_tag=True)
            if event == _TYPE:
                self.names.write(self.writer, parted(text))
            else:
                write_string(self.writer, text)
        in_tag = True
        for index, item in enumerate(node.content):
            try:
                self._node_item(learned, item, in_tag=in_tag)
            except EncodeError as error:
                _within(error, f"{CONTENT}/{index}{f'/{item.name}' if isinstance(item, Child) else ''}")
                raise
            in_tag = False
        learned.write(self.writer, self.names, Learned.END, in_tag=in_tag)

    def _node_item(self, learned: Learned, item: object, *, in_tag: bool) -> None:
        if isinstance(item, str):
            learned.write(self.writer, self.names, Learned.TEXT, in_tag=in_tag)
            write_string(self.writer, item)
        elif isinstance(item, Child):
            name = (item.namespace, item.name)
            learned.write(self.writer, self.names, (Learned.ELEMENT, name), in_tag=in_tag)
            self._named(name, item)
        else:
            raise EncodeError(f"{item!r} is neither text nor a Child")


class _Writing:
    """The way through the states of one element."""

    __slots__ = ("_state", "_stream", "_writer")

    def __init__(self, stream: Stream, state: State) -> None:
        self._stream, self._writer, self._state = stream, stream.writer, state

    def element(self, kind: Record, message: object) -> None:
        for use in kind.attributes:
            value = getattr(message, use.name)
            if value is not None:
                self.attribute(use.name, value)
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
                    self._child(
                        self._standing(field.name, item) if field.substituted else field.name, field.name, item, f"/{index}"
                    )
            elif value is not None:
                self._child(self._standing(field.name, value) if field.substituted else field.name, field.name, value)
        self.end()

    def end(self) -> None:
        self._step(END_KEY, "its end")

    def attribute(self, name: str, value: object) -> None:
        try:
            kind = self._step(name, f"the attribute {name}").kind
            assert isinstance(kind, Simple)
            kind.write(self._writer, value)
        except EncodeError as error:
            _within(error, name)
            raise

    def _standing(self, field: str, value: object) -> object:
        """Return what the element is found by that a value of a substitution group belongs in."""
        if not self._state.width:
            self._state.expand()
        if (field, type(value)) in self._state.codes:
            return field, type(value)
        if isinstance(value, Nil):
            return next((each.key for each in self._state.productions if each.name == value.name), (field, Nil))
        # A value of no member's class may be one of a class that extends it, and says so (xsi:type).
        return next(((field, each) for each in type(value).__mro__ if (field, each) in self._state.codes), (field, type(value)))

    def _text(self, kind: Simple, value: object) -> None:
        try:
            self._step(TEXT, "text")
            kind.write(self._writer, value)
        except EncodeError as error:
            _within(error, TEXT)
            raise

    def _child(self, key: object, name: str, value: object, index: str = "") -> None:
        try:
            production = self._step(key, name)
            name, kind = production.name, production.kind
            assert kind is not None
            if isinstance(kind, Simple) and type(value) is not Nil:
                writer = self._writer
                writer.bits(0, 1)
                kind.write(writer, value)
                writer.bits(0, 1)
            else:
                self._stream.element(kind, value)
        except EncodeError as error:
            _within(error, name + index)
            raise

    def _item(self, index: int, item: object) -> None:
        try:
            self._open_item(item)
        except EncodeError as error:
            _within(error, f"{CONTENT}/{index}")
            raise

    def _open_item(self, item: object) -> None:
        if isinstance(item, str):
            self._step(MIXED_KEY, "text")
            write_string(self._writer, item)
        elif not isinstance(item, Child):
            raise EncodeError(f"{item!r} is neither text nor a Child")
        elif item.namespace or item.type or isinstance(item.value, Node):
            self._any_child(item)
        else:
            self._child((CONTENT, item.name), item.name, item.value)

    def _any_child(self, child: Child) -> None:
        try:
            self._step(WILDCARD_KEY, child.name)
            self._stream.any_element(child)
        except EncodeError as error:
            _within(error, child.name)
            raise

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


_TYPE: Happening = (Learned.ATTRIBUTE, (XSI, "type"))


def _title(production: Production) -> str:
    return production.name or {Event.EE: "its end", Event.CH: "its value"}.get(production.event, production.event.value)


def _within(error: ExiError, step: str) -> None:
    """Lead the path of an error one element further up."""
    error.path = f"/{step}{error.path}"
