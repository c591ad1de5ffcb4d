"""SECCs and EVCCs of ISO 15118-20 that do not look at whose a paused session is."""

from __future__ import annotations

from v2x_architecture.iso15118.editions import Application
from v2x_architecture.iso15118.evcc import Evcc
from v2x_architecture.iso15118.evcc.dialogue import Dialogue as EvccDialogue
from v2x_architecture.iso15118.evcc.iso20 import Iso20Dialogue as Evcc20Dialogue
from v2x_architecture.iso15118.evcc.script import Steps
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.secc.iso20 import Iso20Dialogue


class JoinsAnybody(Iso20Dialogue):
    """Joins a paused session for whoever knows its id."""

    def session_setup(self, request: cm.SessionSetupReqType, now: float) -> ct.V2GResponseType:
        """Look at no certificate."""
        if self.memory.paused is not None:
            self.peer = self.memory.paused.peer
        return super().session_setup(request, now)


class ResumesAnywhere(Evcc):
    """Asks for its paused session wherever it is plugged in."""

    def start_dialogue(self, application: Application) -> EvccDialogue:
        """Have the vehicle remember."""
        dialogue = super().start_dialogue(application)
        memory = vars(self.ev)
        if "paused" in memory:
            dialogue.session_id = memory.pop("paused")
        return dialogue

    @property
    def over(self) -> bool:
        """Remember a session that is paused."""
        if self.paused is not None:
            vars(self.ev)["paused"] = self.paused.session_id
        return super().over


class GoesOnInTheOld(Evcc20Dialogue):
    """Goes on in the session that it had paused, whatever it is told."""

    def session_setup(self) -> Steps[bool]:
        """Keep the old id."""
        before = self.session_id
        joined = yield from super().session_setup()
        if self.config.resume is not None:
            self.session_id = self.parts.session_id = before
        return joined


class TakesItForJoined(Evcc20Dialogue):
    """Takes a new session for the one that it had paused."""

    def session_setup(self) -> Steps[bool]:
        """Skip the beginning."""
        joined = yield from super().session_setup()
        resume = self.config.resume
        if joined or resume is None or resume.service is None:
            return joined
        self.service, self.chosen = resume.service, resume.parameters or self.chosen
        self.parts.service, self.parts.control = self.service, self.chosen.control
        return True
