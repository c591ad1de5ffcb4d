"""The EVSE that the package's SECC sits on: its own simulator, with the electrical values of a site and a person's wishes."""

import time

from iso15118.secc.controller.interface import AuthorizationResponse
from iso15118.secc.controller.simulator import SimEVSEController
from iso15118.shared.messages.datatypes import (
    DCEVSEChargeParameter,
    EVSENotification,
    PVEVSEMaxCurrentLimit,
    PVEVSEMaxPowerLimit,
    PVEVSEMaxVoltageLimit,
    PVEVSEMinCurrentLimit,
    PVEVSEMinVoltageLimit,
    PVEVSEPeakCurrentRipple,
)
from iso15118.shared.messages.enums import AuthorizationStatus, EnergyTransferModeEnum

NOTIFICATIONS = {"None": "NONE", "StopCharging": "STOP_CHARGING", "ReNegotiation": "RE_NEGOTIATION"}
AUTHORIZATIONS = {"Accepted": "ACCEPTED", "Ongoing": "ONGOING", "Rejected": "REJECTED"}
_MODES = {
    "AC": [EnergyTransferModeEnum.AC_THREE_PHASE_CORE],
    "DC": [EnergyTransferModeEnum.DC_EXTENDED],
}


class Evse(SimEVSEController):
    """What the adapter can change, and what it wants to know."""

    def __init__(self, energy, told):
        super().__init__()
        self.energy, self.told = energy, told
        self.limits = {"max_voltage_v": 920, "max_current_a": 200, "max_power_w": 150_000}
        self.authorization = AuthorizationStatus.ACCEPTED
        self.notification = EVSENotification.NONE
        self.ready = False
        self.state = ""
        self.ended = []
        self.evse_data_context.present_voltage = 0
        self.evse_data_context.present_current = 0

    # What the package tells

    async def set_status(self, status):
        self.ready = status.value == "ready"
        self.told("status", status=status.value)

    async def set_present_protocol_state(self, state):
        self.state = str(state)

    async def session_ended(self, current_state, reason):
        self.ended.append({"state": current_state, "reason": reason, "at": time.time()})
        self.told("session ended", state=current_state, reason=reason)

    async def send_charging_command(self, ev_target_voltage, ev_target_current, is_precharge=False, is_session_bpt=False, **_):
        context = self.evse_data_context
        context.present_voltage = min(ev_target_voltage or 0, self.limits["max_voltage_v"])
        within = self.limits["max_power_w"] / context.present_voltage if context.present_voltage else 0
        flowing = min(ev_target_current or 0, self.limits["max_current_a"], within)
        context.present_current = 0 if is_precharge else flowing

    async def stop_charger(self):
        self.evse_data_context.present_current = 0
        self.evse_data_context.present_voltage = 0

    # What the package asks

    async def get_supported_energy_transfer_modes(self, protocol):
        return _MODES[self.energy]

    async def is_authorized(self, *arguments, **named):
        usual = await super().is_authorized(*arguments, **named)
        code = usual.certificate_response_status
        if self.authorization is AuthorizationStatus.REJECTED:
            code = type(code)["FAILED"]
        return AuthorizationResponse(self.authorization, code)

    async def get_dc_evse_status(self):
        usual = await super().get_dc_evse_status()
        usual.evse_notification = self.notification
        return usual

    async def get_ac_evse_status(self):
        usual = await super().get_ac_evse_status()
        usual.evse_notification = self.notification
        return usual

    async def get_dc_charge_parameters(self):
        return DCEVSEChargeParameter(
            dc_evse_status=await self.get_dc_evse_status(),
            evse_maximum_power_limit=await self.get_evse_max_power_limit(),
            evse_maximum_current_limit=await self.get_evse_max_current_limit(),
            evse_maximum_voltage_limit=await self.get_evse_max_voltage_limit(),
            evse_minimum_current_limit=PVEVSEMinCurrentLimit(multiplier=0, value=0, unit="A"),
            evse_minimum_voltage_limit=PVEVSEMinVoltageLimit(multiplier=0, value=150, unit="V"),
            evse_peak_current_ripple=PVEVSEPeakCurrentRipple(multiplier=0, value=1, unit="A"),
        )

    async def get_evse_max_voltage_limit(self):
        return PVEVSEMaxVoltageLimit(multiplier=0, value=int(self.limits["max_voltage_v"]), unit="V")

    async def get_evse_max_current_limit(self):
        if self.energy == "AC":
            return await super().get_evse_max_current_limit()
        return PVEVSEMaxCurrentLimit(multiplier=0, value=int(self.limits["max_current_a"]), unit="A")

    async def get_evse_max_power_limit(self):
        return PVEVSEMaxPowerLimit(multiplier=1, value=int(self.limits["max_power_w"] / 10), unit="W")
