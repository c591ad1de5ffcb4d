"""A playbook: what passes between a station and its CSMS, put to a judge frame by frame, in a time that the test tells."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from v2x_harness.events import Frame, LinkEvent
from v2x_harness.finding import Finding
from v2x_suites.ocpp.rules import OcppJudge

BEGIN = datetime(2024, 5, 1, 8, 0, tzinfo=UTC)

BOOT = {
    "1.6": {"chargePointVendor": "Vendor", "chargePointModel": "Model", "chargePointSerialNumber": "SN-1"},
    "2.0.1": {"reason": "PowerUp", "chargingStation": {"model": "Model", "vendorName": "Vendor", "serialNumber": "SN-1"}},
}


class Play:
    """One station with identity CS1 and its CSMS.

    Attributes:
        found: what the judge has found.
        t: the time now (s).
        n: number of the last frame.
    """

    def __init__(self, version: str = "1.6", *, opened: bool = True, judge: OcppJudge | None = None) -> None:
        self.version = version
        self.judge = judge or OcppJudge(version)
        self.found: list[Finding] = []
        self.t, self.n, self.connections = 1.0, 0, 0
        self._ids = 0
        self._sender: dict[str, str] = {}
        if opened:
            self.open()

    @property
    def link(self) -> str:
        return f"csms<-CS1#{max(1, self.connections)}"

    def now(self, plus: float = 0.0) -> str:
        """Return the time as a well-set clock has it."""
        return (BEGIN + timedelta(seconds=self.t + plus)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def wait(self, seconds: float) -> None:
        self.t += seconds

    def open(self, **detail: Any) -> None:
        self.connections += 1
        told = {
            "identity": "CS1",
            "subprotocols_offered": [f"ocpp{self.version}"],
            "subprotocol": f"ocpp{self.version}",
            **detail,
        }
        self._link("open", told, f"ocpp/{self.version}" if told["subprotocol"] else "")

    def close(self) -> None:
        self._link("close", {"code": 1000})

    def refused(self) -> None:
        self.connections += 1
        self._link("refused", {"identity": "CS1", "status": 404, "subprotocols_offered": [f"ocpp{self.version}"]})

    def _link(self, event: Any, detail: dict[str, Any], protocol: str = "") -> None:
        self.t += 0.01
        self.n += 1
        self.found += self.judge.feed(
            LinkEvent(link=self.link, event=event, protocol=protocol, detail=detail, n=self.n, t=self.t)
        )

    def raw(self, sender: str, text: str, *, media: Any = "json", fate: Any = "forwarded", of: int | None = None) -> int:
        """Send a frame; return its number."""
        self.t += 0.01
        self.n += 1
        to = "csms" if sender == "station" else "station"
        frame = Frame(link=self.link, sender=sender, to=to, raw=text, media=media, fate=fate, of=of, n=self.n, t=self.t)
        self.found += self.judge.feed(frame)
        return self.n

    def call(self, sender: str, action: str, payload: Any, *, message_id: str = "", fate: Any = "forwarded") -> str:
        """Send a CALL; return its message id."""
        self._ids += 1
        message_id = message_id or f"m{self._ids}"
        self._sender[message_id] = sender
        self.raw(sender, json.dumps([2, message_id, action, payload]), fate=fate)
        return message_id

    def result(self, message_id: str, payload: Any, *, fate: Any = "forwarded") -> None:
        """Answer a call."""
        other = "csms" if self._sender[message_id] == "station" else "station"
        self.raw(other, json.dumps([3, message_id, payload]), fate=fate)

    def error(self, message_id: str, code: str, *, fate: Any = "forwarded") -> None:
        """Refuse a call."""
        other = "csms" if self._sender[message_id] == "station" else "station"
        self.raw(other, json.dumps([4, message_id, code, "", {}]), fate=fate)

    def station(self, action: str, payload: Any, answer: Any = None) -> str:
        """Have the station send a call, and the CSMS answer it."""
        message_id = self.call("station", action, payload)
        self.result(message_id, {} if answer is None else answer)
        return message_id

    def csms(self, action: str, payload: Any, answer: Any) -> str:
        """Have the CSMS send a call, and the station answer it."""
        message_id = self.call("csms", action, payload)
        self.result(message_id, answer)
        return message_id

    # What every play needs.

    def boot(self, status: str = "Accepted", interval: int = 300, **more: Any) -> None:
        answer = {"currentTime": self.now(), "interval": interval, "status": status}
        self.station("BootNotification", {**BOOT[self.version], **more}, answer)

    def status(self, status: str, connector: int = 1, **more: Any) -> None:
        if self.version == "1.6":
            told = {"connectorId": connector, "errorCode": "NoError", "status": status, "timestamp": self.now()}
        else:
            told = {"timestamp": self.now(), "connectorStatus": status, "evseId": 1, "connectorId": connector}
        self.station("StatusNotification", {**told, **more})

    def ready(self) -> None:
        """Boot, be accepted, report the status."""
        self.boot()
        self.status("Available")

    def heartbeat(self) -> None:
        self.station("Heartbeat", {}, {"currentTime": self.now()})

    def start(self, transaction: int = 7, connector: int = 1, meter: int = 1000, id_tag: str = "TAG1", **more: Any) -> None:
        told = {"connectorId": connector, "idTag": id_tag, "meterStart": meter, "timestamp": self.now()}
        self.station("StartTransaction", {**told, **more}, {"transactionId": transaction, "idTagInfo": {"status": "Accepted"}})

    def stop(self, transaction: int = 7, meter: int = 2000, **more: Any) -> None:
        self.station("StopTransaction", {"transactionId": transaction, "meterStop": meter, "timestamp": self.now(), **more})

    def meter(self, *samples: dict[str, Any], transaction: Any = 7, **more: Any) -> None:
        value = {"timestamp": self.now(), "sampledValue": list(samples)}
        if self.version == "1.6":
            told = {"connectorId": 1, "meterValue": [value]}
            if transaction is not None:
                told["transactionId"] = transaction
        else:
            told = {"evseId": 1, "meterValue": [value]}
        self.station("MeterValues", {**told, **more})

    def event(self, kind: str, number: int, reason: str = "Trigger", *, answer: Any = None, **more: Any) -> None:
        """Send a TransactionEvent; keyword arguments go into transactionInfo unless they are fields of the event."""
        fields = {"evse", "idToken", "meterValue", "offline", "timestamp"}
        told = {"transactionId": "T1", **{key: value for key, value in more.items() if key not in fields}}
        payload = {"eventType": kind, "timestamp": self.now(), "triggerReason": reason, "seqNo": number, "transactionInfo": told}
        self.station("TransactionEvent", {**payload, **{key: value for key, value in more.items() if key in fields}}, answer)


def profile_16(**more: Any) -> dict[str, Any]:
    """Return a good charging profile of 1.6."""
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}]}
    told = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {**schedule, **more.pop("schedule", {})},
    }
    return {**told, **more}


def profile_201(**more: Any) -> dict[str, Any]:
    """Return a good charging profile of 2.0.1."""
    schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}]}
    told = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [{**schedule, **more.pop("schedule", {})}],
    }
    return {**told, **more}


# Where things stand in SetChargingProfile.
SCHEDULE_16 = "/3/csChargingProfiles/chargingSchedule"
PERIOD_16 = f"{SCHEDULE_16}/chargingSchedulePeriod"
SCHEDULE_201 = "/3/chargingProfile/chargingSchedule/0"
PERIOD_201 = f"{SCHEDULE_201}/chargingSchedulePeriod"
