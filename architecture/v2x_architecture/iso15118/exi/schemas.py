"""The schema sets: which message belongs to which grammar."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Schema(StrEnum):
    """A set of schemas that is one EXI grammar; each set of -20 is a grammar of its own."""

    SAP = "sap"
    DIN = "din"
    ISO2 = "iso2"
    CM = "cm"
    AC = "ac"
    AC_DER_IEC = "ac_der_iec"
    AC_DER_SAE = "ac_der_sae"
    DC = "dc"
    ACDP = "acdp"
    WPT = "wpt"
    XMLDSIG = "xmldsig"

    @property
    def namespace(self) -> str:
        """The namespace that the set is made of; its documents begin in it, of an amendment in that of what it extends."""
        return _SETS[self][0]

    @property
    def description(self) -> str:
        """What it is, for people."""
        return _SETS[self][1]


PAYLOAD_TYPES: Final[dict[int, tuple[Schema, ...]]] = {
    0x8001: (Schema.SAP, Schema.DIN, Schema.ISO2),
    0x8002: (Schema.CM,),
    0x8003: (Schema.AC, Schema.AC_DER_IEC, Schema.AC_DER_SAE),
    0x8004: (Schema.DC,),
    0x8005: (Schema.ACDP,),
    0x8006: (Schema.WPT,),
    0x8101: (Schema.CM,),
    0x8102: (Schema.CM,),
    0x8103: (Schema.ACDP,),
}
"""The sets that a V2GTP payload type stands for; which of the three of 0x8001 or 0x8003 it is, the
session tells."""

AMENDMENTS: Final[dict[Schema, Schema]] = {Schema.AC_DER_IEC: Schema.AC, Schema.AC_DER_SAE: Schema.AC}
"""Sets of amendments, whose XSDs come apart from the others, by the set whose messages they extend."""

_SETS = {
    Schema.SAP: ("urn:iso:15118:2:2010:AppProtocol", "supported application protocol, before every session"),
    Schema.DIN: ("urn:din:70121:2012:MsgDef", "DIN SPEC 70121"),
    Schema.ISO2: ("urn:iso:15118:2:2013:MsgDef", "ISO 15118-2"),
    Schema.CM: ("urn:iso:std:iso:15118:-20:CommonMessages", "ISO 15118-20 common messages"),
    Schema.AC: ("urn:iso:std:iso:15118:-20:AC", "ISO 15118-20 AC"),
    Schema.AC_DER_IEC: ("urn:iso:std:iso:15118:-20:AC-DER-IEC", "ISO 15118-20 AC with grid support as in IEC (Amendment 1)"),
    Schema.AC_DER_SAE: ("urn:iso:std:iso:15118:-20:AC-DER-SAE", "ISO 15118-20 AC with grid support as in SAE (Amendment 1)"),
    Schema.DC: ("urn:iso:std:iso:15118:-20:DC", "ISO 15118-20 DC"),
    Schema.ACDP: ("urn:iso:std:iso:15118:-20:ACDP", "ISO 15118-20 automatic connection device"),
    Schema.WPT: ("urn:iso:std:iso:15118:-20:WPT", "ISO 15118-20 wireless power transfer"),
    Schema.XMLDSIG: ("http://www.w3.org/2000/09/xmldsig#", "XML signature"),
}
