"""An operation of an HTTP API: what does it, and what a document says of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

type Work[Of] = Callable[[Of, Request], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Operation[Of]:
    """An operation of the API of something.

    Attributes:
        method, path: of HTTP.
        work: does it; what it returns becomes the body, None for none.
        summary: for the document.
        takes: type of the request body, None for none.
        gives: type of the answer, None for none.
        query: names of the query parameters.
    """

    method: str
    path: str
    work: Work[Of]
    summary: str
    takes: Any = None
    gives: Any = None
    query: tuple[str, ...] = ()
