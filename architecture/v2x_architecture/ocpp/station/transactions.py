"""Transactions: their start and end, their reports with everything that is told once, and the meter values that go with them."""

from __future__ import annotations

import uuid
from abc import abstractmethod
from collections.abc import Callable

from v2x_architecture.ocpp.station.availability import Evse
from v2x_architecture.ocpp.station.firmware import BootCause, Parts
from v2x_architecture.ocpp.station.metering import REGISTER, Context, Metering, MeterValue, Sample
from v2x_architecture.ocpp.station.model import ChargingState, StopReason, Transaction, Trigger
from v2x_architecture.ocpp.station.session import EventKind, Session, TransactionReport, charging_state, points_reached

_SECTION = "transactions"


class Transactions(Metering):
    """Adds sessions and the transactions in them (E01, E06, J02; 1.6: 4.8, 4.10)."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        super().__init__(parts, cause)
        self.sessions = {number: Session(evse) for number, evse in self.evses.items()}
        self.waiting: Session | None = None

    # -- what a version says -------------------------------------------------------------------------------------------------

    @abstractmethod
    def send_report(self, report: TransactionReport) -> None:
        """Tell the CSMS about a transaction; what cannot be told now is kept (E04.FR.01)."""

    # -- power ---------------------------------------------------------------------------------------------------------------

    def power_on(self) -> None:
        """End what the power cut interrupted, take stock of what is plugged in, begin to work."""
        for transaction in self.store.load(_SECTION, Transaction).values():
            self.end_interrupted(transaction)
        for session in self.sessions.values():
            session.state = charging_state(session)
            session.points = points_reached(session)
        super().power_on()

    def end_interrupted(self, transaction: Transaction) -> None:
        """End a transaction that ran when the power went away."""
        reason = StopReason.POWER_LOSS if self.cause is BootCause.POWER_UP else StopReason.REBOOT
        session = Session(self.evses[transaction.evse] if transaction.evse is not None else None, transaction=transaction)
        session.state = charging_state(session)
        if REGISTER in self.settings.ended_measurands and transaction.evse is not None:
            begin = Sample(REGISTER, Context.TRANSACTION_BEGIN, transaction.meter_start_wh, "Wh")
            session.values = [MeterValue(transaction.started_at, (begin,))]
        session.interval_from_wh = transaction.meter_start_wh
        self.end_transaction(session, Trigger.ABNORMAL_CONDITION, reason)

    # -- transactions --------------------------------------------------------------------------------------------------------

    def busy(self, evse: Evse) -> bool:
        """Whether a transaction runs on an EVSE."""
        return self.sessions[evse.id].transaction is not None

    def new_transaction_id(self) -> str:
        """Return an id that no transaction ever had (E01.FR.08)."""
        return str(uuid.uuid4())

    def next_sequence_number(self, transaction: Transaction) -> int:
        """Return the number of the next report about a transaction: 0, 1, 2… (E01.FR.07)."""
        number = transaction.seq_no
        transaction.seq_no += 1
        return number

    def start_transaction(self, session: Session, trigger: Trigger) -> None:
        """Start a transaction and report it (E01)."""
        token = session.authorization.token if session.authorization is not None else None
        session.transaction = Transaction(
            self.new_transaction_id(),
            self.now(),
            evse=None if session.evse is None else session.evse.id,
            meter_start_wh=self.register_wh(session),
            token=token,
        )
        session.former = None
        session.held = False
        session.values = []
        session.interval_from_wh = session.transaction.meter_start_wh
        self.report(session, EventKind.STARTED, trigger)
        self.start_sampling(session)

    def end_transaction(self, session: Session, trigger: Trigger, reason: StopReason) -> None:
        """End a transaction and report it (E06)."""
        transaction = session.transaction
        assert transaction is not None
        self.stop_sampling(session)
        self.report(session, EventKind.ENDED, trigger, reason=reason, values=self.final_values(session))
        self.store.delete(_SECTION, transaction.id)
        session.transaction = None
        session.former, session.authorization = session.authorization or session.former, None
        session.values = []

    def report(
        self,
        session: Session,
        kind: EventKind,
        trigger: Trigger,
        *,
        reason: StopReason | None = None,
        values: tuple[MeterValue, ...] = (),
    ) -> None:
        """Report on the transaction of a session; identifiers and EVSE are told once (E01.FR.10, FR.16)."""
        transaction = session.transaction
        assert transaction is not None
        evse = connector = phases = None
        plugged = session.evse.hardware.plugged if session.evse is not None else None
        if session.evse is not None and plugged is not None and not transaction.evse_told:
            evse, connector = session.evse.id, plugged.id
            transaction.evse, transaction.connector, transaction.evse_told = evse, connector, True
        if session.state is ChargingState.CHARGING and session.evse is not None and session.evse.hardware.config.current == "AC":
            used = session.evse.hardware.phases_used
            phases = used if used != transaction.phases_told else None
            transaction.phases_told = used
        if session.untold_remote_start_id is not None and kind is not EventKind.ENDED:
            trigger = Trigger.REMOTE_START
        if not transaction.begin_told and self.begins_here(session, kind):
            values = (*self.begin_values(session), *values)
            transaction.begin_told = True
        now = values[-1].at if kind is EventKind.UPDATED and values else self.now()
        if transaction.charging_state is ChargingState.CHARGING and transaction.told_at is not None:
            transaction.charging_s += (now - transaction.told_at).total_seconds()
        transaction.charging_state, transaction.told_at = session.state, now
        session.offered_w = 0.0 if session.evse is None else session.evse.hardware.offered_w
        report = TransactionReport(
            kind,
            trigger,
            transaction,
            now,
            session.state,
            evse=evse,
            connector=connector,
            token=session.untold_token,
            remote_start_id=session.untold_remote_start_id,
            phases=phases,
            reason=reason,
            values=values,
            meter_wh=self.register_wh(session),
        )
        session.untold_token = session.untold_remote_start_id = None
        self.send_report(report)
        self.store.put(_SECTION, transaction.id, transaction)

    def session_of(self, transaction_id: str) -> Session | None:
        """Return the session in which a transaction runs."""
        sessions = [*self.sessions.values(), *([self.waiting] if self.waiting is not None else [])]
        return next((each for each in sessions if each.transaction is not None and each.transaction.id == transaction_id), None)

    # -- meter values of transactions ----------------------------------------------------------------------------------------

    def register_wh(self, session: Session) -> float:
        """Return the energy register of a session's EVSE (Wh); 0 while there is none."""
        return 0.0 if session.evse is None else session.evse.hardware.read(self.now()).energy_wh

    def begins_here(self, session: Session, kind: EventKind) -> bool:
        """Whether this report carries the values of the beginning (E01.FR.09, FR.17)."""
        if session.evse is None:
            return False
        return kind is EventKind.STARTED or session.state is ChargingState.CHARGING

    def begin_values(self, session: Session) -> tuple[MeterValue, ...]:
        """Take the values of the beginning; those for the end of the transaction are kept until then."""
        assert session.evse is not None
        settings = self.settings
        kept = self.sample(session.evse, settings.ended_measurands, Context.TRANSACTION_BEGIN)
        if kept is not None:
            session.values.append(kept)
        value = self.sample(session.evse, settings.begin_measurands, Context.TRANSACTION_BEGIN)
        return () if value is None else (value,)

    def final_values(self, session: Session) -> tuple[MeterValue, ...]:
        """Return the values for the end of a transaction: from its beginning, its course and its end (E06.FR.11)."""
        if session.evse is None:
            return ()
        value = self.sample(session.evse, self.settings.ended_measurands, Context.TRANSACTION_END)
        return (*session.values, *(() if value is None else (value,)))

    def start_sampling(self, session: Session) -> None:
        """Begin the periodic samples of a transaction (J02.FR.11)."""
        transaction = session.transaction
        if transaction is None:
            return
        settings = self.settings
        if settings.sampled_interval_s > 0 and settings.sampled_measurands:
            self._every(session, "sampled", settings.sampled_interval_s, self.periodic_sample)
        if settings.ended_interval_s > 0 and settings.ended_measurands:
            self._every(session, "ended", settings.ended_interval_s, self.sample_for_end)
        if settings.aligned_ended_interval_s > 0 and settings.aligned_ended_measurands:
            self._aligned_for_end(session)

    def stop_sampling(self, session: Session) -> None:
        """End the periodic samples of a transaction."""
        for name in ("sampled", "ended", "aligned ended"):
            self.timers.stop(_sample_timer(session, name))

    def settings_changed(self) -> None:
        """Follow changes of sampling."""
        before = self.settings
        super().settings_changed()
        intervals = ("sampled_interval_s", "ended_interval_s", "aligned_ended_interval_s")
        if any(getattr(before, each) != getattr(self.settings, each) for each in intervals):
            for session in self.sessions.values():
                self.stop_sampling(session)
                self.start_sampling(session)

    def periodic_sample(self, session: Session) -> None:
        """Report a periodic sample."""
        if session.evse is None or session.transaction is None:
            return
        since, session.interval_from_wh = session.interval_from_wh, self.register_wh(session)
        value = self.sample(session.evse, self.settings.sampled_measurands, Context.SAMPLE_PERIODIC, since_wh=since)
        if value is not None:
            self.report(session, EventKind.UPDATED, Trigger.METER_VALUE_PERIODIC, values=(value,))

    def sample_for_end(self, session: Session) -> None:
        """Keep a periodic sample for the end of the transaction."""
        if session.evse is not None:
            value = self.sample(session.evse, self.settings.ended_measurands, Context.SAMPLE_PERIODIC)
            session.values.extend([] if value is None else [value])

    def aligned_during_transaction(self, evse: Evse, value: MeterValue) -> None:
        """Report a clock-aligned value with the transaction (J01.FR.22)."""
        self.report(self.sessions[evse.id], EventKind.UPDATED, Trigger.METER_VALUE_CLOCK, values=(value,))

    def _every(self, session: Session, name: str, seconds: float, action: Callable[[Session], None]) -> None:
        """Do something in a transaction at every multiple of an interval since its start."""
        transaction = session.transaction
        assert transaction is not None
        elapsed = (self.now() - transaction.started_at).total_seconds()

        def due() -> None:
            action(session)
            self._every(session, name, seconds, action)

        self.timers.start(_sample_timer(session, name), (elapsed // seconds + 1) * seconds - elapsed, due)

    def _aligned_for_end(self, session: Session) -> None:
        seconds = self.settings.aligned_ended_interval_s

        def due() -> None:
            if session.evse is not None:
                value = self.sample(session.evse, self.settings.aligned_ended_measurands, Context.SAMPLE_CLOCK)
                session.values.extend([] if value is None else [value])
            self._aligned_for_end(session)

        self.timers.start(_sample_timer(session, "aligned ended"), self.seconds_to_aligned(seconds), due)


def _sample_timer(session: Session, name: str) -> str:
    return f"{name} {0 if session.evse is None else session.evse.id}"
