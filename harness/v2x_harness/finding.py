"""A finding is data: which requirement, where on the wire, what was expected, what was seen."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Axis(StrEnum):
    """What a finding speaks about: the specification, or what known peers can live with."""

    CONFORMANCE = "conformance"
    COMPATIBILITY = "compatibility"


class Layer(StrEnum):
    """Which layer of judgement spoke."""

    FRAMING = "framing"
    SCHEMA = "schema"
    FORMAT = "format"
    SEQUENCE = "sequence"
    TIMING = "timing"
    SEMANTICS = "semantics"
    SECURITY = "security"
    LIVENESS = "liveness"


class Location(msgspec.Struct, frozen=True, omit_defaults=True):
    """The place in the journal a finding rests on.

    Attributes:
        frame: ``n`` of the frame or link event in the journal; None when the finding is an absence.
        pointer: JSON pointer into the frame's decoded form (``/3/chargingStation/model``: the pointer is of the whole
            OCPP-J array), an EXI bit offset (``bit:123``) or a header name (``header:Sec-WebSocket-Protocol``).
        bits: where in the payload that is, if it is EXI: the first bit, and how many.
    """

    frame: int | None = None
    pointer: str = ""
    bits: tuple[int, int] | None = None


class Finding(msgspec.Struct, frozen=True, omit_defaults=True, tag="finding", tag_field="type"):
    """One thing that is wrong, or that known peers trip on.

    Attributes:
        requirement: id as the specification has it (``B01.FR.05``).
        text: one sentence for a person.
        location: what it rests on.
        expected: what the specification asks for.
        seen: what was on the wire.
        axis: conformance or compatibility.
        layer: which layer of judgement spoke.
        source: id of the case or rule that found it (``TC_B_01_CS``, ``rule:ocpp.schema``).
        party: the role at fault (``station``, ``csms``).
        case: the case that was running, if any.
        also: further requirement ids the same observation violates.
    """

    requirement: str
    text: str
    location: Location = Location()
    expected: str = ""
    seen: str = ""
    axis: Axis = Axis.CONFORMANCE
    layer: Layer = Layer.SEMANTICS
    source: str = ""
    party: str = ""
    case: str = ""
    also: tuple[str, ...] = ()

    @property
    def cites(self) -> frozenset[str]:
        """Every requirement id this finding says is violated."""
        return frozenset((self.requirement, *self.also))
