"""What an operator does with a station beyond single CALLs: where the CSMS must know what it sent before, or keep to limits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from v2x_architecture.ocpp.csms.backend import Backend
from v2x_architecture.ocpp.csms.errors import NotPossible
from v2x_architecture.ocpp.csms.profiles import objection
from v2x_architecture.ocpp.csms.requests import Request
from v2x_architecture.ocpp.csms.session import Report, StationSession
from v2x_architecture.ocpp.csms.tables import LocalListEntry, Station, Token, Transaction
from v2x_architecture.ocpp.csms.tokens import find_token
from v2x_architecture.ocpp.csms.variables import Key, value_of
from v2x_architecture.ocpp.messages import Payload


class Operations(Backend):
    """Operator's verbs that take several CALLs, or the store, to do.

    All raise what `Backend.command` raises.
    """

    async def get_variables(self, station: str, variables: Sequence[Payload] = ()) -> Payload:
        """Ask a station for values, in as many messages as its limits want (B06, TC_B_08_CSMS; 1.6 5.8).

        Args:
            station: its identity.
            variables: GetVariableData elements (2.0.1), or ``{"key": …}`` (1.6, where none asks for all keys).

        Returns:
            ``{"results": […]}``: the station's results in its version's words.
        """
        session = self.session(station)
        room = self.room(session)
        limit = await self.limit(session, room.read_limit)
        return {"results": await self._all(session, room.requests.read(variables, limit))}

    async def set_variables(self, station: str, values: Sequence[Payload]) -> Payload:
        """Set a station's variables, in as many messages as its limits want (B05; 1.6 5.3).

        Args:
            station: its identity.
            values: SetVariableData elements (2.0.1), or ``{"key": …, "value": …}`` (1.6).

        Returns:
            ``{"results": […]}``: the station's results in its version's words.
        """
        session = self.session(station)
        room = self.room(session)
        limit = await self.limit(session, room.write_limit)
        return {"results": await self._all(session, room.requests.write(values, limit))}

    async def get_report(self, station: str, base: str = "FullInventory", within: float = 60.0) -> Payload:
        """Have a 2.0.1 station report its device model, and wait until the last part has come (B07).

        Args:
            station: its identity.
            base: ``FullInventory``, ``ConfigurationInventory`` or ``SummaryInventory``.
            within: how long that may take (s).

        Returns:
            ``{"status", "parts", "complete"}``: the station's answer, how many parts came, and whether none is missing.
        """
        session = self.session(station)
        number = next(self._numbers)
        report = session.reports[number] = Report()
        try:
            answer = await self.command(station, "GetBaseReport", {"requestId": number, "reportBase": base})
            if answer["status"] == "Accepted":
                try:
                    async with asyncio.timeout(within):
                        await report.done.wait()
                except TimeoutError:
                    pass  # the answer says that it is not complete
        finally:
            del session.reports[number]
        return {"status": answer["status"], "parts": len(report.seen), "complete": report.complete}

    async def send_local_list(self, station: str, id_tokens: Sequence[str] | None = None, *, full: bool = True) -> Payload:
        """Bring a station's local authorization list up to date, in as many messages as its limits want (D01; 1.6 5.15).

        When the station does not take a partial update, the full list is sent (D01.FR.03).

        Args:
            station: its identity.
            id_tokens: which identifiers; all that are known when None. In a partial update, one that is not known is taken out.
            full: replace the whole list.

        Returns:
            ``{"status", "version"}``: the last answer's status, and the version that the station's list has now.
        """
        session = self.session(station)
        room = self.room(session)
        limit = await self.limit(session, room.local_list_limit)
        version, entries = await self.store.run(lambda db: self._local_list(db, session, id_tokens, full=full))
        batches = [entries[start : start + limit] for start in range(0, len(entries), limit)] if limit else [entries]
        status = "Accepted"
        for number, batch in enumerate(batches or [[]]):
            version += 1
            request = room.requests.local_list(batch, version, full=full and number == 0)
            status = (await self.command(station, *request))["status"]
            if status != "Accepted":
                break
        if status != "Accepted" and not full:
            return await self.send_local_list(station)
        known = await self.store.run(lambda db: db.get(Station, station))
        return {"status": status, "version": known.local_list_version if known is not None else 0}

    async def set_charging_profile(self, station: str, evse: int, profile: Payload) -> Payload:
        """Give a station a charging profile (K01; 1.6 5.16).

        Args:
            station: its identity.
            evse: EVSE (2.0.1) or connector (1.6); 0 for the station.
            profile: ChargingProfile of the station's version.

        Returns:
            The station's answer.

        Raises:
            NotPossible: a CSMS may not send this profile (K01.FR.03, .06, .22, .39).
        """
        session = self.session(station)
        why = await self.store.run(lambda db: objection(db, session.identity, session.version, evse, profile))
        if why is not None:
            raise NotPossible(why)
        return await self.command(station, *self.room(session).requests.set_profile(evse, profile))

    async def clear_charging_profile(
        self,
        station: str,
        profile: int | None = None,
        evse: int | None = None,
        purpose: str | None = None,
        stack_level: int | None = None,
    ) -> Payload:
        """Take charging profiles from a station: that with an id, or all that fit the criteria (K10; 1.6 5.5)."""
        session = self.session(station)
        request = self.room(session).requests.clear_profiles(profile, evse, purpose, stack_level)
        return await self.command(station, *request)

    async def remote_start(
        self, station: str, id_token: str, token_type: str | None = None, evse: int | None = None, profile: Payload | None = None
    ) -> Payload:
        """Start a transaction (F01, F02; 1.6 5.11).

        Args:
            station: its identity.
            id_token: for whom.
            token_type: IdTokenEnumType; the known one's when None, ``ISO14443`` if there is none.
            evse: where; None leaves it to the station (which a 2.0.1 station may refuse).
            profile: TxProfile for it.

        Returns:
            The station's answer, and in 2.0.1 ``remoteStartId``.
        """
        session = self.session(station)
        known = await self.store.run(lambda db: find_token(db, id_token))
        token = Token(id_token=id_token, type=token_type or (known.type if known is not None else None))
        action, payload = self.room(session).requests.remote_start(token, evse, next(self._numbers), profile)
        answer = await self.command(station, action, payload)
        return answer | {name: payload[name] for name in ("remoteStartId",) if name in payload}

    async def remote_stop(self, station: str, transaction_id: str | None = None) -> Payload:
        """Stop a transaction (F03; 1.6 5.12).

        Args:
            station: its identity.
            transaction_id: which; the only active one when None.

        Raises:
            NotPossible: there is no such transaction, or not just one.
        """
        session = self.session(station)
        wanted = [] if transaction_id is None else [Transaction.transaction_id == transaction_id]
        query = select(Transaction).where(Transaction.station == station, Transaction.active.is_(True), *wanted)
        active = list(await self.store.run(lambda db: db.scalars(query)))
        if len(active) != 1:
            raise NotPossible(f"{station} has {len(active)} active transactions" + (" of that id" if transaction_id else ""))
        return await self.command(station, *self.room(session).requests.remote_stop(active[0]))

    async def limit(self, session: StationSession, where: Key | None) -> int | None:
        """Return a limit that a station has told, None when it has not.

        Args:
            session: the station.
            where: the variable that tells it, None when there is none.
        """
        if where is None:
            return None
        value = await self.store.run(lambda db: value_of(db, session.identity, where))
        return int(value) if value is not None and value.isdecimal() and int(value) > 0 else None

    async def _all(self, session: StationSession, requests: Iterable[Request]) -> list[Payload]:
        """Send CALLs one after another and join what came back."""
        results: list[Payload] = []
        for action, payload in requests:
            results += self.room(session).requests.results(await self.command(session.identity, action, payload))
        return results

    async def _local_list(
        self, db: AsyncSession, session: StationSession, id_tokens: Sequence[str] | None, *, full: bool
    ) -> tuple[int, list[Payload]]:
        """Return the version that a station's list has, and the entries for the next."""
        requests = self.room(session).requests
        row = await db.get(Station, session.identity)
        version = row.local_list_version if row is not None else 0
        if id_tokens is None:
            known = list(await db.scalars(select(Token).order_by(Token.key)))
            kept = {token.key for token in known}
            query = select(LocalListEntry).where(LocalListEntry.station == session.identity)
            gone = [] if full else [entry.id_token for entry in await db.scalars(query) if entry.key not in kept]
            return version, [requests.local_list_entry(token) for token in known] + [
                requests.local_list_entry(key) for key in gone
            ]
        found: list[Token | str] = [await find_token(db, id_token) or id_token for id_token in id_tokens]
        return version, [requests.local_list_entry(token) for token in found if isinstance(token, Token) or not full]
