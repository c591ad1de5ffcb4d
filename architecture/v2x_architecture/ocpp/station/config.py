"""What a reference station is: its identity, its hardware and how it starts out; as TOML, too."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from v2x_architecture.vehicle import VehicleModel

type Version = Literal["1.6", "2.0.1"]


class TlsFiles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the keys for security profiles 2 and 3 are.

    Attributes:
        ca: PEM file of the CSMS root certificates to trust.
        certificate, key: PEM files of the station's own certificate (security profile 3); empty for none.
    """

    ca: str = ""
    certificate: str = ""
    key: str = ""


class EvseConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One EVSE.

    Attributes:
        connectors: how many connectors it has; one vehicle at a time.
        connector_type: OCPP connector type of each of them (``sType2``: socket; ``cType2``: attached cable).
        current: what it gives.
        phases: phases of an AC EVSE; 1 for DC.
        voltage_v: phase to neutral (V), or the DC voltage.
        max_current_a: a phase (A).
        min_current_a: below this it cannot offer anything (A; IEC 61851-1: 6 A).
        tethered: its cable is attached to the station.
        meter_wh: what its meter shows when it is new (Wh).
    """

    connectors: int = 1
    connector_type: str = "sType2"
    current: Literal["AC", "DC"] = "AC"
    phases: int = 3
    voltage_v: float = 230.0
    max_current_a: float = 32.0
    min_current_a: float = 6.0
    tethered: bool = False
    meter_wh: float = 0.0

    def __post_init__(self) -> None:
        if self.connectors < 1 or self.phases not in (1, 2, 3) or (self.current == "DC" and self.phases != 1):
            raise ValueError("an EVSE needs at least one connector and 1 to 3 phases (DC: 1)")
        if not 0 <= self.min_current_a <= self.max_current_a or self.voltage_v <= 0:
            raise ValueError("an EVSE needs 0 <= min_current_a <= max_current_a (A) and voltage_v > 0 (V)")

    @property
    def max_power_w(self) -> float:
        """What it can give at most (W)."""
        return self.max_current_a * self.voltage_v * self.phases


class StationConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reference charging station.

    Attributes:
        url: where the CSMS is (``ws://…`` or ``wss://…``), without the identity at the end.
        identity: name of the station on the connection.
        version: OCPP version it speaks.
        password: Basic auth password; None: security profile 0, no credentials.
        tls: keys for ``wss``; None: the system's trust store, no client certificate.
        vendor, model, serial_number, firmware_version: what it tells when it boots.
        evses: its EVSEs; ids count from 1.
        grid_current_a: what the whole station may draw a phase, its fixed local limit (A); None: all its EVSEs at once.
        vehicle: what arrives when somebody plugs in and says nothing about the vehicle.
        variables: initial values: ``{"TxCtrlr.TxStartPoint": "Authorized"}`` (2.0.1: component ``.`` variable), or
            configuration keys (1.6).
        without: names of variables and components (2.0.1) or configuration keys (1.6) that need not be there and are not; what
            they would switch is as ``variables`` has it.
        fixed: names of those that nobody can set over the wire.
        storage: file that outlives a restart of the process; None: memory, which outlives a power cycle only.
        shared_reader: one token reader for all EVSEs: who shows a token first has no EVSE until a cable goes in.
        queue_limit: messages about transactions that it has room for while offline; then it drops intermediate ones.
        reaction_s: how long vehicle and contactor take to react to an offer (s).
        restart_s: how long it is without power when it reboots (s).
        boot_retry_s: waiting interval before another BootNotification where the CSMS names none (s).
        ping_interval_s: WebSocket ping interval until a variable says otherwise (s); None: no pings.
        validate: check messages in both directions against the schemas.
        seed: of its random choices (back-off).
    """

    url: str = "ws://127.0.0.1:9000"
    identity: str = "CS001"
    version: Version = "2.0.1"
    password: str | None = None
    tls: TlsFiles | None = None
    vendor: str = "V2X"
    model: str = "Reference"
    serial_number: str = "V2X-0001"
    firmware_version: str = "1.0.0"
    evses: tuple[EvseConfig, ...] = (EvseConfig(),)
    grid_current_a: float | None = None
    vehicle: VehicleModel = VehicleModel()
    variables: dict[str, str | int | float | bool] = {}
    without: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    storage: str | None = None
    shared_reader: bool = False
    queue_limit: int = 10_000
    reaction_s: float = 0.2
    restart_s: float = 1.0
    boot_retry_s: float = 30.0
    ping_interval_s: float | None = None
    validate: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.evses:
            raise ValueError("a station needs at least one EVSE")
        if self.grid_current_a is not None and self.grid_current_a <= 0:
            raise ValueError("grid_current_a must be above 0 (A)")

    @classmethod
    def from_toml(cls, source: str | bytes | Path) -> StationConfig:
        """Read it from TOML: text, or the path of a file.

        Raises:
            msgspec.ValidationError: a value is missing, unknown or out of range; the message names its place.
        """
        data = source.read_bytes() if isinstance(source, Path) else source
        return msgspec.toml.decode(data, type=cls)

    def to_toml(self) -> str:
        """Return it as TOML that `from_toml` reads."""
        values = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        return msgspec.toml.encode(values).decode()
