"""Charging sessions: what a plug, a token, a stop button, a limit, a fault and the CSMS make of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from v2x_architecture.ocpp.smart_charging import Profile
from v2x_architecture.ocpp.station.authorizing import Decision
from v2x_architecture.ocpp.station.availability import Connector, Evse
from v2x_architecture.ocpp.station.hardware import EvseHardware, Happening
from v2x_architecture.ocpp.station.model import (
    Authorization,
    ChargingState,
    IdToken,
    Registration,
    StopReason,
    TokenInfo,
    Trigger,
    TxPoint,
)
from v2x_architecture.ocpp.station.session import (
    AUTHORIZATION_ENDS,
    EventKind,
    Session,
    charging_state,
    points_reached,
    starts,
    stops,
)
from v2x_architecture.ocpp.station.transactions import Transactions

START_BUTTON: Final = IdToken("", "NoAuthorization")


class Charging(Transactions):
    """Adds what happens in a session (E01 to E15, C01, C09, C16, F01 to F03; 1.6: 3.5, 4.8, 4.10, 5.11, 5.16).

    Every change goes through `happened`, which brings the offer of power, the charging state, the transaction and the connector's
    status in line and reports what is news.
    """

    # -- what happens --------------------------------------------------------------------------------------------------------

    def happened(self, session: Session, trigger: Trigger, *, reason: StopReason | None = None, end: bool = False) -> None:
        """Bring everything in line after something happened at an EVSE.

        Args:
            session: where.
            trigger: what; `Trigger.CHARGING_STATE_CHANGED` is told only if the state did change.
            reason: why the transaction stops, should it.
            end: stop it in any case.
        """
        before = session.points
        self.apply_offer(session)
        session.state = charging_state(session)
        session.points = points_reached(session)
        if session.ready_at is None and TxPoint.POWER_PATH_CLOSED in session.points:
            session.ready_at = self.now()
        if trigger is Trigger.CABLE_PLUGGED_IN and session.evse is not None:
            self.update_status(session.evse)
        transaction = session.transaction
        if transaction is None:
            session.missed &= session.points
            if starts(before - session.missed, session.points, self.settings.tx_start_points):
                if self.may_start(session):
                    session.missed = frozenset()
                    self.start_transaction(session, trigger)
                else:
                    session.missed |= session.points - before
        elif end or stops(before, session.points, self.settings.tx_stop_points):
            self.stop_energy(session)
            self.end_transaction(session, trigger, transaction.stop_reason or reason or stop_reason(trigger))
        elif trigger is not Trigger.CHARGING_STATE_CHANGED or session.state is not transaction.charging_state:
            self.report(session, EventKind.UPDATED, trigger)
        elif self.rate_changed(session):
            self.report(session, EventKind.UPDATED, Trigger.CHARGING_RATE_CHANGED)
        if session.transaction is None and transaction is not None:
            self.transaction_over(session)
        if session.transaction is None and not session.held:
            session.former = None
        if session.evse is not None:
            self.update_status(session.evse)

    def hardware_event(self, evse: EvseHardware, happening: Happening, connector: int) -> None:
        """React to plugs, vehicles and bays."""
        super().hardware_event(evse, happening, connector)
        session = self.sessions[evse.id]
        match happening:
            case Happening.PLUGGED:
                self.plugged_in(session)
            case Happening.UNPLUGGED:
                self.unplugged(session)
            case Happening.FLOW:
                self.happened(session, Trigger.CHARGING_STATE_CHANGED)
            case Happening.CABLE_REMOVED:
                self.update_status(self.evses[evse.id])
            case Happening.BAY_OCCUPIED:
                self.happened(session, Trigger.EV_DETECTED)
            case Happening.BAY_LEFT:
                self.happened(session, Trigger.EV_DEPARTED, reason=StopReason.LOCAL)
            case Happening.FAULT:
                pass

    def plugged_in(self, session: Session) -> None:
        """A vehicle is connected (E02, E03)."""
        evse = session.evse
        assert evse is not None
        if session.authorization is None and self.waiting is not None and self.waiting.authorized:
            session = self.adopt_waiting(session, self.waiting)
        self.timers.stop(_connect_timer(session))
        if not self.settings.auth_enabled and session.authorization is None and self.may_serve(evse):
            self.grant(session, Authorization(START_BUTTON))
        if session.authorized:
            self.lock(session)
        self.happened(session, Trigger.CABLE_PLUGGED_IN)
        if self.settings.sign_readings and TxPoint.DATA_SIGNED in self.settings.tx_start_points:
            self.timers.start(f"signing {evse.id}", self.config.reaction_s / 2, lambda: self.value_signed(session))

    def value_signed(self, session: Session) -> None:
        """The meter has signed the first value for a vehicle (E01.FR.04)."""
        if session.connected:
            session.signed = True
            self.happened(session, Trigger.SIGNED_DATA_RECEIVED)

    def unplugged(self, session: Session) -> None:
        """The vehicle is gone (E09, E10): its authorization ends with it, or waits for it to come back."""
        assert session.evse is not None
        session.signed = session.lock_failed = False
        over = self.settings.tx_stop_points & {TxPoint.EV_CONNECTED, TxPoint.POWER_PATH_CLOSED}
        if self.settings.stop_on_ev_side_disconnect or over or session.transaction is None:
            loose = session.evse.hardware.config.tethered or self.settings.unlock_on_ev_side_disconnect
            session.held = session.authorized and not loose
            session.former, session.authorization = session.authorization or session.former, None
        else:
            self.await_vehicle(session)
        self.happened(session, Trigger.EV_COMMUNICATION_LOST, reason=StopReason.EV_DISCONNECTED)
        if not session.authorized and not session.held:
            self.unlock(session.evse)

    def fault_changed(self, evse: Evse, connector: Connector) -> None:
        """A fault where a vehicle charges ends its transaction (E06.FR.16)."""
        super().fault_changed(evse, connector)
        session = self.sessions[evse.id]
        if connector.hardware.fault and session.transaction is not None:
            self.withdraw(session, Trigger.ABNORMAL_CONDITION, self.fault_reason(connector.hardware.fault), end=True)
        else:
            self.happened(session, Trigger.CHARGING_STATE_CHANGED)

    def fault_reason(self, code: str) -> StopReason:
        """Return the reason for stopping that fits an error code."""
        return {"GroundFailure": StopReason.GROUND_FAULT, "OverCurrentFailure": StopReason.OVERCURRENT_FAULT}.get(
            code, StopReason.OTHER
        )

    def availability_changed(self, evse: Evse) -> None:
        """An EVSE that ceases to work drops who waits there."""
        super().availability_changed(evse)
        session = self.sessions[evse.id]
        if not evse.operative and session.transaction is None and session.authorized:
            self.withdraw(session, Trigger.STOP_AUTHORIZED)
        self.serve_missed([session])
        self.happened(session, Trigger.CHARGING_STATE_CHANGED)

    def accepted(self) -> None:
        """Begin with what arrived before anybody could be served (E01.FR.01, FR.02)."""
        super().accepted()
        self.serve_missed(self.sessions.values())

    def serve_missed(self, sessions: Iterable[Session]) -> None:
        """Start the transactions that could not start when their start point was reached."""
        for session in sessions:
            if session.missed and session.transaction is None:
                connected = TxPoint.EV_CONNECTED in session.missed
                self.happened(session, Trigger.CABLE_PLUGGED_IN if connected else Trigger.EV_DETECTED)

    # -- tokens --------------------------------------------------------------------------------------------------------------

    async def present_token(self, token: IdToken, evse: int | None) -> None:
        """Act on a token that somebody shows: start, stop, or nothing (C01, C09, C16, E07).

        Args:
            token: the token.
            evse: at whose reader; None at a reader for all EVSEs.
        """
        session = self.session_at_reader(evse, token)
        if self.registration is not Registration.ACCEPTED and not self.settings.tx_before_accepted:
            return
        if session.authorization is not None:
            await self.stop_with(session, session.authorization, token)
        elif session.former is not None and session.transaction is not None and not session.former.token.same(token):
            return  # C01.FR.23: no second identifier for one transaction
        elif session.held and session.former is not None and session.evse is not None and session.former.token.same(token):
            session.held, session.former = False, None
            self.unlock(session.evse)
        elif not session.deciding and self.may_serve(session.evse):
            session.deciding = True
            try:
                decision = await self.authorize(token, None if session.evse is None else session.evse.id)
            finally:
                session.deciding = False
            self.decided(session, token, decision)

    def session_at_reader(self, evse: int | None, token: IdToken) -> Session:
        """Return the session that a token at a reader is about.

        At a shared reader that is the one the token started, else a vehicle that waits for a token, else a new one.
        """
        if evse is not None:
            return self.sessions[evse]
        sessions = [*self.sessions.values(), *([self.waiting] if self.waiting is not None else [])]
        own = (each for each in sessions if each.authorization is not None and each.authorization.token.same(token))
        ready = (each for each in sessions if each.connected and not each.authorized and each.former is None)
        return next(own, None) or next(ready, None) or self.waiting or Session(None)

    def decided(self, session: Session, token: IdToken, decision: Decision) -> None:
        """Start with an accepted token; a master pass stops everything instead (C16.FR.02, FR.03)."""
        if self.is_master_pass(decision.info):
            if decision.accepted:
                self.stop_all(StopReason.MASTER_PASS)
        elif not decision.accepted:
            self.refused(session)
        elif session.authorization is None:
            self.authorized(session, Authorization(token, decision.info), Trigger.AUTHORIZED)

    def refused(self, session: Session) -> None:
        """Take note that somebody who wanted to charge may not; layers tell the vehicle."""

    async def stop_with(self, session: Session, authorization: Authorization, token: IdToken) -> None:
        """Stop with the token that started, or with one of its group (C01.FR.03, C09.FR.03 to FR.11)."""
        if authorization.token.same(token):
            self.stop_authorized(session, token)
            return
        known = self.known_locally(token)
        if known is None or not known.accepted or not self.may_stop(authorization, known.info):
            known = await self.authorize(token, None if session.evse is None else session.evse.id)
        if known.accepted and self.is_master_pass(known.info):
            self.stop_all(StopReason.MASTER_PASS)
        elif known.accepted and self.may_stop(authorization, known.info) and session.authorization is authorization:
            self.stop_authorized(session, token)

    def may_stop(self, authorization: Authorization, info: TokenInfo | None) -> bool:
        """Whether another token may stop what was started with one."""
        return info is not None and (self.is_master_pass(info) or info.shares_group(authorization.info))

    def stop_authorized(self, session: Session, token: IdToken | None, reason: StopReason = StopReason.LOCAL) -> None:
        """Somebody who may has ended the authorization (E07)."""
        session.untold_token = token
        self.withdraw(session, Trigger.STOP_AUTHORIZED, reason)

    def stop_all(self, reason: StopReason) -> None:
        """Stop every transaction (C16.FR.02)."""
        for session in self.sessions.values():
            if session.transaction is not None:
                self.stop_authorized(session, None, reason)

    def press_stop(self, evse: int) -> None:
        """Somebody presses the stop button of an EVSE (E07.FR.05)."""
        if self.sessions[evse].authorized:
            self.stop_authorized(self.sessions[evse], None)

    def may_start(self, session: Session) -> bool:
        """Whether a transaction may start now."""
        return self.may_serve(session.evse)

    # -- authorization of a session ------------------------------------------------------------------------------------------

    def may_serve(self, evse: Evse | None) -> bool:
        """Whether an EVSE (or any) takes new customers."""
        registered = self.registration is Registration.ACCEPTED or self.settings.tx_before_accepted
        if evse is None:
            return registered and any(self.may_serve(each) for each in self.evses.values())
        return registered and evse.operative and not evse.faulted and not evse.resetting

    def grant(self, session: Session, authorization: Authorization) -> None:
        """Note who may charge, and what is to be told of it."""
        if session.evse is None:
            self.waiting = session
        session.authorization = authorization
        session.untold_token = authorization.token
        session.untold_remote_start_id = authorization.remote_start_id
        if session.transaction is not None:
            session.transaction.token = authorization.token

    def authorized(self, session: Session, authorization: Authorization, trigger: Trigger) -> None:
        """Somebody may charge (E03, F02): lock the cable, or wait for one."""
        self.grant(session, authorization)
        self.cache.touch(authorization.token, self.now())
        if session.connected:
            self.lock(session)
        else:
            self.await_vehicle(session)
        self.happened(session, trigger)

    def withdraw(
        self,
        session: Session,
        trigger: Trigger,
        reason: StopReason | None = None,
        *,
        end: bool = False,
        keep_locked: bool = False,
    ) -> None:
        """End the authorization of a session; the transaction ends with it where TxStopPoint says so (E06)."""
        self.timers.stop(_connect_timer(session))
        session.former, session.authorization = session.authorization or session.former, None
        if session.transaction is not None and reason is not None:
            session.transaction.stop_reason = reason
        session.held = keep_locked and session.connected
        self.happened(session, trigger, reason=reason, end=end)
        if session.evse is not None and not session.held:
            self.unlock(session.evse)
        if session.transaction is None:
            session.untold_token = session.untold_remote_start_id = session.starting_profile = None
        if session is self.waiting:
            self.waiting = None

    def await_vehicle(self, session: Session) -> None:
        """Give the driver EVConnectionTimeOut to connect the vehicle."""
        seconds = self.settings.ev_connection_timeout_s
        if seconds > 0:
            self.timers.start(_connect_timer(session), seconds, lambda: self.connect_timeout(session))

    def connect_timeout(self, session: Session) -> None:
        """Nobody plugged in: end the authorization, and the transaction unless it is about the bay (E03.FR.05, FR.15)."""
        in_bay = TxPoint.PARKING_BAY_OCCUPANCY in self.settings.tx_stop_points
        self.withdraw(session, Trigger.EV_CONNECT_TIMEOUT, StopReason.TIMEOUT, end=not in_bay)

    def adopt_waiting(self, session: Session, waiting: Session) -> Session:
        """Let somebody who was authorized at a shared reader charge where the cable went in; return the session there."""
        assert session.evse is not None
        assert waiting.authorization is not None
        self.timers.stop(_connect_timer(waiting))
        self.waiting = None
        if session.transaction is not None:
            self.grant(session, waiting.authorization)
            if waiting.transaction is not None:
                self.withdraw(waiting, Trigger.CABLE_PLUGGED_IN, StopReason.OTHER, end=True)
            return session
        waiting.evse = session.evse
        if waiting.transaction is not None:
            waiting.transaction.evse = session.evse.id
        self.sessions[session.evse.id] = waiting
        return waiting

    # -- remote control ------------------------------------------------------------------------------------------------------

    async def remote_start(
        self, session: Session, token: IdToken, remote_start_id: int | None = None, profile: Profile | None = None
    ) -> None:
        """Start for a token that the CSMS names, after checking it where AuthorizeRemoteStart says so (F01, F02; 1.6: 5.11).

        Args:
            session: where.
            token: for whom.
            remote_start_id: to be told with the transaction.
            profile: charging profile for the transaction, already found good (K05).
        """
        info: TokenInfo | None = None
        if self.settings.authorize_remote_start and token.type != "Central":
            session.deciding = True
            try:
                decision = await self.authorize(token, None if session.evse is None else session.evse.id)
            finally:
                session.deciding = False
            if not decision.accepted or self.is_master_pass(decision.info):
                self.refused(session)
                return
            info = decision.info
        if session.authorization is None:
            session.starting_profile = profile
            self.authorized(session, Authorization(token, info, remote_start_id), Trigger.REMOTE_START)

    def remote_stop(self, session: Session) -> None:
        """Stop by order of the CSMS (F03): a transaction that was never authorized ends as if its authorization had ended."""
        ends = self.settings.tx_stop_points & AUTHORIZATION_ENDS
        self.withdraw(session, Trigger.REMOTE_STOP, StopReason.REMOTE, end=bool(ends))

    # -- verdicts of the CSMS on a running transaction -----------------------------------------------------------------------

    def token_judged(self, transaction_id: str, token: IdToken, info: TokenInfo) -> None:
        """Act on what the CSMS says of a token in the answer to a report (E05, C10.FR.05, C12.FR.06)."""
        self.learn(token, info)
        session = self.session_of(transaction_id)
        if session is None or session.authorization is None or not session.authorization.token.same(token):
            return
        authorization = session.authorization
        authorization.info = info
        if info.accepted:
            return
        if self.settings.stop_on_invalid_id:
            self.withdraw(session, Trigger.DEAUTHORIZED, StopReason.DE_AUTHORIZED, keep_locked=True)
        elif not authorization.invalid and session.transaction is not None:
            authorization.invalid = True
            authorization.invalid_from_wh = self.register_wh(session)
            self.happened(session, Trigger.CHARGING_STATE_CHANGED)

    # -- power ---------------------------------------------------------------------------------------------------------------

    def apply_offer(self, session: Session) -> None:
        """Offer the vehicle what it may have now."""
        if session.evse is None:
            return
        hardware = session.evse.hardware
        watts, phases = self.offer(session) if self.may_have_energy(session) else (0.0, None)
        with hardware.unheard():
            hardware.offer(watts, phases)

    def stop_energy(self, session: Session) -> None:
        """Let no more energy flow into a transaction that is about to end."""
        if session.state is ChargingState.CHARGING:
            session.former, session.authorization = session.authorization, None
            self.apply_offer(session)
            session.state = charging_state(session)

    def may_have_energy(self, session: Session) -> bool:
        """Whether energy may flow at all."""
        evse, authorization = session.evse, session.authorization
        plugged = None if evse is None else evse.hardware.plugged
        if evse is None or authorization is None or plugged is None or evse.faulted:
            return False
        if session.lock_failed or (not evse.connectors[plugged.id].operative and session.transaction is None):
            return False
        return not authorization.invalid or self.energy_left_on_invalid_id(session, authorization)

    def energy_left_on_invalid_id(self, session: Session, authorization: Authorization) -> bool:
        """Whether a token that turned out invalid still has energy left (E05.FR.02, FR.03)."""
        allowance = self.settings.max_energy_on_invalid_id_wh
        assert session.evse is not None
        if not allowance:
            return False
        left = allowance - (self.register_wh(session) - authorization.invalid_from_wh)
        seconds = session.evse.hardware.seconds_to_energy(left)
        if left > 0 and seconds is not None:
            self.timers.start(
                f"invalid {session.evse.id}", seconds, lambda: self.happened(session, Trigger.CHARGING_STATE_CHANGED)
            )
        return left > 1e-6

    def offer(self, session: Session) -> tuple[float, int | None]:
        """Return what a session may have now: power (W) and phases (None: all); smart charging limits it."""
        assert session.evse is not None
        return session.evse.hardware.config.max_power_w, None

    def transaction_over(self, session: Session) -> None:
        """Do what waited for the end of a transaction: the cable, orders of the CSMS; layers add theirs."""
        self.apply_offer(session)
        session.state = charging_state(session)
        session.points = points_reached(session)
        session.ready_at = None
        if session.evse is not None:
            if not session.held:
                self.unlock(session.evse)
            self.apply_availability(session.evse)

    def rate_changed(self, session: Session) -> bool:
        """Whether the offer changed enough to be told (LimitChangeSignificance) while the vehicle goes on charging."""
        if session.evse is None or session.state is not ChargingState.CHARGING:
            return False
        offered = session.evse.hardware.offered_w
        return abs(offered - session.offered_w) > max(session.offered_w, offered) * self.settings.limit_change_significance / 100

    def lock(self, session: Session) -> None:
        """Lock the cable of an authorized vehicle."""
        if session.evse is not None and (connector := session.evse.hardware.plugged) is not None:
            locked = session.evse.hardware.lock(connector.id)
            if session.lock_failed is locked:
                session.lock_failed = not locked
                self.lock_problem(session.evse, session.evse.connectors[connector.id], failed=not locked)

    def lock_problem(self, evse: Evse, connector: Connector, *, failed: bool) -> None:
        """Take note that a cable could not be locked, so that nobody charges with it (G05.FR.01), or can again."""

    def unlock(self, evse: Evse) -> None:
        """Unlock the cable, if there is one."""
        for connector in evse.connectors.values():
            if connector.hardware.locked:
                evse.hardware.unlock(connector.id)


def _connect_timer(session: Session) -> str:
    return f"connect {0 if session.evse is None else session.evse.id}"


def stop_reason(trigger: Trigger) -> StopReason:
    """Return the reason that goes with what stopped a transaction, where nothing says otherwise."""
    return {
        Trigger.EV_COMMUNICATION_LOST: StopReason.EV_DISCONNECTED,
        Trigger.CHARGING_STATE_CHANGED: StopReason.STOPPED_BY_EV,
        Trigger.REMOTE_STOP: StopReason.REMOTE,
        Trigger.DEAUTHORIZED: StopReason.DE_AUTHORIZED,
        Trigger.RESET_COMMAND: StopReason.IMMEDIATE_RESET,
        Trigger.EV_CONNECT_TIMEOUT: StopReason.TIMEOUT,
    }.get(trigger, StopReason.LOCAL)
