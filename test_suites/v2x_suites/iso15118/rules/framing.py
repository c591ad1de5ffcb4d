"""What can be told of a message before it is decoded: its V2GTP header, and SDP."""

from __future__ import annotations

from collections.abc import Iterator

from v2x_adapters.v2gtp.reading import Meaning
from v2x_adapters.v2gtp.units import Unit
from v2x_architecture.iso15118.sdp import SdpError, decode_request, decode_response
from v2x_architecture.iso15118.v2gtp import HEADER_LENGTH, PayloadType, Reason, fields
from v2x_harness.finding import Layer

from v2x_suites.iso15118.rules.rule import Problem, info

HEADER = info("v2gtp.header", Layer.FRAMING, "V2GTP.header", "A V2GTP header has version 1 and its inverse.")
PAYLOAD_TYPE = info("v2gtp.payload_type", Layer.FRAMING, "V2GTP.type", "A payload type is none of the reserved ones.")
PLACE = info("v2gtp.place", Layer.FRAMING, "V2GTP.type", "A payload type belongs to the edition that was negotiated.")
LENGTH = info("v2gtp.length", Layer.FRAMING, "V2GTP.length", "A V2GTP message is as long as its header says.")
SDP = info("sdp.message", Layer.FORMAT, "SDP", "An SDP message has the length and the codes of its kind.")

INFOS = (HEADER, PAYLOAD_TYPE, PLACE, LENGTH, SDP)

_SDP_TYPES = frozenset(
    {
        PayloadType.SDP_REQUEST,
        PayloadType.SDP_RESPONSE,
        PayloadType.SDP_REQUEST_WIRELESS,
        PayloadType.SDP_RESPONSE_WIRELESS,
    }
)


def of_header(unit: Unit) -> Problem | None:
    """Say why a message has to be discarded by its header."""
    match unit.problem:
        case Reason.VERSION:
            version, inverse, _, _ = fields(unit.header)
            seen = f"{version:#04x} {inverse:#04x}"
            return Problem(HEADER, f"the header begins with {seen}", "/v2gtp/version", "0x01 0xfe", seen)
        case Reason.PAYLOAD_TYPE:
            words = f"the payload type {unit.payload_type:#06x} is reserved"
            return Problem(PAYLOAD_TYPE, words, "/v2gtp/payload_type", "a type of the table", f"{unit.payload_type:#06x}")
        case Reason.TRUNCATED if len(unit.raw) < HEADER_LENGTH:
            return Problem(LENGTH, f"{len(unit.raw)} octets are no header", "", "8 octets", unit.raw.hex())
        case Reason.TRUNCATED | Reason.EXCESS:
            stated = fields(unit.header)[3]
            words = f"the header says {stated} octets, and {len(unit.payload)} follow"
            return Problem(LENGTH, words, "/v2gtp/length", f"{stated} octets", f"{len(unit.payload)} octets")
    return None


def of_place(unit: Unit, meaning: Meaning, *, udp: bool) -> Problem | None:
    """Say whether a payload type may stand where it does."""
    kind = unit.payload_type
    if udp != (kind in _SDP_TYPES) and (udp or kind in _SDP_TYPES):
        words = f"the payload type {kind:#06x} is none of {'SDP' if udp else 'TCP'}"
        return Problem(PLACE, words, "/v2gtp/payload_type", "SDP over UDP, and nothing else there", f"{kind:#06x}")
    if not udp and not meaning.placed:
        agreed = meaning.edition.value if meaning.edition is not None else "the negotiation"
        words = f"the payload type {kind:#06x} has no place in {agreed}"
        return Problem(PLACE, words, "/v2gtp/payload_type", f"a type of {agreed}", f"{kind:#06x}")
    return None


def of_sdp(unit: Unit) -> Iterator[Problem]:
    """Say what is wrong with an SDP message."""
    decode = {PayloadType.SDP_REQUEST: decode_request, PayloadType.SDP_RESPONSE: decode_response}
    try:
        decode[PayloadType(unit.payload_type)](unit.raw)
    except SdpError as error:
        yield Problem(SDP, f"it is no SDP message: {error}", "", "a request of 2 octets or a response of 20", unit.payload.hex())


def is_sdp(unit: Unit) -> bool:
    """Tell whether a message is an SDP request or response."""
    return unit.problem is None and unit.payload_type in (PayloadType.SDP_REQUEST, PayloadType.SDP_RESPONSE)
