"""SECCs of all editions that do not look at what their contactors, residual current devices and supplies do."""

from __future__ import annotations

from v2x_architecture.iso15118.editions import Application
from v2x_architecture.iso15118.exi.messages import din
from v2x_architecture.iso15118.secc.config import Memory, SeccConfig
from v2x_architecture.iso15118.secc.dc import DcOutput
from v2x_architecture.iso15118.secc.din import Code as DinCode
from v2x_architecture.iso15118.secc.din import DinDialogue
from v2x_architecture.iso15118.secc.evse import Evse
from v2x_architecture.iso15118.secc.iso2 import Code as Iso2Code
from v2x_architecture.iso15118.secc.iso2 import Iso2Dialogue
from v2x_architecture.iso15118.secc.iso20 import Code as Iso20Code
from v2x_architecture.iso15118.secc.iso20 import Iso20Dialogue


class UnseenDin(DinDialogue):
    """Believes that its contactor does as it is told."""

    def start(self, request: din.PowerDeliveryReqType, now: float) -> DinCode | None:
        """Take it for closed."""
        code = super().start(request, now)
        return None if code == "FAILED_PowerDeliveryNotApplied" else code

    def stop(self, now: float) -> DinCode | None:
        """Take it for open."""
        super().stop(now)
        return None


class BrokenForGoodDin(DinDialogue):
    """Delivers no energy any more once its contactor has failed."""

    def start(self, request: din.PowerDeliveryReqType, now: float) -> DinCode | None:
        """Remember a failure."""
        broken = vars(self.memory)
        broken["code"] = broken.get("code") or super().start(request, now)
        code: DinCode | None = broken["code"]
        return code


class UnseenIso2(Iso2Dialogue):
    """Believes that its contactor does as it is told."""

    def start(self, now: float) -> Iso2Code | None:
        """Take it for closed."""
        code = super().start(now)
        self.charging = True
        return None if code == "FAILED_ContactorError" else code

    def stop(self, now: float) -> Iso2Code | None:
        """Take it for open."""
        super().stop(now)
        return None


class BrokenForGoodIso2(Iso2Dialogue):
    """Delivers no energy any more once its contactor has failed."""

    def start(self, now: float) -> Iso2Code | None:
        """Remember a failure."""
        broken = vars(self.memory)
        broken["code"] = broken.get("code") or super().start(now)
        code: Iso2Code | None = broken["code"]
        return code


class RcdUnseen(Iso2Dialogue):
    """Closes its contactor whatever the residual current device says."""

    def start(self, now: float) -> Iso2Code | None:
        """Close it all the same."""
        code = super().start(now)
        if code == "FAILED_ContactorError" and self.evse.rcd(now):
            self.charging = True
            return None
        return code


class UnseenIso20(Iso20Dialogue):
    """Believes that its contactor does as it is told."""

    def start(self, now: float) -> Iso20Code | None:
        """Take it for closed."""
        code = super().start(now)
        self.charging = True
        return None if code == "FAILED_ContactorError" else code

    def stop(self, now: float) -> Iso20Code | None:
        """Take it for open."""
        super().stop(now)
        return None


class BrokenForGoodIso20(Iso20Dialogue):
    """Delivers no energy any more once its contactor has failed."""

    def start(self, now: float) -> Iso20Code | None:
        """Remember a failure."""
        broken = vars(self.memory)
        broken["code"] = broken.get("code") or super().start(now)
        code: Iso20Code | None = broken["code"]
        return code


class MalfunctionUnseen(Iso20Dialogue):
    """Lets energy flow whatever state its supply is in."""

    def start(self, now: float) -> Iso20Code | None:
        """Close the contactor all the same."""
        code = super().start(now)
        if code != "FAILED_PowerDeliveryNotApplied":
            return code
        self.charging = True
        return None if self.evse.close_contactor(now) else "FAILED_ContactorError"


class _Blind(DcOutput):
    """A DC output that knows no emergencies."""

    def emergency(self, now: float) -> bool:
        """See none."""
        return False


class EmergencyUnseen(Iso20Dialogue):
    """Charges on in an emergency."""

    def __init__(self, application: Application, evse: Evse, config: SeccConfig, memory: Memory) -> None:
        super().__init__(application, evse, config, memory)
        self.output = _Blind(evse)


class EmergencyTooLate(Iso20Dialogue):
    """Tells of an emergency while the current flows on, until the session is over."""

    def __init__(self, application: Application, evse: Evse, config: SeccConfig, memory: Memory) -> None:
        super().__init__(application, evse, config, memory)
        self.output = _Slow(evse)

    def halt(self, now: float) -> None:
        """Leave the supply on."""
        self.state = "End"


class _Slow(DcOutput):
    """A DC output that stays on in an emergency."""

    def emergency(self, now: float) -> bool:
        """Tell of it only."""
        return self.evse.dc_status(now) == "EVSE_EmergencyShutdown"
