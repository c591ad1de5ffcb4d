"""What a product says it can do (PICS), in three states, and the expressions that select cases by it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from v2x_harness.errors import SubjectError

_TOKEN = re.compile(r"\s*(?:(and|or|not)\b|([()])|([A-Za-z][\w.\-]*))", re.IGNORECASE)


class Pics(Mapping[str, bool]):
    """A subject's declared capabilities; an id that is not here is unset, which is neither yes nor no.

    Args:
        declared: capability id (``C-44``, ``AQ-1``) to yes or no.
    """

    def __init__(self, declared: Mapping[str, bool]) -> None:
        self._declared = dict(declared)

    def __getitem__(self, key: str) -> bool:
        return self._declared[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)

    def applies(self, expression: str) -> tuple[bool | None, tuple[str, ...]]:
        """Evaluate an expression such as ``AQ-1 and not (C-44 or C-45)`` in three-valued logic.

        Returns:
            True, False, or None when it depends on unset ids; and those ids.

        Raises:
            SubjectError: the expression does not parse.
        """
        parser = _Parser(expression, self._declared)
        value = parser.parse() if expression.strip() else True
        return value, tuple(parser.unset) if value is None else ()


class _Parser:
    """Recursive descent over ``or``, ``and``, ``not`` and ids, with Kleene's three values."""

    def __init__(self, text: str, declared: Mapping[str, bool]) -> None:
        self.text, self.declared, self.unset = text, declared, list[str]()
        self.tokens: list[str] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if not match:
                raise SubjectError(f"PICS expression {text!r}: cannot read {text[position:]!r}")
            self.tokens.append(match[0].strip())
            position = match.end()

    def parse(self) -> bool | None:
        value = self._any()
        if self.tokens:
            raise SubjectError(f"PICS expression {self.text!r}: {self.tokens[0]!r} is one too many")
        return value

    def _accept(self, *words: str) -> bool:
        if self.tokens and self.tokens[0].lower() in words:
            self.tokens.pop(0)
            return True
        return False

    def _any(self) -> bool | None:
        values = [self._all()]
        while self._accept("or"):
            values.append(self._all())
        return True if True in values else None if None in values else False

    def _all(self) -> bool | None:
        values = [self._one()]
        while self._accept("and"):
            values.append(self._one())
        return False if False in values else None if None in values else True

    def _one(self) -> bool | None:
        if self._accept("not"):
            value = self._one()
            return None if value is None else not value
        if self._accept("("):
            value = self._any()
            if not self._accept(")"):
                raise SubjectError(f"PICS expression {self.text!r}: a ) is missing")
            return value
        if not self.tokens or self.tokens[0].lower() in ("and", "or", ")"):
            raise SubjectError(f"PICS expression {self.text!r}: an id is missing")
        name = self.tokens.pop(0)
        if name not in self.declared:
            self.unset.append(name)
            return None
        return self.declared[name]
