"""The ground floor of the 1.6 firmware: configuration, connector numbers, boot, heartbeat, authorization."""

from __future__ import annotations

import asyncio
import dataclasses
import math
from datetime import UTC, datetime
from typing import ClassVar, Final, override

from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.endpoint import Reply
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.smart_charging import Capabilities, ProfileStore, ProfileStore16, RateUnit, Site
from v2x_architecture.ocpp.station.authorizing import Decision, Source
from v2x_architecture.ocpp.station.availability import Evse
from v2x_architecture.ocpp.station.config import StationConfig
from v2x_architecture.ocpp.station.firmware import BootAnswer, BootCause, Parts
from v2x_architecture.ocpp.station.link import Link
from v2x_architecture.ocpp.station.metering import measurands_of
from v2x_architecture.ocpp.station.model import IdToken, Registration, TokenInfo, Transaction, TxPoint
from v2x_architecture.ocpp.station.resetting import Resetting
from v2x_architecture.ocpp.station.session import Session
from v2x_architecture.ocpp.station.settings import Settings
from v2x_architecture.ocpp.v16.configuration import Configuration, ConfigurationStatus
from v2x_architecture.ocpp.v16.keys import Access, Facts, Key, standard_keys
from v2x_architecture.ocpp.v16.messages import ID_TAG_LENGTH, measurand_of, moment_of, token_info

FEATURE_PROFILES: Final = ("Core", "LocalAuthListManagement", "SmartCharging", "RemoteTrigger")
"""Feature profiles of this charge point (3.3); the messages of the others are answered NotSupported."""

_PROFILE_OF: Final = {
    "ClearChargingProfile": "SmartCharging",
    "GetCompositeSchedule": "SmartCharging",
    "SetChargingProfile": "SmartCharging",
    "TriggerMessage": "RemoteTrigger",
}
_CACHE_SIZE: Final = 200
_EVER_ACCEPTED: Final = "accepted by a central system"
_UNITS: Final = {"Current": RateUnit.AMPERES, "Power": RateUnit.WATTS}
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


class Base16(Resetting):
    """Adds what every message of 1.6 needs (4.1, 4.2, 4.6, chapter 9)."""

    actions: ClassVar[frozenset[str]] = frozenset(
        {
            "CancelReservation",
            "CertificateSigned",
            "ChangeAvailability",
            "ChangeConfiguration",
            "ClearCache",
            "ClearChargingProfile",
            "DataTransfer",
            "DeleteCertificate",
            "ExtendedTriggerMessage",
            "GetCompositeSchedule",
            "GetConfiguration",
            "GetDiagnostics",
            "GetInstalledCertificateIds",
            "GetLocalListVersion",
            "GetLog",
            "InstallCertificate",
            "RemoteStartTransaction",
            "RemoteStopTransaction",
            "ReserveNow",
            "Reset",
            "SendLocalList",
            "SetChargingProfile",
            "SignedUpdateFirmware",
            "TriggerMessage",
            "UnlockConnector",
            "UpdateFirmware",
        }
    )

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        keys, config = self.configuration_keys(parts.config), parts.config
        self.configuration = Configuration(keys, parts.store, config.variables, config.without)
        super().__init__(parts, cause)
        places = ((evse, connector) for evse in self.evses.values() for connector in evse.connectors.values())
        self.connectors = dict(enumerate(places, start=1))

    # -- configuration -------------------------------------------------------------------------------------------------------

    def configuration_keys(self, config: StationConfig) -> tuple[Key, ...]:
        """Return the configuration keys of this charge point."""
        keys = standard_keys(facts_of(config))
        if strange := sorted(set(config.fixed) - {key.name for key in keys}):
            raise ValueError(f"there is no configuration key {', '.join(strange)}")
        return tuple(dataclasses.replace(key, access=Access.READ) if key.name in config.fixed else key for key in keys)

    @override
    def read_settings(self) -> Settings:
        keys = self.configuration
        sampled, stop = keys.integer("MeterValueSampleInterval"), TxPoint.EV_CONNECTED
        aligned = keys.integer("ClockAlignedDataInterval")
        leaves = keys.boolean("StopTransactionOnEVSideDisconnect")
        return Settings(
            heartbeat_interval_s=keys.integer("HeartbeatInterval"),
            offline_threshold_s=math.inf,
            message_timeout_s=keys.integer("MessageTimeout"),
            message_attempts=keys.integer("TransactionMessageAttempts"),
            message_attempt_interval_s=keys.integer("TransactionMessageRetryInterval"),
            ping_interval_s=keys.integer("WebSocketPingInterval") or self.config.ping_interval_s or 0.0,
            authorize_remote_start=keys.boolean("AuthorizeRemoteTxRequests"),
            local_pre_authorize=keys.boolean("LocalPreAuthorize"),
            local_authorize_offline=keys.boolean("LocalAuthorizeOffline"),
            offline_tx_for_unknown_id=keys.boolean("AllowOfflineTxForUnknownId"),
            cache_enabled=keys.boolean("AuthorizationCacheEnabled"),
            cache_size=_CACHE_SIZE,
            list_enabled=keys.boolean("LocalAuthListEnabled") and self.supports("LocalAuthListManagement"),
            list_size=keys.integer("LocalAuthListMaxLength"),
            ev_connection_timeout_s=keys.integer("ConnectionTimeOut"),
            stop_on_ev_side_disconnect=leaves,
            unlock_on_ev_side_disconnect=leaves and keys.boolean("UnlockConnectorOnEVSideDisconnect"),
            stop_on_invalid_id=keys.boolean("StopTransactionOnInvalidId"),
            max_energy_on_invalid_id_wh=keys.integer("MaxEnergyOnInvalidId") or None,
            tx_start_points=frozenset({TxPoint.POWER_PATH_CLOSED}),
            tx_stop_points=frozenset({TxPoint.AUTHORIZED, stop} if leaves else {TxPoint.AUTHORIZED}),
            tx_before_accepted=self.recall(_EVER_ACCEPTED, bool) or False,
            begin_measurands=(),
            sampled_measurands=_measurands(keys.items("MeterValuesSampledData")),
            sampled_interval_s=sampled,
            ended_measurands=_measurands(keys.items("StopTxnSampledData")),
            ended_interval_s=sampled,
            aligned_measurands=_measurands(keys.items("MeterValuesAlignedData")),
            aligned_interval_s=aligned,
            aligned_ended_measurands=_measurands(keys.items("StopTxnAlignedData")),
            aligned_ended_interval_s=aligned,
        )

    def supports(self, profile: str) -> bool:
        """Whether a feature profile is supported (SupportedFeatureProfiles); the charge point can be told to do without some."""
        return profile in self.configuration.items("SupportedFeatureProfiles")

    @override
    def configure(self, name: str, value: str) -> None:
        self.configuration.set(name, value)
        self.configured(self.configuration.canonical(name))

    def configured(self, name: str) -> None:
        """Follow a changed configuration key; layers add what is theirs."""
        del name
        self.settings_changed()

    @override
    def set_heartbeat_interval(self, seconds: float) -> None:
        if self.configuration.change("HeartbeatInterval", str(int(seconds))) is ConfigurationStatus.ACCEPTED:
            self.settings_changed()

    @override
    def profile_store(self, site: Site) -> ProfileStore:
        keys = self.configuration
        return ProfileStore16(
            site,
            Capabilities(
                units=frozenset(_UNITS[item] for item in keys.items("ChargingScheduleAllowedChargingRateUnit")),
                max_periods=keys.integer("ChargingScheduleMaxPeriods"),
                max_stack_level=keys.integer("ChargeProfileMaxStackLevel"),
                max_profiles=keys.integer("MaxChargingProfilesInstalled"),
                switches_phases=keys.boolean("ConnectorSwitch3to1PhaseSupported"),
            ),
        )

    # -- connectors ----------------------------------------------------------------------------------------------------------

    def connector_number(self, evse: int, connector: int | None = None) -> int:
        """Return the connectorId of a connector: all of them count from 1 without a gap (3.8).

        Args:
            evse: EVSE id.
            connector: connector id within the EVSE; None for the one in use, or else the first.
        """
        if connector is None:
            plugged = self.evses[evse].hardware.plugged
            connector = 1 if plugged is None else plugged.id
        return next(number for number, (place, each) in self.connectors.items() if (place.id, each.id) == (evse, connector))

    # -- boot and heartbeat --------------------------------------------------------------------------------------------------

    @override
    async def boot_notification(self, link: Link, cause: BootCause) -> BootAnswer:
        answer = await link.call("BootNotification", self.boot_payload())
        return BootAnswer(Registration(str(answer["status"])), float(answer["interval"]), moment_of(answer.get("currentTime")))

    def boot_payload(self) -> Payload:
        """Return the payload of a BootNotification (6.3), each text no longer than it may be."""
        config = self.config
        told = {
            "chargePointVendor": config.vendor[:20],
            "chargePointModel": config.model[:20],
            "chargePointSerialNumber": config.serial_number[:25],
            "firmwareVersion": config.firmware_version[:50],
        }
        return {name: text for name, text in told.items() if text}

    @override
    async def heartbeat(self) -> datetime | None:
        return await self.send_heartbeat()

    async def send_heartbeat(self, *, triggered: bool = False) -> datetime | None:
        """Send a Heartbeat and return the central system's time (4.6).

        Raises:
            Offline, CallRefused, CallTimeout, ConnectionLost: there is no answer.
        """
        answer = await self.outbox.send("Heartbeat", {}, triggered=triggered)
        return moment_of(answer.get("currentTime"))

    @override
    def accepted(self) -> None:
        self.remember(_EVER_ACCEPTED, value=True)
        super().accepted()

    @override
    async def handle(self, action: str, payload: Payload) -> Payload | Reply:
        """Answer a CALL; while rejected, not at all (4.2); of a feature profile without support, with NotSupported (3.3)."""
        if self.registration is Registration.REJECTED:
            await asyncio.get_running_loop().create_future()
        if action in _PROFILE_OF and not self.supports(_PROFILE_OF[action]):
            raise CallRefused(ErrorCode.NOT_SUPPORTED, f"the feature profile {_PROFILE_OF[action]} is not supported")
        return await super().handle(action, payload)

    # -- authorization -------------------------------------------------------------------------------------------------------

    @override
    async def request_authorization(self, token: IdToken, evse: int | None) -> TokenInfo:
        answer = await self.outbox.send("Authorize", {"idTag": token.value}, urgent=True)
        return token_info(answer["idTagInfo"])

    @override
    async def present_token(self, token: IdToken, evse: int | None) -> None:
        """Act on a token; an idTag has no type."""
        await super().present_token(IdToken(token.value), evse)

    @override
    async def authorize(self, token: IdToken, evse: int | None) -> Decision:
        """Decide whether an idTag may charge; what is longer than an idTag can be may not (7.28)."""
        if not 0 < len(token.value) <= ID_TAG_LENGTH:
            return Decision(accepted=False, info=None, source=Source.NOBODY)
        return await super().authorize(token, evse)

    @override
    def known_locally(self, token: IdToken) -> Decision | None:
        """Return what is known of an idTag; a cached one whose time is over is known as expired (3.5.1, 3.5.4)."""
        now, listed = self.now(), self.settings.list_enabled and self.local_list.get(token) is not None
        if not listed and self.settings.cache_enabled:
            info = self.cache.get(token, _BEGINNING, None)
            if info is not None and info.expires is not None and info.expires <= now:
                return Decision(accepted=False, info=TokenInfo("Expired", info.group), source=Source.CACHE)
        return super().known_locally(token)

    @override
    def learn(self, token: IdToken, info: TokenInfo) -> None:
        """Keep in the cache what is not in the local list (3.5.3)."""
        if self.settings.list_enabled and self.local_list.get(token) is not None:
            return
        super().learn(token, info)

    @override
    def may_serve(self, evse: Evse | None) -> bool:
        """Whether an EVSE takes new customers: not while the central system withholds its acceptance (4.2.1)."""
        if self.registration in (Registration.PENDING, Registration.REJECTED):
            return False
        return super().may_serve(evse)

    @override
    def await_vehicle(self, session: Session) -> None:
        """Give the driver ConnectionTimeOut to plug in; a transaction waits for its vehicle without end (4.10)."""
        if session.transaction is None:
            super().await_vehicle(session)

    @override
    def transaction_name(self, transaction: Transaction) -> int | None:
        return transaction.csms_id


def facts_of(config: StationConfig) -> Facts:
    """Return what the configuration keys of a charge point depend on."""
    profile = 0 if config.password is None else 1
    if config.url.startswith("wss:"):
        profile = 3 if config.tls is not None and config.tls.certificate else 2
    return Facts(
        connectors=sum(evse.connectors for evse in config.evses),
        phases=max(evse.phases for evse in config.evses),
        tethered=all(evse.tethered for evse in config.evses),
        measurands=measurands_of(config.evses),
        profiles=FEATURE_PROFILES,
        security_profile=profile,
    )


def _measurands(items: tuple[str, ...]) -> tuple[str, ...]:
    """Return the measurands to sample for a list, in its order, each once."""
    return tuple(dict.fromkeys(measurand_of(item) for item in items))
