"""What a reference station is: its identity, its hardware and how it starts out; as TOML, too."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from v2x_architecture.site import DcSupplyModel
from v2x_architecture.vehicle import RessModel, VehicleModel

_PROTOCOLS = ("din", "iso2", "iso20-ac", "iso20-dc")

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


class SeccSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The SECC of an EVSE: vehicles can speak DIN SPEC 70121 and ISO 15118 with it.

    Attributes:
        interface: network interface of the charging cable; SDP is multicast there. Empty: it listens at ``host``.
        host: IPv6 address to listen at, where there is no interface.
        port, tls_port: TCP ports without and with TLS; 0 for free ones in the range that EVs expect.
        plain: whether there is a port without TLS.
        sdp: whether it answers SDP.
        sdp_port: UDP port of SDP.
        certificate, key: PEM files of the SECC; empty for no port with TLS.
        vehicle_roots: PEM files of the roots of vehicle certificates; with them every EV must show one (15118-20).
        protocols: names of what it speaks (``din``, ``iso2``, ``iso20-ac``, ``iso20-dc``); empty for all.
        plain_20: speak 15118-20 without TLS 1.3, against the standard.
        evse_id: EVSEID (15118-2: annex H); empty for one made of the number of the EVSE.
        discharge_w: power that the EVSE takes back at most, in 15118-20 (W).
        supply: DC power supply; None for one with the current and power of the EVSE.
        profile_wait_s: how long a vehicle waits for its schedule once the CSMS has accepted its needs (s; K15: within 60 s).
        stop_wait_s: how long a vehicle has to stop when it is asked to, before the contactor opens (s).
        departure_s: after how long a vehicle that came by itself counts as gone once its session has ended (s).
    """

    interface: str = ""
    host: str = "::1"
    port: int = 0
    tls_port: int = 0
    plain: bool = True
    sdp: bool = True
    sdp_port: int = 15118
    certificate: str = ""
    key: str = ""
    vehicle_roots: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()
    plain_20: bool = False
    evse_id: str = ""
    discharge_w: float = 0.0
    supply: DcSupplyModel | None = None
    profile_wait_s: float = 50.0
    stop_wait_s: float = 10.0
    departure_s: float = 5.0

    def __post_init__(self) -> None:
        _check_protocols(self.protocols)
        if bool(self.certificate) != bool(self.key):
            raise ValueError("certificate and key of an SECC belong together")
        if not self.plain and not self.certificate:
            raise ValueError("an SECC needs a port: plain, or one with certificate and key")
        if self.discharge_w < 0 or self.profile_wait_s < 0 or self.stop_wait_s < 0:
            raise ValueError("discharge_w, profile_wait_s and stop_wait_s of an SECC are not negative")


class EvccSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a vehicle speaks DIN SPEC 70121 and ISO 15118.

    Attributes:
        protocols: names of what it speaks, the dearest first; empty for all.
        control: who it wants to decide on the power in 15118-20.
        bidirectional: whether it prefers services that take energy back, in 15118-20.
        target_soc: state of charge to stop at (percent).
        departure_s: in so many seconds; None where the driver says nothing.
        give_w: in scheduled control of a service with both ways, what it gives back instead of charging (W).
        keep_soc: state of charge that it keeps when it gives (percent).
        max_discharge_w: of its charger for AC (W).
        with_profile: whether it answers schedules with a charging profile.
        ress: its battery for DC.
        loop_s: between its requests while DC flows, and in the loops of 15118-20 (s).
        retries: how often it tries anew when a session ends otherwise than in order.
        retry_s: how long it waits before that (s).
    """

    protocols: tuple[str, ...] = ()
    control: Literal["Scheduled", "Dynamic"] = "Scheduled"
    bidirectional: bool = False
    target_soc: float = 80.0
    departure_s: int | None = None
    give_w: float = 0.0
    keep_soc: float = 20.0
    max_discharge_w: float = 0.0
    with_profile: bool = True
    ress: RessModel = RessModel()
    loop_s: float = 0.25
    retries: int = 3
    retry_s: float = 5.0

    def __post_init__(self) -> None:
        _check_protocols(self.protocols)


class EvseConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
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
        secc: lets vehicles speak ISO 15118 with it; None: they cannot.
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
    secc: SeccSettings | None = None

    def __post_init__(self) -> None:
        if self.connectors < 1 or self.phases not in (1, 2, 3) or (self.current == "DC" and self.phases != 1):
            raise ValueError("an EVSE needs at least one connector and 1 to 3 phases (DC: 1)")
        if not 0 <= self.min_current_a <= self.max_current_a or self.voltage_v <= 0:
            raise ValueError("an EVSE needs 0 <= min_current_a <= max_current_a (A) and voltage_v > 0 (V)")

    @property
    def max_power_w(self) -> float:
        """What it can give at most (W)."""
        return self.max_current_a * self.voltage_v * self.phases

    @property
    def bidirectional(self) -> bool:
        """Whether it takes energy back."""
        return self.secc is not None and self.secc.discharge_w > 0


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


def _check_protocols(names: tuple[str, ...]) -> None:
    if strange := sorted(set(names) - set(_PROTOCOLS)):
        raise ValueError(f"there is no protocol {', '.join(strange)}; there is {', '.join(_PROTOCOLS)}")
