"""The responses of DIN SPEC 70121 and their parts, made of what the EVSE measures and offers."""

from __future__ import annotations

from typing import Final

from v2x_architecture.iso15118.charging import DcStatus, Schedule
from v2x_architecture.iso15118.exi.messages import din
from v2x_architecture.iso15118.quantities import din_value as physical
from v2x_architecture.iso15118.secc.config import SeccConfig
from v2x_architecture.iso15118.secc.dc import Demand, undemanded
from v2x_architecture.iso15118.secc.evse import Evse

type Code = din.responseCodeType
type Processing = din.EVSEProcessingType

_LARGEST_PMAX = 32767
_STOPPING: Final[dict[DcStatus, DcStatus]] = {"EVSE_Ready": "EVSE_Shutdown", "EVSE_Malfunction": "EVSE_EmergencyShutdown"}
"""What an EV is told that is to stop: it need not stop for any other code ([V2G-DC-637], [V2G-DC-896])."""


class DinParts:
    """Makes responses.

    Args:
        evse: that is told of.
        config: how the SECC behaves.
    """

    def __init__(self, evse: Evse, config: SeccConfig) -> None:
        self.evse, self.config = evse, config

    def services(self, code: Code) -> din.ServiceDiscoveryResType:
        """ServiceDiscoveryRes: DC charging with the widest plug there is."""
        tag = din.ServiceTagType(ServiceID=1, ServiceCategory="EVCharging")
        kind: din.EVSESupportedEnergyTransferType = "DC_extended" if "DC_extended" in self.evse.modes else "DC_core"
        return din.ServiceDiscoveryResType(
            ResponseCode=code,
            PaymentOptions=din.PaymentOptionsType(PaymentOption=["ExternalPayment"]),
            ChargeService=din.ServiceChargeType(ServiceTag=tag, FreeService=False, EnergyTransferType=kind),
        )

    def parameters(
        self, code: Code, processing: Processing, now: float, schedules: tuple[Schedule, ...] = ()
    ) -> din.ChargeParameterDiscoveryResType:
        """ChargeParameterDiscoveryRes; the schema wants a schedule even while there is none: it has no power then."""
        limits = self.evse.dc_limits(now)
        tuples = [_tuple(each) for each in schedules] or [_no_power()]
        return din.ChargeParameterDiscoveryResType(
            ResponseCode=code,
            EVSEProcessing=processing,
            SASchedules=din.SAScheduleListType(SAScheduleTuple=tuples),
            EVSEChargeParameter=din.DC_EVSEChargeParameterType(
                DC_EVSEStatus=self.status(now, "Invalid"),
                EVSEMaximumCurrentLimit=physical(limits.max_current_a, "A"),
                EVSEMaximumPowerLimit=physical(limits.max_power_w, "W", 0),
                EVSEMaximumVoltageLimit=physical(limits.max_voltage_v, "V"),
                EVSEMinimumCurrentLimit=physical(limits.min_current_a, "A"),
                EVSEMinimumVoltageLimit=physical(limits.min_voltage_v, "V"),
                EVSEPeakCurrentRipple=physical(limits.ripple_a, "A"),
            ),
        )

    def cable_check(
        self, code: Code, processing: Processing, now: float, isolation: din.isolationLevelType = "Invalid"
    ) -> din.CableCheckResType:
        """CableCheckRes."""
        status = self.status(now, isolation)
        if processing == "Ongoing" and status.EVSEStatusCode == "EVSE_Ready":
            status.EVSEStatusCode = "EVSE_IsolationMonitoringActive"
        return din.CableCheckResType(ResponseCode=code, DC_EVSEStatus=status, EVSEProcessing=processing)

    def pre_charge(self, code: Code, now: float) -> din.PreChargeResType:
        """PreChargeRes."""
        return din.PreChargeResType(ResponseCode=code, DC_EVSEStatus=self.status(now), EVSEPresentVoltage=self.voltage(now))

    def demand(self, code: Code, demand: Demand, now: float) -> din.CurrentDemandResType:
        """CurrentDemandRes."""
        return din.CurrentDemandResType(
            ResponseCode=code,
            DC_EVSEStatus=self.status(now),
            EVSEPresentVoltage=physical(demand.present.voltage_v, "V"),
            EVSEPresentCurrent=physical(demand.present.current_a, "A"),
            EVSECurrentLimitAchieved=demand.current_limited,
            EVSEVoltageLimitAchieved=demand.voltage_limited,
            EVSEPowerLimitAchieved=demand.power_limited,
            EVSEMaximumVoltageLimit=physical(demand.limits.max_voltage_v, "V"),
            EVSEMaximumCurrentLimit=physical(demand.limits.max_current_a, "A"),
            EVSEMaximumPowerLimit=physical(demand.limits.max_power_w, "W", 0),
        )

    def welding_detection(self, code: Code, now: float) -> din.WeldingDetectionResType:
        """WeldingDetectionRes."""
        return din.WeldingDetectionResType(
            ResponseCode=code, DC_EVSEStatus=self.status(now), EVSEPresentVoltage=self.voltage(now)
        )

    # Parts

    def voltage(self, now: float) -> din.PhysicalValueType:
        """Return the present voltage."""
        return physical(self.evse.present(now).voltage_v, "V")

    def status(self, now: float, isolation: din.isolationLevelType = "Valid") -> din.DC_EVSEStatusType:
        """Return the status of the EVSE: what it wants is told as its status code, never as a notification ([V2G-DC-500])."""
        wish = self.evse.notification(now)
        code = self.evse.dc_status(now)
        if wish.kind == "StopCharging":
            code = _STOPPING.get(code, code)
        return din.DC_EVSEStatusType(
            EVSEIsolationStatus=isolation,
            EVSEStatusCode=code,
            NotificationMaxDelay=wish.max_delay_s or self.config.notification_delay_s,
            EVSENotification="None",
        )

    def _ac_status(self, now: float) -> din.AC_EVSEStatusType:
        delay = self.config.notification_delay_s
        return din.AC_EVSEStatusType(PowerSwitchClosed=False, RCD=False, NotificationMaxDelay=delay, EVSENotification="None")

    # Saying no: every response has its mandatory fields filled, whatever came before

    def refusal(self, request: din.BodyBaseType, code: Code, now: float) -> din.BodyBaseType:
        """Return the response to a request with a code that says no."""
        match request:
            case din.SessionSetupReqType():
                return din.SessionSetupResType(ResponseCode=code, EVSEID=self.config.din_evse_id)
            case din.ServiceDiscoveryReqType():
                return self.services(code)
            case din.ServiceDetailReqType():
                return din.ServiceDetailResType(ResponseCode=code, ServiceID=request.ServiceID)
            case din.ServicePaymentSelectionReqType():
                return din.ServicePaymentSelectionResType(ResponseCode=code)
            case din.PaymentDetailsReqType():
                stamp = int(self.config.epoch + now)
                return din.PaymentDetailsResType(ResponseCode=code, GenChallenge="", DateTimeNow=stamp)
            case din.ContractAuthenticationReqType():
                return din.ContractAuthenticationResType(ResponseCode=code, EVSEProcessing="Finished")
            case din.ChargeParameterDiscoveryReqType():
                return self.parameters(code, "Finished", now)
            case din.PowerDeliveryReqType():
                return din.PowerDeliveryResType(ResponseCode=code, EVSEStatus=self.status(now))
            case din.ChargingStatusReqType():
                return din.ChargingStatusResType(
                    ResponseCode=code,
                    EVSEID=self.config.din_evse_id,
                    SAScheduleTupleID=1,
                    ReceiptRequired=False,
                    AC_EVSEStatus=self._ac_status(now),
                )
            case din.MeteringReceiptReqType():
                return din.MeteringReceiptResType(ResponseCode=code, AC_EVSEStatus=self._ac_status(now))
            case din.CableCheckReqType():
                return self.cable_check(code, "Finished", now)
            case din.PreChargeReqType():
                return self.pre_charge(code, now)
            case din.CurrentDemandReqType():
                return self.demand(code, undemanded(self.evse, now), now)
            case din.WeldingDetectionReqType():
                return self.welding_detection(code, now)
            case din.SessionStopType():
                return din.SessionStopResType(ResponseCode=code)
            case din.CertificateUpdateReqType():
                return din.CertificateUpdateResType(
                    ResponseCode=code,
                    ContractSignatureCertChain=din.CertificateChainType(Certificate=bytes(1)),
                    ContractSignatureEncryptedPrivateKey=bytes(1),
                    DHParams=bytes(1),
                    ContractID="",
                    RetryCounter=0,
                    Id="id1",
                )
            case din.CertificateInstallationReqType():
                return din.CertificateInstallationResType(
                    ResponseCode=code,
                    ContractSignatureCertChain=din.CertificateChainType(Certificate=bytes(1)),
                    ContractSignatureEncryptedPrivateKey=bytes(1),
                    DHParams=bytes(1),
                    ContractID="",
                    Id="id1",
                )
            case _:
                raise TypeError(f"{type(request).__name__} is no request")


def _tuple(schedule: Schedule) -> din.SAScheduleTupleType:
    """Return a schedule; its limits have two octets of W, so more power than that cannot be told."""
    return din.SAScheduleTupleType(
        SAScheduleTupleID=schedule.id,
        PMaxSchedule=din.PMaxScheduleType(
            PMaxScheduleID=schedule.id,
            PMaxScheduleEntry=[
                din.PMaxScheduleEntryType(
                    TimeInterval=din.RelativeTimeIntervalType(start=entry.start_s, duration=entry.duration_s),
                    PMax=min(int(entry.max_power_w), _LARGEST_PMAX),
                )
                for entry in schedule.entries
            ],
        ),
    )


def _no_power() -> din.SAScheduleTupleType:
    entry = din.PMaxScheduleEntryType(TimeInterval=din.RelativeTimeIntervalType(start=0), PMax=0)
    schedule = din.PMaxScheduleType(PMaxScheduleID=1, PMaxScheduleEntry=[entry])
    return din.SAScheduleTupleType(SAScheduleTupleID=1, PMaxSchedule=schedule)
