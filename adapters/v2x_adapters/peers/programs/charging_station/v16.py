"""The station in OCPP 1.6J: Core and RemoteTrigger."""

import asyncio

from ocpp.routing import after, on
from ocpp.v16 import ChargePoint, call, call_result

from charging_station.station import NotDelivered, Refused, Station, now

# Configuration keys: initial value, and whether the CSMS may change it.
KEYS = {
    "AuthorizeRemoteTxRequests": ("false", True),
    "ClockAlignedDataInterval": ("0", False),
    "ConnectionTimeOut": ("60", True),
    "ConnectorPhaseRotation": ("NotApplicable", True),
    "GetConfigurationMaxKeys": ("50", False),
    "HeartbeatInterval": ("300", True),
    "LocalAuthorizeOffline": ("false", False),
    "LocalPreAuthorize": ("false", False),
    "MeterValuesAlignedData": ("", False),
    "MeterValuesSampledData": ("Energy.Active.Import.Register", False),
    "MeterValueSampleInterval": ("60", True),
    "NumberOfConnectors": ("1", False),
    "ResetRetries": ("1", True),
    "StopTransactionOnEVSideDisconnect": ("true", False),
    "StopTransactionOnInvalidId": ("true", True),
    "StopTxnAlignedData": ("", False),
    "StopTxnSampledData": ("", False),
    "SupportedFeatureProfiles": ("Core,RemoteTrigger", False),
    "TransactionMessageAttempts": ("3", False),
    "TransactionMessageRetryInterval": ("1", False),
    "UnlockConnectorOnEVSideDisconnect": ("true", False),
}
NUMBERS = ("ConnectionTimeOut", "HeartbeatInterval", "MeterValueSampleInterval", "ResetRetries")
SWITCHES = ("AuthorizeRemoteTxRequests", "StopTransactionOnInvalidId")


class Session:
    """What goes on at one connector: a tag that may charge, and the transaction."""

    def __init__(self):
        self.tag = ""
        self.local = 0
        self.transaction_id = None
        self.meter = None
        self.waiting = None
        self.finishing = False

    @property
    def running(self):
        return bool(self.local)


class Station16(Station):
    subprotocol = "ocpp1.6"
    calls = call

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.charge_point = Link16
        self.sessions = {number: Session() for number in self.evses}
        self.locals = 0
        self.ids = {}
        self.status = {}

    # Configuration

    def get(self, key):
        if key == "NumberOfConnectors":
            return str(len(self.evses))
        if key == "HeartbeatInterval":
            return str(self.heartbeat_interval)
        return self.memory["settings"].get(key, KEYS[key][0])

    def set(self, key, value):
        """Return the configuration status."""
        if key not in KEYS:
            return "NotSupported"
        if not KEYS[key][1]:
            return "Rejected"
        if key in NUMBERS and not (value.isascii() and value.isdigit()):
            return "Rejected"
        if key in SWITCHES:
            value = value.lower()
            if value not in ("true", "false"):
                return "Rejected"
        self.memory["settings"][key] = value
        self.save()
        if key == "HeartbeatInterval":
            self.beat_every(int(value))
        return "Accepted"

    # Messages of its own

    def boot_request(self):
        return {
            "chargePointVendor": "Independent",
            "chargePointModel": "OcppStation",
            "chargePointSerialNumber": "OS-1",
            "firmwareVersion": "1.0",
        }

    def status_of(self, number):
        if number == 0:
            return "Unavailable" if 0 in self.memory["inoperative"] else "Available"
        evse, session = self.evses[number], self.sessions[number]
        if evse.fault:
            return "Faulted"
        if session.running:
            return "SuspendedEV" if evse.suspended else "Charging"
        if session.finishing and evse.plugged:
            return "Finishing"
        if evse.plugged or session.tag:
            return "Preparing"
        return "Unavailable" if {0, number} & set(self.memory["inoperative"]) else "Available"

    async def report(self, number, always=False):
        status = self.status_of(number)
        if not self.accepted or (status == self.status.get(number) and not always):
            return
        error = self.evses[number].fault if number else ""
        told = {"connectorId": number, "errorCode": error or "NoError", "status": status, "timestamp": now()}
        if await self.say("StatusNotification", told) is not None:
            self.status[number] = status

    async def report_all(self):
        for number in (0, *self.evses):
            await self.report(number, always=True)

    def sample(self, number, context):
        return {
            "timestamp": now(),
            "sampledValue": [
                {
                    "value": str(round(self.evses[number].read_wh())),
                    "context": context,
                    "measurand": "Energy.Active.Import.Register",
                    "unit": "Wh",
                }
            ],
        }

    # Transactions

    async def authorize(self, tag):
        try:
            answer = await self.call("Authorize", {"idTag": tag})
        except (Refused, NotDelivered):
            return False
        return answer["idTagInfo"]["status"] == "Accepted"

    async def present_token(self, tag, number):
        session = self.sessions[number]
        if session.running:
            if session.tag.lower() == tag.lower():
                await self.stop_transaction(number, "Local", tag)
            return
        if await self.authorize(tag):
            await self.allow(number, tag)

    async def allow(self, number, tag):
        """Let the tag charge: now, or when a vehicle is plugged in within ConnectionTimeOut."""
        session = self.sessions[number]
        session.tag = tag
        session.finishing = False
        if self.evses[number].plugged:
            await self.start_transaction(number)
            return
        await self.report(number)
        session.waiting = self.spawn(self.give_up(number))

    async def give_up(self, number):
        await asyncio.sleep(int(self.get("ConnectionTimeOut")))
        self.sessions[number].tag = ""
        await self.report(number)

    async def start_transaction(self, number):
        session, evse = self.sessions[number], self.evses[number]
        if session.waiting:
            session.waiting.cancel()
            session.waiting = None
        self.locals += 1
        session.local, session.transaction_id = self.locals, None
        evse.change(closed=True)
        self.keep(
            "StartTransaction",
            {"connectorId": number, "idTag": session.tag, "meterStart": round(evse.read_wh()), "timestamp": now()},
            local=session.local,
            connector=number,
        )
        session.meter = self.spawn(self.sample_regularly(number))
        await self.report(number)

    async def sample_regularly(self, number):
        while True:
            await asyncio.sleep(max(1, int(self.get("MeterValueSampleInterval")) or 86400))
            session = self.sessions[number]
            if session.running:
                values = {"connectorId": number, "meterValue": [self.sample(number, "Sample.Periodic")]}
                self.keep("MeterValues", values, local=session.local, connector=number)

    async def stop_transaction(self, number, reason, tag=None):
        session, evse = self.sessions[number], self.evses[number]
        if not session.running:
            return
        evse.change(closed=False)
        payload = {"meterStop": round(evse.read_wh()), "timestamp": now(), "transactionId": 0, "reason": reason}
        if tag:
            payload["idTag"] = tag
        self.keep("StopTransaction", payload, local=session.local, connector=number)
        if session.meter:
            session.meter.cancel()
        self.sessions[number] = Session()
        self.sessions[number].finishing = True
        await self.report(number)

    def about_to_send(self, entry):
        """Put the transaction id in that the CSMS gave in the meantime."""
        known = self.ids.get(entry["local"])
        if entry["action"] != "StartTransaction" and known is not None:
            entry["payload"]["transactionId"] = known

    async def delivered(self, entry, answer):
        if entry["action"] != "StartTransaction" or answer is None:
            return
        self.ids[entry["local"]] = answer["transactionId"]
        session = self.sessions[entry["connector"]]
        if session.local != entry["local"]:
            return
        session.transaction_id = answer["transactionId"]
        if answer["idTagInfo"]["status"] != "Accepted" and self.get("StopTransactionOnInvalidId") == "true":
            await self.stop_transaction(entry["connector"], "DeAuthorized")

    # People

    async def plug_in(self, number):
        self.evses[number].change(plugged=True, suspended=False)
        if self.sessions[number].tag and not self.sessions[number].running:
            await self.start_transaction(number)
        else:
            await self.report(number)

    async def unplug(self, number):
        self.evses[number].change(plugged=False)
        await self.stop_transaction(number, "EVDisconnected")
        self.sessions[number].finishing = False
        await self.report(number)

    async def press_stop(self, number):
        await self.stop_transaction(number, "Local")

    async def changed(self, number):
        await self.report(number)

    def configure(self, key, value):
        if key not in KEYS:
            raise LookupError("there is no configuration key {}".format(key))
        self.memory["settings"][key] = str(value)
        self.save()

    def forget(self):
        self.sessions = {number: Session() for number in self.evses}
        self.ids, self.status = {}, {}

    async def reset(self, reason):
        for number in self.evses:
            await self.stop_transaction(number, reason)
        await asyncio.sleep(0.5)
        await self.restart()

    async def restart(self, reason="PowerUp"):
        await self.power_cycle(reason)

    def power_on(self, reason="PowerUp"):
        # A transaction that the power cut interrupted is ended by it.
        for number, session in self.sessions.items():
            if session.running:
                payload = {
                    "meterStop": round(self.evses[number].read_wh()),
                    "timestamp": now(),
                    "transactionId": 0,
                    "reason": "PowerLoss",
                }
                self.keep("StopTransaction", payload, local=session.local, connector=number)
        self.sessions = {number: Session() for number in self.evses}
        self.status = {}
        super().power_on(reason)


class Link16(ChargePoint):
    """What the CSMS may ask for."""

    station = None

    @on("RemoteStartTransaction")
    async def on_remote_start(self, id_tag, connector_id=None, **_):
        station = self.station
        candidates = [connector_id] if connector_id else list(station.evses)
        free = [n for n in candidates if n in station.evses and station.status_of(n) in ("Available", "Preparing")]
        free = [n for n in free if not station.sessions[n].tag]
        if not free or not station.accepted:
            return call_result.RemoteStartTransaction(status="Rejected")
        station.spawn(self.remote_start(id_tag, free[0]))
        return call_result.RemoteStartTransaction(status="Accepted")

    async def remote_start(self, tag, number):
        station = self.station
        if station.get("AuthorizeRemoteTxRequests") == "true" and not await station.authorize(tag):
            return
        await station.allow(number, tag)

    @on("RemoteStopTransaction")
    async def on_remote_stop(self, transaction_id):
        for number, session in self.station.sessions.items():
            if self.station.accepted and session.running and session.transaction_id == transaction_id:
                self.station.spawn(self.station.stop_transaction(number, "Remote"))
                return call_result.RemoteStopTransaction(status="Accepted")
        return call_result.RemoteStopTransaction(status="Rejected")

    @on("Reset")
    async def on_reset(self, type):
        return call_result.Reset(status="Accepted")

    @after("Reset")
    async def after_reset(self, type):
        self.station.spawn(self.station.reset(type + "Reset"))

    @on("ChangeAvailability")
    async def on_change_availability(self, connector_id, type):
        station = self.station
        if connector_id != 0 and connector_id not in station.evses:
            return call_result.ChangeAvailability(status="Rejected")
        inoperative = set(station.memory["inoperative"])
        change = inoperative.add if type == "Inoperative" else inoperative.discard
        change(connector_id)
        station.memory["inoperative"] = sorted(inoperative)
        station.save()
        concerned = list(station.evses) if connector_id == 0 else [connector_id]
        busy = type == "Inoperative" and any(station.sessions[n].running for n in concerned)
        return call_result.ChangeAvailability(status="Scheduled" if busy else "Accepted")

    @after("ChangeAvailability")
    async def after_change_availability(self, connector_id, type):
        for number in [0, *self.station.evses] if connector_id == 0 else [connector_id]:
            if number == 0 or number in self.station.evses:
                await self.station.report(number)

    @on("GetConfiguration")
    async def on_get_configuration(self, key=None):
        asked = key or list(KEYS)
        return call_result.GetConfiguration(
            configuration_key=[
                {"key": name, "readonly": not KEYS[name][1], "value": self.station.get(name)} for name in asked if name in KEYS
            ],
            unknown_key=[name for name in asked if name not in KEYS] or None,
        )

    @on("ChangeConfiguration")
    async def on_change_configuration(self, key, value):
        return call_result.ChangeConfiguration(status=self.station.set(key, value))

    @on("TriggerMessage")
    async def on_trigger_message(self, requested_message, connector_id=None):
        if requested_message not in ("BootNotification", "Heartbeat", "StatusNotification", "MeterValues"):
            return call_result.TriggerMessage(status="NotImplemented")
        if connector_id and connector_id not in self.station.evses:
            return call_result.TriggerMessage(status="Rejected")
        return call_result.TriggerMessage(status="Accepted")

    @after("TriggerMessage")
    async def after_trigger_message(self, requested_message, connector_id=None):
        station = self.station
        numbers = [connector_id] if connector_id else list(station.evses)
        if connector_id and connector_id not in station.evses:
            return
        if requested_message == "BootNotification":
            if station.accepted:
                await station.say("BootNotification", station.boot_request())
            else:
                station.wake.set()
        elif requested_message == "Heartbeat":
            await station.say("Heartbeat", {})
        elif requested_message == "StatusNotification":
            for number in numbers if connector_id else [0, *numbers]:
                await station.say(
                    "StatusNotification",
                    {"connectorId": number, "errorCode": "NoError", "status": station.status_of(number), "timestamp": now()},
                )
        elif requested_message == "MeterValues":
            for number in numbers:
                values = {"connectorId": number, "meterValue": [station.sample(number, "Trigger")]}
                if station.sessions[number].transaction_id is not None:
                    values["transactionId"] = station.sessions[number].transaction_id
                await station.say("MeterValues", values)

    @on("UnlockConnector")
    async def on_unlock_connector(self, connector_id):
        if connector_id not in self.station.evses:
            return call_result.UnlockConnector(status="NotSupported")
        # Stopping reports a status, whose answer cannot come before this handler has ended.
        self.station.spawn(self.station.stop_transaction(connector_id, "UnlockCommand"))
        return call_result.UnlockConnector(status="Unlocked")

    @on("ClearCache")
    async def on_clear_cache(self):
        return call_result.ClearCache(status="Rejected")

    @on("DataTransfer")
    async def on_data_transfer(self, vendor_id, message_id=None, data=None):
        return call_result.DataTransfer(status="UnknownVendorId")
