"""Functional block B: booting, variables, reports, network connection profiles, resets; and the security events of block A."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from v2x_architecture.ocpp.errors import CallRefused, OcppError
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.firmware import BootAnswer, BootCause, Parts
from v2x_architecture.ocpp.station.link import ConnectionProfile, Link, readable
from v2x_architecture.ocpp.station.model import Registration
from v2x_architecture.ocpp.station.outbox import Offline
from v2x_architecture.ocpp.v201.base import Base201, parse_time, timestamp
from v2x_architecture.ocpp.v201.device_model import AttributeType, Unknown, Variable, split_list

_log = logging.getLogger(__name__)

REPORT_ITEMS: Final = 25
"""Variables in one NotifyReport."""

_PROFILES = "network profiles"
_LAST_SLOT = "network slot"
_PRIORITY = "OCPPCommCtrlr.NetworkConfigurationPriority"


class Provisioning(Base201):
    """B01 to B12 and A01, A04, A05."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        super().__init__(parts, cause)
        self.network_profiles = self.store.load(_PROFILES, dict)
        if "1" not in self.network_profiles:
            self.network_profiles["1"] = self.own_profile()
        # A new priority counts from the next boot on (B10.FR.04).
        self._priority = split_list(self.device.get(_PRIORITY))
        self._slot = self._priority[0] if self._priority else "1"

    # -- B01 to B04: booting -------------------------------------------------------------------------------------------------

    async def boot_notification(self, link: Link, cause: BootCause) -> BootAnswer:
        """Send a BootNotification (B01.FR.01, FR.09)."""
        answer = await link.call("BootNotification", self.boot_payload(cause))
        with readable("BootNotification"):
            return BootAnswer(Registration(answer["status"]), float(answer["interval"]), parse_time(answer["currentTime"]))

    def boot_payload(self, cause: BootCause) -> Payload:
        """Return the BootNotificationRequest."""
        return {
            "reason": cause.value,
            "chargingStation": {
                "model": self.config.model,
                "vendorName": self.config.vendor,
                "serialNumber": self.config.serial_number,
                "firmwareVersion": self.config.firmware_version,
            },
        }

    def accepted(self) -> None:
        """Report connectors, then that the station started (A04: StartupOfTheDevice, ResetOrReboot)."""
        super().accepted()
        self.security_event("StartupOfTheDevice" if self.cause is BootCause.POWER_UP else "ResetOrReboot")

    async def heartbeat(self) -> datetime | None:
        """Send a Heartbeat (G02)."""
        answer = await self.outbox.send("Heartbeat", {})
        with readable("Heartbeat"):
            return parse_time(answer["currentTime"])

    def synchronize_clock(self, current_time: datetime | None) -> None:
        """Follow the CSMS's clock where TimeSource names it (B01.FR.06, G02.FR.06)."""
        if "Heartbeat" in split_list(self.device.get("ClockCtrlr.TimeSource")):
            super().synchronize_clock(current_time)

    def back_online(self, away_s: float) -> None:
        """Show at once that the station lives again (B04)."""
        super().back_online(away_s)
        self.spawn(self.beat())

    def security_event(self, kind: str, info: str = "") -> None:
        """Report a security event, for certain (A04.FR.01, FR.02)."""
        payload: Payload = {"type": kind, "timestamp": timestamp(self.now())}
        self.outbox.keep("SecurityEventNotification", payload | ({"techInfo": info} if info else {}))

    # -- B05, B06: variables -------------------------------------------------------------------------------------------------

    def on_set_variables(self, payload: Payload) -> Payload:
        """Set variables, one result for each (B05)."""
        items = payload["setVariableData"]
        self.limit_items(items, "SetVariables")
        results = [self.set_variable(item) for item in items]
        self.settings_changed()
        return {"setVariableResult": results}

    def set_variable(self, item: Payload) -> Payload:
        """Set one variable and return its result."""
        result, variable = self.looked_up(item)
        if variable is None:
            return result
        value = item["attributeValue"]
        if not variable.writable:
            return result | _rejected("ReadOnly", "the CSMS cannot set it")
        complaint = variable.complaint(value) or self.objection(variable, value)
        if complaint is not None:
            return result | _rejected("InvalidValue", complaint)
        self.device.set(variable, value)
        self.variable_set(variable)
        return result | {"attributeStatus": "RebootRequired" if variable.reboot else "Accepted"}

    def looked_up(self, item: Payload) -> tuple[Payload, Variable | None]:
        """Find the variable that an item names; without it, the item's result says why."""
        result: Payload = {
            "attributeType": item.get("attributeType", "Actual"),
            "component": item["component"],
            "variable": item["variable"],
        }
        variable = self.device.find(item["component"], item["variable"])
        if isinstance(variable, Unknown):
            return result | {"attributeStatus": variable.value}, None
        if result["attributeType"] not in variable.attributes:
            return result | {"attributeStatus": "NotSupportedAttributeType"}, None
        return result, variable

    def objection(self, variable: Variable, value: str) -> str | None:
        """Return why a well-formed value cannot be taken now, None when it can."""
        if variable.dotted == _PRIORITY:
            return self.priority_objection(split_list(value))
        if variable.name == "BasicAuthPassword" and not 16 <= len(value) <= 40:
            return "a password has 16 to 40 characters"
        return None

    def variable_set(self, variable: Variable) -> None:
        """Do what follows from setting a variable."""
        if variable.name == "BasicAuthPassword":
            # The CSMS takes the new password from now on (A01.FR.03): use it.
            self.after_answer(self.reconnect)

    def on_get_variables(self, payload: Payload) -> Payload:
        """Return variables, one result for each (B06)."""
        items = payload["getVariableData"]
        self.limit_items(items, "GetVariables")
        return {"getVariableResult": [self.get_variable(item) for item in items]}

    def get_variable(self, item: Payload) -> Payload:
        """Return the result for one variable."""
        result, variable = self.looked_up(item)
        if variable is None:
            return result
        if variable.mutability == "WriteOnly":
            return result | {"attributeStatus": "Rejected"}
        value = self.device.value(variable, result["attributeType"])
        return result | {"attributeStatus": "Accepted", "attributeValue": value}

    def limit_items(self, items: list[Payload], message: str) -> None:
        """Refuse more items than ItemsPerMessage says (B06.FR.16, B08.FR.17).

        Raises:
            CallRefused: OccurrenceConstraintViolation.
        """
        limit = int(self.device.get(f"DeviceDataCtrlr.ItemsPerMessage[{message}]"))
        if len(items) > limit:
            raise CallRefused("OccurrenceConstraintViolation", f"{message} takes {limit} items at most")

    # -- B07, B08: reports ---------------------------------------------------------------------------------------------------

    def on_get_base_report(self, payload: Payload) -> Payload:
        """Send a predefined report after the answer (B07)."""
        match payload["reportBase"]:
            case "FullInventory":
                variables = list(self.device)
            case "ConfigurationInventory":
                variables = [each for each in self.device if each.writable]
            case _:
                variables = [each for each in self.device if each.name in ("AvailabilityState", "Problem")]
        self.after_answer(partial(self.send_variables, payload["requestId"], variables))
        return {"status": "Accepted"}

    def on_get_report(self, payload: Payload) -> Payload:
        """Send a custom report after the answer (B08)."""
        wanted = payload.get("componentVariable", [])
        self.limit_items(wanted, "GetReport")
        variables = self.select(payload.get("componentCriteria", []), wanted)
        if not variables:
            return {"status": "EmptyResultSet"}
        self.after_answer(partial(self.send_variables, payload["requestId"], variables))
        return {"status": "Accepted"}

    def select(self, criteria: list[str], wanted: list[Payload]) -> list[Variable]:
        """Return the variables that meet any of the criteria and are among those wanted; none named: all do (B08.FR.05)."""
        return [
            each
            for each in self.device
            if (not criteria or any(self.meets(each, criterion) for criterion in criteria))
            and (not wanted or any(names(item, each) for item in wanted))
        ]

    def meets(self, variable: Variable, criterion: str) -> bool:
        """Whether the component of a variable is Active, Available, Enabled, or has a Problem (B08.FR.07 to FR.10)."""
        found = self.device.find(variable.component_payload(), {"name": criterion})
        if isinstance(found, Unknown):
            return criterion != "Problem"
        return self.device.value(found) == "true"

    def send_variables(self, request_id: int, variables: list[Variable]) -> None:
        """Send variables in as many NotifyReport messages as it takes (B07.FR.10)."""
        entries = [self.device.report_entry(each) for each in variables]
        generated = timestamp(self.now())
        parts = [entries[start : start + REPORT_ITEMS] for start in range(0, len(entries), REPORT_ITEMS)]
        for number, part in enumerate(parts):
            self.outbox.send("NotifyReport", self.notify_report(request_id, generated, number, part, len(parts)), triggered=True)

    def notify_report(self, request_id: int, generated: str, number: int, part: list[Payload], count: int) -> Payload:
        """Return one NotifyReport."""
        return {
            "requestId": request_id,
            "generatedAt": generated,
            "seqNo": number,
            "tbc": number < count - 1,
            "reportData": part,
        }

    # -- B09, B10, A05: network connection profiles --------------------------------------------------------------------------

    def own_profile(self) -> Payload:
        """Return the connection that the station was made with, as a network connection profile."""
        config = self.config
        if config.url.startswith("wss:"):
            profile = 3 if config.tls is not None and config.tls.certificate else 2
        else:
            profile = 0 if config.password is None else 1
        return {
            "ocppVersion": "OCPP20",
            "ocppTransport": "JSON",
            "ocppCsmsUrl": config.url,
            "messageTimeout": round(self.settings.message_timeout_s),
            "securityProfile": profile,
            "ocppInterface": "Wired0",
        }

    @property
    def security_profile(self) -> int:
        """The security profile in use."""
        return int(self.network_profiles[self._slot]["securityProfile"])

    def live_value(self, variable: Variable, attribute: AttributeType = "Actual") -> str:
        """Return the value of a variable's attribute that is looked up when somebody asks."""
        match variable.dotted:
            case "OCPPCommCtrlr.ActiveNetworkProfile":
                return self._slot
            case "SecurityCtrlr.SecurityProfile":
                return str(self.security_profile)
            case _:
                return super().live_value(variable, attribute)

    def connection_profile(self, attempt: int) -> ConnectionProfile:
        """Return the profile to try: each of the priority list so many times, then the last that worked (B10.FR.03, FR.07)."""
        attempts = int(self.device.get("OCPPCommCtrlr.NetworkProfileConnectionAttempts"))
        place = attempt // attempts
        slot = self._priority[place] if place < len(self._priority) else self.recall(_LAST_SLOT, str) or "1"
        self._slot = slot if slot in self.network_profiles else "1"
        profile = self.network_profiles[self._slot]
        return ConnectionProfile(
            slot=int(self._slot),
            url=profile["ocppCsmsUrl"],
            security_profile=profile["securityProfile"],
            password=self.device.get("SecurityCtrlr.BasicAuthPassword") or self.config.password,
            message_timeout_s=profile["messageTimeout"],
            ping_interval_s=self.settings.ping_interval_s,
        )

    def connected(self, link: Link) -> None:
        """Note which profile worked; lower security profiles are of no use any more (A05.FR.06)."""
        self.remember(_LAST_SLOT, self._slot)
        lower = [slot for slot, each in self.network_profiles.items() if each["securityProfile"] < self.security_profile]
        for slot in lower:
            del self.network_profiles[slot]
            self.store.delete(_PROFILES, slot)
        if lower:
            left = [slot for slot in split_list(self.device.get(_PRIORITY)) if slot not in lower]
            self.device.set(self.device.named(_PRIORITY), ",".join(left or [self._slot]))
            self._priority = [slot for slot in self._priority if slot not in lower] or [self._slot]
        super().connected(link)

    def on_set_network_profile(self, payload: Payload) -> Payload:
        """Keep a network connection profile (B09)."""
        slot, profile = str(payload["configurationSlot"]), payload["connectionData"]
        if slot not in self.device.named(_PRIORITY).values:
            return _status("Rejected", "InvalidValue")
        if not usable(profile):
            return _status("Rejected", "InvalidValue")
        if profile["securityProfile"] < self.security_profile:
            return _status("Rejected", "ValueTooLow")
        self.network_profiles[slot] = profile
        self.store.put(_PROFILES, slot, profile)
        return {"status": "Accepted"}

    def priority_objection(self, slots: list[str]) -> str | None:
        """Return why a priority list cannot be taken (B10.FR.02, A05.FR.02, FR.03)."""
        if not slots:
            return "it names no slot"
        for slot in slots:
            profile = self.network_profiles.get(slot)
            if profile is None:
                return f"slot {slot} holds no profile"
            higher = profile["securityProfile"] > self.security_profile
            if higher and profile["securityProfile"] >= 2 and not (self.config.tls and self.config.tls.ca):
                return "no CSMS root certificate is installed"
            if higher and profile["securityProfile"] == 3 and not (self.config.tls and self.config.tls.certificate):
                return "no charging station certificate is installed"
        return None

    # -- B11, B12: reset -----------------------------------------------------------------------------------------------------

    def on_reset(self, payload: Payload) -> Payload:
        """Reset the station or an EVSE after the answer (B11, B12)."""
        evse = payload.get("evseId")
        if evse is not None and evse not in self.evses:
            return _status("Rejected", "UnknownEvse")
        return {"status": self.order_reset(immediate=payload["type"] == "Immediate", evse=evse).value}

    # -- sending -------------------------------------------------------------------------------------------------------------

    async def ask(self, action: str, payload: Payload, *, triggered: bool = False) -> Payload | None:
        """Send a CALL that nobody waits for; return its answer, None when there is none."""
        try:
            return await self.outbox.send(action, payload, triggered=triggered)
        except (Offline, OcppError) as problem:
            _log.info("%s: %s failed: %s", self.config.identity, action, problem)
            return None


def names(item: Payload, variable: Variable) -> bool:
    """Whether an item of a GetReport means a variable (B08.FR.20 to FR.25)."""
    component, wanted = item["component"], item.get("variable")
    evse = component.get("evse")
    if component["name"].lower() != variable.component.lower() or component.get("instance"):
        return False
    if evse is not None and (evse["id"] != variable.evse or evse.get("connectorId", variable.connector) != variable.connector):
        return False
    if wanted is None:
        return True
    same_instance = "instance" not in wanted or wanted["instance"].lower() == variable.instance.lower()
    return bool(wanted["name"].lower() == variable.name.lower() and same_instance)


def usable(profile: Payload) -> bool:
    """Whether a network connection profile can be used at all (B09.FR.02)."""
    url = urlsplit(profile["ocppCsmsUrl"])
    wanted = "wss" if profile["securityProfile"] >= 2 else "ws"
    fits = url.scheme == wanted and bool(url.hostname) and 0 <= profile["securityProfile"] <= 3
    return fits and profile["ocppTransport"] == "JSON" and profile["ocppVersion"] == "OCPP20" and profile["messageTimeout"] > 0


def _status(status: str, reason: str) -> Payload:
    return {"status": status, "statusInfo": {"reasonCode": reason}}


def _rejected(reason: str, text: str) -> Payload:
    return {"attributeStatus": "Rejected", "attributeStatusInfo": {"reasonCode": reason, "additionalInfo": text}}
