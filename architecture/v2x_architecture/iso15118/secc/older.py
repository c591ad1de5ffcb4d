"""What sessions of DIN SPEC 70121 and ISO 15118-2 have in common: how DC charging ends."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal

from v2x_architecture.iso15118.secc.dc import AFTER_CHARGING, LOOK_AGAIN, DcOutput
from v2x_architecture.iso15118.secc.dialogue import Dialogue, Later
from v2x_architecture.iso15118.secc.evse import Check


class OlderDialogue[Body](Dialogue):
    """A session of an edition before 15118-20; see `Dialogue`.

    Attributes:
        output: the DC output.
    """

    output: DcOutput

    @abstractmethod
    def refuse(self, request: Body, code: Literal["FAILED"], now: float) -> Body:
        """Return the response that says no."""

    def kept_waiting(self, request: Body, now: float) -> Body | Later | None:
        """Return what an EV is told that has not left state C after DC charging; None when it has ([V2G-DC-988], [V2G2-921])."""
        if self.state != AFTER_CHARGING:
            return None
        match self.output.released(now):
            case Check.PASSED:
                return None
            case Check.ONGOING:
                return Later(LOOK_AGAIN)
            case Check.FAILED:
                return self.refuse(request, "FAILED", now)
