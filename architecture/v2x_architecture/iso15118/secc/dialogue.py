"""What the dialogues of all editions have in common: where they are, and what they answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final, Literal

import msgspec

from v2x_architecture.iso15118.charging import ChargingNeeds, Schedule
from v2x_architecture.iso15118.editions import Application
from v2x_architecture.iso15118.secc.config import Memory, SeccConfig
from v2x_architecture.iso15118.secc.dc import READY
from v2x_architecture.iso15118.secc.evse import Evse
from v2x_architecture.iso15118.secc.outputs import CloseReason
from v2x_architecture.iso15118.sequences import END, INITIAL, Facts, sequence_of
from v2x_architecture.iso15118.timers import timers

NO_SESSION: Final = bytes(8)
"""SessionID of an EV that has none yet."""

type Objection = Literal["FAILED_SequenceError", "FAILED_UnknownSession"]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A response.

    Attributes:
        name: of its element.
        message: an object of its class.
        payload_type: for V2GTP.
        end: why the session is over with it; None while it goes on.
        text: more of that, in words.
    """

    name: str
    message: msgspec.Struct
    payload_type: int
    end: CloseReason | None = None
    text: str = ""


class Later(msgspec.Struct, frozen=True):
    """The response waits for something; the request is to be looked at again.

    Attributes:
        after: seconds from now.
    """

    after: float


class NoAnswer(Exception):
    """A message came that no response belongs to: an empty body, or a response. The EV is at fault."""


class Dialogue(ABC):
    """A session, once the protocol is agreed on.

    Args:
        application: the protocol.
        evse: that energy comes from.
        config: how the SECC behaves.
        memory: what it remembers between connections.
    """

    def __init__(self, application: Application, evse: Evse, config: SeccConfig, memory: Memory) -> None:
        self.application, self.evse, self.config, self.memory = application, evse, config, memory
        self.sequence = sequence_of(application.edition)
        self.timers = timers(application.edition)
        self.state = INITIAL
        self.session_id = NO_SESSION
        self.energy = ""
        self.needs: ChargingNeeds | None = None
        self.schedules: tuple[Schedule, ...] = ()
        self.schedule_id: int | None = None
        self.peer = b""
        """Digest of the certificate that the EV showed in TLS; empty where it showed none."""
        self._ongoing: tuple[str, float] | None = None
        self._state_c_asked: float | None = None

    @abstractmethod
    def answer(self, message: object, now: float) -> Answer | Later:
        """Take a request and give the response to it, or have it looked at again.

        Raises:
            NoAnswer: no response belongs to it.
        """

    def aside(self, message: object, payload_type: int, now: float) -> Answer | None:
        """Take a request of a side stream and give the response to it; None for what does not belong there."""
        return None

    def sequence_timeout(self) -> float:
        """Return how long the EV may take for its next request (s)."""
        return self.timers.session["V2G_SECC_Sequence_Timeout"]

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Tell what is wrong with a request before it is looked at: its session, if there is one, its place in the sequence."""
        if request != "SessionSetupReq" and session_id != self.session_id != NO_SESSION:
            return "FAILED_UnknownSession"
        return None if request in self.sequence.takes(self.state) else "FAILED_SequenceError"

    def ongoing_for(self, what: str, now: float) -> float:
        """Return for how long the EV has been told to wait for something (s)."""
        if self._ongoing is None or self._ongoing[0] != what:
            self._ongoing = (what, now)
        return now - self._ongoing[1]

    def too_long(self, what: str, now: float, timer: str = "V2G_SECC_Ongoing_Performance_Time") -> bool:
        """Tell whether the EV has been told to wait for something for longer than it may be ([V2G2-713])."""
        return self.ongoing_for(what, now) > self.timers.session[timer]

    def state_c_is_awaited(self, limit: float, now: float) -> bool:
        """Tell whether the EV is in neither state C nor D yet, and still has time of so many seconds from the first look."""
        if self.evse.cp_state(now) in READY:
            self._state_c_asked = None
            return False
        if self._state_c_asked is None:
            self._state_c_asked = now
        return now - self._state_c_asked < limit

    def move(self, response: str, facts: Facts) -> None:
        """Go to the state that a response without error leads to; who has gone on and waits anew has all the time again."""
        self.state = self.sequence.after(response, facts)
        if f"{response.removesuffix('Res')}Req" not in self.sequence.takes(self.state):
            self._ongoing = None

    def halt(self, now: float) -> None:
        """Let no more energy flow, whatever the reason."""
        self.state = END
        self.evse.switch_off(now)
        self.evse.open_contactor(now)

    def schedule(self, schedule_id: int) -> Schedule | None:
        """Return an offered schedule; None when there is none of that id."""
        return next((each for each in self.schedules if each.id == schedule_id), None)
