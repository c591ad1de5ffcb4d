"""How an EVCC's session is written down: a generator that asks, waits, and goes on with what it is answered.

    def authorization(self) -> Steps[None]:
        while True:
            response = yield from self.ask(AuthorizationReqType(), AuthorizationResType)
            if response.EVSEProcessing == "Finished":
                return
            yield from self.pause()

Whoever runs the generator sends the requests, keeps the time, and throws `Ended` in when there is no answer to go on with.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import msgspec

from v2x_architecture.iso15118.editions import APPLICATIONS, Application
from v2x_architecture.iso15118.exi import Schema
from v2x_architecture.iso15118.services20 import ParameterSet, Service


class Ending(StrEnum):
    """How a session ended for the EVCC."""

    FINISHED = "the session was stopped in order"
    PAUSED = "the session was paused, to be joined again"
    NO_AGREEMENT = "there is no protocol that both have"
    UNSUITABLE = "the EVSE has not what the EV needs"
    REFUSED = "a response said no"
    UNKNOWN_SESSION = "a response belonged to another session"
    UNEXPECTED = "a response belonged to another request"
    MALFORMED = "a response could not be read"
    MESSAGE_TIMEOUT = "a response did not come in time"
    ONGOING_TIMEOUT = "the SECC took too long to be ready"
    LOST = "the SECC ended the connection"

    @property
    def in_order(self) -> bool:
        """Whether it is an end as it should be."""
        return self in (Ending.FINISHED, Ending.PAUSED)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a session.

    Attributes:
        ending: how it ended.
        message: the message pair it ended at, without ``Req`` and ``Res``.
        code: the response code where a response said no.
        text: more of it, in words.
    """

    ending: Ending
    message: str = ""
    code: str = ""
    text: str = ""


class Ended(Exception):
    """The session cannot go on: how it ends.

    Attributes:
        outcome: that.
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text or outcome.ending.value)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that waits for its response.

    Attributes:
        name: of the message pair, without ``Req`` and ``Res``.
        message: an object of the class of a document.
        schema: its grammar.
        payload_type: for V2GTP.
        timeout: V2G_EVCC_Msg_Timeout (s).
    """

    name: str
    message: msgspec.Struct
    schema: Schema
    payload_type: int
    timeout: float


@dataclass(frozen=True, slots=True)
class Wait:
    """A pause between requests.

    Attributes:
        seconds: how long.
    """

    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What a step has come to.

    Attributes:
        now: the time.
        message: the response to a request; None after a pause.
    """

    now: float
    message: object = None


type Step = Ask | Wait
type Steps[T] = Generator[Step, Reply, T]


class Paused(msgspec.Struct, frozen=True, kw_only=True):
    """What an EVCC keeps of a paused session.

    Attributes:
        application: name of the protocol.
        session_id: 8 octets.
        service: of 15118-20 that was chosen, and `parameters`, how: a session that is joined again goes on with them.
        peer: digest of the certificate that the SECC showed; empty where it showed none.
    """

    application: str
    session_id: bytes
    service: Service | None = None
    parameters: ParameterSet | None = None
    peer: bytes = b""


class EvccConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How an EVCC behaves.

    Attributes:
        applications: what it speaks, as far as the connection allows it; the first is the dearest to it.
        evccid: EVCCID in 15118-20; that of the vehicle certificate when empty, the vehicle's MAC address without one.
        first_schema_id: SchemaID of the first protocol that it offers; those of the others follow.
        iso20_needs_tls: whether 15118-20 is offered over TLS 1.3 only ([V2G20-2356]); False to look at SECCs without.
        pace_s: between the end of a response and the next request, outside of the loops (s).
        ongoing_s: between requests while the SECC is not ready (s).
        status_s: between requests while AC flows (s).
        demand_s: between requests while DC flows (s).
        pre_charge_tolerance_v: least gap between both voltages at which it closes its contactors (V).
        patience: by how much the time for a response is stretched, at an SECC that is too slow and is to be seen further.
        resume: a session to be joined again.
        control: what it prefers in 15118-20: to follow the SECC (``Dynamic``), or to plan by its schedules.
        bidirectional: whether it prefers services that take energy back, in 15118-20.
        loop_s: between requests while energy flows, in 15118-20 (s).
        epoch: wall time (s since 1970-01-01 UTC) at which its clock showed 0.
    """

    applications: tuple[Application, ...] = tuple(APPLICATIONS.values())
    evccid: str = ""
    first_schema_id: int = 1
    iso20_needs_tls: bool = True
    pace_s: float = 0.02
    ongoing_s: float = 0.5
    status_s: float = 1.0
    demand_s: float = 0.1
    pre_charge_tolerance_v: float = 10.0
    patience: float = 1.0
    resume: Paused | None = None
    control: Literal["Scheduled", "Dynamic"] = "Scheduled"
    bidirectional: bool = False
    loop_s: float = 0.2
    epoch: float = 0.0
