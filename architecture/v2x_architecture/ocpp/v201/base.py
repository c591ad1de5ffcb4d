"""The ground floor of the 2.0.1 station: its device model, its configuration, how it writes times and tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.smart_charging import Capabilities, ProfileStore, ProfileStore201, RateUnit, Site
from v2x_architecture.ocpp.station.availability import Connector, Evse
from v2x_architecture.ocpp.station.firmware import BootCause, Parts
from v2x_architecture.ocpp.station.model import IdToken, TokenInfo, TxPoint
from v2x_architecture.ocpp.station.resetting import Resetting
from v2x_architecture.ocpp.station.settings import Settings
from v2x_architecture.ocpp.v201.device_model import AttributeType, DeviceModel, Variable, split_list


class Base201(Resetting):
    """Adds the device model to the shared firmware; the functional blocks of 2.0.1 derive from it."""

    # What the schemas know and a CSMS may send; the station's own messages among them have no handler.
    actions: ClassVar[frozenset[str]] = schema.actions("2.0.1")

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        self.device = DeviceModel(parts.store, parts.config, self.live_value)
        super().__init__(parts, cause)

    # -- configuration -------------------------------------------------------------------------------------------------------

    def read_settings(self) -> Settings:
        """Return the configuration as the core needs it."""
        get, number, yes = self.device.get, self._number, self._yes
        life_time = number("AuthCacheCtrlr.LifeTime")
        sampled, aligned = yes("SampledDataCtrlr.Enabled"), yes("AlignedDataCtrlr.Enabled")
        return Settings(
            heartbeat_interval_s=number("OCPPCommCtrlr.HeartbeatInterval"),
            offline_threshold_s=number("OCPPCommCtrlr.OfflineThreshold"),
            message_timeout_s=number("OCPPCommCtrlr.MessageTimeout[Default]"),
            message_attempts=int(number("OCPPCommCtrlr.MessageAttempts[TransactionEvent]")),
            message_attempt_interval_s=number("OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]"),
            backoff_minimum_s=number("OCPPCommCtrlr.RetryBackOffWaitMinimum"),
            backoff_random_s=number("OCPPCommCtrlr.RetryBackOffRandomRange"),
            backoff_repeats=int(number("OCPPCommCtrlr.RetryBackOffRepeatTimes")),
            ping_interval_s=number("OCPPCommCtrlr.WebSocketPingInterval"),
            auth_enabled=yes("AuthCtrlr.Enabled"),
            authorize_remote_start=yes("AuthCtrlr.AuthorizeRemoteStart"),
            local_pre_authorize=yes("AuthCtrlr.LocalPreAuthorize"),
            local_authorize_offline=yes("AuthCtrlr.LocalAuthorizeOffline"),
            offline_tx_for_unknown_id=yes("AuthCtrlr.OfflineTxForUnknownIdEnabled"),
            remote_authorization=not yes("AuthCtrlr.DisableRemoteAuthorization"),
            master_pass_group=get("AuthCtrlr.MasterPassGroupId"),
            cache_enabled=yes("AuthCacheCtrlr.Enabled"),
            cache_asks_again=not yes("AuthCacheCtrlr.DisablePostAuthorize"),
            cache_life_time_s=life_time or None,
            list_enabled=yes("LocalAuthListCtrlr.Enabled"),
            list_asks_again=not yes("LocalAuthListCtrlr.DisablePostAuthorize"),
            list_expiry=yes("LocalAuthListCtrlr.SupportsExpiryDateTime"),
            list_size=int(self.device.named("LocalAuthListCtrlr.Entries").maximum or 0),
            ev_connection_timeout_s=number("TxCtrlr.EVConnectionTimeOut"),
            stop_on_ev_side_disconnect=yes("TxCtrlr.StopTxOnEVSideDisconnect"),
            unlock_on_ev_side_disconnect=yes("OCPPCommCtrlr.UnlockOnEVSideDisconnect"),
            stop_on_invalid_id=yes("TxCtrlr.StopTxOnInvalidId"),
            max_energy_on_invalid_id_wh=number("TxCtrlr.MaxEnergyOnInvalidId") or None,
            tx_start_points=self._points("TxCtrlr.TxStartPoint"),
            tx_stop_points=self._points("TxCtrlr.TxStopPoint"),
            tx_before_accepted=yes("TxCtrlr.TxBeforeAcceptedEnabled"),
            begin_measurands=self._measurands("SampledDataCtrlr.TxStartedMeasurands", sampled),
            sampled_measurands=self._measurands("SampledDataCtrlr.TxUpdatedMeasurands", sampled),
            sampled_interval_s=number("SampledDataCtrlr.TxUpdatedInterval"),
            ended_measurands=self._measurands("SampledDataCtrlr.TxEndedMeasurands", sampled),
            ended_interval_s=number("SampledDataCtrlr.TxEndedInterval"),
            aligned_measurands=self._measurands("AlignedDataCtrlr.Measurands", aligned),
            aligned_interval_s=number("AlignedDataCtrlr.Interval"),
            aligned_ended_measurands=self._measurands("AlignedDataCtrlr.TxEndedMeasurands", aligned),
            aligned_ended_interval_s=number("AlignedDataCtrlr.TxEndedInterval"),
            aligned_when_idle_only=yes("AlignedDataCtrlr.SendDuringIdle"),
            sign_readings=yes("SampledDataCtrlr.SignReadings"),
            sign_aligned=yes("AlignedDataCtrlr.SignReadings"),
            limit_change_significance=number("SmartChargingCtrlr.LimitChangeSignificance"),
        )

    def set_heartbeat_interval(self, seconds: float) -> None:
        """Keep the interval of a BootNotification in HeartbeatInterval (B01.FR.04)."""
        self.device.set(self.device.named("OCPPCommCtrlr.HeartbeatInterval"), str(round(seconds)))
        self.settings_changed()

    def configure(self, name: str, value: str) -> None:
        """Set a variable from the local side, read-only ones too.

        Raises:
            ValueError: there is no such variable, or the value is not one for it.
        """
        self.device.set(self.device.named(name, value), value)
        self.settings_changed()

    def profile_store(self, site: Site) -> ProfileStore:
        """Return a store for charging profiles with the rules of 2.0.1."""
        number, device = self._number, self.device
        capabilities = Capabilities(
            units=frozenset(RateUnit(unit) for unit in split_list(device.get("SmartChargingCtrlr.RateUnit"))),
            max_periods=int(number("SmartChargingCtrlr.PeriodsPerSchedule")),
            max_stack_level=int(number("SmartChargingCtrlr.ProfileStackLevel")),
            max_profiles=int(device.named("SmartChargingCtrlr.Entries[ChargingProfiles]").maximum or 0),
            switches_phases=self._yes("SmartChargingCtrlr.Phases3to1"),
            chooses_phase=self._yes("SmartChargingCtrlr.ACPhaseSwitchingSupported"),
        )
        return ProfileStore201(site, capabilities)

    # -- live variables ------------------------------------------------------------------------------------------------------

    def live_value(self, variable: Variable, attribute: AttributeType = "Actual") -> str:
        """Return the value of a variable's attribute that is looked up when somebody asks; empty where there is none."""
        del attribute  # of the variables here there is the actual value alone
        if variable.evse is not None:
            return self._evse_value(variable, self.evses[variable.evse])
        match variable.component, variable.name:
            case "ChargingStation", "AvailabilityState":
                return self.station_state()
            case "ChargingStation", "Problem":
                return _boolean(any(evse.faulted for evse in self.evses.values()))
            case "ChargingStation", "Model":
                return self.config.model
            case "ChargingStation", "VendorName":
                return self.config.vendor
            case "ClockCtrlr", "DateTime":
                return timestamp(self.now())
            case "SecurityCtrlr", "Identity":
                return self.config.identity
            case "LocalAuthListCtrlr", "Entries":
                return str(len(self.local_list))
            case "SmartChargingCtrlr", "Entries":
                return str(len(self.profiles.profiles))
            case _:
                return ""

    def station_state(self) -> str:
        """Return the AvailabilityState of the station: what all its EVSEs are, otherwise the best of it."""
        states = {self.evse_state(evse) for evse in self.evses.values()}
        return next(state for state in ("Available", "Occupied", "Reserved", "Unavailable", "Faulted") if state in states)

    def evse_state(self, evse: Evse) -> str:
        """Return the AvailabilityState of an EVSE: what its connectors are, the busiest first."""
        states = {self.connector_status(evse, each) for each in evse.connectors.values()}
        return next(state for state in ("Occupied", "Reserved", "Available", "Unavailable", "Faulted") if state in states)

    def _evse_value(self, variable: Variable, evse: Evse) -> str:
        config = evse.hardware.config
        connector: Connector | None = None if variable.connector is None else evse.connectors[variable.connector]
        match variable.name:
            case "AvailabilityState":
                return self.evse_state(evse) if connector is None else self.connector_status(evse, connector)
            case "Problem" if variable.component == "ConnectorPlugRetentionLock":
                return _boolean(self.sessions[evse.id].lock_failed)
            case "Problem":
                return _boolean(evse.faulted if connector is None else bool(connector.hardware.fault))
            case "Power":
                return f"{evse.hardware.read(self.now()).power_w:.1f}"
            case "SupplyPhases":
                return "0" if config.current == "DC" else str(config.phases)
            case "PublicKey":
                return evse.hardware.signer.public_key
            case "ConnectorType":
                return config.connector_type
            case _:
                return ""

    def _number(self, name: str) -> float:
        return float(self.device.get(name))

    def _yes(self, name: str) -> bool:
        return self.device.get(name) == "true"

    def _points(self, name: str) -> frozenset[TxPoint]:
        return frozenset(TxPoint(point) for point in split_list(self.device.get(name)))

    def _measurands(self, name: str, enabled: bool) -> tuple[str, ...]:
        return tuple(split_list(self.device.get(name))) if enabled else ()


def timestamp(moment: datetime) -> str:
    """Return a time as messages have it: UTC, milliseconds at most (2.0.1 part 2, 3.1)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime | None:
    """Return the time of a message, None when it is none or has no time zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def token_payload(token: IdToken) -> Payload:
    """Return an identifier as messages have it (IdTokenType)."""
    payload: Payload = {"idToken": token.value, "type": token.type}
    if token.additional:
        payload["additionalInfo"] = list(token.additional)
    return payload


def token_of(payload: Payload) -> IdToken:
    """Return the identifier of a message."""
    return IdToken(payload["idToken"], payload["type"], tuple(payload.get("additionalInfo", ())))


def info_of(payload: Payload) -> TokenInfo:
    """Return what a message says of an identifier (IdTokenInfoType)."""
    expires = payload.get("cacheExpiryDateTime")
    return TokenInfo(
        payload["status"],
        group=payload.get("groupIdToken", {}).get("idToken", ""),
        expires=None if expires is None else parse_time(expires),
        evses=tuple(payload.get("evseId", ())),
    )


def _boolean(value: bool) -> str:
    return "true" if value else "false"
