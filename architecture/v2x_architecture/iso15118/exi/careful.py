"""Reads a message slowly: notes where everything stands, follows deviations, and says exactly what is wrong.

The fast reader (`fast`) knows schema-valid messages only and says no more than that it failed. Both walk the same
states, and give the same message where both give one.
"""

from __future__ import annotations

from typing import Any

from v2x_architecture.iso15118.exi.binding import CONTENT, TEXT
from v2x_architecture.iso15118.exi.bits import BitReader, Limits
from v2x_architecture.iso15118.exi.errors import ExiError, InvalidValue, LimitExceeded, UnexpectedEvent, Unsupported
from v2x_architecture.iso15118.exi.events import Event
from v2x_architecture.iso15118.exi.grammar import Grammar, Kind, Production, Record, State
from v2x_architecture.iso15118.exi.nodes import Child, Nil, Node
from v2x_architecture.iso15118.exi.qnames import XSI, Learned, Name, Names, spelled
from v2x_architecture.iso15118.exi.trace import Deviation, Mark, Trace
from v2x_architecture.iso15118.exi.values import Simple, Value, read_string


class CarefulReader:
    """Reads one document or fragment.

    Args:
        grammar: of the schema set.
        reader: at the first bit after the header.
        limits: on what it may ask for.
        nillable: whether elements may be nil; their values are then `Nil`.
    """

    def __init__(self, grammar: Grammar, reader: BitReader, limits: Limits, *, nillable: bool = False) -> None:
        self._grammar, self._reader, self._limits = grammar, reader, limits
        self._nillable = nillable
        self._names = Names(grammar.table)
        self._learned: dict[Name, Learned] = {}
        self._pointer: list[str] = []
        self._marks: list[Mark] = []
        self._deviations: list[Deviation] = []

    @property
    def trace(self) -> Trace:
        """What was noted so far."""
        return Trace(tuple(self._marks), tuple(self._deviations), self._reader.position)

    def root(self, position: int, event: int) -> Any:
        """Read the element that the document or fragment begins with.

        Args:
            position: of the element in the table.
            event: the bit at which its event code begins.

        Raises:
            ExiError: with the bit offset and the path.
        """
        element = self._grammar.table.elements[position]
        try:
            return self._element(self._grammar.kind(element.type), element.name, event)
        except ExiError as error:
            error.path = error.path or self._path()
            error.bit_offset = self._reader.position if error.bit_offset is None else error.bit_offset
            raise

    def _path(self) -> str:
        return "/" + "/".join(self._pointer)

    # Elements that the schema declares

    def _element(self, kind: Kind, step: str, event: int) -> Any:
        self._enter(step)
        value = self._content(kind, event, self._reader.position)
        self._pointer.pop()
        return value

    def _content(self, kind: Kind, event: int, offset: int) -> Any:
        """Read the attributes, the content and the end of an element, and return its value."""
        own = self._grammar.steps(kind)
        actual, fields = self._walk(own, event)
        if isinstance(kind, Simple) and actual.text is not None:
            value = fields[TEXT]
            # The value of a type that the element named itself is one of its own type too, or none.
            return value if actual is own else self._parsed(kind, actual.text.text(value))
        self._mark(event, offset)
        if actual.is_nil:
            return Nil(fields)
        if missing := sorted(actual.required - fields.keys()):
            raise UnexpectedEvent(f"the element ends without {', '.join(missing)}", self._reader.position)
        return actual.message(**fields)

    def _enter(self, step: str) -> None:
        self._pointer.append(step)
        if len(self._pointer) > self._limits.depth:
            raise LimitExceeded(f"elements more than {self._limits.depth} deep")

    def _walk(self, kind: Record, event: int) -> tuple[Record, dict[str, Any]]:
        """Go through the states of an element and return its fields, and the type that it said it has."""
        fields: dict[str, Any] = {}
        state: State = kind.start
        while True:
            if not state.width:
                state.expand()
            at = self._reader.position
            code = self._reader.bits(state.width)
            if code < len(state.productions):
                production = state.productions[code]
                if production.event is Event.EE:
                    return kind, fields
                self._declared(production, kind, fields, at if kind.is_message else event)
                assert production.next is not None
                state = production.next
            elif code == len(state.productions):
                following = self._undeclared(state, kind, fields, at)
                if following is None:
                    return kind, fields
                state, kind = following, following.owner
            else:
                raise UnexpectedEvent(f"event code {code} where there are {len(state.productions)}", at)

    def _declared(self, production: Production, kind: Record, fields: dict[str, Any], at: int) -> None:
        match production.event:
            case Event.AT:
                fields[production.field] = self._value(production, production.name, at)
            case Event.CH:
                fields[TEXT] = self._value(production, TEXT if kind.is_message else "", at)
            case Event.SE:
                self._child(production, kind, fields, at)
            case Event.SE_ANY:
                self._append(fields, CONTENT, self._any_element(f"{CONTENT}/{len(fields.get(CONTENT, ()))}"))
            case Event.CH_UNTYPED:
                self._append(fields, CONTENT, read_string(self._reader))

    def _child(self, production: Production, kind: Record, fields: dict[str, Any], at: int) -> None:
        child = production.kind
        assert child is not None
        if kind.shape.is_open:
            step = f"{CONTENT}/{len(fields.get(CONTENT, ()))}/{production.name}"
            self._append(fields, CONTENT, Child(production.name, self._element(child, step, at)))
        elif production.many:
            index = len(fields.get(production.field, ()))
            self._append(fields, production.field, self._element(child, f"{production.name}/{index}", at))
        else:
            value = fields[production.field] = self._element(child, production.name, at)
            if isinstance(value, Nil) and isinstance(production.key, tuple):
                value.name = production.name

    def _append(self, fields: dict[str, Any], name: str, item: object) -> None:
        items = fields.setdefault(name, [])
        items.append(item)
        if len(items) > self._limits.items:
            raise LimitExceeded(f"a list of more than {self._limits.items}")

    def _value(self, production: Production, step: str, event: int) -> Value:
        kind = production.kind
        assert isinstance(kind, Simple)
        if step:
            self._enter(step)
        offset = self._reader.position
        value = kind.read(self._reader)
        if step:
            self._pointer.pop()
        self._mark_as(step, event, offset, kind.text(value))
        return value

    def _mark_as(self, step: str, event: int, offset: int, text: str) -> None:
        """Mark a value that ends here: of an attribute or of text in a message, or of the element itself."""
        path = f"{self._path()}/{step}" if step else self._path()
        self._marks.append(Mark(path, event, offset, self._reader.position - offset, text))

    def _mark(self, event: int, offset: int) -> None:
        self._marks.append(Mark(self._path(), event, offset, self._reader.position - offset))

    # Deviations

    def _undeclared(self, state: State, kind: Record, fields: dict[str, Any], at: int) -> State | None:
        """Follow an event of the second level, and return the state after it; None at the end of the element."""
        events = state.deviations()
        code = self._reader.bits((len(events) - 1).bit_length())
        if code >= len(events):
            raise UnexpectedEvent(f"second event code {code} where there are {len(events)}", at)
        event, following = events[code]
        text = ""
        match event:
            case Event.EE:
                self._early_end(state, kind, fields, at)
            case Event.AT_TYPE:
                actual = self._type(kind, at)
                text, following = actual.name, actual.start
            case Event.AT_NIL:
                text = "false"
                if self._reader.bits(1):
                    if not self._nillable:
                        raise Unsupported("xsi:nil is true where nothing may be nil", at)
                    text, following = "true", self._grammar.emptied(kind).start
            case Event.AT_ANY:
                text = "=".join((self._names.read(self._reader)[1], read_string(self._reader)))
            case Event.AT_UNTYPED:
                text, following = self._untyped_attribute(state, fields)
            case Event.SE_ANY:
                child = self._any_element("*")
                text = child.name
            case Event.CH_UNTYPED:
                offset = self._reader.position
                text = read_string(self._reader)
                if kind.text is not None and TEXT not in fields:
                    fields[TEXT] = self._parsed(kind.text, text)
                    self._mark_as(TEXT if kind.is_message else "", at, offset, text)
        self._deviations.append(Deviation(self._path(), at, event.value, text))
        return following

    def _early_end(self, state: State, kind: Record, fields: dict[str, Any], at: int) -> None:
        """Accept the end of an element whose value is missing, if an empty value is one of its type."""
        if kind.text is None:
            expected = " or ".join(production.name or production.event.value for production in state.productions)
            raise UnexpectedEvent(f"the element ends where {expected} must come", at)
        if TEXT not in fields:
            fields[TEXT] = self._parsed(kind.text, "")
            self._mark_as(TEXT if kind.is_message else "", at, self._reader.position, "")

    def _parsed(self, kind: Simple, text: str) -> Value:
        try:
            return kind.value(text)
        except InvalidValue as error:
            raise InvalidValue(error.text, self._reader.position) from None

    def _type(self, kind: Record, at: int) -> Record:
        """Return the type that an element says it has: its own or one that extends it; for a simple type, another such."""
        name = self._names.read(self._reader)
        if name == self._grammar.type_name(kind.model):
            return kind
        position = self._grammar.types_by_name.get(name)
        found = None if position is None else self._grammar.kind(position)
        if isinstance(found, Simple) and not kind.is_message and kind.text is not None:
            return self._grammar.steps(found)
        if isinstance(found, Record) and kind.is_message and issubclass(found.message, kind.message):
            return found
        raise Unsupported(f"xsi:type says {name[1]} of {name[0] or 'no namespace'} for a {kind.name}", at)

    def _untyped_attribute(self, state: State, fields: dict[str, Any]) -> tuple[str, State]:
        """Read an attribute whose value is text instead of what its type asks for."""
        declared = [production for production in state.productions if production.event is Event.AT]
        at = self._reader.position
        code = self._reader.bits(len(declared).bit_length())
        if code > len(declared):
            raise UnexpectedEvent(f"third event code {code} where there are {len(declared) + 1}", at)
        if code == len(declared):
            return "=".join((self._names.read(self._reader)[1], read_string(self._reader))), state
        production = declared[code]
        offset = self._reader.position
        text = read_string(self._reader)
        assert isinstance(production.kind, Simple)
        assert production.next is not None
        fields[production.field] = self._parsed(production.kind, text)
        self._mark_as(production.name, at, offset, text)
        return f"{production.name}={text}", production.next

    # Elements that a wildcard lets in

    def _any_element(self, step: str) -> Child:
        event = self._reader.position
        return self._named(self._names.read(self._reader), step, event)

    def _named(self, name: Name, step: str, event: int) -> Child:
        namespace, local = name
        position = self._grammar.globals_by_name.get(name)
        if position is not None:
            kind = self._grammar.kind(self._grammar.table.elements[position].type)
            return Child(local, self._element(kind, f"{step}/{local}", event), namespace)
        self._enter(f"{step}/{local}")
        child = Child(local, Node(), namespace)
        self._node(child, self._learned.setdefault(name, Learned()), event)
        self._pointer.pop()
        return child

    def _node(self, child: Child, learned: Learned, event: int) -> None:
        """Read an element without schema, as long as it does not name a type that the schema defines."""
        offset = self._reader.position
        node: Node = child.value
        in_tag = True
        while True:
            kind, name = learned.next(self._reader, self._names, in_tag=in_tag)
            if len(learned.tag) + len(learned.content) > self._limits.items:
                raise LimitExceeded(f"more than {self._limits.items} names in an element without schema")
            if (kind, name) == Learned.END:
                return
            if kind == Learned.ATTRIBUTE:
                assert isinstance(name, tuple)
                if name == (XSI, "type"):
                    said = self._names.read(self._reader)
                    position = self._grammar.types_by_name.get(said)
                    if position is not None and not node.attributes:
                        child.type = spelled(said)
                        child.value = self._content(self._grammar.kind(position), event, offset)
                        return
                    node.attributes.append((*name, spelled(said)))
                else:
                    node.attributes.append((*name, read_string(self._reader)))
                if len(node.attributes) > self._limits.items:
                    raise LimitExceeded(f"more than {self._limits.items} attributes")
                continue
            in_tag = False
            if len(node.content) >= self._limits.items:
                raise LimitExceeded(f"more than {self._limits.items} items in an element")
            if isinstance(name, tuple):
                node.content.append(self._named(name, f"{CONTENT}/{len(node.content)}", self._reader.position))
            else:
                node.content.append(read_string(self._reader))
