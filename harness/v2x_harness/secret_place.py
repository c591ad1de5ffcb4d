"""Places that carry secrets, as a protocol lists them."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from v2x_harness.errors import RegistryError
from v2x_harness.events import Json
from v2x_harness.pointer import parts


class Condition(msgspec.Struct, frozen=True):
    """A value that must stand at a pointer; compared without case, and may be a glob."""

    pointer: tuple[str, ...]
    value: str


class SecretPlace(msgspec.Struct, frozen=True):
    """A place that carries a secret, written ``POINTER if POINTER = VALUE and POINTER = VALUE``.

    Pointers are JSON pointers into the frame's decoded form, or, with ``operator`` in front, into the arguments of a verb. ``*``
    stands for every element; the k-th ``*`` of a condition is the same element as the k-th of the place.

    Attributes:
        hint: a word, in lower case, without which a frame cannot have this place.

    Example:
        ``/3/setVariableData/*/attributeValue if /3/setVariableData/*/variable/name = BasicAuthPassword``
    """

    of: Literal["frame", "operator"]
    pointer: tuple[str, ...]
    when: tuple[Condition, ...]
    hint: str

    @classmethod
    def parse(cls, text: str) -> SecretPlace:
        """Read a place as it is written.

        Raises:
            RegistryError: it does not have that form.
        """
        head, _, conditions = text.strip().partition(" if ")
        of: Literal["frame", "operator"] = "operator" if head.startswith("operator ") else "frame"
        pointer = _steps(head.removeprefix("operator "), text)
        when = []
        for condition in filter(None, conditions.split(" and ")):
            left, equals, value = condition.partition("=")
            if not equals or not value.strip():
                raise RegistryError(f"secret place {text!r}: {condition.strip()!r} is not POINTER = VALUE")
            when.append(Condition(_steps(left, text), value.strip()))
        words = [c.value for c in when if not set(c.value) & set("*?[")] or [s for s in pointer if s != "*" and not s.isdigit()]
        return cls(of, pointer, tuple(when), max((w.lower() for w in words), key=len, default=""))

    @property
    def name(self) -> str:
        """What the secret is called: the value of the last condition, else the last word of the pointer."""
        return self.when[-1].value if self.when else self.pointer[-1]

    def occurrences(self, form: Json) -> Iterator[tuple[str | int, ...]]:
        """Give the path to every value in `form` that this place means."""
        for path, stars in _walk(form, self.pointer, (), ()):
            if all(fnmatchcase(str(_get(form, c.pointer, stars)).lower(), c.value.lower()) for c in self.when):
                yield path


def _steps(pointer: str, text: str) -> tuple[str, ...]:
    pointer = pointer.strip()
    if not pointer.startswith("/"):
        raise RegistryError(f"secret place {text!r}: {pointer!r} is no JSON pointer")
    return tuple(parts(pointer))


def _walk(
    form: Json, steps: tuple[str, ...], path: tuple[str | int, ...], stars: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], tuple[str | int, ...]]]:
    if not steps:
        yield path, stars
        return
    step, rest = steps[0], steps[1:]
    match form:
        case list():
            for index in range(len(form)) if step == "*" else [int(step)] if _is_index(form, step) else []:
                yield from _walk(form[index], rest, (*path, index), (*stars, index) if step == "*" else stars)
        case dict():
            for key in form if step == "*" else [step] if step in form else []:
                yield from _walk(form[key], rest, (*path, key), (*stars, key) if step == "*" else stars)


def _get(form: Json, steps: tuple[str, ...], stars: tuple[str | int, ...]) -> Json:
    bound = iter(stars)
    for step in steps:
        at = next(bound, step) if step == "*" else step
        match form:
            case list() if _is_index(form, str(at)):
                form = form[int(at)]
            case dict() if at in form:
                form = form[str(at)]
            case _:
                return None
    return form


def _is_index(form: list[Json], step: str) -> bool:
    return step.isascii() and step.isdigit() and len(step) < 10 and int(step) < len(form)
