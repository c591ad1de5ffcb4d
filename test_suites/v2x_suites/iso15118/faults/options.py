"""SECCs of the older editions that make too much, or too little, of what an EV may tell, and of messages they have no use for."""

from __future__ import annotations

from v2x_architecture.iso15118 import v2gtp
from v2x_architecture.iso15118.charging import Schedule
from v2x_architecture.iso15118.exi.messages import din, iso2
from v2x_architecture.iso15118.secc import Output, Secc
from v2x_architecture.iso15118.secc.din import DinDialogue
from v2x_architecture.iso15118.secc.iso2 import Code, Iso2Dialogue, profile_of
from v2x_architecture.iso15118.sequences import Facts

_SMALL = 12


class CrashesOnCertificates(Secc):
    """Serves nobody any more once it was sent a contract certificate that is none."""

    def receive(self, event: v2gtp.Event, now: float) -> list[Output]:
        """Look whether it has crashed, or is to."""
        if vars(self.memory).get("crashed"):
            return []
        outputs = super().receive(event, now)
        sent = [getattr(each, "name", "") for each in outputs]
        vars(self.memory)["crashed"] = "PaymentDetailsRes" in sent or "CertificateUpdateRes" in sent
        return outputs


class EmptyHandlers(Iso2Dialogue):
    """Answers requests for certificates from handlers that leave the response code as it was."""

    def refuse(self, request: iso2.BodyBaseType, code: Code, now: float) -> iso2.BodyBaseType:
        """Have said OK before."""
        certificates = iso2.CertificateUpdateReqType | iso2.CertificateInstallationReqType | iso2.PaymentDetailsReqType
        return super().refuse(request, "OK" if isinstance(request, certificates) else code, now)


class OneRefusalForCertificates(Iso2Dialogue):
    """Refuses requests for certificates with the response that it would give otherwise."""

    def refuse(self, request: iso2.BodyBaseType, code: Code, now: float) -> iso2.BodyBaseType:
        """Have no response of theirs."""
        if isinstance(request, iso2.CertificateUpdateReqType | iso2.CertificateInstallationReqType | iso2.PaymentDetailsReqType):
            return iso2.AuthorizationResType(ResponseCode=code, EVSEProcessing="Finished")
        return super().refuse(request, code, now)


class NoRoomForSchedules(Iso2Dialogue):
    """Fails when there are more schedules than it has room for."""

    def charge_parameter_discovery(self, request: iso2.ChargeParameterDiscoveryReqType, now: float) -> iso2.BodyBaseType:
        """Count them."""
        schedules = self.evse.schedules(now)
        if schedules is not None and len(schedules) > 3:
            return self.refuse(request, "FAILED", now)
        return super().charge_parameter_discovery(request, now)


class TwelveEntries(Iso2Dialogue):
    """Has room for charging profiles of twelve entries."""

    def profile_objection(self, request: iso2.PowerDeliveryReqType, chosen: Schedule) -> Code | None:
        """Count them."""
        if len(profile_of(request)) > _SMALL:
            return "FAILED_ChargingProfileInvalid"
        return super().profile_objection(request, chosen)


class EndsWithoutCurrent(Iso2Dialogue):
    """Ends the session when it has no current for a while."""

    def charging_status(self, request: iso2.ChargingStatusReqType, now: float) -> iso2.BodyBaseType:
        """Look how much there is."""
        if self.evse.ac_limits(now).max_current_a == 0:
            return self.refuse(request, "FAILED", now)
        return super().charging_status(request, now)


class InsistsOnFullSoc(DinDialogue):
    """Insists on a state of charge that the EV calls full."""

    def charge_parameter_discovery(self, request: din.ChargeParameterDiscoveryReqType, now: float) -> din.BodyBaseType:
        """Look for it."""
        told = request.EVChargeParameter
        if isinstance(told, din.DC_EVChargeParameterType) and told.FullSOC is None:
            return self.refuse(request, "FAILED_WrongChargeParameter", now)
        return super().charge_parameter_discovery(request, now)


class RefusesTheFull(DinDialogue):
    """Refuses an EV that asks for no energy."""

    def charge_parameter_discovery(self, request: din.ChargeParameterDiscoveryReqType, now: float) -> din.BodyBaseType:
        """Look how much it asks for."""
        told = request.EVChargeParameter
        wanted = told.EVEnergyRequest if isinstance(told, din.DC_EVChargeParameterType) else None
        if wanted is not None and wanted.Value == 0:
            return self.refuse(request, "FAILED_WrongChargeParameter", now)
        return super().charge_parameter_discovery(request, now)


class StopsAtBulk(DinDialogue):
    """Ends charging when fast charging is complete."""

    def current_demand(self, request: din.CurrentDemandReqType, now: float) -> din.BodyBaseType:
        """Look whether it is."""
        if request.BulkChargingComplete:
            return self.refuse(request, "FAILED", now)
        return super().current_demand(request, now)


class NothingAfterBulk(DinDialogue):
    """Gives no current any more when fast charging is complete."""

    def current_demand(self, request: din.CurrentDemandReqType, now: float) -> din.BodyBaseType:
        """Look whether it is."""
        if request.BulkChargingComplete:
            request.EVTargetCurrent = din.PhysicalValueType(Multiplier=0, Unit="A", Value=0)
        return super().current_demand(request, now)


class AnswersForAc(DinDialogue):
    """Answers messages that it has no use for with OK."""

    def refuse(self, request: din.BodyBaseType, code: din.responseCodeType, now: float) -> din.BodyBaseType:
        """Say OK to them."""
        useless = isinstance(request, din.ChargingStatusReqType | din.ServiceDetailReqType)
        return super().refuse(request, "OK" if useless else code, now)

    def move(self, response: str, facts: Facts) -> None:
        """Stay where it is with them."""
        if response not in ("ChargingStatusRes", "ServiceDetailRes"):
            super().move(response, facts)
