"""What all our reference actors have in common as products: verbs are methods, settings are fields."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import get_type_hints

import msgspec
from v2x_harness.errors import AdapterError, UnsupportedVerb
from v2x_harness.events import Json


@cache
def own_version() -> str:
    """Return the version of our reference actors, which is that of the project."""
    return version("v2x-conformance")


async def perform(
    name: str, actor: object, verbs: tuple[str, ...], verb: str, arguments: Mapping[str, Json]
) -> Mapping[str, Json]:
    """Call the method of that name with the arguments as keywords.

    Raises:
        UnsupportedVerb: there is none among `verbs`.
        AdapterError: the actor does not run, or the arguments do not fit.
    """
    if actor is None:
        raise AdapterError(f"the {name} is not running", "start it first")
    if verb not in verbs:
        raise UnsupportedVerb(f"the {name} cannot {verb}", f"it can: {', '.join(verbs)}")
    method = getattr(actor, verb)
    try:
        inspect.signature(method).bind(**arguments)
    except TypeError as error:
        raise AdapterError(f"the {name} cannot {verb} with {', '.join(arguments) or 'nothing'}: {error}") from error
    result = await method(**arguments)
    return result if result is not None else {}


def configured[T: msgspec.Struct](base: T, settings: Mapping[str, Json], **placed: object) -> T:
    """Return a configuration with those settings that it knows, and with its place.

    Raises:
        AdapterError: a setting has the wrong type, or they do not fit each other.
    """
    types = _types(type(base))
    given: dict[str, object] = {}
    for name in types.keys() & settings.keys():
        try:
            given[name] = msgspec.convert(settings[name], types[name])
        except (msgspec.ValidationError, TypeError) as error:
            raise AdapterError(f"the setting {name} of the reference actor is wrong: {error}") from error
    try:
        return msgspec.structs.replace(base, **{**given, **placed})
    except ValueError as error:
        raise AdapterError(f"the settings of the reference actor are wrong: {error}") from error


@cache
def _types(config: type[msgspec.Struct]) -> Mapping[str, object]:
    """Return the types of a configuration's fields."""
    return get_type_hints(config)
