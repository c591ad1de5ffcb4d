"""The zoo of CSMSs for OCPP 2.0.1: each does one thing wrong, and everything else well."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from v2x_architecture.ocpp.csms import ReferenceCsms
from v2x_architecture.ocpp.csms.room import Room
from v2x_architecture.ocpp.csms.session import StationSession
from v2x_architecture.ocpp.csms.v201 import Room201
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.versions import Version


class _DropsPendingStations(Room201):
    def answered(self, station: StationSession, action: str, payload: Payload) -> None:
        super().answered(station, action, payload)
        if action == "BootNotification" and station.registration == "Pending" and station.endpoint:
            self._closing = asyncio.ensure_future(self._close_soon(station))

    async def _close_soon(self, station: StationSession) -> None:
        await asyncio.sleep(1)
        if station.endpoint:
            await station.endpoint.close(1000, "not yet")


class CsmsThatDropsPendingStations(ReferenceCsms):
    """Closes the connection of a station that it holds pending."""

    rooms: ClassVar[Mapping[Version, type[Room]]] = {**ReferenceCsms.rooms, "2.0.1": _DropsPendingStations}
