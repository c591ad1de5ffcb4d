"""The schema-informed grammar of a schema set (EXI 1.0, 8.5), with states made when a message first visits them.

Streams of V2G are not strict: every state has one event code more than it has productions, and that code leads to the deviations
of section 8.5.4.4.1 (`State.deviations`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from v2x_architecture.iso15118.exi import binding
from v2x_architecture.iso15118.exi.binding import CONTENT, TEXT, Shape
from v2x_architecture.iso15118.exi.bits import BitReader
from v2x_architecture.iso15118.exi.errors import UnexpectedEvent
from v2x_architecture.iso15118.exi.events import END, END_KEY, MANY, MIXED_KEY, ONE, OTHER, WILDCARD_KEY, Event, Stage
from v2x_architecture.iso15118.exi.fast import Chain, read_record
from v2x_architecture.iso15118.exi.model import (
    Attribute,
    ComplexType,
    Element,
    ElementParticle,
    SimpleType,
    Table,
    WildcardParticle,
)
from v2x_architecture.iso15118.exi.model import Particle as Model
from v2x_architecture.iso15118.exi.particles import NOTHING, Continuation, Particle, beginning, following
from v2x_architecture.iso15118.exi.qnames import XSD
from v2x_architecture.iso15118.exi.values import Simple

if TYPE_CHECKING:
    from v2x_architecture.iso15118.exi.plan import Step


class Production:
    """An event that may come next, and what follows.

    Attributes:
        event: what it is.
        name: local name of the element or attribute; empty for others.
        field: of the message, that the value goes to.
        operation: what the reader does.
        read: reads the whole element, or the value of an attribute.
        kind: type of the element, attribute or text; None for others.
        next: the state that follows; None after EE.
        key: what the writer finds the production by.
        element: position of the element in the table; -1 for others.
        many: whether the field is a list.
    """

    __slots__ = ("element", "event", "field", "key", "kind", "many", "name", "next", "operation", "read")

    def __init__(
        self,
        event: Event,
        operation: int = OTHER,
        *,
        name: str = "",
        field: str = "",
        kind: Kind | None = None,
        read: Callable[[BitReader], Any] | None = None,
        after: State | None = None,
        element: int = -1,
        key: object = None,
    ) -> None:
        self.event, self.operation, self.name, self.field = event, operation, name, field
        self.kind, self.next, self.element = kind, after, element
        self.read = read or _nothing
        self.many = operation == MANY
        self.key = key if key is not None else field or END_KEY


class State:
    """A state of a type's grammar.

    Attributes:
        productions: in the order of their event codes; made when asked for.
        width: number of bits of an event code.
        by_code: the production of each possible event code; what is not declared is left to the careful reader.
        codes: code and production by what the writer finds it by.
        chain: what must follow, as the fast reader takes it in one go.
    """

    __slots__ = ("_continuation", "_stage", "_used", "by_code", "chain", "codes", "owner", "productions", "width")

    def __init__(self, owner: Record, stage: Stage, used: int, continuation: Continuation) -> None:
        self.owner = owner
        self._stage, self._used, self._continuation = stage, used, continuation
        self.by_code: tuple[Production, ...] = ()
        self.productions: tuple[Production, ...] = ()
        self.codes: dict[object, tuple[int, Production]] = {}
        self.width = 0
        self.chain: Chain | None = None

    def expand(self) -> None:
        """Make the productions."""
        found: dict[object, Production] = {}
        for production in self.owner.productions(self._stage, self._used, self._continuation):
            found.setdefault((production.event, production.element, production.name), production)
        self.productions = tuple(found.values())
        self.codes = {}
        for code, production in enumerate(self.productions):
            self.codes.setdefault(production.key, (code, production))
        self.width = len(self.productions).bit_length()
        self.by_code = self.productions + (_UNDECLARED,) * ((1 << self.width) - len(self.productions))

    def deviations(self) -> list[tuple[Event, State | None]]:
        """Return the events of the second level with what follows each, in the order of their codes."""
        owner, first = self.owner, self._stage is Stage.FIRST
        content = owner.state(Stage.CONTENT, len(owner.attributes), self._continuation)
        found: list[tuple[Event, State | None]] = []
        if not any(production.event is Event.EE for production in self.productions):
            found.append((Event.EE, None))
        if first:
            found += [(Event.AT_TYPE, self), (Event.AT_NIL, self)]
        if self._stage is not Stage.CONTENT:
            found += [(Event.AT_ANY, self), (Event.AT_UNTYPED, self)]
        return [*found, (Event.SE_ANY, content), (Event.CH_UNTYPED, content)]


class Record:
    """A complex type at work.

    Attributes:
        name: of the type.
        attributes: in EXI order.
        shape: how its content becomes a message class.
        is_message: whether there is one; there is none for a simple type, and none for a type that is nil.
        is_nil: whether it is what a type is for an element that is nil.
        read_element: reads an element of the type, fast.
        plan: how the fields of its messages are gone through; None until it was asked for (`plan.plan_of`).
    """

    def __init__(self, grammar: Grammar, model: ComplexType, *, is_message: bool = True, is_nil: bool = False) -> None:
        self._grammar = grammar
        self.is_message, self.is_nil = is_message, is_nil
        self.model = model
        self.name = model.name
        self.attributes = model.attributes
        self.shape = Shape(grammar.table, model)
        self.read_element: Callable[[BitReader], msgspec.Struct] = partial(read_record, self)
        self.plan: tuple[Step, ...] | None = None
        self._states: dict[tuple[Stage, int, Continuation], State] = {}

    @cached_property
    def text(self) -> Simple | None:
        """Type of simple content, None for element content."""
        kind = None if self.model.text is None else self._grammar.kind(self.model.text)
        return kind if isinstance(kind, Simple) else None

    @cached_property
    def elements(self) -> list[int]:
        """Positions of the elements that its content names, in schema order."""
        return [] if self.model.content is None else list(_elements(self.model.content))

    @cached_property
    def message(self) -> type[msgspec.Struct]:
        """The class of its messages."""
        return binding.message_class(self._grammar.table, self.model)

    @cached_property
    def required(self) -> frozenset[str]:
        """Fields that a message of the type cannot do without."""
        return frozenset(field.name for field in msgspec.structs.fields(self.message) if field.required)

    @cached_property
    def start(self) -> State:
        """The state that an element of the type begins in."""
        if self.text is not None:
            return self.state(Stage.FIRST, 0, _TEXT_TO_COME)
        content = None if self.model.content is None else Particle(self.model.content)
        return self.state(Stage.FIRST, 0, beginning(content))

    def state(self, stage: Stage, used: int, continuation: Continuation) -> State:
        """Return the state with so many attributes used up and this still to come."""
        key = (stage, used, continuation)
        if key not in self._states:
            self._states[key] = State(self, stage, used, continuation)
        return self._states[key]

    def productions(self, stage: Stage, used: int, continuation: Continuation) -> list[Production]:
        """Return the productions of a state in the order of their event codes (EXI 1.0, 8.5.4.3)."""
        made: list[Production] = []
        if stage is not Stage.CONTENT:
            for k in range(used, len(self.attributes)):
                made.append(self._attribute(k, continuation))
                if self.attributes[k].required:
                    return made
        if self.text is not None and continuation:
            after = self.state(Stage.CONTENT, len(self.attributes), NOTHING)
            made.append(Production(Event.CH, ONE, field=TEXT, kind=self.text, read=self.text.read, after=after))
            return made
        particles, may_end = following(continuation)
        wildcard: Production | None = None
        for particle, rest in particles:
            after = self.state(Stage.CONTENT, len(self.attributes), rest)
            if particle.element is None:
                wildcard = wildcard or Production(Event.SE_ANY, field=CONTENT, after=after, key=WILDCARD_KEY)
            else:
                made += [self._element(particle.element, member, after) for member in self._grammar.members(particle.element)]
        if wildcard:
            made.append(wildcard)
        if may_end:
            made.append(Production(Event.EE, END))
        if self.model.mixed:
            same = self.state(Stage.CONTENT, len(self.attributes), continuation)
            made.append(Production(Event.CH_UNTYPED, field=CONTENT, after=same, key=MIXED_KEY))
        return made

    def _attribute(self, k: int, continuation: Continuation) -> Production:
        use: Attribute = self.attributes[k]
        kind = self._grammar.kind(use.type)
        assert isinstance(kind, Simple)
        after = self.state(Stage.TAG, k + 1, continuation)
        return Production(Event.AT, ONE, name=use.name, field=use.name, kind=kind, read=kind.read, after=after)

    def _element(self, declared: int, member: int, after: State) -> Production:
        element = self._grammar.table.elements[member]
        kind = self._grammar.kind(element.type)
        if self.shape.is_open:
            return Production(
                Event.SE, name=element.name, field=CONTENT, kind=kind, after=after, element=member, key=(CONTENT, element.name)
            )
        field = self.shape.fields[declared]
        return Production(
            Event.SE,
            MANY if field.many else ONE,
            name=element.name,
            field=field.name,
            kind=kind,
            read=kind.read_element,
            after=after,
            element=member,
            key=(field.name, kind.message) if field.substituted and isinstance(kind, Record) else field.name,
        )


type Kind = Simple | Record


class Grammar:
    """The grammar of a schema set.

    Attributes:
        table: what it is made of.
        documents: positions of the elements that a document may begin with, in the order of their codes.
        document_width: number of bits of their codes; one code more is SE(*).
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        elements = table.elements
        self.documents = sorted(
            (k for k, element in enumerate(elements) if element.is_global), key=lambda k: self._sort_key(elements[k])
        )
        self.document_width = len(self.documents).bit_length()
        self._kinds: list[Kind | None] = [None] * len(table.types)
        self._texts: dict[Simple, Record] = {}
        self._emptied: dict[Kind, Record] = {}
        self._members: dict[int, tuple[int, ...]] = {}
        self._substitutes: dict[int, list[int]] = {}
        for k, element in enumerate(elements):
            if element.head is not None:
                self._substitutes.setdefault(element.head, []).append(k)

    @cached_property
    def fragments(self) -> list[tuple[int, ...]]:
        """Positions of the elements of each qualified name, in the order of their codes in a fragment (EXI 1.0, 8.5.2)."""
        by_name: dict[tuple[str, int], list[int]] = {}
        for k, element in enumerate(self.table.elements):
            by_name.setdefault(self._sort_key(element), []).append(k)
        return [tuple(by_name[key]) for key in sorted(by_name)]

    @cached_property
    def fragment_width(self) -> int:
        """Number of bits of a code in a fragment: SE of each name, SE(*) and ED."""
        return (len(self.fragments) + 1).bit_length()

    def kind(self, position: int) -> Kind:
        """Return the type at this position of the table."""
        kind = self._kinds[position]
        if kind is None:
            model = self.table.types[position]
            kind = Simple(model) if isinstance(model, SimpleType) else Record(self, model)
            self._kinds[position] = kind
        return kind

    def steps(self, kind: Kind) -> Record:
        """Return a type's states: those of a simple type are the states of a complex type with that text and nothing else."""
        if isinstance(kind, Record):
            return kind
        if kind not in self._texts:
            position = self.table.types.index(kind.model)
            self._texts[kind] = Record(
                self,
                ComplexType(kind.name, kind.model.namespace, False, None, False, (), None, position, False),
                is_message=False,
            )
        return self._texts[kind]

    def members(self, element: int) -> tuple[int, ...]:
        """Return the substitution group of an element, itself included, in the order of names (EXI 1.0, 8.5.4.1.6)."""
        if element not in self._members:
            found, waiting = {element}, [element]
            while waiting:
                more = self._substitutes.get(waiting.pop(), [])
                found.update(more)
                waiting += more
            self._members[element] = tuple(sorted(found, key=lambda k: self._sort_key(self.table.elements[k])))
        return self._members[element]

    def emptied(self, kind: Kind) -> Record:
        """Return the states of an element of a type that is nil: its attributes, and nothing in it (EXI 1.0, 8.5.4.1.3)."""
        if kind not in self._emptied:
            model = self.steps(kind).model
            self._emptied[kind] = Record(
                self,
                ComplexType(model.name, model.namespace, False, None, False, model.attributes, None, None, False),
                is_message=False,
                is_nil=True,
            )
        return self._emptied[kind]

    @cached_property
    def types_by_name(self) -> dict[tuple[str, str], int]:
        """Position of each named type by namespace and local name."""
        found: dict[tuple[str, str], int] = {}
        for position, model in enumerate(self.table.types):
            if model.name and (isinstance(model, SimpleType) or model.named):
                found.setdefault(self.type_name(model), position)
        return found

    def type_name(self, model: SimpleType | ComplexType) -> tuple[str, str]:
        """Return namespace and local name of a type; built-in types stand in the empty namespace of a table."""
        return self.table.namespaces[model.namespace] or XSD, model.name

    @cached_property
    def records(self) -> dict[type[msgspec.Struct], Record]:
        """The named complex types by the classes of their messages."""
        kinds = (self.kind(position) for position in self.types_by_name.values())
        return {kind.message: kind for kind in kinds if isinstance(kind, Record)}

    @cached_property
    def globals_by_name(self) -> dict[tuple[str, str], int]:
        """Position of each global element by namespace and local name."""
        elements, namespaces = self.table.elements, self.table.namespaces
        return {(namespaces[elements[k].namespace], elements[k].name): k for k in self.documents}

    @cached_property
    def substitutes(self) -> dict[type[msgspec.Struct], str]:
        """Name of each element that stands for another, by the class of its value."""
        found: dict[type[msgspec.Struct], str] = {}
        for element in self.table.elements:
            kind = self.kind(element.type) if element.head is not None else None
            if isinstance(kind, Record):
                found[kind.message] = element.name
        return found

    @cached_property
    def document_codes(self) -> dict[str, int]:
        """Code of each document by the local name of its element."""
        return {self.table.elements[position].name: code for code, position in enumerate(self.documents)}

    @cached_property
    def fragment_names(self) -> list[str]:
        """Name of each fragment: the local name of its element, with its namespace (``{urn:…}SessionID``) where it is not the
        only one of that name.
        """
        elements = [self.table.elements[positions[0]] for positions in self.fragments]
        number = Counter(element.name for element in elements)
        return [
            element.name if number[element.name] == 1 else f"{{{self.table.namespaces[element.namespace]}}}{element.name}"
            for element in elements
        ]

    @cached_property
    def fragment_codes(self) -> dict[str, int]:
        """Code of each fragment by its name."""
        return {name: code for code, name in enumerate(self.fragment_names)}

    def _sort_key(self, element: Element) -> tuple[str, int]:
        return element.name, element.namespace


def _elements(particle: Model) -> Iterator[int]:
    if isinstance(particle, ElementParticle):
        yield particle.element
    elif not isinstance(particle, WildcardParticle):
        for child in particle.children:
            yield from _elements(child)


def _nothing(reader: BitReader) -> None:
    raise UnexpectedEvent("not a declared event", reader.position)


_TEXT_TO_COME: Final = beginning(Particle(WildcardParticle(1, 1)))
"""The continuation of simple content before its text."""

_UNDECLARED: Final = Production(Event.EE, OTHER)
