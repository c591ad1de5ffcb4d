"""The station in OCPP 2.0.1: provisioning, authorization, transactions, remote control, availability, meter values."""

import asyncio
import functools

from ocpp.exceptions import SecurityError
from ocpp.routing import after, on
from ocpp.v201 import ChargePoint, call, call_result

from charging_station.device_model import DeviceModel
from charging_station.station import NotDelivered, Refused, Station, new_id, now


class Session:
    """What goes on at one EVSE: a token that may charge, and the transaction."""

    def __init__(self):
        self.token = None
        self.remote_start_id = None
        self.transaction_id = ""
        self.sequence = 0
        self.charging_state = ""
        self.meter = None
        self.waiting = None

    @property
    def running(self):
        return bool(self.transaction_id)


class Station201(Station):
    subprotocol = "ocpp2.0.1"
    calls = call

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.charge_point = Link201
        self.sessions = {number: Session() for number in self.evses}
        self.status = {}
        self.reset_when_idle = False
        self.model = DeviceModel(self)

    # Messages of its own

    async def send_report(self, request_id, data):
        size = 32
        pieces = [data[begin : begin + size] for begin in range(0, len(data), size)]
        for number, piece in enumerate(pieces):
            more = number < len(pieces) - 1
            head = {"requestId": request_id, "generatedAt": now(), "seqNo": number, "tbc": more}
            await self.say("NotifyReport", {**head, "reportData": piece})

    def boot_request(self):
        station = {"model": "OcppStation", "vendorName": "Independent", "firmwareVersion": "1.0", "serialNumber": "OS-1"}
        return {"reason": self.boot_reason, "chargingStation": station}

    def status_of(self, number):
        evse, session = self.evses[number], self.sessions[number]
        if evse.fault:
            return "Faulted"
        if evse.plugged or session.running:
            return "Occupied"
        return "Unavailable" if {0, number} & set(self.memory["inoperative"]) else "Available"

    async def report(self, number, always=False):
        status = self.status_of(number)
        if not self.accepted or (status == self.status.get(number) and not always):
            return
        told = {"timestamp": now(), "connectorStatus": status, "evseId": number, "connectorId": 1}
        if await self.say("StatusNotification", told) is not None:
            self.status[number] = status

    async def report_all(self):
        for number in self.evses:
            await self.report(number, always=True)

    def sample(self, number, context):
        value = {
            "value": round(self.evses[number].read_wh(), 1),
            "context": context,
            "measurand": "Energy.Active.Import.Register",
            "unitOfMeasure": {"unit": "Wh"},
        }
        return [{"timestamp": now(), "sampledValue": [value]}]

    # Transactions

    async def authorize(self, token):
        try:
            answer = await self.call("Authorize", {"idToken": token})
        except (Refused, NotDelivered):
            return False
        return answer["idTokenInfo"]["status"] == "Accepted"

    async def present_token(self, token, number):
        session = self.sessions[number]
        if session.running:
            if session.token["idToken"].lower() == token["idToken"].lower():
                await self.end(number, "StopAuthorized", "Local", token)
            return
        if await self.authorize(token):
            await self.allow(number, token)

    async def allow(self, number, token, remote_start_id=None):
        """Let the token charge: now, or when a vehicle is plugged in within EVConnectionTimeOut."""
        session = self.sessions[number]
        session.token, session.remote_start_id = token, remote_start_id
        if self.evses[number].plugged:
            self.begin(number, "RemoteStart" if remote_start_id is not None else "Authorized")
        else:
            session.waiting = self.spawn(self.give_up(number))

    async def give_up(self, number):
        await asyncio.sleep(int(self.model.get("TxCtrlr", "EVConnectionTimeOut")))
        self.sessions[number] = Session()

    def event(self, number, kind, trigger, token=None, context=None, **info):
        """Put a TransactionEvent into the queue."""
        session = self.sessions[number]
        payload = {
            "eventType": kind,
            "timestamp": now(),
            "triggerReason": trigger,
            "seqNo": session.sequence,
            "offline": self.link is None,
            "transactionInfo": {"transactionId": session.transaction_id, **info},
        }
        if session.charging_state:
            payload["transactionInfo"]["chargingState"] = session.charging_state
        if session.sequence == 0:
            payload["evse"] = {"id": number, "connectorId": 1}
        if token:
            payload["idToken"] = token
        if context:
            payload["meterValue"] = self.sample(number, context)
        session.sequence += 1
        self.keep("TransactionEvent", payload, evse=number)

    def begin(self, number, trigger):
        session, evse = self.sessions[number], self.evses[number]
        if session.waiting:
            session.waiting.cancel()
            session.waiting = None
        evse.change(closed=True)
        session.transaction_id = new_id()
        session.charging_state = "SuspendedEV" if evse.suspended else "Charging"
        info = {} if session.remote_start_id is None else {"remoteStartId": session.remote_start_id}
        self.event(number, "Started", trigger, session.token, "Transaction.Begin", **info)
        session.meter = self.spawn(self.sample_regularly(number))

    async def sample_regularly(self, number):
        while True:
            await asyncio.sleep(max(1, int(self.model.get("SampledDataCtrlr", "TxUpdatedInterval")) or 86400))
            self.event(number, "Updated", "MeterValuePeriodic", context="Sample.Periodic")

    async def end(self, number, trigger, reason, token=None):
        session, evse = self.sessions[number], self.evses[number]
        if not session.running:
            return
        evse.change(closed=False)
        session.charging_state = "EVConnected" if evse.plugged else "Idle"
        self.event(number, "Ended", trigger, token, "Transaction.End", stoppedReason=reason)
        if session.meter:
            session.meter.cancel()
        self.sessions[number] = Session()
        await self.report(number)
        if self.reset_when_idle and not any(each.running for each in self.sessions.values()):
            self.spawn(self.reset(boot="ScheduledReset"))

    def attempts(self):
        return int(self.model.get("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent"))

    def attempt_interval(self):
        return int(self.model.get("OCPPCommCtrlr", "MessageAttemptInterval", "TransactionEvent"))

    def patience(self):
        return int(self.model.get("OCPPCommCtrlr", "OfflineThreshold"))

    def about_to_send(self, entry):
        """Nothing of an event changes while it waits."""

    async def delivered(self, entry, answer):
        info = (answer or {}).get("idTokenInfo")
        session = self.sessions[entry["evse"]]
        same = session.transaction_id == entry["payload"]["transactionInfo"]["transactionId"]
        stops = self.model.get("TxCtrlr", "StopTxOnInvalidId") == "true"
        if info and info["status"] != "Accepted" and same and stops and entry["payload"]["eventType"] != "Ended":
            await self.end(entry["evse"], "Deauthorized", "DeAuthorized")

    # People

    async def plug_in(self, number):
        self.evses[number].change(plugged=True, suspended=False)
        await self.report(number)
        session = self.sessions[number]
        if session.token and not session.running:
            self.begin(number, "CablePluggedIn")

    async def unplug(self, number):
        self.evses[number].change(plugged=False)
        await self.end(number, "EVCommunicationLost", "EVDisconnected")
        await self.report(number)

    async def press_stop(self, number):
        await self.end(number, "StopAuthorized", "Local")

    async def changed(self, number):
        session, evse = self.sessions[number], self.evses[number]
        state = "SuspendedEV" if evse.suspended else "Charging"
        if session.running and session.charging_state != state:
            session.charging_state = state
            self.event(number, "Updated", "ChargingStateChanged")
        await self.report(number)

    def configure(self, key, value):
        if not self.model.known(key):
            raise LookupError("there is no variable {}".format(key))
        self.model.put(key, str(value).lower() if isinstance(value, bool) else str(value))

    def forget(self):
        self.sessions = {number: Session() for number in self.evses}
        self.status = {}
        self.reset_when_idle = False

    async def reset(self, trigger="ResetCommand", stopped="ImmediateReset", boot="RemoteReset"):
        for number in self.evses:
            await self.end(number, trigger, stopped)
        await asyncio.sleep(0.5)
        self.reset_when_idle = False
        await self.power_cycle(boot)

    def power_on(self, reason="PowerUp"):
        for number, session in self.sessions.items():
            if session.running:
                self.event(number, "Ended", "AbnormalCondition", context="Transaction.End", stoppedReason="PowerLoss")
        self.sessions = {number: Session() for number in self.evses}
        self.status = {}
        super().power_on(reason)


def answers(action):
    """Mark the method that answers an action; a station whose registration was rejected answers SecurityError (B03.FR.08)."""

    def marked(method):
        @on(action)
        @functools.wraps(method)
        async def answer(self, **payload):
            if self.station.registration == "Rejected":
                raise SecurityError("the registration of this station was rejected")
            return await method(self, **payload)

        return answer

    return marked


class Link201(ChargePoint):
    """What the CSMS may ask for."""

    station = None

    @answers("GetBaseReport")
    async def on_get_base_report(self, request_id, report_base, **_):
        known = report_base in ("FullInventory", "ConfigurationInventory")
        return call_result.GetBaseReport(status="Accepted" if known else "NotSupported")

    @after("GetBaseReport")
    async def after_get_base_report(self, request_id, report_base, **_):
        if report_base in ("FullInventory", "ConfigurationInventory"):
            data = self.station.model.report(settable_only=report_base == "ConfigurationInventory")
            await self.station.send_report(request_id, data)

    @answers("GetVariables")
    async def on_get_variables(self, get_variable_data, **_):
        results = []
        for each in get_variable_data:
            component, variable, kind = each["component"], each["variable"], each.get("attribute_type", "Actual")
            row, why = self.station.model.find(component, variable, kind)
            result = {"attribute_type": kind, "component": component, "variable": variable, "attribute_status": why or "Accepted"}
            if row:
                result["attribute_value"] = self.station.model.get(*row[:3])
            results.append(result)
        return call_result.GetVariables(get_variable_result=results)

    @answers("SetVariables")
    async def on_set_variables(self, set_variable_data, **_):
        results = []
        for each in set_variable_data:
            component, variable, kind = each["component"], each["variable"], each.get("attribute_type", "Actual")
            row, why = self.station.model.find(component, variable, kind)
            status = why or self.station.model.set(row, each["attribute_value"])
            results.append({"attribute_type": kind, "attribute_status": status, "component": component, "variable": variable})
        return call_result.SetVariables(set_variable_result=results)

    @answers("RequestStartTransaction")
    async def on_request_start(self, id_token, remote_start_id, evse_id=None, **_):
        station = self.station
        candidates = [evse_id] if evse_id else list(station.evses)
        usable = [n for n in candidates if n in station.evses and station.status_of(n) in ("Available", "Occupied")]
        free = [n for n in usable if station.sessions[n].token is None]
        if not free or not station.accepted:
            return call_result.RequestStartTransaction(status="Rejected")
        station.spawn(self.remote_start(id_token, remote_start_id, free[0]))
        return call_result.RequestStartTransaction(status="Accepted")

    async def remote_start(self, id_token, remote_start_id, number):
        token = {"idToken": id_token["id_token"], "type": id_token["type"]}
        station = self.station
        if station.model.get("AuthCtrlr", "AuthorizeRemoteStart") == "true" and not await station.authorize(token):
            return
        await station.allow(number, token, remote_start_id)

    @answers("RequestStopTransaction")
    async def on_request_stop(self, transaction_id, **_):
        for number, session in self.station.sessions.items():
            if self.station.accepted and session.running and session.transaction_id == transaction_id:
                self.station.spawn(self.station.end(number, "RemoteStop", "Remote"))
                return call_result.RequestStopTransaction(status="Accepted")
        return call_result.RequestStopTransaction(status="Rejected")

    @answers("GetTransactionStatus")
    async def on_get_transaction_status(self, transaction_id=None, **_):
        queue = [entry["payload"]["transactionInfo"]["transactionId"] for entry in self.station.memory["queue"]]
        if transaction_id is None:
            return call_result.GetTransactionStatus(messages_in_queue=bool(queue))
        ongoing = any(session.transaction_id == transaction_id for session in self.station.sessions.values())
        return call_result.GetTransactionStatus(ongoing_indicator=ongoing, messages_in_queue=transaction_id in queue)

    @answers("Reset")
    async def on_reset(self, type, evse_id=None, **_):
        if evse_id is not None:
            return call_result.Reset(status="Rejected")
        busy = any(session.running for session in self.station.sessions.values())
        return call_result.Reset(status="Scheduled" if type == "OnIdle" and busy else "Accepted")

    @after("Reset")
    async def after_reset(self, type, evse_id=None, **_):
        if evse_id is not None:
            return
        busy = any(session.running for session in self.station.sessions.values())
        if type == "OnIdle" and busy:
            self.station.reset_when_idle = True
        else:
            boot = "ScheduledReset" if type == "OnIdle" else "RemoteReset"
            self.station.spawn(self.station.reset(boot=boot))

    @answers("ChangeAvailability")
    async def on_change_availability(self, operational_status, evse=None, **_):
        station = self.station
        number = evse["id"] if evse else 0
        if number and (number not in station.evses or evse.get("connector_id", 1) != 1):
            return call_result.ChangeAvailability(status="Rejected")
        inoperative = set(station.memory["inoperative"])
        change = inoperative.add if operational_status == "Inoperative" else inoperative.discard
        change(number)
        station.memory["inoperative"] = sorted(inoperative)
        station.save()
        concerned = [number] if number else list(station.evses)
        busy = operational_status == "Inoperative" and any(station.sessions[n].running for n in concerned)
        return call_result.ChangeAvailability(status="Scheduled" if busy else "Accepted")

    @after("ChangeAvailability")
    async def after_change_availability(self, operational_status, evse=None, **_):
        for number in [evse["id"]] if evse else self.station.evses:
            if number in self.station.evses:
                await self.station.report(number)

    @answers("TriggerMessage")
    async def on_trigger_message(self, requested_message, evse=None, **_):
        station = self.station
        if requested_message not in ("BootNotification", "Heartbeat", "StatusNotification", "MeterValues", "TransactionEvent"):
            return call_result.TriggerMessage(status="NotImplemented")
        if evse and evse["id"] not in station.evses:
            return call_result.TriggerMessage(status="Rejected")
        numbers = [evse["id"]] if evse else list(station.evses)
        running = any(station.sessions[n].running for n in numbers)
        unwanted = requested_message == "BootNotification" and station.accepted
        if unwanted or (requested_message == "TransactionEvent" and not running):
            return call_result.TriggerMessage(status="Rejected")
        return call_result.TriggerMessage(status="Accepted")

    @after("TriggerMessage")
    async def after_trigger_message(self, requested_message, evse=None, **_):
        station = self.station
        numbers = [n for n in ([evse["id"]] if evse else station.evses) if n in station.evses]
        if requested_message == "BootNotification":
            self.station.boot_reason = "Triggered"
            station.wake.set()
        elif requested_message == "Heartbeat":
            await station.say("Heartbeat", {})
        for number in numbers:
            if requested_message == "StatusNotification":
                await station.report(number, always=True)
            elif requested_message == "MeterValues":
                await station.say("MeterValues", {"evseId": number, "meterValue": station.sample(number, "Trigger")})
            elif requested_message == "TransactionEvent" and station.sessions[number].running:
                station.event(number, "Updated", "Trigger", context="Trigger")

    @answers("UnlockConnector")
    async def on_unlock_connector(self, evse_id, connector_id, **_):
        if evse_id not in self.station.evses or connector_id != 1:
            return call_result.UnlockConnector(status="UnknownConnector")
        if self.station.sessions[evse_id].running:
            return call_result.UnlockConnector(status="OngoingAuthorizedTransaction")
        return call_result.UnlockConnector(status="Unlocked")

    @answers("ClearCache")
    async def on_clear_cache(self, **_):
        return call_result.ClearCache(status="Rejected")

    @answers("DataTransfer")
    async def on_data_transfer(self, vendor_id, **_):
        return call_result.DataTransfer(status="UnknownVendorId")
