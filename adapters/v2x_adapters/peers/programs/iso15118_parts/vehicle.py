"""The vehicle that the package's EVCC sits on: its own simulator, with a battery of 400 V instead of 20 kV for ISO 15118-20."""

from iso15118.evcc.controller.simulator import SimEVController
from iso15118.shared.messages.iso15118_20.common_types import RationalNumber
from iso15118.shared.messages.iso15118_20.dc import ScheduledDCChargeLoopReqParams

_BATTERY = RationalNumber(exponent=0, value=400)


class Ev(SimEVController):
    """What the simulator leaves to be told."""

    async def get_present_voltage(self):
        return _BATTERY

    async def get_target_voltage(self):
        return _BATTERY

    async def get_scheduled_dc_charge_loop_params(self):
        return ScheduledDCChargeLoopReqParams(ev_target_current=RationalNumber(exponent=0, value=20), ev_target_voltage=_BATTERY)
