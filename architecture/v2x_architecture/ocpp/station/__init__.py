"""The reference charging station, for OCPP 1.6J and 2.0.1.

Rooms:

- `config`: `StationConfig`, what a station is; from and to TOML.
- `hardware`: the physical side (meters, contactors, plugs, vehicles); outlives power cycles.
- `storage`: what the firmware keeps without power.
- `firmware` and the layers on it (`availability`, `authorizing`, `metering`, `transactions`, `charging`, `limiting`,
  `communicating`, `resetting`): what both versions share. A version (`v2x_architecture.ocpp.v201`, `v2x_architecture.ocpp.v16`)
  derives from `resetting.Resetting`, implements its abstract methods (`read_settings`, `configure`, `boot_notification`,
  `heartbeat`, `set_heartbeat_interval`, `message_delivered`, `security_event`, `connector_status`, `notify_status`,
  `request_authorization`, `send_meter_values`, `send_report`, `profile_store`) and has one ``on_<action>`` method for each CALL
  that it answers. Such a method is synchronous and returns the payload of the answer; what follows the answer goes through
  `Firmware.after_answer`.
- `coupled`, `secc`, `visitor`: an EVSE whose vehicles speak ISO 15118: its physical side, its SECC on what the station knows, and
  a vehicle with an EVCC.
- `session`: the rules of TxStartPoint and TxStopPoint as pure functions; `TransactionReport`, what a version makes messages of.
- `outbox`: messages on their way; those about transactions are kept (`Outbox.keep`) until delivered.
- `station`: `ReferenceStation`, the whole: power, storage, connection, and the verbs that its users perform.
- `settings`: the configuration as the core sees it, filled by the version.

Every behaviour is a small method: a faulty station is a subclass that overrides one.
"""

from v2x_architecture.ocpp.station.config import EvccSettings, EvseConfig, SeccSettings, StationConfig, TlsFiles
from v2x_architecture.ocpp.station.station import CannotDo, ReferenceStation

__all__ = [
    "CannotDo",
    "EvccSettings",
    "EvseConfig",
    "ReferenceStation",
    "SeccSettings",
    "StationConfig",
    "TlsFiles",
]
