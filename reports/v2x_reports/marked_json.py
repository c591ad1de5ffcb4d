"""JSON written out for people, with the offending field marked, or the place where it is missing."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import msgspec
from v2x_harness.events import Frame, Json, LinkEvent

# What is nested deeper is not written out: no message of any protocol here is, and hostile ones are.
_DEEPEST = 40
_INDENT = "  "
# How much of a long string is written out, and how many lines around a mark.
_STRING, _LINES = 300, 28


@dataclass(frozen=True, slots=True)
class Line:
    """One line; ``mark`` is ``bad`` for the offending field, ``absent`` for where it should stand, ``gap`` for lines left out."""

    text: str
    mark: str = ""


def decoded(event: Frame | LinkEvent) -> Json:
    """Return the decoded form that a finding's pointer is of: of a frame, or a link event's detail; None when there is none."""
    if isinstance(event, LinkEvent):
        return event.detail
    try:
        return event.form()
    except (msgspec.DecodeError, RecursionError):  # says it is JSON and is not: a journal from elsewhere
        return None


def pointer_of(event: Frame | LinkEvent, pointer: str) -> str:
    """Return a finding's pointer as a JSON pointer: ``header:NAME`` is looked up among the headers of a link event."""
    if not pointer.startswith("header:"):
        return pointer if pointer.startswith("/") else ""
    wanted = pointer.removeprefix("header:")
    headers = event.detail.get("headers") if isinstance(event, LinkEvent) else None
    name = next((h for h in headers if h.lower() == wanted.lower()), wanted) if isinstance(headers, dict) else wanted
    return "/headers/" + name.replace("~", "~0").replace("/", "~1")


def field_name(pointer: str) -> str:
    """Return a pointer as people write it beside a message's name: ``/3/meterValue/0/timestamp``: ``meterValue[0].timestamp``."""
    if not pointer.startswith("/"):
        return pointer
    steps = pointer.split("/")[1:]
    for envelope in ("V2G_Message", "Body"):
        steps = steps[1:] if len(steps) > 1 and steps[0] == envelope else steps
    named = steps[1:] if len(steps) > 1 and (steps[0].isdigit() or steps[0].endswith(("Req", "Res"))) else steps
    return "".join(f"[{s}]" if s.isdigit() and i else f".{s}" for i, s in enumerate(named)).lstrip(".")


def lines(form: Json, marks: Collection[str]) -> list[Line]:
    """Write a JSON value out, a member or element a line, with those at the pointers marked."""
    there = frozenset(at for at, missing in (nearest(form, mark) for mark in marks) if missing is None)
    return list(_write(form, "", "", "", there, ghosts=_ghosts(form, marks), bad=False))


def excerpt(event: Frame | LinkEvent, marks: Collection[str], around: int = 5) -> list[Line]:
    """Write out what stands around the marks in a frame, or its beginning when nothing is marked.

    Args:
        event: frame or link event.
        marks: pointers, as findings have them.
        around: how many lines above and below a mark.
    """
    form = decoded(event)
    if form is None and isinstance(event, Frame):
        text = event.raw if len(event.raw) <= _STRING * 4 else event.raw[: _STRING * 4] + "…"
        return [Line(f"{text}  ({event.media})" if event.media == "binary" else text, "bad")]
    written = lines(form, [pointer_of(event, m) for m in marks if m])
    marked = [i for i, line in enumerate(written) if line.mark]
    if not marked:
        return [*written[:_LINES], *([Line("…", "gap")] if len(written) > _LINES else [])]
    near = {i for m in marked[:_LINES] for i in range(m - around, m + around + 1)}
    shown: list[Line] = []
    for i, line in enumerate(written):
        if i in near:
            shown.append(line)
        elif not shown or shown[-1].mark != "gap":
            shown.append(Line("…", "gap"))
    return shown


def nearest(form: Json, pointer: str) -> tuple[str, str | None]:
    """Follow a pointer as far as it goes.

    Returns:
        The pointer of the deepest value there is, and the name missing in it; None when nothing can be missing there.
    """
    at = ""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(form, dict) and name in form:
            form = form[name]
        elif isinstance(form, list) and name.isdigit() and int(name) < len(form):
            form = form[int(name)]
        else:
            return at, step if isinstance(form, dict | list) else None
        at += f"/{step}"
    return at, None


def _ghosts(form: Json, marks: Collection[str]) -> dict[str, list[str]]:
    """Find where what is missing should stand: pointer of the deepest container there is, to the names missing in it."""
    ghosts: dict[str, list[str]] = {}
    for at, missing in (nearest(form, mark) for mark in marks):
        if missing is not None:
            ghosts.setdefault(at, []).append(missing.replace("~1", "/").replace("~0", "~"))
    return ghosts


def _write(
    form: Json, pointer: str, indent: str, prefix: str, marks: frozenset[str], *, ghosts: dict[str, list[str]], bad: bool
) -> Iterator[Line]:
    bad = bad or (pointer != "" and pointer in marks)
    mark = "bad" if bad else ""
    missing = ghosts.get(pointer, [])
    match form:
        case dict() | list() if form and len(indent) >= _DEEPEST * len(_INDENT):
            yield Line(f"{indent}{prefix}… (nested deeper than {_DEEPEST} levels)", mark)
        case dict() | list() if form or missing:
            opening, closing = ("{", "}") if isinstance(form, dict) else ("[", "]")
            yield Line(f"{indent}{prefix}{opening}", mark)
            inner = indent + _INDENT
            for name in missing:
                yield Line(f"{inner}{json.dumps(name, ensure_ascii=False) if isinstance(form, dict) else name}: absent", "absent")
            children = form.items() if isinstance(form, dict) else ((str(i), v) for i, v in enumerate(form))
            for key, value in children:
                step = key.replace("~", "~0").replace("/", "~1")
                label = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(form, dict) else ""
                yield from _write(value, f"{pointer}/{step}", inner, label, marks, ghosts=ghosts, bad=bad)
            yield Line(f"{indent}{closing}", mark)
        case str() if len(form) > _STRING:
            yield Line(f"{indent}{prefix}{json.dumps(form[:_STRING], ensure_ascii=False)}… ({len(form)} characters)", mark)
        case _:
            yield Line(f"{indent}{prefix}{json.dumps(form, ensure_ascii=False)}", mark)
