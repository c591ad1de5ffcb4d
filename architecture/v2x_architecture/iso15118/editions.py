"""The editions that an EV and an SECC may agree on, and what tells them apart on the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from v2x_architecture.iso15118.exi import Schema
from v2x_architecture.iso15118.v2gtp import PayloadType


class Edition(StrEnum):
    """A standard that specifies a session."""

    DIN = "DIN SPEC 70121"
    ISO2 = "ISO 15118-2"
    ISO20 = "ISO 15118-20"


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """An application layer protocol, as the negotiation has it (15118-2: 8.2; 15118-20: 8.2).

    Attributes:
        name: for people and command lines.
        edition: that specifies it.
        namespace: of its messages.
        major, minor: version of the schema. A peer with another major one is not understood.
        schemas: EXI grammars of its messages by V2GTP payload type.
        energy: ``AC``, ``DC``, or both where the session tells later.
    """

    name: str
    edition: Edition
    namespace: str
    major: int
    minor: int
    schemas: dict[int, Schema]
    energy: frozenset[str]


DIN: Final = Application(
    name="din",
    edition=Edition.DIN,
    namespace="urn:din:70121:2012:MsgDef",
    major=2,
    minor=0,
    schemas={PayloadType.EXI: Schema.DIN},
    energy=frozenset({"DC"}),
)
ISO2: Final = Application(
    name="iso2",
    edition=Edition.ISO2,
    namespace="urn:iso:15118:2:2013:MsgDef",
    major=2,
    minor=0,
    schemas={PayloadType.EXI: Schema.ISO2},
    energy=frozenset({"AC", "DC"}),
)
_BESIDE: Final[dict[int, Schema]] = {PayloadType.SCHEDULE_RENEGOTIATION: Schema.CM, PayloadType.METERING_CONFIRMATION: Schema.CM}

ISO20_AC: Final = Application(
    name="iso20-ac",
    edition=Edition.ISO20,
    namespace="urn:iso:std:iso:15118:-20:AC",
    major=1,
    minor=0,
    schemas={PayloadType.ISO20_MAIN: Schema.CM, PayloadType.ISO20_AC: Schema.AC, **_BESIDE},
    energy=frozenset({"AC"}),
)
ISO20_DC: Final = Application(
    name="iso20-dc",
    edition=Edition.ISO20,
    namespace="urn:iso:std:iso:15118:-20:DC",
    major=1,
    minor=0,
    schemas={PayloadType.ISO20_MAIN: Schema.CM, PayloadType.ISO20_DC: Schema.DC, **_BESIDE},
    energy=frozenset({"DC"}),
)

APPLICATIONS: Final = {each.name: each for each in (ISO20_AC, ISO20_DC, ISO2, DIN)}
"""By name; the newest first, which is the order that an EV of all of them would offer them in."""
