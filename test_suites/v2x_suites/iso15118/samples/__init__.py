"""One good message of each kind and edition, for what a case wants to say out of turn, and for controls that know no better."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec
from v2x_architecture.iso15118.exi import Schema
from v2x_architecture.iso15118.sending import Send
from v2x_harness.errors import RegistryError
from v2x_harness.events import Json

from v2x_suites.iso15118.editing import coded

_ENVELOPES = {"din": "V2G_Message", "2": "V2G_Message", "20": ""}


class Sample(msgspec.Struct, frozen=True):
    """A message without its header.

    Attributes:
        schema: name of its grammar.
        payload_type: of V2GTP.
        content: plain form of the request or response.
    """

    schema: str
    payload_type: int
    content: dict[str, Json]


@cache
def samples(version: str) -> Mapping[str, Sample]:
    """Return the messages of an edition by name."""
    data = resources.files(__package__).joinpath(f"{version}.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, Sample])


def sample(version: str, name: str, session_id: str, *, timestamp: int = 0) -> Send:
    """Return a good message.

    Args:
        version: of the standard: ``din``, ``2``, ``20``.
        name: of the request or response.
        session_id: in hexadecimal.
        timestamp: of 15118-20's header (s since 1970).

    Raises:
        RegistryError: there is none of that name.
    """
    found = samples(version).get(name)
    if found is None:
        raise RegistryError(f"there is no sample of {name} in edition {version}")
    header: dict[str, Json] = {"SessionID": session_id}
    if root := _ENVELOPES[version]:
        form: Json = {"Header": header, "Body": {name: found.content}}
    else:
        form = {"Header": {**header, "TimeStamp": timestamp}, **found.content}
    return coded(form, Schema(found.schema), found.payload_type, root or name, name)
