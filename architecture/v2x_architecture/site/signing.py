"""Meters that sign what they measure: OCMF containers with ECDSA over secp256r1 (SAFE OCMF 1.0; OCA, Signed Meter Values 1.0)."""

from __future__ import annotations

import base64
import json
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from v2x_architecture.site.meter import Reading

ENCODING_METHOD: Final = "OCMF"
SIGNATURE_ALGORITHM: Final = "ECDSA-secp256r1-SHA256"

type Occasion = Literal["B", "C", "E"]
"""Why a reading was signed: begin, course, end of a transaction (OCMF ``TX``)."""


class Signer:
    """The signing unit of one meter, with a key of its own.

    Args:
        serial: serial number of the meter.
    """

    def __init__(self, serial: str) -> None:
        self.serial = serial
        self._key = generate_private_key(SECP256R1())
        self._page = 0

    @property
    def public_key(self) -> str:
        """The public key as messages carry it: base64 of ``oca:base16:asn1:<hexadecimal>``."""
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(f"oca:base16:asn1:{der.hex()}".encode()).decode()

    def sign(self, reading: Reading, occasion: Occasion) -> str:
        """Return a signed data set of a reading, as base64 of the OCMF container."""
        self._page += 1
        stamp = reading.at.strftime("%Y-%m-%dT%H:%M:%S,") + f"{reading.at.microsecond // 1000:03d}+0000 S"
        payload = {
            "FV": "1.0",
            "GI": "V2X reference station",
            "PG": f"T{self._page}",
            "MS": self.serial,
            "IS": False,
            "RD": [
                {
                    "TM": stamp,
                    "TX": occasion,
                    "RV": round(reading.energy_wh / 1000, 5),
                    "RI": "01-00:01.08.00*FF",
                    "RU": "kWh",
                    "ST": "G",
                }
            ],
        }
        text = json.dumps(payload, separators=(",", ":"))
        signature = self._key.sign(text.encode(), ECDSA(SHA256()))
        seal = json.dumps({"SA": SIGNATURE_ALGORITHM, "SD": signature.hex()}, separators=(",", ":"))
        return base64.b64encode(f"OCMF|{text}|{seal}".encode()).decode()
