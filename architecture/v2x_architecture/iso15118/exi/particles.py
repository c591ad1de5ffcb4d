"""What may come next in a content model (EXI 1.0, 8.5.4.1.4 to 8.5.4.1.9).

A *continuation* is what is still to come of a content model: pairs of a particle and how often it has occurred. Grammars with
``maxOccurs="1024"`` have thousands of states when written out; here only those that a message visits come to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from v2x_architecture.iso15118.exi.model import UNBOUNDED, ChoiceParticle, ElementParticle, SequenceParticle
from v2x_architecture.iso15118.exi.model import Particle as Model

type Continuation = tuple[tuple[Particle, int], ...]

NOTHING: Final[Continuation] = ()


class Particle:
    """A particle of one content model; two of equal content are still two.

    Attributes:
        model: as it stands in the table.
        element: position of the element that it declares; None for a wildcard or a group.
        children: of a group.
        nullable: whether it may be absent.
    """

    __slots__ = ("children", "element", "is_choice", "is_wildcard", "maximum", "minimum", "model", "nullable")

    def __init__(self, model: Model) -> None:
        self.model = model
        self.minimum, self.maximum = model.minimum, model.maximum
        self.element = model.element if isinstance(model, ElementParticle) else None
        self.is_choice = isinstance(model, ChoiceParticle)
        self.children: tuple[Particle, ...] = ()
        self.is_wildcard = self.element is None
        self.nullable = self.minimum == 0
        if isinstance(model, SequenceParticle | ChoiceParticle):
            self.is_wildcard = False
            self.children = tuple(Particle(child) for child in model.children)
            some = any if self.is_choice else all
            self.nullable = self.nullable or not self.children or some(child.nullable for child in self.children)

    def after(self, count: int, rest: Continuation) -> Continuation:
        """Return what is to come when the particle has begun once more."""
        if self.maximum == UNBOUNDED:
            return ((self, min(count + 1, self.minimum)), *rest)
        if count + 1 < self.maximum:
            return ((self, count + 1), *rest)
        return rest


def beginning(particle: Particle | None) -> Continuation:
    """Return the continuation of a whole content model."""
    return NOTHING if particle is None else ((particle, 0),)


def following(continuation: Continuation) -> tuple[list[tuple[Particle, Continuation]], bool]:
    """Return what may come next.

    Returns:
        The particles (of an element, or wildcards) that may come next, in schema order, each with what follows it; and whether
        the content may end here.
    """
    found: list[tuple[Particle, Continuation]] = []
    for k, (particle, count) in enumerate(continuation):
        found += _starts(particle, count, continuation[k + 1 :])
        if count < particle.minimum and not particle.nullable:
            return found, False
    return found, True


def _starts(particle: Particle, count: int, rest: Continuation) -> Iterator[tuple[Particle, Continuation]]:
    """Give what another occurrence of a particle may begin with."""
    after = particle.after(count, rest)
    if not particle.children:
        if particle.is_wildcard or particle.element is not None:
            yield particle, after
    elif particle.is_choice:
        for child in particle.children:
            yield from _starts(child, 0, after)
    else:
        yield from _in_sequence(particle.children, after)


def _in_sequence(children: Sequence[Particle], after: Continuation) -> Iterator[tuple[Particle, Continuation]]:
    for k, child in enumerate(children):
        yield from _starts(child, 0, (*((later, 0) for later in children[k + 1 :]), *after))
        if not child.nullable:
            return
