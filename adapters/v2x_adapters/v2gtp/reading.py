"""What the messages of one session mean: which grammar they have follows from what was negotiated before.

The decoded form of a message is an object. Beside the message in its plain form, by the name of its element as in XML, it holds
the header, and which grammar the message was read by:

    {"v2gtp": {"version": 1, "inverse": 254, "payload_type": 32769}, "schema": "iso2",
     "V2G_Message": {"Header": {"SessionID": "00"}, "Body": {"SessionSetupReq": {"EVCCID": "02AF00010203"}}}}

So ``/V2G_Message/Body/SessionSetupReq/EVCCID`` is a JSON pointer into it, and the grammar path of EXI traces too. Of what
cannot be decoded there is ``payload`` (hexadecimal), ``problem`` in words, and ``bit``, where in the payload it was noticed.

`Reading.write` makes octets of such a form again. It takes what a program of steps made of one, so there are liberties: header
fields count as they stand there (also a ``length``, which otherwise follows from the payload), ``payload`` goes before any
message, and without ``v2gtp`` and ``schema`` both follow from the name of the message and the session.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address
from struct import Struct
from typing import Final

from v2x_architecture.iso15118.editions import APPLICATIONS, Edition
from v2x_architecture.iso15118.exi import (
    AMENDMENTS,
    PAYLOAD_TYPES,
    Decoded,
    ExiError,
    Schema,
    codec,
    from_plain,
    to_plain,
)
from v2x_architecture.iso15118.exi.messages.app_protocol import supportedAppProtocolReq, supportedAppProtocolRes
from v2x_architecture.iso15118.v2gtp import HEADER_LENGTH, INVERSE_VERSION, VERSION, PayloadType, fields
from v2x_harness.events import Json

from v2x_adapters.v2gtp.units import Unit

MALFORMED: Final = "malformed"
"""Label of what is no V2GTP message, or none that can be read."""

_EDITIONS: Final = {each.namespace: each.edition for each in APPLICATIONS.values()}
_ISO20: Final = "urn:iso:std:iso:15118:-20:"
_OF_EDITION: Final = {Edition.DIN: Schema.DIN, Edition.ISO2: Schema.ISO2}
_MESSAGE: Final = "V2G_Message"
"""Root of all messages of DIN SPEC 70121 and 15118-2; their grammars have documents of other roots, which nobody sends."""
_PAYLOAD_TYPES: Final = {schema: kind for kind, schemas in reversed(PAYLOAD_TYPES.items()) for schema in schemas}
_GUESSES: Final = (Schema.SAP, Schema.ISO2, Schema.DIN)
_ISO20_SCHEMAS: Final = (Schema.CM, Schema.DC, Schema.AC, Schema.WPT, Schema.ACDP)

_HEADER: Final = Struct(">BBHI")
_SDP_RESPONSE: Final = Struct(">16sHBB")


class Unwritable(ValueError):
    """A decoded form stands for no octets: what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a unit means.

    Attributes:
        label: name of the message; ``malformed``, or ``payload 0xa000`` for what has no name.
        form: its decoded form.
        decoded: the EXI message; None where there is none.
        schema: the grammar that it was read by, or should have been.
        error: why the EXI could not be read.
        edition: what was negotiated before it; None before that.
        placed: whether its payload type may stand where it does.
    """

    label: str
    form: dict[str, Json]
    decoded: Decoded | None = None
    schema: Schema | None = None
    error: ExiError | None = None
    edition: Edition | None = None
    placed: bool = True


class Reading:
    """Follows one session, or what goes over SDP, and says what its messages mean."""

    def __init__(self) -> None:
        self.edition: Edition | None = None
        """What was negotiated, or can be told from what is sent; None before that."""
        self.foreign = ""
        """The namespace that was negotiated, where it is none of those that are known."""
        self._amendment: Schema | None = None
        self._offer: supportedAppProtocolReq | None = None
        self._negotiated = False

    def read(self, unit: Unit) -> Meaning:
        """Return what a unit means; what was negotiated with it counts from the next one on."""
        header: dict[str, Json] = {}
        if len(unit.raw) >= HEADER_LENGTH:
            version, inverse, kind, length = fields(unit.header)
            header = {"version": version, "inverse": inverse, "payload_type": kind}
            if unit.problem is not None and len(unit.payload) != length:
                header["length"] = length
        edition = self.edition
        if unit.problem is not None:
            payload = unit.payload.hex() if header else unit.raw.hex()
            form: dict[str, Json] = {"v2gtp": header, "payload": payload, "problem": unit.problem.value}
            return Meaning(MALFORMED, form, edition=edition)
        kind = unit.payload_type
        if (sdp := _sdp_form(kind, unit.payload)) is not None:
            ((name, _),) = sdp.items()
            return Meaning(name, {"v2gtp": header, **sdp}, edition=edition)
        candidates = self._candidates(kind)
        if not candidates:
            problem = f"no grammar of {self.foreign} is known" if kind == PayloadType.EXI else ""
            form = {"v2gtp": header, "payload": unit.payload.hex()}
            if problem:
                form["problem"] = problem
            return Meaning(f"payload {kind:#06x}", form, edition=edition)
        decoded, error = _decoded(unit.payload, candidates)
        placed = self._belongs(kind, decoded)
        if decoded is None:
            assert error is not None
            form = {"v2gtp": header, "schema": candidates[0].value, "payload": unit.payload.hex(), "problem": error.text}
            if error.bit_offset is not None:
                form["bit"] = error.bit_offset
            return Meaning(MALFORMED, form, schema=candidates[0], error=error, edition=edition, placed=placed)
        self._learn(decoded)
        form = {"v2gtp": header, "schema": decoded.schema.value, **to_plain(decoded)}
        edition = self.edition if edition is None and decoded.schema is not Schema.SAP else edition
        return Meaning(decoded.message_name, form, decoded, decoded.schema, edition=edition, placed=placed)

    def write(self, form: Json) -> bytes:
        """Return the octets that a decoded form stands for.

        Raises:
            Unwritable: it stands for none.
        """
        if not isinstance(form, dict):
            raise Unwritable("the decoded form of a V2GTP message is an object")
        beside = ("v2gtp", "schema", "payload", "problem", "bit")
        header, message = form.get("v2gtp", {}), {key: value for key, value in form.items() if key not in beside}
        if not isinstance(header, dict):
            raise Unwritable("v2gtp is an object with the fields of the header")
        try:
            kind, payload = self._payload(form, message, header.get("payload_type", PayloadType.EXI))
            if "problem" in form and not header:
                return payload
            version, inverse = header.get("version", VERSION), header.get("inverse", INVERSE_VERSION)
            return _HEADER.pack(version, inverse, header.get("payload_type", kind), header.get("length", len(payload))) + payload
        except (ExiError, ValueError, TypeError, KeyError, struct.error) as error:
            raise Unwritable(str(error)) from error

    def _payload(self, form: dict[str, Json], message: dict[str, Json], stated: Json) -> tuple[int, bytes]:
        """Return the payload that a form stands for, and the type it usually has."""
        if "payload" in form:
            return stated if isinstance(stated, int) else 0, bytes.fromhex(str(form["payload"]))
        if (sdp := _sdp_payload(message)) is not None:
            return sdp
        if len(message) != 1:
            raise Unwritable(f"one message is wanted, and there are {len(message)}: {', '.join(message)}")
        schema = Schema(str(form["schema"])) if "schema" in form else self._schema_of(next(iter(message)))
        name, content = from_plain(codec(schema), message)
        return _PAYLOAD_TYPES[schema], codec(schema).encode(content, name)

    def _schema_of(self, name: str) -> Schema:
        """Return the grammar that has a message: the session's where several have."""
        own = _OF_EDITION.get(self.edition) if self.edition is not None else None
        order = (
            Schema.SAP,
            *((own,) if own else ()),
            *(map(self._amended, _ISO20_SCHEMAS) if own is None else ()),
            *_OF_EDITION.values(),
        )
        schema: Schema
        for schema in order:
            if name in codec(schema).grammar.document_codes:
                return schema
        raise Unwritable(f"no grammar has a message {name}")

    def _candidates(self, kind: int) -> tuple[Schema, ...]:
        """Return the grammars that a payload of a type may have, the likeliest first."""
        if kind != PayloadType.EXI:
            return tuple(self._amended(schema) for schema in PAYLOAD_TYPES.get(kind, ()) if schema not in AMENDMENTS)
        if self.foreign:
            return ()
        if self.edition is None:
            return (Schema.SAP,) if self._negotiated else _GUESSES
        own = _OF_EDITION.get(self.edition)
        return (own, Schema.SAP) if own is not None else (Schema.SAP,)

    def _amended(self, schema: Schema) -> Schema:
        """Return the grammar that stands for another in this session: that of a negotiated amendment for what it extends."""
        return self._amendment if self._amendment is not None and AMENDMENTS[self._amendment] is schema else schema

    def _belongs(self, kind: int, decoded: Decoded | None) -> bool:
        """Tell whether a payload type may stand where it does (15118-2: table 10; 15118-20: table 12)."""
        if self.edition is Edition.ISO20:
            return kind != PayloadType.EXI or (decoded is not None and decoded.schema is Schema.SAP)
        return kind == PayloadType.EXI if self.edition is not None or self._negotiated else True

    def _learn(self, decoded: Decoded) -> None:
        match decoded.message:
            case supportedAppProtocolReq() as request:
                self._offer, self._negotiated = request, True
                self.edition, self.foreign, self._amendment = None, "", None
            case supportedAppProtocolRes() as response:
                self._agree(response)
            case _ if self.edition is None and not self._negotiated:
                # The beginning is missing: what is sent tells what was agreed on.
                older = {schema: edition for edition, schema in _OF_EDITION.items()}
                self.edition = older.get(decoded.schema, Edition.ISO20)

    def _agree(self, response: supportedAppProtocolRes) -> None:
        self.edition, self.foreign, self._amendment = None, "", None
        failed = response.ResponseCode == "Failed_NoNegotiation"
        offered = [] if failed or self._offer is None else self._offer.AppProtocol
        meant = [each for each in offered if each.SchemaID == response.SchemaID]
        if response.SchemaID is None and len(offered) == 1:
            meant = offered
        # A response that agrees, and does not say to what, leaves that to what is sent after it.
        self._negotiated = failed or bool(meant)
        if meant:
            namespace = meant[0].ProtocolNamespace
            self.edition = Edition.ISO20 if namespace.startswith(_ISO20) else _EDITIONS.get(namespace)
            self.foreign = namespace if self.edition is None else ""
            self._amendment = next((each for each in AMENDMENTS if each.namespace == namespace), None)


@lru_cache(maxsize=32)  # who carries a message and who judges it read the same octets, one after the other
def _decoded(payload: bytes, candidates: tuple[Schema, ...]) -> tuple[Decoded | None, ExiError | None]:
    """Return what a payload holds by the first grammar that has it as a message; else what the first of all has against it.

    Roots are numbers in EXI, so a message of one grammar may be a document of another root by the next: supportedAppProtocolRes
    without SchemaID is an ``Entry`` of 15118-2. Such a document counts where the payload is no message by any.
    """
    first: ExiError | None = None
    document: Decoded | None = None
    for schema in candidates:
        try:
            decoded = codec(schema).decode(payload)
        except ExiError as error:
            first = first or error
            continue
        if schema not in _OF_EDITION.values() or decoded.name == _MESSAGE:
            return decoded, None
        document = document or decoded
    return document, first if document is None else None


def _sdp_form(kind: int, payload: bytes) -> dict[str, Json] | None:
    """Return the plain form of an SDP message; None for anything else, and for one of another length."""
    if kind == PayloadType.SDP_REQUEST and len(payload) == 2:
        return {"SECCDiscoveryReq": {"Security": payload[0], "TransportProtocol": payload[1]}}
    if kind == PayloadType.SDP_RESPONSE and len(payload) == _SDP_RESPONSE.size:
        address, port, security, transport = _SDP_RESPONSE.unpack(payload)
        where: dict[str, Json] = {"SECC_IP_Address": str(IPv6Address(address)), "SECC_Port": port}
        return {"SECCDiscoveryRes": {**where, "Security": security, "TransportProtocol": transport}}
    return None


def _sdp_payload(message: dict[str, Json]) -> tuple[int, bytes] | None:
    match message:
        case {"SECCDiscoveryReq": dict() as request}:
            return PayloadType.SDP_REQUEST, Struct(">BB").pack(request["Security"], request["TransportProtocol"])
        case {"SECCDiscoveryRes": dict() as response}:
            address = IPv6Address(str(response["SECC_IP_Address"])).packed
            rest = response["SECC_Port"], response["Security"], response["TransportProtocol"]
            return PayloadType.SDP_RESPONSE, _SDP_RESPONSE.pack(address, *rest)
    return None
