"""Every timeout and performance time of the editions, from ``timers.toml``.

>>> timers(Edition.ISO2).timeout("CurrentDemand")
0.25
>>> timers(Edition.ISO20).session["V2G_SECC_Sequence_Timeout_DC_CL"]
0.5
"""

from __future__ import annotations

import pkgutil
from functools import cache
from typing import Final

import msgspec

from v2x_architecture.iso15118.editions import Edition

NEGOTIATION: Final = "supportedAppProtocol"
"""Name of the message pair before every session."""


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Times of a request and its response.

    Attributes:
        timeout: V2G_EVCC_Msg_Timeout: how long the EVCC waits (s).
        performance: V2G_SECC_Msg_Performance_Time: how long the SECC may take (s).
    """

    timeout: float
    performance: float


class Timers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The times of one edition.

    Attributes:
        source: where the standard has them.
        session: of the session, by the name in the standard (s).
        messages: of the message pairs, by name without ``Req`` and ``Res``; ``default`` for those not named.
    """

    source: str
    session: dict[str, float]
    messages: dict[str, Pair]

    def pair(self, message: str) -> Pair:
        """Return the times of a message pair.

        Args:
            message: its name without ``Req`` and ``Res``.
        """
        return self.messages.get(message) or self.messages["default"]

    def timeout(self, message: str) -> float:
        """Return V2G_EVCC_Msg_Timeout of a message pair (s)."""
        return self.pair(message).timeout


@cache
def timers(edition: Edition) -> Timers:
    """Return the times of an edition."""
    read = msgspec.toml.decode(pkgutil.get_data(__package__, "timers.toml") or b"", type=dict[Edition, Timers])
    return read[edition]
