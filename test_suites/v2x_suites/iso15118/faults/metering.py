"""SECCs and EVCCs of ISO 15118-2 that want or give receipts where there is no contract."""

from __future__ import annotations

from v2x_architecture.iso15118.evcc.iso2 import Iso2Dialogue as EvccDialogue
from v2x_architecture.iso15118.evcc.script import Steps, Wait
from v2x_architecture.iso15118.exi.messages import iso2
from v2x_architecture.iso15118.secc.iso2 import Iso2Dialogue

_LONG = 3600.0


class TakesAnyReceipt(Iso2Dialogue):
    """Takes a receipt while AC flows that it has not asked for."""

    def answer_receipt(self, now: float) -> iso2.BodyBaseType:
        """Say OK."""
        return iso2.MeteringReceiptResType(ResponseCode="OK", EVSEStatus=self.parts.ac_status(now))

    def refuse(self, request: iso2.BodyBaseType, code: iso2.responseCodeType, now: float) -> iso2.BodyBaseType:
        """Refuse everything else."""
        if isinstance(request, iso2.MeteringReceiptReqType) and self.charging:
            return self.answer_receipt(now)
        return super().refuse(request, code, now)


class GivesReceipts(EvccDialogue):
    """Gives a receipt without a signature to whoever asks for one."""

    def ask[T](self, request: iso2.BodyBaseType, wanted: type[T]) -> Steps[T]:
        """Look whether a receipt is wanted."""
        response = yield from super().ask(request, wanted)
        if getattr(response, "ReceiptRequired", False):
            meter = iso2.MeterInfoType(MeterID="1")
            receipt = iso2.MeteringReceiptReqType(SessionID=self.session_id, MeterInfo=meter)
            yield from super().ask(receipt, iso2.MeteringReceiptResType)
        return response


class HangsOverReceipts(EvccDialogue):
    """Neither charges on nor ends once a receipt is wanted that it cannot give."""

    def ask[T](self, request: iso2.BodyBaseType, wanted: type[T]) -> Steps[T]:
        """Look whether a receipt is wanted."""
        response = yield from super().ask(request, wanted)
        if getattr(response, "ReceiptRequired", False):
            yield Wait(_LONG)
        return response
