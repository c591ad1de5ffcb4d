"""The firmware of the 2.0.1 station: all its functional blocks on the shared layers."""

from __future__ import annotations

from v2x_architecture.ocpp.v201.authorization import Authorization
from v2x_architecture.ocpp.v201.availability import Connectors
from v2x_architecture.ocpp.v201.iso15118 import VehicleCommunication
from v2x_architecture.ocpp.v201.provisioning import Provisioning
from v2x_architecture.ocpp.v201.remote_control import RemoteControl
from v2x_architecture.ocpp.v201.transactions import TransactionEvents


class Firmware201(Provisioning, Authorization, TransactionEvents, VehicleCommunication, RemoteControl, Connectors):
    """An OCPP 2.0.1 charging station: blocks A (in part), B, C, D, E, F, G, J, K, P.

    Messages of the other blocks (reservation, tariffs, firmware, certificates, monitoring, display, ISO 15118) are answered
    NotSupported; each comes as a class of its own beside these.
    """
