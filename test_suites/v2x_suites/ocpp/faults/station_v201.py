"""A zoo of charging stations for OCPP 2.0.1, each with one thing wrong in provisioning, authorization or transactions."""

from __future__ import annotations

from dataclasses import replace
from typing import override

import msgspec
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.authorizing import Decision, Source
from v2x_architecture.ocpp.station.firmware import BootCause, Parts
from v2x_architecture.ocpp.station.model import Authorization, IdToken, StopReason, TokenInfo, Transaction, TxPoint
from v2x_architecture.ocpp.station.resetting import ResetStatus
from v2x_architecture.ocpp.station.session import Session
from v2x_architecture.ocpp.station.settings import Settings
from v2x_architecture.ocpp.v201.device_model import Variable
from v2x_architecture.ocpp.v201.station import Firmware201

# -- B: provisioning ---------------------------------------------------------------------------------------------------------


class StationThatGetsOneVariable(Firmware201):
    """Answers the first of several variables that are read."""

    @override
    def on_get_variables(self, payload: Payload) -> Payload:
        answer = super().on_get_variables(payload)
        return {"getVariableResult": answer["getVariableResult"][:1]}


class StationThatSetsOneVariable(Firmware201):
    """Sets the first of several variables, and answers for it alone."""

    @override
    def on_set_variables(self, payload: Payload) -> Payload:
        return super().on_set_variables({"setVariableData": payload["setVariableData"][:1]})


class StationThatForgetsVariables(Firmware201):
    """Accepts a new value for a variable and keeps the old one, once it is in operation."""

    @override
    def on_set_variables(self, payload: Payload) -> Payload:
        known = {each["variable"]["name"]: self.get_variable(each) for each in payload["setVariableData"]}
        answer = super().on_set_variables(payload)
        for item, old in zip(payload["setVariableData"], known.values(), strict=True):
            value = old.get("attributeValue", "")
            if item["attributeValue"] in ("300", "true") and value:
                super().on_set_variables({"setVariableData": [item | {"attributeValue": value}]})
        return answer


class StationThatReportsEverything(Firmware201):
    """Reports its full inventory, whatever report is asked for."""

    @override
    def on_get_base_report(self, payload: Payload) -> Payload:
        return super().on_get_base_report(payload | {"reportBase": "FullInventory"})


class StationThatNumbersReportsFromOne(Firmware201):
    """Numbers the parts of a report from 1."""

    @override
    def notify_report(self, request_id: int, generated: str, number: int, part: list[Payload], count: int) -> Payload:
        report = super().notify_report(request_id, generated, number, part, count)
        return report | {"seqNo": number + 1}


class StationThatReportsBareVariables(Firmware201):
    """Reports variables without their characteristics."""

    @override
    def notify_report(self, request_id: int, generated: str, number: int, part: list[Payload], count: int) -> Payload:
        bare = [{name: value for name, value in entry.items() if name != "variableCharacteristics"} for entry in part]
        return super().notify_report(request_id, generated, number, bare, count)


class StationThatHidesVariables(Firmware201):
    """Leaves its authorization cache and the energy for invalid tokens out of every report."""

    @override
    def send_variables(self, request_id: int, variables: list[Variable]) -> None:
        shown = [each for each in variables if each.component != "AuthCacheCtrlr" and each.name != "MaxEnergyOnInvalidId"]
        super().send_variables(request_id, shown)


class StationThatHidesConnectors(Firmware201):
    """Leaves the connectors of its second EVSE out of every report."""

    @override
    def send_variables(self, request_id: int, variables: list[Variable]) -> None:
        super().send_variables(request_id, [each for each in variables if (each.component, each.evse) != ("Connector", 2)])


class StationThatCannotWait(Firmware201):
    """Says that a reset is scheduled, and reboots at once."""

    @override
    def order_reset(self, *, immediate: bool, evse: int | None = None) -> ResetStatus:
        busy = any(self.busy(each) for each in self.evses.values())
        super().order_reset(immediate=True, evse=evse)
        return ResetStatus.SCHEDULED if busy else ResetStatus.ACCEPTED


class StationThatWaitsForOne(Firmware201):
    """Reboots when idle as soon as one of several transactions has ended."""

    @override
    def transaction_over(self, session: Session) -> None:
        others = [
            each for each in self.sessions.values() if each is not session and each.evse is not None and each.evse.resetting
        ]
        running = {each.evse.id: each.transaction for each in others if each.evse is not None}
        for each in others:
            each.transaction = None
        super().transaction_over(session)
        for each in others:
            if each.evse is not None:
                each.transaction = running[each.evse.id]


class StationThatReportsChangesOnly(Firmware201):
    """Reports only changed connectors, however long it was offline."""

    @override
    def back_online(self, away_s: float) -> None:
        super().back_online(0.0)


class StationThatReportsAllConnectors(Firmware201):
    """Reports every connector, however short it was offline."""

    @override
    def back_online(self, away_s: float) -> None:
        super().back_online(away_s + 1e6)


# -- C: authorization --------------------------------------------------------------------------------------------------------


class StationThatAcceptsAnybody(Firmware201):
    """Authorizes every token without asking anybody."""

    @override
    async def authorize(self, token: IdToken, evse: int | None) -> Decision:
        return Decision(accepted=True, info=TokenInfo("Accepted"), source=Source.NOBODY)


class StationThatChargesRefused(Firmware201):
    """Asks the CSMS about a token, and takes every answer for a yes."""

    @override
    async def request_authorization(self, token: IdToken, evse: int | None) -> TokenInfo:
        return msgspec.structs.replace(await super().request_authorization(token, evse), status="Accepted")


class StationThatTrustsCache(Firmware201):
    """Goes by its cache or list also where that says no, and does not ask again."""

    @override
    def trusts_local(self, known: Decision) -> bool:
        return True


class StationThatAlwaysAsks(Firmware201):
    """Knows no token by itself: it asks about every one."""

    @override
    def known_locally(self, token: IdToken) -> Decision | None:
        return None


class StationWithoutGroups(Firmware201):
    """Lets nobody but the token that started stop."""

    @override
    def may_stop(self, authorization: Authorization, info: TokenInfo | None) -> bool:
        return False


class StationWithoutMasterPass(Firmware201):
    """Takes a master pass for an ordinary token."""

    @override
    def is_master_pass(self, info: TokenInfo | None) -> bool:
        return False


class StationThatStopsOne(Firmware201):
    """Stops the first transaction for a master pass, and no other."""

    @override
    def stop_all(self, reason: StopReason) -> None:
        running = next((each for each in self.sessions.values() if each.transaction is not None), None)
        if running is not None:
            self.stop_authorized(running, None, reason)


class StationWithVolatileCache(Firmware201):
    """Forgets its cache whenever it boots."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        super().__init__(parts, cause)
        self.cache.clear()


class StationThatLearnsNothing(Firmware201):
    """Never puts anything into its cache."""

    @override
    def learn(self, token: IdToken, info: TokenInfo) -> None:
        return


class StationThatKeepsItsCache(Firmware201):
    """Says that it has cleared its cache, and has not."""

    @override
    def on_clear_cache(self, payload: Payload) -> Payload:
        return {"status": "Accepted"}


class StationThatStartsNothingOffline(Firmware201):
    """Authorizes nobody while it is offline."""

    @override
    def decide_offline(self, token: IdToken, known: Decision | None) -> Decision:
        return Decision(accepted=False, info=None, source=Source.OFFLINE_UNKNOWN)


class StationThatStartsAnythingOffline(Firmware201):
    """Authorizes everybody while it is offline."""

    @override
    def decide_offline(self, token: IdToken, known: Decision | None) -> Decision:
        return Decision(accepted=True, info=None, source=Source.OFFLINE_UNKNOWN)


class StationThatPrefersCache(Firmware201):
    """Goes by its cache where cache and list differ."""

    @override
    def known_locally(self, token: IdToken) -> Decision | None:
        info = self.cache.get(token, self.now(), self.settings.cache_life_time_s)
        if info is not None:
            return Decision(accepted=info.accepted, info=info, source=Source.CACHE)
        return super().known_locally(token)


# -- E: transactions ---------------------------------------------------------------------------------------------------------


class StationThatStartsEarly(Firmware201):
    """Starts transactions with the EV or with authorization, whatever TxStartPoint says."""

    @override
    def read_settings(self) -> Settings:
        return replace(super().read_settings(), tx_start_points=frozenset({TxPoint.EV_CONNECTED, TxPoint.AUTHORIZED}))


class StationThatStartsLate(Firmware201):
    """Starts transactions with energy, whatever TxStartPoint says."""

    @override
    def read_settings(self) -> Settings:
        return replace(super().read_settings(), tx_start_points=frozenset({TxPoint.ENERGY_TRANSFER}))


class StationThatStopsLate(Firmware201):
    """Stops transactions with the EV, whatever TxStopPoint says."""

    @override
    def read_settings(self) -> Settings:
        return replace(super().read_settings(), tx_stop_points=frozenset({TxPoint.EV_CONNECTED}))


class StationThatStopsEarly(Firmware201):
    """Stops transactions with authorization, whatever TxStopPoint says."""

    @override
    def read_settings(self) -> Settings:
        return replace(super().read_settings(), tx_stop_points=frozenset({TxPoint.AUTHORIZED}))


class StationThatWaitsForever(Firmware201):
    """Waits for an EV as long as it takes, whatever EVConnectionTimeOut says."""

    @override
    def read_settings(self) -> Settings:
        return replace(super().read_settings(), ev_connection_timeout_s=0)


class StationThatAsksAnyway(Firmware201):
    """Asks the CSMS about tokens, whatever DisableRemoteAuthorization says."""

    @override
    def read_settings(self) -> Settings:
        return replace(super().read_settings(), remote_authorization=True)


class StationThatUnlocks(Firmware201):
    """Unlocks a cable that was pulled out of the EV, whatever UnlockOnEVSideDisconnect says."""

    @override
    def read_settings(self) -> Settings:
        return replace(super().read_settings(), unlock_on_ev_side_disconnect=True)


class StationThatHoldsOn(Firmware201):
    """Keeps the authorization of an EV that is unplugged, whatever StopTxOnEVSideDisconnect says."""

    @override
    def read_settings(self) -> Settings:
        return replace(super().read_settings(), stop_on_ev_side_disconnect=False)


class StationThatLetsGo(Firmware201):
    """Ends the authorization of an EV that is unplugged, whatever StopTxOnEVSideDisconnect says."""

    @override
    def read_settings(self) -> Settings:
        return replace(super().read_settings(), stop_on_ev_side_disconnect=True)


class StationThatTriesOnce(Firmware201):
    """Sends each event once, whatever becomes of it."""

    @override
    def read_settings(self) -> Settings:
        return replace(super().read_settings(), message_attempts=1)


class StationThatTriesForever(Firmware201):
    """Sends an event again and again, whatever MessageAttempts says."""

    @override
    def read_settings(self) -> Settings:
        return replace(super().read_settings(), message_attempts=1000)


class StationWithoutPatience(Firmware201):
    """Sends an event again at once, whatever MessageAttemptInterval says."""

    @override
    def read_settings(self) -> Settings:
        return replace(super().read_settings(), message_attempt_interval_s=0)


class StationThatAsksToStop(Firmware201):
    """Asks the CSMS also about the token that started."""

    @override
    async def stop_with(self, session: Session, authorization: Authorization, token: IdToken) -> None:
        await self.request_authorization(token, None)
        await super().stop_with(session, authorization, token)


class StationThatNeverDeauthorizes(Firmware201):
    """Goes on charging with a token that turns out invalid."""

    @override
    def token_judged(self, transaction_id: str, token: IdToken, info: TokenInfo) -> None:
        self.learn(token, info)


class StationThatReusesIds(Firmware201):
    """Gives every transaction the same id."""

    @override
    def new_transaction_id(self) -> str:
        return "transaction-1"


class StationThatForgetsTransactions(Firmware201):
    """Says nothing more of transactions that a power cut interrupted."""

    @override
    def end_interrupted(self, transaction: Transaction) -> None:
        return
