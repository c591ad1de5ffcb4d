"""SECCs and EVCCs of all editions that are not fit for a second session."""

from __future__ import annotations

from v2x_architecture.iso15118 import v2gtp
from v2x_architecture.iso15118.editions import Application
from v2x_architecture.iso15118.evcc import Evcc
from v2x_architecture.iso15118.evcc.dialogue import Dialogue
from v2x_architecture.iso15118.secc import Output, Secc
from v2x_architecture.iso15118.secc.dialogue import Dialogue as SeccDialogue

_ONE = bytes.fromhex("00000000000000a1")


class OneIdForAll(Secc):
    """Gives every session the same id."""

    def start_dialogue(self, application: Application) -> SeccDialogue:
        """Have ids made of nothing."""
        self.memory.new_id = lambda: _ONE
        return super().start_dialogue(application)


class OneSessionEver(Secc):
    """Keeps silent on every connection after the first."""

    def receive(self, event: v2gtp.Event, now: float) -> list[Output]:
        """Look whether this is the first connection."""
        first = vars(self.memory).setdefault("first", self)
        return super().receive(event, now) if first is self else []


class JoinsAlways(Evcc):
    """Asks for the session before, however it ended."""

    def start_dialogue(self, application: Application) -> Dialogue:
        """Begin with the id of the session before, which the vehicle remembers."""
        dialogue = super().start_dialogue(application)
        dialogue.session_id = vars(self.ev).get("session", dialogue.session_id)
        return dialogue

    def lost(self, now: float, text: str = "") -> None:
        """Have the vehicle remember the session."""
        if self.dialogue is not None:
            vars(self.ev)["session"] = self.dialogue.session_id
        super().lost(now, text)
