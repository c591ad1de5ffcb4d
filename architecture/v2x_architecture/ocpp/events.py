"""What a connection reports: one small frozen class for each thing that can happen.

Each knows whose doing it is when it is something wrong (``fault``): None when nothing is.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from v2x_architecture.ocpp.errors import Fault, RemoteProtocolError
from v2x_architecture.ocpp.messages import CallError, CallResult, Payload


class CallReceived(msgspec.Struct, frozen=True):
    """The peer calls. Answer with ``respond`` or ``refuse``.

    Attributes:
        message_id, action, payload: the CALL's.
        overlapping: an earlier CALL of the peer is not answered yet. The peer may have let it time out; if not, it breaks the
            rule of one outstanding CALL a side (4.1.1).
        repeated: a CALL with this id was answered before on this connection: a retry (2.0.1 errata 2024-09), or an id used twice.
    """

    fault: ClassVar[Fault | None] = None
    message_id: str
    action: str
    payload: Payload
    overlapping: bool = False
    repeated: bool = False


class SendReceived(msgspec.Struct, frozen=True):
    """The peer sends what must not be answered (2.1, 4.2.4)."""

    fault: ClassVar[Fault | None] = None
    message_id: str
    action: str
    payload: Payload


class ResultReceived(msgspec.Struct, frozen=True):
    """Our CALL has its CALLRESULT."""

    fault: ClassVar[Fault | None] = None
    message_id: str
    action: str
    payload: Payload


class ErrorReceived(msgspec.Struct, frozen=True):
    """Our CALL was refused.

    Attributes:
        message_id: that of our CALL, or ``-1``: the peer could not read the id of something we sent.
        action: that of our CALL, None when the id is ``-1``.
        code, description, details: as the peer gave them; the code need not be one that the version allows.
    """

    fault: ClassVar[Fault | None] = None
    message_id: str
    action: str | None
    code: str
    description: str
    details: Payload


class ResultErrorReceived(msgspec.Struct, frozen=True):
    """The peer could not use the CALLRESULT that we gave it (2.1, 4.2.3)."""

    fault: ClassVar[Fault | None] = Fault.LOCAL
    message_id: str
    action: str | None
    code: str
    description: str
    details: Payload


class CallTimedOut(msgspec.Struct, frozen=True):
    """Our CALL was not answered in time; the next one may go out.

    Attributes:
        message_id, action: the CALL's.
        seconds: how long was waited.
    """

    fault: ClassVar[Fault | None] = Fault.REMOTE
    message_id: str
    action: str
    seconds: float


class CallAbandoned(msgspec.Struct, frozen=True):
    """The connection ended before our CALL was answered.

    Attributes:
        message_id, action: the CALL's.
        sent: whether it had been sent; if not, the peer knows nothing of it.
    """

    fault: ClassVar[Fault | None] = Fault.NETWORK
    message_id: str
    action: str
    sent: bool


class LateAnswer(msgspec.Struct, frozen=True):
    """An answer to a CALL of ours that nobody waits for any more.

    Attributes:
        message_id, action: the CALL's.
        answer: what came.
        repeated: the CALL had been answered before; else it had timed out.
    """

    fault: ClassVar[Fault | None] = Fault.REMOTE
    message_id: str
    action: str
    answer: CallResult | CallError
    repeated: bool = False


class ProtocolViolation(msgspec.Struct, frozen=True):
    """The peer sent what is no OCPP-J of this version, or has no place here.

    Attributes:
        error: what is wrong with it.
        answered: whether the connection has answered it with an error of its own accord.
        call: action of our outstanding CALL that ends with it: its answer was malformed. None when none does.
    """

    fault: ClassVar[Fault | None] = Fault.REMOTE
    error: RemoteProtocolError
    answered: bool = False
    call: str | None = None


type Event = (
    CallReceived
    | SendReceived
    | ResultReceived
    | ErrorReceived
    | ResultErrorReceived
    | CallTimedOut
    | CallAbandoned
    | LateAnswer
    | ProtocolViolation
)
