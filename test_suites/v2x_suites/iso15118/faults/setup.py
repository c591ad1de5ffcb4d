"""SECCs and EVCCs of all editions that do not keep to the time in which a session has to be set up."""

from __future__ import annotations

from v2x_adapters.iso15118.reference import ReferenceEvccProduct
from v2x_architecture.iso15118.evcc import Evcc
from v2x_architecture.iso15118.secc import Secc
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.timers import NEGOTIATION
from v2x_harness.operator import Placement, Ready

_DAY = 86_400.0


class SetupForEver(Secc):
    """Has no time in which a session is to be set up, but that between messages."""

    def setup_time(self) -> float:
        """Give the time that there is between messages."""
        return 60.0

    @property
    def setting_up(self) -> bool:
        """See no difference between the messages before a session and those in it."""
        return False


class SetupInHaste(Secc):
    """Gives an EV 5 s to set up a session."""

    def setup_time(self) -> float:
        """Give less than an EV may take."""
        return 5.0


class SetupGoesOn(Secc):
    """Never stops the time in which a session is to be set up."""

    @property
    def setting_up(self) -> bool:
        """Think that it is still to be set up."""
        return True


class OfferForEver(Evcc):
    """Waits for the answer to its offer of protocols for ever."""

    def handle_timeout(self, now: float) -> list[Send]:
        """Do nothing about an answer that does not come."""
        if self.asked is not None and self.asked.name == NEGOTIATION:
            self._deadline = now + _DAY
            return []
        return super().handle_timeout(now)


class HandshakeForEver(ReferenceEvccProduct):
    """Waits for a handshake of TLS for ever."""

    async def start(self, placement: Placement) -> Ready:
        """Have all the time."""
        ready = await super().start(placement)
        assert self.running is not None
        self.running.setup_s = _DAY
        return ready
