"""Messages of our own testers, changed as a case wants them.

A pointer such as ``EVSEStatus/EVSENotification`` leads into the request or response; with a slash in front it leads into the
document: ``/Header/SessionID``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec
from v2x_architecture.iso15118.exi import ExiError, Schema, codec, from_plain, message_to_plain
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.v2gtp import PayloadType
from v2x_harness.errors import RegistryError
from v2x_harness.events import Json
from v2x_harness.pointer import PointerError, assign, remove, resolve

_ENVELOPE = "V2G_Message"


def plain_of(send: Send, schema: Schema) -> Json:
    """Return a message's plain form, without the name of its element."""
    form: dict[str, Json] = message_to_plain(codec(schema), root_of(send), send.message)  # type: ignore[assignment]
    return form[root_of(send)]


def body_of(send: Send, schema: Schema) -> dict[str, Json]:
    """Return the plain form of the request or response in a message."""
    pointer = f"/Body/{send.name}" if root_of(send) == _ENVELOPE else ""
    return msgspec.convert(resolve(plain_of(send, schema), pointer), dict[str, Json])


def root_of(send: Send) -> str:
    """Return the name of the document's element."""
    return _ENVELOPE if hasattr(send.message, "Body") else send.name


def changed(send: Send, schema: Schema, change: Mapping[str, Json] | None = None, without: Sequence[str] = ()) -> Send:
    """Return a message with some of its fields otherwise.

    Args:
        send: that it is like.
        schema: its grammar.
        change: pointers to new values.
        without: pointers of what is left out, where it is there.

    Raises:
        RegistryError: the case wants what cannot be coded.
    """
    root = root_of(send)
    form = plain_of(send, schema)
    for pointer, value in (change or {}).items():
        form = assign(form, _absolute(pointer, root, send.name), value)
    for pointer in without:
        with suppress(PointerError):
            form = remove(form, _absolute(pointer, root, send.name))
    return coded(form, schema, send.payload_type, root, send.name)


def coded(form: Json, schema: Schema, payload_type: int, root: str, name: str) -> Send:
    """Return the message that a plain form stands for.

    Raises:
        RegistryError: it stands for none.
    """
    try:
        element, message = from_plain(codec(schema), {root: form})
        return Send(name, message, payload_type, codec(schema).encode(message, element))
    except (ExiError, ValueError, TypeError) as error:
        raise RegistryError(f"{name} cannot be made so: {error}", "the case wants what EXI cannot code") from error


def schema_of(send: Send, schemas: Mapping[int, Schema]) -> Schema:
    """Return the grammar of a message.

    Args:
        send: the message.
        schemas: of the edition, by payload type.
    """
    if send.payload_type == PayloadType.EXI and send.name.startswith("supportedAppProtocol"):
        return Schema.SAP
    return schemas[send.payload_type]


def _absolute(pointer: str, root: str, name: str) -> str:
    if pointer.startswith("/"):
        return pointer
    return f"/Body/{name}/{pointer}" if root == _ENVELOPE else f"/{pointer}"
