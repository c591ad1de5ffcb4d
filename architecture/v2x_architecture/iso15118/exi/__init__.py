"""EXI (Efficient XML Interchange 1.0), as far as ISO 15118 and DIN SPEC 70121 use it.

    from v2x_architecture.iso15118.exi import Schema, codec

    decoded = codec(Schema.DIN).decode(payload)
    decoded.message.Header.SessionID
    decoded.trace.at("/V2G_Message/Header/SessionID").offset

``codec`` gives the codec of a schema set. Message classes are in ``messages``, a module a family of namespaces. Decoding is
lenient; ``validate`` finds what a schema does not allow. ``to_plain`` and ``from_plain`` are the JSON form of messages.
"""

from .bits import Limits
from .errors import (
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
from .facets import Violation, validate, validate_message
from .nodes import Child, Node
from .plain import from_plain, message_to_plain, to_plain
from .schema_codec import Codec, Decoded, codec
from .schemas import PAYLOAD_TYPES, Schema
from .trace import Deviation, Mark, Trace

__all__ = [
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
