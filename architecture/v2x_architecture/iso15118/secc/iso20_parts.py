"""The responses of ISO 15118-20 and their parts, made of what the EVSE measures and offers."""

from __future__ import annotations

from v2x_architecture.iso15118.both_ways import both_ways
from v2x_architecture.iso15118.charging import NotificationKind, Schedule
from v2x_architecture.iso15118.exi.messages import iso20_ac as ac
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages import iso20_dc as dc
from v2x_architecture.iso15118.quantities import rational
from v2x_architecture.iso15118.secc.config import SeccConfig
from v2x_architecture.iso15118.secc.dc import Demand, undemanded
from v2x_architecture.iso15118.secc.evse import Evse
from v2x_architecture.iso15118.services20 import ControlMode, Service

type Code = ct.responseCodeType

_DAY = 86_400
_NOTIFICATIONS: dict[NotificationKind, ct.evseNotificationType] = {
    "StopCharging": "Terminate",
    "ReNegotiation": "ScheduleRenegotiation",
    "Pause": "Pause",
    "ExitStandby": "ExitStandby",
    "ServiceRenegotiation": "ServiceRenegotiation",
    "MeteringConfirmation": "MeteringConfirmation",
}


class Iso20Parts:
    """Makes responses.

    Args:
        evse: that is told of.
        config: how the SECC behaves.
    """

    def __init__(self, evse: Evse, config: SeccConfig) -> None:
        self.evse, self.config = evse, config
        self.session_id = bytes(8)
        self.service = Service.DC
        self.control = ControlMode.SCHEDULED

    def header(self, now: float) -> ct.MessageHeaderType:
        """Return the header."""
        return ct.MessageHeaderType(SessionID=self.session_id, TimeStamp=self.stamp(now))

    def stamp(self, now: float) -> int:
        """Return the wall time (s since 1970-01-01 UTC)."""
        return int(self.config.epoch + now)

    def status(self, now: float) -> ct.EVSEStatusType | None:
        """Return what the EVSE wants of the EV; None when it wants nothing."""
        wish = self.evse.notification(now)
        kind = _NOTIFICATIONS.get(wish.kind)
        return ct.EVSEStatusType(NotificationMaxDelay=wish.max_delay_s, EVSENotification=kind) if kind is not None else None

    def meter(self, now: float) -> ct.MeterInfoType:
        """Return what the meter shows, both ways where energy may flow both ways."""
        meter_id, energy = self.evse.meter(now)
        exported = int(self.evse.exported(now)) if self.service.bidirectional else None
        return ct.MeterInfoType(
            MeterID=meter_id,
            ChargedEnergyReadingWh=int(energy),
            BPT_DischargedEnergyReadingWh=exported,
            MeterTimestamp=self.stamp(now),
        )

    def schedule(self, schedule: Schedule, now: float) -> cm.ScheduleTupleType:
        """Return a schedule; of a service with both ways, one for discharging at all the power there is."""
        starts = [entry.start_s for entry in schedule.entries]
        last = schedule.entries[-1]
        ends = [*starts[1:], last.start_s + (last.duration_s or _DAY)]
        entries = [
            cm.PowerScheduleEntryType(Duration=end - entry.start_s, Power=rational(entry.max_power_w, 0))
            for entry, end in zip(schedule.entries, ends, strict=True)
        ]
        discharging = None
        if self.service.bidirectional:
            limits = self.evse.dc_limits(now) if self.service.energy == "DC" else self.evse.ac_limits(now)
            back = [cm.PowerScheduleEntryType(Duration=ends[-1], Power=rational(-limits.max_discharge_w, 0))]
            discharging = self._charging_schedule(back, now)
        return cm.ScheduleTupleType(
            ScheduleTupleID=schedule.id,
            ChargingSchedule=self._charging_schedule(entries, now),
            DischargingSchedule=discharging,
        )

    def _charging_schedule(self, entries: list[cm.PowerScheduleEntryType], now: float) -> cm.ChargingScheduleType:
        listed = cm.PowerScheduleEntryListType(PowerScheduleEntry=entries)
        schedule = cm.ChargingScheduleType(
            PowerSchedule=cm.PowerScheduleType(TimeAnchor=self.stamp(now), PowerScheduleEntries=listed)
        )
        if self.config.price_levels:
            levels = [cm.PriceLevelScheduleEntryType(Duration=entry.Duration, PriceLevel=1) for entry in entries]
            schedule.PriceLevelSchedule = cm.PriceLevelScheduleType(
                TimeAnchor=self.stamp(now),
                PriceScheduleID=1,
                NumberOfPriceLevels=1,
                PriceLevelScheduleEntries=cm.PriceLevelScheduleEntryListType(PriceLevelScheduleEntry=levels),
            )
        return schedule

    # DC

    def dc_parameters(self, code: Code, now: float) -> dc.DC_ChargeParameterDiscoveryResType:
        """DC_ChargeParameterDiscoveryRes."""
        limits = self.evse.dc_limits(now)
        mode = dc.DC_CPDResEnergyTransferModeType(
            EVSEMaximumChargePower=rational(limits.max_power_w, 0),
            EVSEMinimumChargePower=rational(limits.min_current_a * limits.min_voltage_v, 0),
            EVSEMaximumChargeCurrent=rational(limits.max_current_a),
            EVSEMinimumChargeCurrent=rational(limits.min_current_a),
            EVSEMaximumVoltage=rational(limits.max_voltage_v),
            EVSEMinimumVoltage=rational(limits.min_voltage_v),
        )
        if self.service is Service.DC_BPT:
            back = {
                "EVSEMaximumDischargePower": rational(limits.max_discharge_w, 0),
                "EVSEMinimumDischargePower": rational(0),
                "EVSEMaximumDischargeCurrent": rational(limits.max_discharge_a),
                "EVSEMinimumDischargeCurrent": rational(0),
            }
            mode = both_ways(dc.BPT_DC_CPDResEnergyTransferModeType, mode, back)
        return dc.DC_ChargeParameterDiscoveryResType(Header=self.header(now), ResponseCode=code, DC_CPDResEnergyTransferMode=mode)

    def dc_loop(self, code: Code, demand: Demand, now: float, *, meter: bool) -> dc.DC_ChargeLoopResType:
        """DC_ChargeLoopRes."""
        return dc.DC_ChargeLoopResType(
            Header=self.header(now),
            ResponseCode=code,
            EVSEStatus=self.status(now),
            MeterInfo=self.meter(now) if meter else None,
            EVSEPresentCurrent=rational(demand.present.current_a),
            EVSEPresentVoltage=rational(demand.present.voltage_v),
            EVSEPowerLimitAchieved=demand.power_limited,
            EVSECurrentLimitAchieved=demand.current_limited,
            EVSEVoltageLimitAchieved=demand.voltage_limited,
            CLResControlMode=self._dc_control(demand),
        )

    def _dc_control(self, demand: Demand) -> ct.CLResControlModeType:
        limits = demand.limits
        one_way: type[dc.Dynamic_DC_CLResControlModeType | dc.Scheduled_DC_CLResControlModeType]
        bpt: type[dc.BPT_Dynamic_DC_CLResControlModeType | dc.BPT_Scheduled_DC_CLResControlModeType]
        if self.control is ControlMode.DYNAMIC:
            one_way, bpt = dc.Dynamic_DC_CLResControlModeType, dc.BPT_Dynamic_DC_CLResControlModeType
        else:
            one_way, bpt = dc.Scheduled_DC_CLResControlModeType, dc.BPT_Scheduled_DC_CLResControlModeType
        control = one_way(
            EVSEMaximumChargePower=rational(limits.max_power_w, 0),
            EVSEMinimumChargePower=rational(limits.min_current_a * limits.min_voltage_v, 0),
            EVSEMaximumChargeCurrent=rational(limits.max_current_a),
            EVSEMaximumVoltage=rational(limits.max_voltage_v),
        )
        if self.service is not Service.DC_BPT:
            return control
        back = {
            "EVSEMaximumDischargePower": rational(limits.max_discharge_w, 0),
            "EVSEMinimumDischargePower": rational(0),
            "EVSEMaximumDischargeCurrent": rational(limits.max_discharge_a),
            "EVSEMinimumVoltage": rational(limits.min_voltage_v),
        }
        return both_ways(bpt, control, back)

    # AC

    def ac_parameters(self, code: Code, now: float) -> ac.AC_ChargeParameterDiscoveryResType:
        """AC_ChargeParameterDiscoveryRes; powers are those of all phases together."""
        limits = self.evse.ac_limits(now)
        mode = ac.AC_CPDResEnergyTransferModeType(
            EVSEMaximumChargePower=rational(limits.max_power_w, 0),
            EVSEMinimumChargePower=rational(0),
            EVSENominalFrequency=rational(limits.frequency_hz),
        )
        if self.service is Service.AC_BPT:
            back = {
                "EVSEMaximumDischargePower": rational(limits.max_discharge_w, 0),
                "EVSEMinimumDischargePower": rational(0),
            }
            mode = both_ways(ac.BPT_AC_CPDResEnergyTransferModeType, mode, back)
        return ac.AC_ChargeParameterDiscoveryResType(Header=self.header(now), ResponseCode=code, AC_CPDResEnergyTransferMode=mode)

    def ac_loop(self, code: Code, target_w: float, now: float, *, meter: bool) -> ac.AC_ChargeLoopResType:
        """AC_ChargeLoopRes.

        Args:
            code: the response code.
            target_w: what the EV is to draw (W), negative to give; in scheduled control its limit.
            now: the time.
            meter: whether the EV wants to know the meter.
        """
        present = rational(self.evse.present(now).power_w, 0)
        target, mode = rational(target_w, 0), ac.Scheduled_AC_CLResControlModeType
        control: ct.CLResControlModeType
        if self.control is ControlMode.DYNAMIC:
            dynamic = ac.BPT_Dynamic_AC_CLResControlModeType if self.service.bidirectional else ac.Dynamic_AC_CLResControlModeType
            control = dynamic(EVSETargetActivePower=target, EVSEPresentActivePower=present)
        else:
            mode = ac.BPT_Scheduled_AC_CLResControlModeType if self.service.bidirectional else mode
            control = mode(EVSETargetActivePower=target, EVSEPresentActivePower=present)
        return ac.AC_ChargeLoopResType(
            Header=self.header(now),
            ResponseCode=code,
            EVSEStatus=self.status(now),
            MeterInfo=self.meter(now) if meter else None,
            CLResControlMode=control,
        )

    # Any response

    def minimal(self, request: ct.V2GRequestType, code: Code, now: float) -> ct.V2GResponseType:
        """Return the response to a request with nothing but what it must have; enough to say no, and for many to say yes."""
        header = self.header(now)
        match request:
            case cm.SessionSetupReqType():
                return cm.SessionSetupResType(Header=header, ResponseCode=code, EVSEID=self.evse.evse_id)
            case cm.AuthorizationSetupReqType():
                eim = cm.EIM_ASResAuthorizationModeType()
                return cm.AuthorizationSetupResType(
                    Header=header,
                    ResponseCode=code,
                    AuthorizationServices=["EIM"],
                    CertificateInstallationService=False,
                    EIM_ASResAuthorizationMode=eim,
                )
            case cm.AuthorizationReqType():
                return cm.AuthorizationResType(Header=header, ResponseCode=code, EVSEProcessing="Finished")
            case cm.CertificateInstallationReqType():
                return self._no_certificate(header, code)
            case cm.ServiceDiscoveryReqType():
                service = cm.ServiceType(ServiceID=int(self.service), FreeService=False)
                return cm.ServiceDiscoveryResType(
                    Header=header,
                    ResponseCode=code,
                    ServiceRenegotiationSupported=False,
                    EnergyTransferServiceList=cm.ServiceListType(Service=[service]),
                )
            case cm.ServiceDetailReqType():
                nothing = cm.ParameterSetType(ParameterSetID=0, Parameter=[cm.ParameterType(Name="Connector", intValue=0)])
                return cm.ServiceDetailResType(
                    Header=header,
                    ResponseCode=code,
                    ServiceID=request.ServiceID,
                    ServiceParameterList=cm.ServiceParameterListType(ParameterSet=[nothing]),
                )
            case cm.ServiceSelectionReqType():
                return cm.ServiceSelectionResType(Header=header, ResponseCode=code)
            case cm.ScheduleExchangeReqType():
                dynamic = cm.Dynamic_SEResControlModeType()
                return cm.ScheduleExchangeResType(
                    Header=header, ResponseCode=code, EVSEProcessing="Finished", Dynamic_SEResControlMode=dynamic
                )
            case cm.PowerDeliveryReqType():
                return cm.PowerDeliveryResType(Header=header, ResponseCode=code)
            case cm.MeteringConfirmationReqType():
                return cm.MeteringConfirmationResType(Header=header, ResponseCode=code)
            case cm.SessionStopReqType():
                return cm.SessionStopResType(Header=header, ResponseCode=code)
            case cm.VehicleCheckInReqType():
                return cm.VehicleCheckInResType(Header=header, ResponseCode=code)
            case cm.VehicleCheckOutReqType():
                return cm.VehicleCheckOutResType(Header=header, ResponseCode=code, EVSECheckOutStatus="Completed")
            case dc.DC_ChargeParameterDiscoveryReqType():
                return self.dc_parameters(code, now)
            case dc.DC_CableCheckReqType():
                return dc.DC_CableCheckResType(Header=header, ResponseCode=code, EVSEProcessing="Finished")
            case dc.DC_PreChargeReqType():
                voltage = rational(self.evse.present(now).voltage_v)
                return dc.DC_PreChargeResType(Header=header, ResponseCode=code, EVSEPresentVoltage=voltage)
            case dc.DC_ChargeLoopReqType():
                return self.dc_loop(code, undemanded(self.evse, now), now, meter=False)
            case dc.DC_WeldingDetectionReqType():
                voltage = rational(self.evse.present(now).voltage_v)
                return dc.DC_WeldingDetectionResType(Header=header, ResponseCode=code, EVSEPresentVoltage=voltage)
            case ac.AC_ChargeParameterDiscoveryReqType():
                return self.ac_parameters(code, now)
            case ac.AC_ChargeLoopReqType():
                return self.ac_loop(code, 0.0, now, meter=False)
            case _:
                raise TypeError(f"{type(request).__name__} is no request")

    def _no_certificate(self, header: ct.MessageHeaderType, code: Code) -> cm.CertificateInstallationResType:
        none = cm.ContractCertificateChainType(
            Certificate=bytes(1), SubCertificates=cm.SubCertificatesType(Certificate=[bytes(1)])
        )
        data = cm.SignedInstallationDataType(
            ContractCertificateChain=none,
            ECDHCurve="SECP521",
            DHPublicKey=bytes(133),
            SECP521_EncryptedPrivateKey=bytes(94),
            Id="id1",
        )
        return cm.CertificateInstallationResType(
            Header=header,
            ResponseCode=code,
            EVSEProcessing="Finished",
            CPSCertificateChain=cm.CertificateChainType(Certificate=bytes(1)),
            SignedInstallationData=data,
            RemainingContractCertificateChains=0,
        )
