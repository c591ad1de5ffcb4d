"""JSON Pointer (RFC 6901) over decoded frames: look up, set, remove."""

from __future__ import annotations

from collections.abc import Sequence

from v2x_harness.events import Json


class PointerError(ValueError):
    """A pointer is malformed, or leads nowhere in this document."""


def parts(pointer: str) -> list[str]:
    """Split a pointer into its reference tokens.

    Raises:
        PointerError: it is neither empty nor begins with a slash.
    """
    if not pointer:
        return []
    if pointer[0] != "/":
        raise PointerError(f"a JSON pointer begins with a slash: {pointer!r}")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def join(tokens: Sequence[str | int]) -> str:
    """Make a pointer of reference tokens."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def resolve(document: Json, pointer: str) -> Json:
    """Return the value at a pointer.

    Raises:
        PointerError: there is none.
    """
    for part in parts(pointer):
        match document:
            case dict() if part in document:
                document = document[part]
            case list() if _is_index(part) and int(part) < len(document):
                document = document[int(part)]
            case _:
                raise PointerError(f"nothing stands at {pointer}")
    return document


def assign(document: Json, pointer: str, value: Json) -> Json:
    """Return the document with a value put at a pointer; objects on the way are made where they are missing.

    The document itself is left as it is. In an array, ``-`` and the first free index append.

    Raises:
        PointerError: the pointer goes through something that is neither object nor array, or beyond an array's end.
    """
    tokens = parts(pointer)
    if not tokens:
        return value
    head, rest = tokens[0], join(tokens[1:])
    match document:
        case dict():
            return {**document, head: assign(document.get(head, {} if rest else None), rest, value)}
        case list() if head == "-" or head == str(len(document)):
            return [*document, assign({}, rest, value)]
        case list() if _is_index(head) and int(head) < len(document):
            index = int(head)
            return [*document[:index], assign(document[index], rest, value), *document[index + 1 :]]
    raise PointerError(f"{pointer} cannot be set: nothing to set it in")


def remove(document: Json, pointer: str) -> Json:
    """Return the document without what stands at a pointer; the document itself is left as it is.

    Raises:
        PointerError: nothing stands there, or the pointer is of the whole document.
    """
    tokens = parts(pointer)
    if not tokens:
        raise PointerError("the whole document cannot be removed")
    head, rest = tokens[0], join(tokens[1:])
    match document:
        case dict() if head in document:
            if rest:
                return {**document, head: remove(document[head], rest)}
            return {key: value for key, value in document.items() if key != head}
        case list() if _is_index(head) and int(head) < len(document):
            index = int(head)
            kept = [remove(document[index], rest)] if rest else []
            return [*document[:index], *kept, *document[index + 1 :]]
    raise PointerError(f"nothing stands at {pointer}")


def _is_index(part: str) -> bool:
    return part.isdecimal() and part.isascii() and (part == "0" or part[0] != "0")
