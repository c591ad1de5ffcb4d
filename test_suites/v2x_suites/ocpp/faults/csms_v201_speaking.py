"""CSMSs for OCPP 2.0.1, each with one thing wrong about EVs that speak ISO 15118."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession
from v2x_architecture.ocpp.csms import ReferenceCsms
from v2x_architecture.ocpp.csms.profiles import transaction_profile
from v2x_architecture.ocpp.csms.requests import Request
from v2x_architecture.ocpp.csms.room import Room
from v2x_architecture.ocpp.csms.session import StationSession
from v2x_architecture.ocpp.csms.v201 import Room201
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.versions import Version


class _AgreesToAnything(Room201):
    def keeps_to(self, payload: Payload, profile: Payload) -> bool:
        del payload, profile
        return True


class CsmsThatAgreesToAnything(ReferenceCsms):
    """Accepts whatever an EV makes of its schedule."""

    rooms: ClassVar[Mapping[Version, type[Room]]] = {**ReferenceCsms.rooms, "2.0.1": _AgreesToAnything}


class _OnlySaysNo(Room201):
    def follows_after(self, station: StationSession, action: str, answer: Payload) -> float | None:
        return None if action == "NotifyEVChargingSchedule" else super().follows_after(station, action, answer)


class CsmsThatOnlySaysNo(ReferenceCsms):
    """Rejects what goes beyond its schedule, and leaves it at that."""

    rooms: ClassVar[Mapping[Version, type[Room]]] = {**ReferenceCsms.rooms, "2.0.1": _OnlySaysNo}


class _RenegotiatesOnce(Room201):
    rejections = 0

    def follows_after(self, station: StationSession, action: str, answer: Payload) -> float | None:
        if (action, answer.get("status")) == ("NotifyEVChargingSchedule", "Rejected"):
            self.rejections += 1
            if self.rejections > 1:
                return None
        return super().follows_after(station, action, answer)


class CsmsThatRenegotiatesOnce(ReferenceCsms):
    """Renegotiates with an EV that goes beyond its schedule once, and not again."""

    rooms: ClassVar[Mapping[Version, type[Room]]] = {**ReferenceCsms.rooms, "2.0.1": _RenegotiatesOnce}


class _IsNeverContent(Room201):
    def follows_after(self, station: StationSession, action: str, answer: Payload) -> float | None:
        # As often as a station tells what the EV has chosen, but not faster than an EV can choose.
        return 10.0 if action == "NotifyEVChargingSchedule" else super().follows_after(station, action, answer)


class CsmsThatIsNeverContent(ReferenceCsms):
    """Renegotiates with an EV that keeps to its schedule."""

    rooms: ClassVar[Mapping[Version, type[Room]]] = {**ReferenceCsms.rooms, "2.0.1": _IsNeverContent}


class _KnowsTheNeeds(Room201):
    async def following(self, db: AsyncSession, station: StationSession, payload: Payload) -> Request | None:
        transaction = await self.active_at(db, station, payload["evseId"])
        known = None if transaction is None else await transaction_profile(db, station.identity, transaction.transaction_id)
        again = "chargingNeeds" in payload and known is not None and known.stack_level > 0
        return None if again else await super().following(db, station, payload)


class CsmsThatKnowsTheNeeds(ReferenceCsms):
    """Sends no schedule for needs that come once more after it has begun to renegotiate."""

    rooms: ClassVar[Mapping[Version, type[Room]]] = {**ReferenceCsms.rooms, "2.0.1": _KnowsTheNeeds}


class _GivesFour(Room201):
    async def following(self, db: AsyncSession, station: StationSession, payload: Payload) -> Request | None:
        request = await super().following(db, station, payload)
        if request is None:
            return None
        action, sent = request
        profile = sent["chargingProfile"]
        (schedule,) = profile["chargingSchedule"]
        many = [schedule | {"id": number} for number in (1, 2, 3, 4)]
        return action, sent | {"chargingProfile": profile | {"chargingSchedule": many}}


class CsmsWithTooMuchChoice(ReferenceCsms):
    """Gives an EV four schedules to choose from."""

    rooms: ClassVar[Mapping[Version, type[Room]]] = {**ReferenceCsms.rooms, "2.0.1": _GivesFour}
