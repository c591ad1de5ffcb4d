"""What the shared core needs to know of a station's configuration, in one place for both versions.

A version fills it from its variables (2.0.1) or configuration keys (1.6) and the core reads attributes, so that nobody looks
up strings while a vehicle charges.
"""

from __future__ import annotations

from dataclasses import dataclass

from v2x_architecture.ocpp.station.model import TxPoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration as the core sees it. Each attribute names the variable of 2.0.1 and, behind the stroke, the key of 1.6.

    Attributes:
        heartbeat_interval_s: OCPPCommCtrlr.HeartbeatInterval / HeartbeatInterval.
        offline_threshold_s: OCPPCommCtrlr.OfflineThreshold / 0.
        message_timeout_s: OCPPCommCtrlr.MessageTimeout (of the active profile) / fixed.
        message_attempts: OCPPCommCtrlr.MessageAttempts / TransactionMessageAttempts.
        message_attempt_interval_s: OCPPCommCtrlr.MessageAttemptInterval / TransactionMessageRetryInterval.
        backoff_minimum_s, backoff_random_s, backoff_repeats: OCPPCommCtrlr.RetryBackOff… / fixed.
        ping_interval_s: OCPPCommCtrlr.WebSocketPingInterval / WebSocketPingInterval; 0: none.
        auth_enabled: AuthCtrlr.Enabled / true.
        authorize_remote_start: AuthCtrlr.AuthorizeRemoteStart / AuthorizeRemoteTxRequests.
        local_pre_authorize: AuthCtrlr.LocalPreAuthorize / LocalPreAuthorize.
        local_authorize_offline: AuthCtrlr.LocalAuthorizeOffline / LocalAuthorizeOffline.
        offline_tx_for_unknown_id: AuthCtrlr.OfflineTxForUnknownIdEnabled / AllowOfflineTxForUnknownId.
        remote_authorization: not AuthCtrlr.DisableRemoteAuthorization / true.
        master_pass_group: AuthCtrlr.MasterPassGroupId / none.
        cache_enabled: AuthCacheCtrlr.Enabled / AuthorizationCacheEnabled.
        cache_asks_again: not AuthCacheCtrlr.DisablePostAuthorize / true.
        cache_life_time_s: AuthCacheCtrlr.LifeTime / none; None: for ever.
        cache_size: entries that fit.
        list_enabled: LocalAuthListCtrlr.Enabled / LocalAuthListEnabled.
        list_asks_again: not LocalAuthListCtrlr.DisablePostAuthorize / true.
        list_expiry: LocalAuthListCtrlr.SupportsExpiryDateTime / true.
        list_size: LocalAuthListCtrlr.Entries maxLimit / LocalAuthListMaxLength.
        ev_connection_timeout_s: TxCtrlr.EVConnectionTimeOut / ConnectionTimeOut.
        stop_on_ev_side_disconnect: TxCtrlr.StopTxOnEVSideDisconnect / StopTransactionOnEVSideDisconnect.
        unlock_on_ev_side_disconnect: OCPPCommCtrlr.UnlockOnEVSideDisconnect / UnlockConnectorOnEVSideDisconnect.
        stop_on_invalid_id: TxCtrlr.StopTxOnInvalidId / StopTransactionOnInvalidId.
        max_energy_on_invalid_id_wh: TxCtrlr.MaxEnergyOnInvalidId / MaxEnergyOnInvalidId; None: none.
        tx_start_points, tx_stop_points: TxCtrlr.TxStartPoint, TxStopPoint / connected and authorized.
        tx_before_accepted: TxCtrlr.TxBeforeAcceptedEnabled / true.
        begin_measurands: SampledDataCtrlr.TxStartedMeasurands / the register.
        sampled_measurands, sampled_interval_s: SampledDataCtrlr.TxUpdated… / MeterValuesSampledData, MeterValueSampleInterval.
        ended_measurands, ended_interval_s: SampledDataCtrlr.TxEnded… / StopTxnSampledData at the sample interval.
        aligned_measurands, aligned_interval_s: AlignedDataCtrlr.… / MeterValuesAlignedData, ClockAlignedDataInterval.
        aligned_ended_measurands, aligned_ended_interval_s: AlignedDataCtrlr.TxEnded… / StopTxnAlignedData.
        aligned_when_idle_only: AlignedDataCtrlr.SendDuringIdle / false.
        sign_readings, sign_aligned: SampledDataCtrlr.SignReadings, AlignedDataCtrlr.SignReadings / false.
        limit_change_significance: SmartChargingCtrlr.LimitChangeSignificance / none (percent).
    """

    heartbeat_interval_s: float = 86400.0
    offline_threshold_s: float = 60.0
    message_timeout_s: float = 30.0
    message_attempts: int = 3
    message_attempt_interval_s: float = 60.0
    backoff_minimum_s: float = 1.0
    backoff_random_s: float = 1.0
    backoff_repeats: int = 5
    ping_interval_s: float = 0.0
    auth_enabled: bool = True
    authorize_remote_start: bool = True
    local_pre_authorize: bool = True
    local_authorize_offline: bool = True
    offline_tx_for_unknown_id: bool = False
    remote_authorization: bool = True
    master_pass_group: str = ""
    cache_enabled: bool = True
    cache_asks_again: bool = True
    cache_life_time_s: float | None = None
    cache_size: int = 100
    list_enabled: bool = True
    list_asks_again: bool = True
    list_expiry: bool = True
    list_size: int = 100
    ev_connection_timeout_s: float = 60.0
    stop_on_ev_side_disconnect: bool = True
    unlock_on_ev_side_disconnect: bool = True
    stop_on_invalid_id: bool = True
    max_energy_on_invalid_id_wh: float | None = None
    tx_start_points: frozenset[TxPoint] = frozenset({TxPoint.POWER_PATH_CLOSED})
    tx_stop_points: frozenset[TxPoint] = frozenset({TxPoint.EV_CONNECTED, TxPoint.AUTHORIZED})
    tx_before_accepted: bool = False
    begin_measurands: tuple[str, ...] = ("Energy.Active.Import.Register",)
    sampled_measurands: tuple[str, ...] = ("Energy.Active.Import.Register",)
    sampled_interval_s: float = 0.0
    ended_measurands: tuple[str, ...] = ("Energy.Active.Import.Register",)
    ended_interval_s: float = 0.0
    aligned_measurands: tuple[str, ...] = ("Energy.Active.Import.Register",)
    aligned_interval_s: float = 0.0
    aligned_ended_measurands: tuple[str, ...] = ()
    aligned_ended_interval_s: float = 0.0
    aligned_when_idle_only: bool = False
    sign_readings: bool = False
    sign_aligned: bool = False
    limit_change_significance: float = 1.0
