"""SECCs and EVCCs of ISO 15118-20 that do not keep what goes beside the charge loop apart from it."""

from __future__ import annotations

from v2x_architecture.iso15118.evcc.iso20 import Iso20Dialogue as EvccDialogue
from v2x_architecture.iso15118.evcc.script import Steps, Wait
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.secc.dialogue import Answer
from v2x_architecture.iso15118.secc.iso20 import Iso20Dialogue
from v2x_architecture.iso15118.v2gtp import PayloadType

_LONG = 3600.0


class AnswersInTheMainStream(Iso20Dialogue):
    """Answers what came beside the charge loop in the loop's stream."""

    def aside(self, message: object, payload_type: int, now: float) -> Answer | None:
        """Answer with the payload type of common messages."""
        answer = super().aside(message, payload_type, now)
        if answer is None:
            return None
        return Answer(
            name=answer.name, message=answer.message, payload_type=PayloadType.ISO20_MAIN, end=answer.end, text=answer.text
        )


class LosesItsPlace(Iso20Dialogue):
    """Thinks that the charge loop is over once something came beside it."""

    def aside(self, message: object, payload_type: int, now: float) -> Answer | None:
        """Wait for the end of charging then."""
        answer = super().aside(message, payload_type, now)
        self.state = "PowerDelivery"
        return answer


class TakesAnybodysWord(Iso20Dialogue):
    """Takes what comes beside the charge loop from whatever session."""

    def aside(self, message: object, payload_type: int, now: float) -> Answer | None:
        """Look at no SessionID."""
        if isinstance(message, ct.V2GRequestType):
            message.Header.SessionID = self.session_id
        return super().aside(message, payload_type, now)


class NeverConfirms(EvccDialogue):
    """Leaves the wish for a confirmation of the meter aside."""

    def confirm_meter(self, response: ct.ChargeLoopResType) -> Steps[None]:
        """Do nothing."""
        yield from ()


class ConfirmsAndWaits(EvccDialogue):
    """Demands nothing more once it has confirmed the meter."""

    def confirm_meter(self, response: ct.ChargeLoopResType) -> Steps[None]:
        """Wait after that."""
        before = self.confirmed
        yield from super().confirm_meter(response)
        if self.confirmed and not before:
            yield Wait(_LONG)


class ConfirmsAnotherReading(EvccDialogue):
    """Confirms what it was not told."""

    def confirm_meter(self, response: ct.ChargeLoopResType) -> Steps[None]:
        """Confirm a kWh more."""
        if response.MeterInfo is not None:
            response.MeterInfo.ChargedEnergyReadingWh += 1000
        yield from super().confirm_meter(response)
