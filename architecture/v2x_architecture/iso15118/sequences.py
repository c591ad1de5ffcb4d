"""Which request may follow which response: the SECC's state tables, from ``sequences.toml``.

The SECC keeps to them, and who judges traffic can follow them beside it.

    >>> sequence = sequence_of(Edition.ISO2)
    >>> sequence.after("AuthorizationRes", Facts(processing="Ongoing"))
    'Authorization'
    >>> sorted(sequence.takes("Authorization"))
    ['AuthorizationReq', 'SessionStopReq']
"""

from __future__ import annotations

import pkgutil
from functools import cache
from typing import Final

import msgspec

from v2x_architecture.iso15118.editions import Edition

INITIAL: Final = "SessionSetup"
"""State after the protocol negotiation."""
END: Final = "End"
"""State after a session that has been stopped: nothing is taken."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What decides which state follows, as far as it is known; empty for what is not.

    Attributes:
        energy: ``AC`` or ``DC``.
        payment: ``ExternalPayment`` or ``Contract``.
        processing: ``Ongoing`` or ``Finished``: of the response; of PowerDelivery in 15118-20 EVProcessing of the request.
        progress: ChargeProgress of the request, or of the last one. In DIN SPEC 70121 ``Start`` or ``Stop``.
        receipt: ``yes`` where the response asks for a metering receipt.
        stop: ChargingSession of the request.
        joined: ``yes`` where the response says that a paused session goes on.
    """

    energy: str = ""
    payment: str = ""
    processing: str = ""
    progress: str = ""
    receipt: str = ""
    stop: str = ""
    joined: str = ""


class Row(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state after a response, where the facts are such.

    Attributes:
        response: name of the message.
        state: that follows.
    """

    response: str
    state: str

    def fits(self, response: str, facts: Facts) -> bool:
        """Tell whether this row is for such a response."""
        asked = ((getattr(self, name), getattr(facts, name)) for name in Facts.__struct_fields__)
        return self.response == response and all(not wanted or wanted == given for wanted, given in asked)


class _After(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rows: tuple[Row, ...]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    states: dict[str, frozenset[str]]
    after: _After


class Sequence:
    """The state table of one edition.

    Args:
        states: requests that are taken, by state.
        rows: which state follows which response; the first that fits wins.
    """

    def __init__(self, states: dict[str, frozenset[str]], rows: tuple[Row, ...]) -> None:
        self.states, self.rows = states, rows

    def takes(self, state: str) -> frozenset[str]:
        """Return the requests that may come in a state, by name."""
        return self.states[state]

    def after(self, response: str, facts: Facts) -> str:
        """Return the state that a response without error leads to.

        Raises:
            KeyError: the edition has no such response.
        """
        for row in self.rows:
            if row.fits(response, facts):
                return row.state
        raise KeyError(response)


@cache
def sequence_of(edition: Edition) -> Sequence:
    """Return the state table of an edition."""
    read = msgspec.toml.decode(pkgutil.get_data(__package__, "sequences.toml") or b"", type=dict[Edition, _Table])
    return Sequence(read[edition].states, read[edition].after.rows)
