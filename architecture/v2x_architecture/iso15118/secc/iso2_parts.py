"""The responses of ISO 15118-2 and their parts, made of what the EVSE measures and offers."""

from __future__ import annotations

from typing import Literal

from v2x_architecture.iso15118.charging import Schedule
from v2x_architecture.iso15118.exi.messages import iso2
from v2x_architecture.iso15118.quantities import iso2_value as physical
from v2x_architecture.iso15118.secc.config import AddedService, SeccConfig
from v2x_architecture.iso15118.secc.dc import Demand, undemanded
from v2x_architecture.iso15118.secc.evse import Evse

type Code = iso2.responseCodeType
type Processing = iso2.EVSEProcessingType


class Iso2Parts:
    """Makes responses.

    Args:
        evse: that is told of.
        config: how the SECC behaves.
    """

    def __init__(self, evse: Evse, config: SeccConfig) -> None:
        self.evse, self.config = evse, config

    def services(self, code: Code, category: iso2.serviceCategoryType | None = None) -> iso2.ServiceDiscoveryResType:
        """ServiceDiscoveryRes: charging, and what there is of a category; of all when None."""
        added = [
            iso2.ServiceType(ServiceID=each.id, ServiceName=each.name, ServiceCategory=each.category, FreeService=each.free)
            for each in self.config.services
            if category in (None, each.category)
        ]
        return iso2.ServiceDiscoveryResType(
            ServiceList=iso2.ServiceListType(Service=added) if added else None,
            ResponseCode=code,
            PaymentOptionList=iso2.PaymentOptionListType(PaymentOption=["ExternalPayment"]),
            ChargeService=iso2.ChargeServiceType(
                ServiceID=1,
                ServiceName="AC_DC_Charging",
                ServiceCategory="EVCharging",
                FreeService=False,
                SupportedEnergyTransferMode=iso2.SupportedEnergyTransferModeType(EnergyTransferMode=list(self.evse.modes)),
            ),
        )

    def detail(self, service: AddedService) -> iso2.ServiceDetailResType:
        """ServiceDetailRes of a value added service."""
        sets = [
            iso2.ParameterSetType(ParameterSetID=number, Parameter=[_parameter(name, value) for name, value in each.items()])
            for number, each in enumerate(service.parameters, start=1)
        ]
        offered = iso2.ServiceParameterListType(ParameterSet=sets) if sets else None
        return iso2.ServiceDetailResType(ResponseCode="OK", ServiceID=service.id, ServiceParameterList=offered)

    def parameters(
        self, code: Code, processing: Processing, energy: str, now: float, schedules: tuple[Schedule, ...] = ()
    ) -> iso2.ChargeParameterDiscoveryResType:
        """ChargeParameterDiscoveryRes; with schedules, once they are there."""
        offered = iso2.SAScheduleListType(SAScheduleTuple=[_tuple(each) for each in schedules]) if schedules else None
        return iso2.ChargeParameterDiscoveryResType(
            ResponseCode=code,
            EVSEProcessing=processing,
            SASchedules=offered,
            EVSEChargeParameter=self._ac_parameters(now) if energy == "AC" else self._dc_parameters(now),
        )

    def charging(self, code: Code, schedule_id: int, now: float) -> iso2.ChargingStatusResType:
        """ChargingStatusRes."""
        return iso2.ChargingStatusResType(
            ResponseCode=code,
            EVSEID=self.evse.evse_id,
            SAScheduleTupleID=schedule_id,
            EVSEMaxCurrent=physical(self.evse.ac_limits(now).max_current_a, "A"),
            MeterInfo=self.meter(now),
            ReceiptRequired=False,
            AC_EVSEStatus=self.ac_status(now),
        )

    def cable_check(
        self, code: Code, processing: Processing, now: float, isolation: iso2.isolationLevelType = "Invalid"
    ) -> iso2.CableCheckResType:
        """CableCheckRes."""
        status = self.dc_status(now, isolation)
        if processing == "Ongoing" and status.EVSEStatusCode == "EVSE_Ready":
            status.EVSEStatusCode = "EVSE_IsolationMonitoringActive"
        return iso2.CableCheckResType(ResponseCode=code, DC_EVSEStatus=status, EVSEProcessing=processing)

    def pre_charge(self, code: Code, now: float) -> iso2.PreChargeResType:
        """PreChargeRes."""
        return iso2.PreChargeResType(ResponseCode=code, DC_EVSEStatus=self.dc_status(now), EVSEPresentVoltage=self.voltage(now))

    def demand(self, code: Code, demand: Demand, schedule_id: int, now: float) -> iso2.CurrentDemandResType:
        """CurrentDemandRes."""
        return iso2.CurrentDemandResType(
            ResponseCode=code,
            DC_EVSEStatus=self.dc_status(now),
            EVSEPresentVoltage=physical(demand.present.voltage_v, "V"),
            EVSEPresentCurrent=physical(demand.present.current_a, "A"),
            EVSECurrentLimitAchieved=demand.current_limited,
            EVSEVoltageLimitAchieved=demand.voltage_limited,
            EVSEPowerLimitAchieved=demand.power_limited,
            EVSEMaximumVoltageLimit=physical(demand.limits.max_voltage_v, "V"),
            EVSEMaximumCurrentLimit=physical(demand.limits.max_current_a, "A"),
            EVSEMaximumPowerLimit=physical(demand.limits.max_power_w, "W", 0),
            EVSEID=self.evse.evse_id,
            SAScheduleTupleID=schedule_id,
            MeterInfo=self.meter(now),
            ReceiptRequired=False,
        )

    def welding_detection(self, code: Code, now: float) -> iso2.WeldingDetectionResType:
        """WeldingDetectionRes."""
        return iso2.WeldingDetectionResType(
            ResponseCode=code, DC_EVSEStatus=self.dc_status(now), EVSEPresentVoltage=self.voltage(now)
        )

    # Parts

    def voltage(self, now: float) -> iso2.PhysicalValueType:
        """Return the present voltage."""
        return physical(self.evse.present(now).voltage_v, "V")

    def meter(self, now: float) -> iso2.MeterInfoType | None:
        """Return what the meter shows; None where that is not told."""
        if not self.config.meter_info:
            return None
        meter_id, energy = self.evse.meter(now)
        return iso2.MeterInfoType(MeterID=meter_id, MeterReading=int(energy), TMeter=int(self.config.epoch + now))

    def status(self, energy: str, now: float) -> iso2.EVSEStatusType:
        """Return the status of the kind of energy."""
        return self.ac_status(now) if energy == "AC" else self.dc_status(now)

    def ac_status(self, now: float) -> iso2.AC_EVSEStatusType:
        """Return the status of an AC EVSE."""
        wish = self.evse.notification(now)
        delay = wish.max_delay_s or self.config.notification_delay_s
        return iso2.AC_EVSEStatusType(NotificationMaxDelay=delay, EVSENotification=wish.older, RCD=self.evse.rcd(now))

    def dc_status(self, now: float, isolation: iso2.isolationLevelType = "Valid") -> iso2.DC_EVSEStatusType:
        """Return the status of a DC EVSE."""
        wish = self.evse.notification(now)
        return iso2.DC_EVSEStatusType(
            NotificationMaxDelay=wish.max_delay_s or self.config.notification_delay_s,
            EVSENotification=wish.older,
            EVSEIsolationStatus=isolation,
            EVSEStatusCode=self.evse.dc_status(now),
        )

    def _ac_parameters(self, now: float) -> iso2.AC_EVSEChargeParameterType:
        limits = self.evse.ac_limits(now)
        return iso2.AC_EVSEChargeParameterType(
            AC_EVSEStatus=self.ac_status(now),
            EVSENominalVoltage=physical(limits.nominal_voltage_v, "V"),
            EVSEMaxCurrent=physical(limits.max_current_a, "A"),
        )

    def _dc_parameters(self, now: float) -> iso2.DC_EVSEChargeParameterType:
        limits = self.evse.dc_limits(now)
        return iso2.DC_EVSEChargeParameterType(
            DC_EVSEStatus=self.dc_status(now, "Invalid"),
            EVSEMaximumCurrentLimit=physical(limits.max_current_a, "A"),
            EVSEMaximumPowerLimit=physical(limits.max_power_w, "W", 0),
            EVSEMaximumVoltageLimit=physical(limits.max_voltage_v, "V"),
            EVSEMinimumCurrentLimit=physical(limits.min_current_a, "A"),
            EVSEMinimumVoltageLimit=physical(limits.min_voltage_v, "V"),
            EVSEPeakCurrentRipple=physical(limits.ripple_a, "A"),
        )

    # Saying no: every response has its mandatory fields filled, whatever came before

    def refusal(self, request: iso2.BodyBaseType, code: Code, schedule_id: int, now: float) -> iso2.BodyBaseType:
        """Return the response to a request with a code that says no."""
        energy: Literal["AC", "DC"] = "DC" if any(mode.startswith("DC") for mode in self.evse.modes) else "AC"
        match request:
            case iso2.SessionSetupReqType():
                return iso2.SessionSetupResType(ResponseCode=code, EVSEID=self.evse.evse_id)
            case iso2.ServiceDiscoveryReqType():
                return self.services(code)
            case iso2.ServiceDetailReqType():
                return iso2.ServiceDetailResType(ResponseCode=code, ServiceID=request.ServiceID)
            case iso2.PaymentServiceSelectionReqType():
                return iso2.PaymentServiceSelectionResType(ResponseCode=code)
            case iso2.PaymentDetailsReqType():
                stamp = int(self.config.epoch + now)
                return iso2.PaymentDetailsResType(ResponseCode=code, GenChallenge=bytes(16), EVSETimeStamp=stamp)
            case iso2.AuthorizationReqType():
                return iso2.AuthorizationResType(ResponseCode=code, EVSEProcessing="Finished")
            case iso2.ChargeParameterDiscoveryReqType():
                return self.parameters(code, "Finished", energy, now)
            case iso2.PowerDeliveryReqType():
                return iso2.PowerDeliveryResType(ResponseCode=code, EVSEStatus=self.status(energy, now))
            case iso2.MeteringReceiptReqType():
                return iso2.MeteringReceiptResType(ResponseCode=code, EVSEStatus=self.status(energy, now))
            case iso2.ChargingStatusReqType():
                return self.charging(code, schedule_id, now)
            case iso2.CableCheckReqType():
                return self.cable_check(code, "Finished", now)
            case iso2.PreChargeReqType():
                return self.pre_charge(code, now)
            case iso2.CurrentDemandReqType():
                return self.demand(code, undemanded(self.evse, now), schedule_id, now)
            case iso2.WeldingDetectionReqType():
                return self.welding_detection(code, now)
            case iso2.SessionStopReqType():
                return iso2.SessionStopResType(ResponseCode=code)
            case iso2.CertificateUpdateReqType():
                chain, key, secret, emaid = _no_certificate()
                return iso2.CertificateUpdateResType(
                    ResponseCode=code,
                    SAProvisioningCertificateChain=chain,
                    ContractSignatureCertChain=chain,
                    ContractSignatureEncryptedPrivateKey=key,
                    DHpublickey=secret,
                    eMAID=emaid,
                )
            case iso2.CertificateInstallationReqType():
                chain, key, secret, emaid = _no_certificate()
                return iso2.CertificateInstallationResType(
                    ResponseCode=code,
                    SAProvisioningCertificateChain=chain,
                    ContractSignatureCertChain=chain,
                    ContractSignatureEncryptedPrivateKey=key,
                    DHpublickey=secret,
                    eMAID=emaid,
                )
            case _:
                raise TypeError(f"{type(request).__name__} is no request")


def _parameter(name: str, value: bool | int | str) -> iso2.ParameterType:
    match value:
        case bool():
            return iso2.ParameterType(Name=name, boolValue=value)
        case int():
            return iso2.ParameterType(Name=name, intValue=value)
    return iso2.ParameterType(Name=name, stringValue=value)


type _Certificate = tuple[
    iso2.CertificateChainType, iso2.ContractSignatureEncryptedPrivateKeyType, iso2.DiffieHellmanPublickeyType, iso2.EMAIDType
]


def _no_certificate() -> _Certificate:
    """Return what stands for certificates in a response that has none to give."""
    return (
        iso2.CertificateChainType(Certificate=bytes(1)),
        iso2.ContractSignatureEncryptedPrivateKeyType(value=bytes(48), Id="id1"),
        iso2.DiffieHellmanPublickeyType(value=bytes(65), Id="id2"),
        iso2.EMAIDType(value="0" * 14, Id="id3"),
    )


def _tuple(schedule: Schedule) -> iso2.SAScheduleTupleType:
    return iso2.SAScheduleTupleType(
        SAScheduleTupleID=schedule.id,
        PMaxSchedule=iso2.PMaxScheduleType(
            PMaxScheduleEntry=[
                iso2.PMaxScheduleEntryType(
                    TimeInterval=iso2.RelativeTimeIntervalType(start=entry.start_s, duration=entry.duration_s),
                    PMax=physical(entry.max_power_w, "W", 0),
                )
                for entry in schedule.entries
            ]
        ),
    )
