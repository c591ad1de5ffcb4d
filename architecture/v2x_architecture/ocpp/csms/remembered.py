"""What a 2.0.1 station's answers to our own CALLs leave behind: triggers, local list, charging profiles, started transactions."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from v2x_architecture.ocpp.csms.config import TokenSpec
from v2x_architecture.ocpp.csms.profiles import clear_profiles, profile_row, put_profile
from v2x_architecture.ocpp.csms.room import Room
from v2x_architecture.ocpp.csms.session import StationSession
from v2x_architecture.ocpp.csms.tables import LocalListEntry
from v2x_architecture.ocpp.csms.tokens import find_token, put_token
from v2x_architecture.ocpp.csms.wire import integer, optional_integer, token_key
from v2x_architecture.ocpp.messages import Payload

# What MessageTriggerEnumType asks for, where the messages are named otherwise; a status may come as an event (E02.FR.05).
_TRIGGERS = {
    "SignChargingStationCertificate": {"SignCertificate"},
    "SignV2GCertificate": {"SignCertificate"},
    "SignCombinedCertificate": {"SignCertificate"},
    "StatusNotification": {"StatusNotification", "NotifyEvent"},
}


class RememberingRoom(Room):
    """Hooks after our own CALLs."""

    def asked_for(self, action: str, payload: Payload) -> set[str]:
        """Return the CALLs that a station is asked to send (B02.FR.02)."""
        match action:
            case "TriggerMessage":
                requested = str(payload.get("requestedMessage"))
                return _TRIGGERS.get(requested, {requested})
            case "GetBaseReport" | "GetReport":
                return {"NotifyReport"}
            case _:
                return set()

    async def after_request_start_transaction(
        self, db: AsyncSession, _station: StationSession, payload: Payload, answer: Payload
    ) -> None:
        """Know an identifier that the CSMS itself made up for a remote start (C05)."""
        token = payload["idToken"]
        if answer.get("status") == "Accepted" and token["type"] == "Central" and await find_token(db, token["idToken"]) is None:
            await put_token(db, TokenSpec(id_token=token["idToken"], type="Central"))

    async def after_send_local_list(self, db: AsyncSession, station: StationSession, payload: Payload, answer: Payload) -> None:
        """Remember the local list that the station has now (D01)."""
        if answer.get("status") != "Accepted":
            return
        mine = LocalListEntry.station == station.identity
        if payload["updateType"] == "Full":
            await db.execute(delete(LocalListEntry).where(mine))
        for entry in payload.get("localAuthorizationList", []):
            id_token, type_ = entry["idToken"]["idToken"], entry["idToken"]["type"]
            key = token_key(id_token)
            if "idTokenInfo" in entry:
                await db.merge(
                    LocalListEntry(station=station.identity, key=key, type=type_, id_token=id_token, info=entry["idTokenInfo"])
                )
            else:
                await db.execute(delete(LocalListEntry).where(mine, LocalListEntry.key == key, LocalListEntry.type == type_))
        (await self.row(db, station)).local_list_version = integer(payload["versionNumber"])

    async def after_get_local_list_version(
        self, db: AsyncSession, station: StationSession, _payload: Payload, answer: Payload
    ) -> None:
        """Remember which version the station has (D02)."""
        await self.told_list_version(db, station, integer(answer["versionNumber"]))

    async def after_set_charging_profile(
        self, db: AsyncSession, station: StationSession, payload: Payload, answer: Payload
    ) -> None:
        """Remember a charging profile that the station took (K01)."""
        if answer.get("status") == "Accepted":
            await put_profile(db, profile_row(station.identity, payload["evseId"], payload["chargingProfile"]))

    async def after_clear_charging_profile(
        self, db: AsyncSession, station: StationSession, payload: Payload, answer: Payload
    ) -> None:
        """Forget the charging profiles that the station has cleared (K10)."""
        if answer.get("status") == "Accepted":
            criteria = payload.get("chargingProfileCriteria", {})
            await clear_profiles(
                db,
                station.identity,
                profile_id=optional_integer(payload.get("chargingProfileId")),
                evse=optional_integer(criteria.get("evseId")),
                purpose=criteria.get("chargingProfilePurpose"),
                stack_level=optional_integer(criteria.get("stackLevel")),
            )
