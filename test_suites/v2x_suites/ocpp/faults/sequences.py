"""Stations and CSMSs that stand each operation by itself, and trip over what came before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, override

from sqlalchemy.ext.asyncio import AsyncSession
from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.csms import ReferenceCsms
from v2x_architecture.ocpp.csms.room import Room
from v2x_architecture.ocpp.csms.session import StationSession
from v2x_architecture.ocpp.csms.v16 import Room16
from v2x_architecture.ocpp.csms.v201 import Room201
from v2x_architecture.ocpp.endpoint import Reply
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.v16.station import Firmware16
from v2x_architecture.ocpp.v201.station import Firmware201
from v2x_architecture.ocpp.versions import Version


class StationThatTripsOverAStop(Firmware201):
    """Fails at whatever it is asked after it was to stop a transaction that it does not have."""

    _tripped = False

    @override
    async def handle(self, action: str, payload: Payload) -> Payload | Reply:
        if self._tripped:
            self._tripped = False
            raise CallRefused(ErrorCode.INTERNAL_ERROR, "null")
        self._tripped = action == "RequestStopTransaction" and str(payload["transactionId"]).startswith("V2X")
        return await super().handle(action, payload)


class ChargePointThatTripsOverAStop(Firmware16):
    """Fails at whatever it is asked after it has refused to stop a transaction."""

    _tripped = False

    @override
    async def handle(self, action: str, payload: Payload) -> Payload | Reply:
        if self._tripped:
            self._tripped = False
            raise CallRefused(ErrorCode.INTERNAL_ERROR, "null")
        answer = await super().handle(action, payload)
        self._tripped = action == "RemoteStopTransaction" and answer == {"status": "Rejected"}
        return answer


class _Buries(Room201):
    @override
    async def on_transaction_event(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        transaction = payload["transactionInfo"]["transactionId"]
        ended: set[str] = vars(self).setdefault("ended", set())
        if transaction in ended:
            raise CallRefused(ErrorCode.INTERNAL_ERROR, "the transaction has ended")
        if payload["eventType"] == "Ended":
            ended.add(transaction)
        return await super().on_transaction_event(db, station, payload)


class CsmsThatBuriesTransactions(ReferenceCsms):
    """Fails at every event of a transaction that has ended."""

    rooms: ClassVar[Mapping[Version, type[Room]]] = {**ReferenceCsms.rooms, "2.0.1": _Buries}


class _StopsOnce(Room16):
    @override
    async def on_stop_transaction(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        stopped: set[int] = vars(self).setdefault("stopped", set())
        if payload["transactionId"] in stopped:
            raise CallRefused(ErrorCode.INTERNAL_ERROR, "the transaction was stopped before")
        stopped.add(payload["transactionId"])
        return await super().on_stop_transaction(db, station, payload)


class CsmsThatStopsOnce(ReferenceCsms):
    """Fails when a transaction is stopped that was stopped before."""

    rooms: ClassVar[Mapping[Version, type[Room]]] = {**ReferenceCsms.rooms, "1.6": _StopsOnce}
