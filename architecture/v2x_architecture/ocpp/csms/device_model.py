"""The device model of a 2.0.1 station, as far as the CSMS knows it (functional blocks B, G and N)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from v2x_architecture.ocpp.csms.credentials import hashed, is_secret
from v2x_architecture.ocpp.csms.room import Room
from v2x_architecture.ocpp.csms.session import StationSession
from v2x_architecture.ocpp.csms.tables import Connector
from v2x_architecture.ocpp.csms.variables import Key, put_variables
from v2x_architecture.ocpp.csms.wire import instant, integer
from v2x_architecture.ocpp.messages import Payload


class DeviceModelRoom(Room):
    """What stations report of their device model, and what the CSMS learns of it by its own CALLs."""

    async def on_notify_report(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Take in a part of a report (B07, B08)."""
        values: dict[Key, Payload] = {}
        for entry in payload.get("reportData", []):
            for attribute in entry["variableAttribute"]:
                key = Key.of(entry["component"], entry["variable"], attribute.get("type"))
                values[key] = {
                    "value": attribute.get("value"),
                    "mutability": attribute.get("mutability", "ReadWrite"),
                    "characteristics": entry.get("variableCharacteristics"),
                }
        await put_variables(db, station.identity, values)
        return {}

    def answered(self, station: StationSession, action: str, payload: Payload) -> None:
        """Tell who waits for a report that a part of it has been taken in."""
        report = station.reports.get(payload["requestId"]) if action == "NotifyReport" else None
        if report is not None:
            report.seen.add(integer(payload["seqNo"]))
            if not payload.get("tbc", False):
                report.done.set()

    async def on_notify_event(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Take in events: values of variables, connector statuses among them (G01, N07)."""
        values: dict[Key, Payload] = {}
        for event in payload["eventData"]:
            component, variable = event["component"], event["variable"]
            values[Key.of(component, variable)] = {"value": event["actualValue"]}
            place = component.get("evse", {})
            if (component["name"], variable["name"]) == ("Connector", "AvailabilityState") and "connectorId" in place:
                where = integer(place["id"]), integer(place["connectorId"])
                await self.put_status(db, station, where, event["actualValue"], event["timestamp"])
        await put_variables(db, station.identity, values)
        return await self.confirm("NotifyEvent", db, station, payload)

    async def put_status(
        self, db: AsyncSession, station: StationSession, where: tuple[int, int], status: str, timestamp: str
    ) -> None:
        """Store a connector's status; one that is older than what is known (a queue) says nothing about now."""
        moment = instant(timestamp)
        evse, connector = where
        known = await db.get(Connector, (station.identity, evse, connector))
        if known is None or known.timestamp <= moment:
            await db.merge(Connector(station=station.identity, evse=evse, connector=connector, status=status, timestamp=moment))

    async def after_set_variables(self, db: AsyncSession, station: StationSession, payload: Payload, answer: Payload) -> None:
        """Remember the values that the station took (B05); its new password is the only one from now on (A01.FR.03)."""
        wanted = {_key(data): data["attributeValue"] for data in payload["setVariableData"]}
        values: dict[Key, Payload] = {}
        for result in answer.get("setVariableResult", []):
            key = _key(result)
            if key not in wanted or result["attributeStatus"] not in {"Accepted", "RebootRequired"}:
                continue
            if is_secret(key.name):
                (await self.row(db, station)).password_hash = await hashed(wanted[key].encode())
            else:
                values[key] = {"value": wanted[key]}
        await put_variables(db, station.identity, values)

    async def after_get_variables(self, db: AsyncSession, station: StationSession, _payload: Payload, answer: Payload) -> None:
        """Remember the values that the station told (B06)."""
        values: dict[Key, Payload] = {}
        for result in answer.get("getVariableResult", []):
            if result["attributeStatus"] == "Accepted":
                values[_key(result)] = {"value": result.get("attributeValue")}
        await put_variables(db, station.identity, values)


def _key(data: Payload) -> Key:
    return Key.of(data["component"], data["variable"], data.get("attributeType"))
