"""Smart charging: the limits of charging profiles, shared between EVSEs, become what vehicles are offered."""

from __future__ import annotations

from abc import abstractmethod
from fractions import Fraction
from typing import Any

from v2x_architecture.ocpp import smart_charging
from v2x_architecture.ocpp.smart_charging import (
    STATION,
    Demand,
    Profile,
    ProfileStore,
    Rate,
    RateUnit,
    Site,
    Supply,
    exact,
    share,
)
from v2x_architecture.ocpp.smart_charging.rate import LOWEST_PILOT_CURRENT
from v2x_architecture.ocpp.station.charging import Charging
from v2x_architecture.ocpp.station.config import EvseConfig, StationConfig
from v2x_architecture.ocpp.station.firmware import BootCause, Parts
from v2x_architecture.ocpp.station.model import Authorization, Transaction, Trigger
from v2x_architecture.ocpp.station.session import Session

_PROFILES = "charging profiles"


class Limiting(Charging):
    """Adds charging profiles and what they do to the offer of power (K01 to K13; 1.6: 3.13, 5.16)."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        super().__init__(parts, cause)
        self.site = site_of(self.config)
        self.profiles = self.profile_store(self.site)
        self.profiles.load(self.recall(_PROFILES, list[dict[str, Any]]) or [])

    # -- what a version says -------------------------------------------------------------------------------------------------

    @abstractmethod
    def profile_store(self, site: Site) -> ProfileStore:
        """Return an empty store for charging profiles, with the rules of the version."""

    def transaction_name(self, transaction: Transaction) -> str | int | None:
        """Return how charging profiles name a transaction; None while they cannot."""
        return transaction.id

    # -- profiles ------------------------------------------------------------------------------------------------------------

    def power_on(self) -> None:
        """Begin without the profiles of transactions that a power cut ended."""
        for evse in self.evses:
            self.profiles.end_transaction(evse)
        self.save_profiles()
        super().power_on()

    def transaction_over(self, session: Session) -> None:
        """Remove the profiles of the transaction (K02.FR.05)."""
        if session.evse is not None and self.profiles.end_transaction(session.evse.id):
            self.save_profiles()
        session.choice = 0
        super().transaction_over(session)

    def install_profile(self, profile: Profile) -> None:
        """Install a profile that is not refused, and follow it."""
        self.profiles.install(profile)
        self.profiles_changed()

    def grant(self, session: Session, authorization: Authorization) -> None:
        """Install the profile of a remote start where the transaction has already begun (K05.FR.03)."""
        super().grant(session, authorization)
        self.install_starting_profile(session)

    def start_transaction(self, session: Session, trigger: Trigger) -> None:
        """Install the profile of the remote start that led to the transaction (K05.FR.03)."""
        super().start_transaction(session, trigger)
        self.install_starting_profile(session)
        self.apply_offer(session)

    def install_starting_profile(self, session: Session) -> None:
        """Install the profile that a remote start brought, once there is a transaction on an EVSE."""
        profile, transaction = session.starting_profile, session.transaction
        if profile is not None and transaction is not None and session.evse is not None:
            session.starting_profile = None
            self.profiles.install(profile.for_transaction(session.evse.id, self.transaction_name(transaction)))
            self.save_profiles()

    def profiles_changed(self) -> None:
        """Keep the profiles and follow the new limits (K01.FR.07, K10.FR.05)."""
        self.save_profiles()
        self.watch_limits()
        self.follow_limits()

    def save_profiles(self) -> None:
        """Keep the profiles without power (K01.FR.27)."""
        self.remember(_PROFILES, self.profiles.dump())

    # -- limits from outside -------------------------------------------------------------------------------------------------

    def limit_from_outside(self, evse: int, limit: float, unit: RateUnit, source: str) -> None:
        """Take a limit from an external system, at once and until it is released (K11, K12).

        Args:
            evse: which EVSE; 0: the station.
            limit: in ``unit``, A a phase or W.
            unit: of the limit.
            source: ChargingLimitSource: ``EMS``, ``SO``, ``Other``.

        Raises:
            ValueError: the version knows no limits from outside.
        """
        raise ValueError(f"OCPP {self.config.version} knows no limits from outside: {source} {evse} {limit} {unit}")

    def release_limit(self, evse: int) -> None:
        """Forget the limit that an external system has released (K13).

        Raises:
            ValueError: the version knows no limits from outside.
        """
        raise ValueError(f"OCPP {self.config.version} knows no limits from outside, for EVSE {evse} neither")

    # -- limits --------------------------------------------------------------------------------------------------------------

    def smart_sessions(self) -> dict[int, smart_charging.Session]:
        """Return the running transactions as the profiles see them."""
        return {
            evse: smart_charging.Session(self.transaction_name(session.transaction), session.ready_at, session.choice)
            for evse, session in self.sessions.items()
            if session.transaction is not None
        }

    def follow_limits(self) -> None:
        """Offer every vehicle what it may have now, and come back when that changes."""
        for session in list(self.sessions.values()):
            self.happened(session, Trigger.CHARGING_STATE_CHANGED)

    def apply_offer(self, session: Session) -> None:
        """Offer what the limits allow here; where EVSEs share a limit, the others follow."""
        super().apply_offer(session)
        if self.unlimited:
            return
        self.watch_limits()
        offers = self.offers()
        for other in self.sessions.values():
            if other is not session and other.evse is not None:
                watts = offers.get(other.evse.id, (0.0, 0))[0]
                if watts != other.evse.hardware.offered_w:
                    self.happened(other, Trigger.CHARGING_STATE_CHANGED)

    def offer(self, session: Session) -> tuple[float, int | None]:
        """Return what a session may have within all limits: power (W) and phases."""
        assert session.evse is not None
        return self.offers().get(session.evse.id, (0.0, None))

    @property
    def unlimited(self) -> bool:
        """Whether nothing but the hardware of each EVSE limits it."""
        return not self.profiles.profiles and self.config.grid_current_a is None

    def offers(self) -> dict[int, tuple[float, int | None]]:
        """Return what every EVSE that may give energy offers: power (W) and phases."""
        active = [evse for evse, session in self.sessions.items() if self.may_have_energy(session)]
        if self.unlimited:
            return {evse: (self.evses[evse].hardware.config.max_power_w, None) for evse in active}
        now = self.now()
        limits = self.profiles.limits(self.smart_sessions(), now)
        rates = {evse: limits.rate(evse, now) for evse in active}
        shared = self.shares(limits.rate(STATION, now), rates)
        return {evse: self.watts(evse, Rate(shared[evse], rates[evse].phases)) for evse in active}

    def shares(self, total: Rate, rates: dict[int, Rate]) -> dict[int, Fraction]:
        """Share what the station may draw between EVSEs; returns the current a phase for each (A; K04.FR.05)."""
        grid = self.site.station
        demands = [
            Demand(evse, grid.convert(rate, self.site.supply(evse)).amperes, self.least(evse)) for evse, rate in rates.items()
        ]
        parts = share(total.amperes, demands)
        return {
            evse: min(rate.amperes, self.site.supply(evse).convert(Rate(parts[evse], grid.lines), grid).amperes)
            for evse, rate in rates.items()
        }

    def least(self, evse: int) -> Fraction:
        """Return the current below which an EVSE had better wait (A a phase of the grid)."""
        return Fraction(0) if self.site.supply(evse).direct else Fraction(LOWEST_PILOT_CURRENT)

    def watts(self, evse: int, rate: Rate) -> tuple[float, int | None]:
        """Return what can really be offered of a rate: power (W) and phases."""
        supply = self.site.supply(evse)
        offered = Rate(supply.offered(rate), rate.phases)
        return float(supply.watts(offered)), None if supply.direct else rate.phases

    def watch_limits(self) -> None:
        """Come back when a limit changes."""
        active = [evse for evse, session in self.sessions.items() if self.may_have_energy(session)]
        if not self.profiles.profiles or not active:
            self.timers.stop("limits")
            return
        now = self.now()
        limits = self.profiles.limits(self.smart_sessions(), now)
        changes = [until for evse in (STATION, *active) if (until := limits.limit(evse).until) is not None]
        if changes:
            self.timers.start("limits", max(0.0, (min(changes) - now).total_seconds()), self.follow_limits)
        else:
            self.timers.stop("limits")


def site_of(config: StationConfig) -> Site:
    """Return the electrical side of a station: its connection to the grid, and its EVSEs."""
    evses = {number: _supply(each) for number, each in enumerate(config.evses, start=1)}
    together = sum(each.max_power_w / (230.0 * 3) if each.current == "DC" else each.max_current_a for each in config.evses)
    return Site(Supply(exact(config.grid_current_a or together)), evses)


def _supply(config: EvseConfig) -> Supply:
    return Supply(exact(config.max_current_a), exact(config.voltage_v), config.phases, config.current == "DC")
