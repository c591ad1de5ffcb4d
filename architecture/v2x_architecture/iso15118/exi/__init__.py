"""EXI (Efficient XML Interchange 1.0), as far as ISO 15118 and DIN SPEC 70121 use it.

    from v2x_architecture.iso15118.exi import Schema, codec

    decoded = codec(Schema.DIN).decode(payload)
    decoded.message.Header.SessionID
    decoded.trace.at("/V2G_Message/Header/SessionID").offset

``codec`` gives the codec of a schema set. Message classes are in ``messages``, a module a family of namespaces. Decoding is
lenient; ``validate`` finds what a schema does not allow. ``to_plain`` and ``from_plain`` are the JSON form of messages.
"""

from v2x_architecture.iso15118.exi.bits import Limits
from v2x_architecture.iso15118.exi.errors import (
    DecodeError,
    EncodeError,
    EndOfData,
    ExiError,
    Fault,
    HeaderError,
    InvalidValue,
    LimitExceeded,
    TableError,
    TrailingData,
    UnexpectedEvent,
    Unsupported,
)
from v2x_architecture.iso15118.exi.facets import Violation, validate, validate_message
from v2x_architecture.iso15118.exi.nodes import Child, Nil, Node
from v2x_architecture.iso15118.exi.plain import from_plain, message_to_plain, to_plain
from v2x_architecture.iso15118.exi.schema_codec import Codec, Decoded, codec
from v2x_architecture.iso15118.exi.schemas import AMENDMENTS, PAYLOAD_TYPES, Schema
from v2x_architecture.iso15118.exi.trace import Deviation, Mark, Trace

__all__ = [
    "AMENDMENTS",
    "PAYLOAD_TYPES",
    "Child",
    "Codec",
    "DecodeError",
    "Decoded",
    "Deviation",
    "EncodeError",
    "EndOfData",
    "ExiError",
    "Fault",
    "HeaderError",
    "InvalidValue",
    "LimitExceeded",
    "Limits",
    "Mark",
    "Nil",
    "Node",
    "Schema",
    "TableError",
    "Trace",
    "TrailingData",
    "UnexpectedEvent",
    "Unsupported",
    "Violation",
    "codec",
    "from_plain",
    "message_to_plain",
    "to_plain",
    "validate",
    "validate_message",
]
