"""What an SECC gives out: messages, and the end of the connection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from v2x_architecture.iso15118.sending import Send


class CloseReason(StrEnum):
    """Why a connection ends."""

    STOPPED = "the EV has stopped the session"
    PAUSED = "the EV has paused the session"
    REFUSED = "a request was answered with a failure"
    NO_AGREEMENT = "there is no protocol that both have"
    SETUP_TIMEOUT = "the EV did not set a session up in time"
    SEQUENCE_TIMEOUT = "the EV's next request did not come in time"
    MALFORMED = "a message could not be read"
    UNEXPECTED = "a message came that no response belongs to"
    LOST = "the EV has ended the connection"


@dataclass(frozen=True, slots=True)
class Close:
    """The connection is to be ended.

    Attributes:
        reason: why.
        text: more of it, in words.
        after: seconds from now that the EV has to do it itself; then it is done.
    """

    reason: CloseReason
    text: str = ""
    after: float = 0.0


type Output = Send | Close
