"""The requests of ISO 15118-20, made of what the vehicle is and wants."""

from __future__ import annotations

from collections.abc import Sequence

from v2x_architecture.iso15118.both_ways import both_ways
from v2x_architecture.iso15118.charging import ChargingNeeds, ProfileEntry, Schedule
from v2x_architecture.iso15118.evcc.script import EvccConfig
from v2x_architecture.iso15118.evcc.vehicle import Demand, Ev
from v2x_architecture.iso15118.exi.messages import iso20_ac as ac
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages import iso20_dc as dc
from v2x_architecture.iso15118.quantities import rational
from v2x_architecture.iso15118.services20 import ControlMode, Service

_SUPPORTING_POINTS = 12
_DAY = 86_400


class Iso20Parts:
    """Makes requests.

    Args:
        ev: that is told of.
        config: how the EVCC behaves.
    """

    def __init__(self, ev: Ev, config: EvccConfig) -> None:
        self.ev, self.config = ev, config
        self.session_id = bytes(8)
        self.service = Service.DC
        self.control = ControlMode.SCHEDULED

    def header(self, now: float) -> ct.MessageHeaderType:
        """Return the header."""
        return ct.MessageHeaderType(SessionID=self.session_id, TimeStamp=int(self.config.epoch + now))

    def display(self, now: float, *, over: bool = False) -> ct.DisplayParametersType:
        """Return what the SECC may show."""
        return ct.DisplayParametersType(PresentSOC=min(100, max(0, int(self.ev.soc(now)))), ChargingComplete=over)

    def schedule_exchange(self, needs: ChargingNeeds, now: float) -> cm.ScheduleExchangeReqType:
        """ScheduleExchangeReq."""
        wanted = rational(needs.energy_wh or 0.0, 0)
        request = cm.ScheduleExchangeReqType(Header=self.header(now), MaximumSupportingPoints=_SUPPORTING_POINTS)
        if self.control is ControlMode.DYNAMIC:
            request.Dynamic_SEReqControlMode = cm.Dynamic_SEReqControlModeType(
                DepartureTime=needs.departure_s if needs.departure_s is not None else _DAY,
                EVTargetEnergyRequest=wanted,
                EVMaximumEnergyRequest=wanted,
                EVMinimumEnergyRequest=rational(0),
            )
        else:
            request.Scheduled_SEReqControlMode = cm.Scheduled_SEReqControlModeType(
                DepartureTime=needs.departure_s, EVTargetEnergyRequest=wanted
            )
        return request

    def power_delivery(
        self,
        progress: cm.chargeProgressType,
        schedule: Schedule | None,
        profile: Sequence[ProfileEntry],
        needs: ChargingNeeds,
        now: float,
    ) -> cm.PowerDeliveryReqType:
        """PowerDeliveryReq; when energy is to flow, with the profile that is kept to.

        In dynamic control that is the most that the EV takes, as it is the SECC that decides.
        """
        request = cm.PowerDeliveryReqType(Header=self.header(now), EVProcessing="Finished", ChargeProgress=progress)
        if progress != "Start":
            return request
        request.EVPowerProfile = cm.EVPowerProfileType(
            TimeAnchor=int(self.config.epoch + now),
            EVPowerProfileEntries=cm.EVPowerProfileEntryListType(EVPowerProfileEntry=_entries(schedule, profile, needs)),
        )
        if schedule is None:
            request.EVPowerProfile.Dynamic_EVPPTControlMode = cm.Dynamic_EVPPTControlModeType()
        else:
            # The tolerance is optional in the schema; there are SECCs that insist on it.
            request.EVPowerProfile.Scheduled_EVPPTControlMode = cm.Scheduled_EVPPTControlModeType(
                SelectedScheduleTupleID=schedule.id, PowerToleranceAcceptance="PowerToleranceConfirmed"
            )
        return request

    def metering_confirmation(
        self, meter: ct.MeterInfoType, schedule: Schedule | None, now: float
    ) -> cm.MeteringConfirmationReqType:
        """MeteringConfirmationReq: what the SECC told of its meter; without a contract it is not signed."""
        data = cm.SignedMeteringDataType(SessionID=self.session_id, MeterInfo=meter, Id="metering")
        if schedule is None:
            data.Dynamic_SMDTControlMode = cm.Dynamic_SMDTControlModeType()
        else:
            data.Scheduled_SMDTControlMode = cm.Scheduled_SMDTControlModeType(SelectedScheduleTupleID=schedule.id)
        return cm.MeteringConfirmationReqType(Header=self.header(now), SignedMeteringData=data)

    # DC

    def dc_parameters(self, needs: ChargingNeeds, now: float) -> dc.DC_ChargeParameterDiscoveryReqType:
        """DC_ChargeParameterDiscoveryReq."""
        mode = dc.DC_CPDReqEnergyTransferModeType(
            EVMaximumChargePower=rational(needs.max_power_w or needs.max_voltage_v * needs.max_current_a, 0),
            EVMinimumChargePower=rational(0),
            EVMaximumChargeCurrent=rational(needs.max_current_a),
            EVMinimumChargeCurrent=rational(0),
            EVMaximumVoltage=rational(needs.max_voltage_v),
            EVMinimumVoltage=rational(needs.min_voltage_v),
        )
        if self.service.bidirectional:
            back = {
                "EVMaximumDischargePower": rational(needs.max_discharge_w, 0),
                "EVMinimumDischargePower": rational(0),
                "EVMaximumDischargeCurrent": rational(needs.max_discharge_a),
                "EVMinimumDischargeCurrent": rational(0),
            }
            mode = both_ways(dc.BPT_DC_CPDReqEnergyTransferModeType, mode, back)
        return dc.DC_ChargeParameterDiscoveryReqType(Header=self.header(now), DC_CPDReqEnergyTransferMode=mode)

    def pre_charge(self, voltage_v: float, now: float, *, finished: bool) -> dc.DC_PreChargeReqType:
        """DC_PreChargeReq."""
        return dc.DC_PreChargeReqType(
            Header=self.header(now),
            EVProcessing="Finished" if finished else "Ongoing",
            EVPresentVoltage=rational(voltage_v),
            EVTargetVoltage=rational(voltage_v),
        )

    def dc_loop(self, needs: ChargingNeeds, demand: Demand, now: float, *, over: bool) -> dc.DC_ChargeLoopReqType:
        """DC_ChargeLoopReq: a demand in scheduled control, limits in dynamic control; limits of zero when it is over."""
        dynamic = self.control is ControlMode.DYNAMIC
        return dc.DC_ChargeLoopReqType(
            Header=self.header(now),
            DisplayParameters=self.display(now, over=over),
            MeterInfoRequested=True,
            EVPresentVoltage=rational(self.ev.battery_voltage(now)),
            CLReqControlMode=self._dc_dynamic(needs, over=over) if dynamic else self._dc_demand(demand),
        )

    def _dc_demand(self, demand: Demand) -> dc.Scheduled_DC_CLReqControlModeType:
        current, voltage = rational(demand.current_a), rational(demand.voltage_v)
        if self.service.bidirectional:
            return dc.BPT_Scheduled_DC_CLReqControlModeType(EVTargetCurrent=current, EVTargetVoltage=voltage)
        return dc.Scheduled_DC_CLReqControlModeType(EVTargetCurrent=current, EVTargetVoltage=voltage)

    def _dc_dynamic(self, needs: ChargingNeeds, *, over: bool) -> dc.Dynamic_DC_CLReqControlModeType:
        share = 0.0 if over else 1.0
        wanted = rational((needs.energy_wh or 0.0) * share, 0)
        power = rational((needs.max_power_w or needs.max_voltage_v * needs.max_current_a) * share, 0)
        current = rational(needs.max_current_a * share)
        mode = dc.Dynamic_DC_CLReqControlModeType(
            EVTargetEnergyRequest=wanted,
            EVMaximumEnergyRequest=wanted,
            EVMinimumEnergyRequest=rational(0),
            EVMaximumChargePower=power,
            EVMinimumChargePower=rational(0),
            EVMaximumChargeCurrent=current,
            EVMaximumVoltage=rational(needs.max_voltage_v),
            EVMinimumVoltage=rational(needs.min_voltage_v),
        )
        if not self.service.bidirectional:
            return mode
        back = {
            "EVMaximumDischargePower": rational(needs.max_discharge_w * share, 0),
            "EVMinimumDischargePower": rational(0),
            "EVMaximumDischargeCurrent": rational(needs.max_discharge_a * share),
        }
        return both_ways(dc.BPT_Dynamic_DC_CLReqControlModeType, mode, back)

    # AC

    def ac_parameters(self, needs: ChargingNeeds, now: float) -> ac.AC_ChargeParameterDiscoveryReqType:
        """AC_ChargeParameterDiscoveryReq; powers are those of all phases together."""
        power = rational(needs.max_power_w or 0.0, 0)
        mode = ac.AC_CPDReqEnergyTransferModeType(EVMaximumChargePower=power, EVMinimumChargePower=rational(0))
        if self.service.bidirectional:
            mode = both_ways(ac.BPT_AC_CPDReqEnergyTransferModeType, mode, _discharge_power(needs))
        return ac.AC_ChargeParameterDiscoveryReqType(Header=self.header(now), AC_CPDReqEnergyTransferMode=mode)

    def ac_loop(self, needs: ChargingNeeds, now: float) -> ac.AC_ChargeLoopReqType:
        """AC_ChargeLoopReq."""
        present = rational(self.ev.power(now), 0)
        mode: ct.CLReqControlModeType
        if self.control is ControlMode.SCHEDULED:
            scheduled = ac.Scheduled_AC_CLReqControlModeType
            if self.service.bidirectional:
                scheduled = ac.BPT_Scheduled_AC_CLReqControlModeType
            mode = scheduled(EVPresentActivePower=present)
        else:
            mode = self._ac_dynamic(needs, present)
        return ac.AC_ChargeLoopReqType(
            Header=self.header(now), DisplayParameters=self.display(now), MeterInfoRequested=True, CLReqControlMode=mode
        )

    def _ac_dynamic(self, needs: ChargingNeeds, present: ct.RationalNumberType) -> ac.Dynamic_AC_CLReqControlModeType:
        wanted, power = rational(needs.energy_wh or 0.0, 0), rational(needs.max_power_w or 0.0, 0)
        mode = ac.Dynamic_AC_CLReqControlModeType(
            EVTargetEnergyRequest=wanted,
            EVMaximumEnergyRequest=wanted,
            EVMinimumEnergyRequest=rational(0),
            EVMaximumChargePower=power,
            EVMinimumChargePower=rational(0),
            EVPresentActivePower=present,
            EVPresentReactivePower=rational(0),
        )
        if not self.service.bidirectional:
            return mode
        return both_ways(ac.BPT_Dynamic_AC_CLReqControlModeType, mode, _discharge_power(needs))


def _discharge_power(needs: ChargingNeeds) -> dict[str, ct.RationalNumberType]:
    return {"EVMaximumDischargePower": rational(needs.max_discharge_w, 0), "EVMinimumDischargePower": rational(0)}


def _entries(schedule: Schedule | None, profile: Sequence[ProfileEntry], needs: ChargingNeeds) -> list[cm.PowerScheduleEntryType]:
    """Return a power profile; without one of its own the EV keeps to all of the schedule."""
    if schedule is None:
        most = needs.max_power_w or needs.max_voltage_v * needs.max_current_a
        return [cm.PowerScheduleEntryType(Duration=_DAY, Power=rational(most, 0))]
    entries = profile or [ProfileEntry(entry.start_s, entry.max_power_w) for entry in schedule.entries]
    last = schedule.entries[-1]
    ends = [*(entry.start_s for entry in entries[1:]), last.start_s + (last.duration_s or _DAY)]
    return [
        cm.PowerScheduleEntryType(Duration=end - entry.start_s, Power=rational(entry.max_power_w, 0))
        for entry, end in zip(entries, ends, strict=True)
    ]
