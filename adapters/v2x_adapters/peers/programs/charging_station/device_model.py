"""The device model of the station in OCPP 2.0.1, as a table."""

from charging_station.station import now

INTEGER, BOOLEAN, TEXT, LIST, OPTIONS = "integer", "boolean", "string", "MemberList", "OptionList"
REGISTER = "Energy.Active.Import.Register"

# Component, variable, instance, initial value, data type, and what the CSMS may set: None for nothing, "any" for any value of the
# type, or the values that this station has behaviour for.
TABLE = [
    ("AlignedDataCtrlr", "Interval", "", "0", INTEGER, ("0",)),
    ("AlignedDataCtrlr", "Measurands", "", "", LIST, ("",)),
    ("AlignedDataCtrlr", "TxEndedInterval", "", "0", INTEGER, ("0",)),
    ("AlignedDataCtrlr", "TxEndedMeasurands", "", "", LIST, ("",)),
    ("AuthCtrlr", "AuthorizeRemoteStart", "", "false", BOOLEAN, "any"),
    ("AuthCtrlr", "LocalAuthorizeOffline", "", "false", BOOLEAN, "any"),
    ("AuthCtrlr", "LocalPreAuthorize", "", "false", BOOLEAN, "any"),
    ("ChargingStation", "AvailabilityState", "", "", OPTIONS, None),
    ("ChargingStation", "Available", "", "true", BOOLEAN, None),
    ("ChargingStation", "SupplyPhases", "", "3", INTEGER, None),
    ("ClockCtrlr", "DateTime", "", "", "dateTime", None),
    ("ClockCtrlr", "TimeSource", "", "Heartbeat", "SequenceList", ("Heartbeat",)),
    ("DeviceDataCtrlr", "BytesPerMessage", "GetReport", "65536", INTEGER, None),
    ("DeviceDataCtrlr", "BytesPerMessage", "GetVariables", "65536", INTEGER, None),
    ("DeviceDataCtrlr", "BytesPerMessage", "SetVariables", "65536", INTEGER, None),
    ("DeviceDataCtrlr", "ItemsPerMessage", "GetReport", "32", INTEGER, None),
    ("DeviceDataCtrlr", "ItemsPerMessage", "GetVariables", "32", INTEGER, None),
    ("DeviceDataCtrlr", "ItemsPerMessage", "SetVariables", "32", INTEGER, None),
    ("OCPPCommCtrlr", "FileTransferProtocols", "", "HTTPS", LIST, None),
    ("OCPPCommCtrlr", "HeartbeatInterval", "", "300", INTEGER, "any"),
    ("OCPPCommCtrlr", "MessageAttemptInterval", "TransactionEvent", "1", INTEGER, "any"),
    ("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent", "3", INTEGER, "any"),
    ("OCPPCommCtrlr", "MessageTimeout", "Default", "30", INTEGER, None),
    ("OCPPCommCtrlr", "NetworkConfigurationPriority", "", "0", "SequenceList", ("0",)),
    ("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "", "3", INTEGER, "any"),
    ("OCPPCommCtrlr", "OfflineThreshold", "", "60", INTEGER, "any"),
    ("OCPPCommCtrlr", "ResetRetries", "", "1", INTEGER, "any"),
    ("OCPPCommCtrlr", "UnlockOnEVSideDisconnect", "", "true", BOOLEAN, None),
    ("SampledDataCtrlr", "TxEndedInterval", "", "0", INTEGER, ("0",)),
    ("SampledDataCtrlr", "TxEndedMeasurands", "", REGISTER, LIST, (REGISTER,)),
    ("SampledDataCtrlr", "TxStartedMeasurands", "", REGISTER, LIST, (REGISTER,)),
    ("SampledDataCtrlr", "TxUpdatedInterval", "", "60", INTEGER, "any"),
    ("SampledDataCtrlr", "TxUpdatedMeasurands", "", REGISTER, LIST, (REGISTER,)),
    ("SecurityCtrlr", "CertificateEntries", "", "0", INTEGER, None),
    ("SecurityCtrlr", "OrganizationName", "", "Independent", TEXT, "any"),
    ("SecurityCtrlr", "SecurityProfile", "", "1", INTEGER, None),
    ("TxCtrlr", "EVConnectionTimeOut", "", "60", INTEGER, "any"),
    ("TxCtrlr", "StopTxOnEVSideDisconnect", "", "true", BOOLEAN, None),
    ("TxCtrlr", "StopTxOnInvalidId", "", "true", BOOLEAN, "any"),
    ("TxCtrlr", "TxStartPoint", "", "PowerPathClosed", LIST, None),
    ("TxCtrlr", "TxStopPoint", "", "PowerPathClosed", LIST, None),
]


class DeviceModel:
    """The variables; what the CSMS sets is kept in the station's memory.

    Args:
        station: says what changes by itself: the interval between heartbeats, and the states of its EVSEs.
    """

    def __init__(self, station):
        self.station = station
        self.rows = {row[:3]: row for row in TABLE}

    def get(self, component, variable, instance=""):
        if variable == "DateTime":
            return now()
        if variable == "HeartbeatInterval":
            return str(self.station.heartbeat_interval)
        if variable == "AvailabilityState":
            return "Unavailable" if 0 in self.station.memory["inoperative"] else "Available"
        return self.station.memory["settings"].get(
            self.key(component, variable, instance), self.rows[component, variable, instance][3]
        )

    def key(self, component, variable, instance):
        return "{}.{}".format(component, variable) + ("[{}]".format(instance) if instance else "")

    def find(self, component, variable, kind):
        """Return the row asked for and None, or None and the status that says why there is none."""
        name, instance = variable["name"], variable.get("instance", "")
        row = self.rows.get((component["name"], name, instance))
        if component["name"] not in {each[0] for each in self.rows}:
            return None, "UnknownComponent"
        if row is None or component.get("instance") or component.get("evse"):
            return None, "UnknownVariable"
        return (row, None) if kind == "Actual" else (None, "NotSupportedAttributeType")

    def set(self, row, value):
        """Return the set variable status."""
        component, variable, instance, _, kind, allowed = row
        if allowed is None or (allowed != "any" and value not in allowed):
            return "Rejected"
        if (kind == INTEGER and not (value.isascii() and value.isdigit())) or (
            kind == BOOLEAN and value not in ("true", "false")
        ):
            return "Rejected"
        self.put(self.key(component, variable, instance), value)
        return "Accepted"

    def put(self, key, value):
        self.station.memory["settings"][key] = value
        self.station.save()
        if key == "OCPPCommCtrlr.HeartbeatInterval":
            self.station.beat_every(int(value))

    def known(self, key):
        return key in {self.key(*name) for name in self.rows}

    def report(self, settable_only=False):
        data = []
        for (component, variable, instance), row in self.rows.items():
            if row[5] is not None or not settable_only:
                named = {"name": variable, "instance": instance} if instance else {"name": variable}
                mutability = "ReadOnly" if row[5] is None else "ReadWrite"
                data.append(entry({"name": component}, named, self.get(component, variable, instance), row[4], mutability))
        return data if settable_only else data + self.hardware()

    def hardware(self):
        data = []
        for number in self.station.evses:
            evse = {"name": "EVSE", "evse": {"id": number}}
            connector = {"name": "Connector", "evse": {"id": number, "connectorId": 1}}
            for component in (evse, connector):
                state = self.station.status_of(number)
                data.append(entry(component, {"name": "AvailabilityState"}, state, OPTIONS, "ReadOnly"))
                data.append(entry(component, {"name": "Available"}, "true", BOOLEAN, "ReadOnly"))
                data.append(entry(component, {"name": "SupplyPhases"}, "3", INTEGER, "ReadOnly"))
            data.append(
                entry(evse, {"name": "Power"}, str(self.station.evses[number].power_w), "decimal", "ReadOnly", "W", 11000)
            )
            data.append(entry(connector, {"name": "ConnectorType"}, "sType2", TEXT, "ReadOnly"))
        return data


def entry(component, variable, value, kind, mutability, unit=None, limit=None):
    """Return one element of a report."""
    characteristics = {"dataType": kind, "supportsMonitoring": False}
    if kind in (OPTIONS, LIST, "SequenceList"):
        characteristics["valuesList"] = value or "None"
    if unit:
        characteristics.update(unit=unit, maxLimit=limit)
    return {
        "component": component,
        "variable": variable,
        "variableAttribute": [{"type": "Actual", "value": value, "mutability": mutability, "persistent": True}],
        "variableCharacteristics": characteristics,
    }
