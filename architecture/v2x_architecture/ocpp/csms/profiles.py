"""Charging profiles that stations hold, as far as the CSMS knows."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from v2x_architecture.ocpp.csms.tables import ChargingProfile
from v2x_architecture.ocpp.csms.wire import instant, integer
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.versions import Version


def profile_row(station: str, evse: object, profile: Payload, *, number: str = "id", source: str = "CSO") -> ChargingProfile:
    """Return a charging profile as it is kept.

    Args:
        station: identity of it.
        evse: EVSE, or connector of 1.6, that it is for; 0 for all.
        profile: ChargingProfile of the station's version.
        number: name of the field with its id.
        source: whose it is: ``CSO`` for a CSMS's.
    """
    transaction = profile.get("transactionId")
    return ChargingProfile(
        station=station,
        source=source,
        evse=integer(evse),
        profile_id=integer(profile[number]),
        purpose=profile["chargingProfilePurpose"],
        stack_level=integer(profile["stackLevel"]),
        transaction_id=None if transaction is None else str(transaction),
        profile=profile,
    )


async def put_profile(db: AsyncSession, profile: ChargingProfile, *, one_a_level: bool = False) -> None:
    """Remember a profile in place of the one with its id (2.0.1 K01.FR.05).

    Args:
        db: a session of the store.
        profile: the profile.
        one_a_level: it also takes the place of that with its purpose and stack level at the same EVSE (1.6 5.16).
    """
    if one_a_level:
        same = select(ChargingProfile).where(
            ChargingProfile.station == profile.station,
            ChargingProfile.source == profile.source,
            ChargingProfile.evse == profile.evse,
            ChargingProfile.purpose == profile.purpose,
            ChargingProfile.stack_level == profile.stack_level,
            ChargingProfile.profile_id != profile.profile_id,
        )
        for replaced in await db.scalars(same):
            if replaced.transaction_id == profile.transaction_id:
                await db.delete(replaced)
    await db.merge(profile)


async def clear_profiles(
    db: AsyncSession,
    station: str,
    *,
    profile_id: int | None = None,
    evse: int | None = None,
    purpose: str | None = None,
    stack_level: int | None = None,
) -> None:
    """Forget our profiles that fit all criteria given; an id makes the others irrelevant (1.6 5.5; 2.0.1 K10.FR.03)."""
    statement = delete(ChargingProfile).where(ChargingProfile.station == station, ChargingProfile.source == "CSO")
    if profile_id is not None:
        statement = statement.where(ChargingProfile.profile_id == profile_id)
    else:
        if evse is not None:
            statement = statement.where(ChargingProfile.evse == evse)
        if purpose is not None:
            statement = statement.where(ChargingProfile.purpose == purpose)
        if stack_level is not None:
            statement = statement.where(ChargingProfile.stack_level == stack_level)
    await db.execute(statement)


async def drop_transaction_profiles(db: AsyncSession, station: str, transaction_id: str) -> None:
    """Forget the profiles of a transaction that has ended (1.6 3.13.1; 2.0.1 K02)."""
    await db.execute(
        delete(ChargingProfile).where(ChargingProfile.station == station, ChargingProfile.transaction_id == transaction_id)
    )


async def transaction_profile(db: AsyncSession, station: str, transaction_id: str) -> ChargingProfile | None:
    """Return our profile for a transaction, of the highest stack level; None where it has none."""
    query = select(ChargingProfile).where(
        ChargingProfile.station == station,
        ChargingProfile.source == "CSO",
        ChargingProfile.purpose == "TxProfile",
        ChargingProfile.transaction_id == transaction_id,
    )
    return (await db.scalars(query.order_by(ChargingProfile.stack_level.desc()))).first()


async def unused_profile_id(db: AsyncSession, station: str) -> int:
    """Return an id that no profile of a station has."""
    highest = await db.scalar(select(func.max(ChargingProfile.profile_id)).where(ChargingProfile.station == station))
    return max(0, highest or 0) + 1


async def objection(db: AsyncSession, station: str, version: Version, evse: int, profile: Payload) -> str | None:
    """Return why a CSMS may not send a profile, None when it may.

    Args:
        db: a session of the store.
        station: for which.
        version: 1.6 has only the first of these rules.
        evse: at which EVSE.
        profile: ChargingProfile.
    """
    purpose, transaction_id = profile["chargingProfilePurpose"], profile.get("transactionId")
    if purpose == "ChargingStationExternalConstraints":
        return "ChargingStationExternalConstraints come from external systems only (K01.FR.22)"
    if version == "1.6":
        return None
    if purpose == "TxProfile" and transaction_id is None:
        return "a TxProfile names its transaction (K01.FR.03)"
    query = select(ChargingProfile).where(
        ChargingProfile.station == station,
        ChargingProfile.source == "CSO",
        ChargingProfile.purpose == purpose,
        ChargingProfile.stack_level == profile["stackLevel"],
        ChargingProfile.profile_id != profile["id"],
    )
    for other in await db.scalars(query):
        if purpose == "TxProfile" and other.transaction_id == transaction_id:
            return f"profile {other.profile_id} has that stack level for the transaction already (K01.FR.39)"
        if purpose != "TxProfile" and other.evse == evse and overlaps(other.profile, profile):
            return f"profile {other.profile_id} has that stack level and purpose there in an overlapping time already (K01.FR.06)"
    return None


def overlaps(one: Payload, other: Payload) -> bool:
    """Whether two profiles are valid at the same time at some time."""
    return _from(one) < _to(other) and _from(other) < _to(one)


def _from(profile: Payload) -> datetime:
    return instant(profile["validFrom"]) if "validFrom" in profile else datetime.min.replace(tzinfo=UTC)


def _to(profile: Payload) -> datetime:
    return instant(profile["validTo"]) if "validTo" in profile else datetime.max.replace(tzinfo=UTC)
