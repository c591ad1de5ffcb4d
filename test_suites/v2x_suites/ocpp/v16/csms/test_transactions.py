"""Core profile: transactions, online and late."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.events import Json
from v2x_harness.finding import Axis
from v2x_harness.tap import Tap

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v16.csms import case
from v2x_suites.ocpp.v16.csms.states import (
    STRANGER,
    Session,
    ago,
    begins,
    boots,
    confirmed,
    numbered,
    sampled,
    session_of,
    tells_time,
)

_SESSION = "OCPP-1.6#4.1.status OCPP-1.6#4.8.answer OCPP-1.6#4.9.answer OCPP-1.6#4.10.answer OCPP-1.6#6.46"

# Charge points that may start and go on without the Central System.
_OFFLINE: dict[str, Json] = {"LocalAuthorizeOffline": "true", "AllowOfflineTxForUnknownId": "true", "ConnectionTimeOut": "60"}

# Nothing can be seen of a transaction that begins offline: our charge point is left so long to begin it (s).
_A_WHILE = 2.0


@case("TC_003_CSMS", verifies=_SESSION)
async def test_cable_first(csms: CsmsUnderTest, booted: StationActor, token: str) -> None:
    """Two sessions, cable first: a Central System takes every message and gives each transaction an id of its own."""
    first = await session_of(booted, csms, token)
    second = await session_of(booted, csms, token)
    with requirement("OCPP-1.6#6.46"):
        assert second != first


@case("TC_004_1_CSMS", verifies=_SESSION)
async def test_id_tag_first(csms: CsmsUnderTest, booted: StationActor, token: str) -> None:
    """Two sessions, idTag first: a Central System takes every message and gives each transaction an id of its own."""
    first = await session_of(booted, csms, token, id_first=True)
    second = await session_of(booted, csms, token, id_first=True)
    with requirement("OCPP-1.6#6.46"):
        assert second != first


@case("TC_005_1_CSMS", verifies="OCPP-1.6#4.9.answer OCPP-1.6#4.10.answer OCPP-1.6#6.46")
async def test_ev_side_disconnected(csms: CsmsUnderTest, booted: StationActor, charging: Session) -> None:
    """A Central System takes the end of a transaction whose cable was pulled, and numbers the next one anew."""
    await booted.unplug()
    stop = await booted.sends("StopTransaction", reason="EVDisconnected")
    with requirement("OCPP-1.6#4.10.answer"):
        assert stop.transactionId == charging.transaction_id
        confirmed(await csms.answer(stop))
    with requirement("OCPP-1.6#4.9.answer"):
        confirmed(await csms.answer(await booted.sends("StatusNotification", status="Available")))
    await booted.plug_in()
    await booted.present_token(charging.id_tag)
    _, started = await begins(booted, csms)
    with requirement("OCPP-1.6#6.46"):
        assert started.transactionId != charging.transaction_id


@case("V2X_16_TWO_TRANSACTIONS_CSMS", verifies="OCPP-1.6#6.46 OCPP-1.6#4.10.answer")
async def test_two_at_once(csms: CsmsUnderTest, operator: CsmsOperator, station: StationActor, token: str) -> None:
    """Two transactions at once: a Central System gives each an id of its own, and takes the end of each."""
    await operator.set_token("V2X-SECOND", "Accepted")
    await boots(station, csms, evses=[{}, {}])
    started = []
    for evse, id_tag in ((1, token), (2, "V2X-SECOND")):
        await station.plug_in(evse)
        await station.present_token(id_tag, evse=evse)
        started.append((await begins(station, csms, evse))[1])
    with requirement("OCPP-1.6#6.46"):
        assert started[1].transactionId != started[0].transactionId
    for evse, id_tag in ((1, token), (2, "V2X-SECOND")):
        await station.present_token(id_tag, evse=evse)
        with requirement("OCPP-1.6#4.10.answer"):
            confirmed(await csms.answer(await station.sends("StopTransaction")))


@case("V2X_16_CONCURRENT_CSMS", verifies="OCPP-1.6#7.2.concurrent OCPP-1.6#4.8.answer", applies="ConcurrentTx")
async def test_concurrent_transaction(csms: CsmsUnderTest, operator: CsmsOperator, station: StationActor) -> None:
    """A Central System that allows an idTag one transaction at a time says ConcurrentTx of the second."""
    await operator.set_token("V2X-ONE-AT-A-TIME", "Accepted", concurrent=False)
    await boots(station, csms, evses=[{}, {}])
    await station.plug_in(1)
    await station.present_token("V2X-ONE-AT-A-TIME", evse=1)
    with requirement("OCPP-1.6#4.8.answer", hard=True):
        beat, started = await begins(station, csms, 1)
        assert started.idTagInfo.status == "Accepted"
    second = await station.call(
        "StartTransaction", connectorId=2, idTag="V2X-ONE-AT-A-TIME", meterStart=0, timestamp=ago(beat, 0)
    )
    with requirement("OCPP-1.6#7.2.concurrent"):
        assert second.idTagInfo.status == "ConcurrentTx"
    with requirement("OCPP-1.6#4.8.answer"):
        numbered(second)
    await station.call("StopTransaction", transactionId=second.transactionId.number(), meterStop=0, timestamp=ago(beat, 0))


@case("V2X_16_METER_VALUES_CSMS", verifies="OCPP-1.6#4.7.answer OCPP-1.6#4.6")
async def test_meter_values(booted: StationActor, charging: Session) -> None:
    """A Central System takes meter values of a transaction, of a connector without one, and of the main meter."""
    beat = await booted.call("Heartbeat")
    value = sampled(1200, ago(beat, 0))
    with requirement("OCPP-1.6#4.7.answer"):
        ours = await booted.call("MeterValues", connectorId=1, transactionId=charging.transaction_id, meterValue=value)
        confirmed(ours)
        for connector in (1, 0):
            loose = await booted.call("MeterValues", connectorId=connector, meterValue=value)
            confirmed(loose)
    with requirement("OCPP-1.6#4.6"):
        await tells_time(booted)


@case("V2X_16_UNKNOWN_STOP_CSMS", verifies="OCPP-1.6#4.10.answer OCPP-1.6-errata#3.18.answer OCPP-1.6#4.6")
async def test_unknown_transaction(booted: StationActor) -> None:
    """A Central System takes the end of a transaction that it does not know, and of one that never got an id."""
    beat = await booted.call("Heartbeat")
    with requirement("OCPP-1.6#4.10.answer"):
        stop = await booted.call("StopTransaction", transactionId=987654321, meterStop=10, timestamp=ago(beat, 1), reason="Other")
        confirmed(stop)
    with requirement("OCPP-1.6-errata#3.18.answer"):
        values = await booted.call("MeterValues", connectorId=1, transactionId=-1, meterValue=sampled(10, ago(beat, 1)))
        confirmed(values)
        nameless = await booted.call("StopTransaction", transactionId=-1, meterStop=10, timestamp=ago(beat, 1))
        confirmed(nameless)
    with requirement("OCPP-1.6#4.6"):
        await tells_time(booted)


@case("V2X_16_RETRY_CSMS", verifies="OCPP-1.6#4.8.answer OCPP-1.6#3.7.1.same OCPP-1.6#6.46")
async def test_repeated_start(booted: StationActor, token: str) -> None:
    """A Central System answers a StartTransaction that is sent again, best with the same id, and another one with another."""
    beat = await booted.call("Heartbeat")
    start: dict[str, Json] = {"connectorId": 1, "idTag": token, "meterStart": 77, "timestamp": ago(beat, 1)}
    first = await booted.call("StartTransaction", start)
    with requirement("OCPP-1.6#4.8.answer"):
        again = await booted.call("StartTransaction", start)
        numbered(again)
    with requirement("OCPP-1.6#3.7.1.same", axis=Axis.COMPATIBILITY):
        assert again.transactionId == first.transactionId
    for each in {first.transactionId.number(), again.transactionId.number()}:
        await booted.call("StopTransaction", transactionId=each, meterStop=80, timestamp=ago(beat, 0.5))
    with requirement("OCPP-1.6#6.46"):
        other = await booted.call("StartTransaction", {**start, "meterStart": 80, "timestamp": ago(beat, 0)})
        assert other.transactionId != first.transactionId
    await booted.call("StopTransaction", transactionId=other.transactionId.number(), meterStop=80, timestamp=ago(beat, 0))


@case("V2X_16_LATE_CSMS", verifies="OCPP-1.6#3.7.late OCPP-1.6#4.8.verify")
async def test_late_transaction(booted: StationActor, token: str) -> None:
    """A Central System takes a transaction of two days ago as any other, and looks at its idTag as at any other."""
    beat = await booted.call("Heartbeat")
    started = await booted.call("StartTransaction", connectorId=1, idTag=token, meterStart=0, timestamp=ago(beat, 48))
    with requirement("OCPP-1.6#3.7.late", hard=True):
        numbered(started)
        assert started.idTagInfo.status == "Accepted"
    with requirement("OCPP-1.6#3.7.late"):
        number = started.transactionId.number()
        values = sampled(500, ago(beat, 47.5))
        confirmed(await booted.call("MeterValues", connectorId=1, transactionId=number, meterValue=values))
        stop = await booted.call(
            "StopTransaction",
            transactionId=number,
            meterStop=1000,
            timestamp=ago(beat, 47),
            transactionData=sampled(1000, ago(beat, 47)),
        )
        confirmed(stop)
    with requirement("OCPP-1.6#4.8.verify"):
        doubtful = await booted.call("StartTransaction", connectorId=1, idTag=STRANGER, meterStart=0, timestamp=ago(beat, 46))
        assert doubtful.idTagInfo.status == "Invalid"


@case("TC_037_1_CSMS", verifies="OCPP-1.6#3.7.late OCPP-1.6#6.46")
async def test_offline_start(csms: CsmsUnderTest, station: StationActor, token: str, link: Tap) -> None:
    """A Central System takes a transaction that began while the charge point was offline, apart from the one before."""
    await boots(station, csms, variables=_OFFLINE)
    await station.plug_in()
    await station.present_token(token)
    _, before = await begins(station, csms)
    await link.cut()
    # Two transactions that begin in the same moment could be taken for one that is told twice.
    await csms.stays_quiet(for_=_A_WHILE)
    await station.press_stop()
    await station.unplug()
    await station.plug_in()
    await station.present_token(token)
    await csms.stays_quiet(for_=_A_WHILE)
    await link.mend()
    with requirement("OCPP-1.6#3.7.late", hard=True):
        stop = await station.sends("StopTransaction", within=csms.pixit.reboot)
        assert stop.transactionId == before.transactionId
        confirmed(await csms.answer(stop))
        _, started = await begins(station, csms)
        numbered(started)
        assert started.idTagInfo.status == "Accepted"
    with requirement("OCPP-1.6#6.46"):
        assert started.transactionId != before.transactionId


@case("TC_037_3_CSMS", verifies="OCPP-1.6#4.8.verify OCPP-1.6#4.8.answer OCPP-1.6#4.10.answer")
async def test_offline_start_with_a_stranger(csms: CsmsUnderTest, station: StationActor, link: Tap) -> None:
    """A Central System refuses the idTag of a transaction that began offline, and takes its end."""
    await boots(station, csms, variables={**_OFFLINE, "StopTransactionOnInvalidId": "true"})
    await link.cut()
    await station.plug_in()
    await station.present_token(STRANGER)
    await csms.stays_quiet(for_=_A_WHILE)
    await link.mend()
    start = await station.sends("StartTransaction", within=csms.pixit.reboot)
    with requirement("OCPP-1.6#4.8.verify", hard=True):
        started = await csms.answer(start)
        assert started.idTagInfo.status == "Invalid"
    with requirement("OCPP-1.6#4.8.answer", hard=True):
        numbered(started)
    stop = await station.sends("StopTransaction", reason="DeAuthorized")
    with requirement("OCPP-1.6#4.10.answer"):
        assert stop.transactionId == started.transactionId
        confirmed(await csms.answer(stop))


@case("TC_039_CSMS", verifies="OCPP-1.6#3.7.late OCPP-1.6#6.46")
async def test_offline_transactions(csms: CsmsUnderTest, station: StationActor, token: str, link: Tap) -> None:
    """A Central System takes two transactions that began and ended while the charge point was offline."""
    await boots(station, csms, variables=_OFFLINE)
    await link.cut()
    for _ in range(2):
        await station.plug_in()
        await station.present_token(token)
        await csms.stays_quiet(for_=_A_WHILE)
        await station.press_stop()
        await station.unplug()
    await link.mend()
    numbers = []
    for _ in range(2):
        with requirement("OCPP-1.6#3.7.late", hard=True):
            start = await station.sends("StartTransaction", within=csms.pixit.reboot)
            started = await csms.answer(start)
            assert started.idTagInfo.status == "Accepted"
            stop = await station.sends("StopTransaction")
            assert stop.transactionId == started.transactionId
            confirmed(await csms.answer(stop))
        numbers.append(started.transactionId)
    with requirement("OCPP-1.6#6.46"):
        assert numbers[1] != numbers[0]
