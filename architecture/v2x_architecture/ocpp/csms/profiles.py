"""Charging profiles that stations hold, as far as the CSMS knows."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from v2x_architecture.ocpp.csms.tables import ChargingProfile


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
