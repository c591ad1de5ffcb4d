"""A zoo of charging stations for OCPP 2.0.1, each with one thing wrong between the CSMS and EVs that speak ISO 15118."""

from __future__ import annotations

import asyncio
from typing import override

import msgspec
from v2x_architecture.iso15118.charging import ChargingNeeds, Choice, Schedule
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.smart_charging import Profile
from v2x_architecture.ocpp.station.limiting import Limiting
from v2x_architecture.ocpp.station.model import StopReason, Trigger
from v2x_architecture.ocpp.station.session import Session
from v2x_architecture.ocpp.v201.device_model import AttributeType, Variable
from v2x_architecture.ocpp.v201.station import Firmware201


class StationThatTellsNeedsOnce(Firmware201):
    """Tells what an EV needs when it comes, and not when it renegotiates."""

    @override
    def tell_needs(self, evse: int, needs: ChargingNeeds) -> asyncio.Future[Payload] | None:
        told = self.seccs[evse].evse.choice is not None
        return None if told else super().tell_needs(evse, needs)


class StationThatCountsInKilowattHours(Firmware201):
    """Tells energy in kWh."""

    @override
    def charging_needs(self, needs: ChargingNeeds) -> Payload:
        energy = None if needs.energy_wh is None else needs.energy_wh / 1000
        return super().charging_needs(msgspec.structs.replace(needs, energy_wh=energy))


class StationThatTellsLocalTime(Firmware201):
    """Tells the local time of departure as if it were UTC."""

    @override
    def charging_needs(self, needs: ChargingNeeds) -> Payload:
        later = None if needs.departure_s is None else needs.departure_s + 7200
        return super().charging_needs(msgspec.structs.replace(needs, departure_s=later))


class StationThatOffersAllThereIs(Firmware201):
    """Offers an EV the power of the EVSE, whatever the schedule of the CSMS says."""

    @override
    def schedules_for(self, evse: int, seconds: int) -> tuple[Schedule, ...]:
        most = self.evses[evse].hardware.config.max_power_w
        return tuple(
            Schedule(id=each.id, entries=tuple(msgspec.structs.replace(entry, max_power_w=most) for entry in each.entries))
            for each in super().schedules_for(evse, seconds)
        )

    @override
    def offer(self, session: Session) -> tuple[float, int | None]:
        assert session.evse is not None
        return session.evse.hardware.config.max_power_w, None


class StationThatDoesNotRenegotiate(Firmware201):
    """Takes a new schedule for an EV that charges, and does not offer it to the EV."""

    @override
    def install_profile(self, profile: Profile) -> None:
        secc = self.seccs.get(profile.evse)
        if secc is None or secc.evse.choice is None:
            super().install_profile(profile)
        else:
            Limiting.install_profile(self, profile)

    @override
    def profiles_changed(self) -> None:
        Limiting.profiles_changed(self)


class StationThatWaitsForASchedule(Firmware201):
    """Has EVs wait for a schedule that the CSMS has not got."""

    @override
    def tell_needs(self, evse: int, needs: ChargingNeeds) -> asyncio.Future[Payload] | None:
        super().tell_needs(evse, needs)
        self.seccs[evse].evse.secc_settings = msgspec.structs.replace(self.seccs[evse].settings, profile_wait_s=86_400.0)
        return asyncio.get_running_loop().create_future()


class StationThatKeepsChoicesToItself(Firmware201):
    """Does not tell what an EV has chosen when it chooses anew."""

    _told = False

    @override
    def tell_choice(self, evse: int, choice: Choice) -> None:
        if not self._told:
            super().tell_choice(evse, choice)
        self._told = True


class StationWithoutLimitsOffline(Firmware201):
    """Lets EVs have all there is while it is offline."""

    @override
    def schedules_for(self, evse: int, seconds: int) -> tuple[Schedule, ...]:
        offered = super().schedules_for(evse, seconds)
        if self.online:
            return offered
        most = self.evses[evse].hardware.config.max_power_w
        return tuple(
            Schedule(id=each.id, entries=tuple(msgspec.structs.replace(entry, max_power_w=most) for entry in each.entries))
            for each in offered
        )

    @override
    def offer(self, session: Session) -> tuple[float, int | None]:
        assert session.evse is not None
        return super().offer(session) if self.online else (session.evse.hardware.config.max_power_w, None)


class StationThatDoesNotHearTheEnd(Firmware201):
    """Goes on with the transaction of an EV that has ended its session."""

    @override
    def ev_ended(self, evse: int) -> None:
        """Take no notice."""


class StationThatRemembersVehicles(Firmware201):
    """Tells what an EV has said when it has long gone."""

    @override
    def live_value(self, variable: Variable, attribute: AttributeType = "Actual") -> str:
        value = super().live_value(variable, attribute)
        if variable.component != "ConnectedEV" or variable.name == "Available":
            return value
        if value:
            self.remember("vehicle", {**(self.recall("vehicle", dict[str, str]) or {}), variable.dotted: value})
        return value or (self.recall("vehicle", dict[str, str]) or {}).get(variable.dotted, "")


class StationThatSeesNoVehicles(Firmware201):
    """Says that no EV is connected while one charges."""

    @override
    def live_value(self, variable: Variable, attribute: AttributeType = "Actual") -> str:
        value = super().live_value(variable, attribute)
        return "false" if (variable.component, variable.name) == ("ConnectedEV", "Available") else value


class StationThatNamesItsOwnProtocol(Firmware201):
    """Tells the protocol that it likes best as the one that was agreed on."""

    @override
    def live_value(self, variable: Variable, attribute: AttributeType = "Actual") -> str:
        value = super().live_value(variable, attribute)
        return "urn:iso:std:iso:15118:-20:DC,1,0" if value and variable.name == "ProtocolAgreed" else value


class StationThatEndsWithTheSession(Firmware201):
    """Ends the transaction when the EV ends its session, whatever TxStopPoint says."""

    @override
    def ev_ended(self, evse: int) -> None:
        session = self.sessions[evse]
        if session.authorized:
            self.withdraw(session, Trigger.STOP_AUTHORIZED, StopReason.STOPPED_BY_EV, end=True)
