"""Meter values of the 2.0.1 station: J01, J02, E01.FR.09, E06.FR.11; and that they obey physics."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from v2x_architecture.ocpp.station import EvseConfig

pytestmark = pytest.mark.anyio

EVERYTHING = (
    "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,Current.Offered,Power.Offered,SoC,Frequency"
)


def by_measurand(meter_value):
    return {(sample["measurand"], sample.get("phase", "")): sample["value"] for sample in meter_value["sampledValue"]}


def contexts(event):
    return [value["sampledValue"][0]["context"] for value in event.get("meterValue", [])]


async def test_begin_and_end(bench):
    started = await bench.charging()
    assert contexts(started) == ["Transaction.Begin"]
    await asyncio.sleep(3600)
    await bench.station.present_token("GOOD")
    ended = await bench.peer.expect("TransactionEvent", eventType="Ended")
    assert contexts(ended) == ["Transaction.Begin", "Transaction.End"]
    [begin, end] = [by_measurand(value)["Energy.Active.Import.Register", ""] for value in ended["meterValue"]]
    assert end - begin == pytest.approx(11_040, rel=0.001)


async def test_periodic_samples_obey_physics(bench_of):
    variables = {"SampledDataCtrlr.TxUpdatedInterval": 600, "SampledDataCtrlr.TxUpdatedMeasurands": EVERYTHING}
    bench = await bench_of(variables=variables)
    await bench.charging(soc=70, capacity_wh=30_000)
    samples, times = [], []
    for _ in range(6):
        event = await bench.peer.expect("TransactionEvent", within=700)
        assert (event["eventType"], event["triggerReason"]) == ("Updated", "MeterValuePeriodic")
        assert contexts(event) == ["Sample.Periodic"]
        assert event["meterValue"][0]["timestamp"] == event["timestamp"]
        samples.append(by_measurand(event["meterValue"][0]))
        times.append(bench.peer.now())
    assert all(later - earlier == pytest.approx(600, abs=0.1) for earlier, later in pairwise(times))
    for sample in samples:
        current = sum(sample["Current.Import", phase] for phase in ("L1", "L2", "L3"))
        assert sample["Power.Active.Import", ""] == pytest.approx(current * 230, rel=0.001)
        assert sample["Power.Active.Import", ""] <= sample["Power.Offered", ""]
        assert sample["Voltage", "L1-N"] == 230
    for earlier, later in pairwise(samples):
        energy = later["Energy.Active.Import.Register", ""] - earlier["Energy.Active.Import.Register", ""]
        highest = max(earlier["Power.Active.Import", ""], later["Power.Active.Import", ""])
        lowest = min(earlier["Power.Active.Import", ""], later["Power.Active.Import", ""])
        assert lowest / 6 * 0.999 <= energy <= highest / 6 * 1.001
        assert later["SoC", ""] - earlier["SoC", ""] == pytest.approx(100 * energy / 30_000, abs=0.02)
    assert samples[-1]["Power.Active.Import", ""] < samples[0]["Power.Active.Import", ""]


async def test_samples_for_the_end_come_only_with_it(bench_of):
    bench = await bench_of(variables={"SampledDataCtrlr.TxEndedInterval": 300})
    await bench.charging()
    await bench.peer.quiet("TransactionEvent", during=1000)
    await bench.station.present_token("GOOD")
    ended = await bench.peer.expect("TransactionEvent", eventType="Ended")
    assert contexts(ended) == ["Transaction.Begin", *["Sample.Periodic"] * 3, "Transaction.End"]


async def test_clock_aligned_outside_transactions(bench_of):
    bench = await bench_of(evses=(EvseConfig(), EvseConfig()))
    await bench.peer.set(AlignedDataCtrlr__Interval=900)
    for minute in (15, 30):
        for evse in (1, 2):
            values = await bench.peer.expect("MeterValues", within=1000)
            assert values["evseId"] == evse
            assert values["meterValue"][0]["timestamp"].startswith(f"2025-06-01T08:{minute}:00")
            assert values["meterValue"][0]["sampledValue"][0]["context"] == "Sample.Clock"


async def test_clock_aligned_in_a_transaction(bench_of):
    bench = await bench_of(evses=(EvseConfig(), EvseConfig()), variables={"AlignedDataCtrlr.Interval": 900})
    await bench.charging()
    event = await bench.peer.expect("TransactionEvent", within=1000)
    assert event["triggerReason"] == "MeterValueClock"
    assert contexts(event) == ["Sample.Clock"]
    assert (await bench.peer.expect("MeterValues"))["evseId"] == 2


async def test_clock_aligned_only_when_idle(bench_of):
    variables = {"AlignedDataCtrlr.Interval": 900, "AlignedDataCtrlr.SendDuringIdle": True}
    bench = await bench_of(variables=variables)
    await bench.charging()
    await bench.peer.quiet(during=2000)
    await bench.station.present_token("GOOD")
    await bench.peer.expect("TransactionEvent", eventType="Ended")
    await bench.peer.expect("MeterValues", within=1000)


async def test_clock_aligned_for_the_end(bench_of):
    variables = {"AlignedDataCtrlr.TxEndedInterval": 900, "AlignedDataCtrlr.TxEndedMeasurands": "Energy.Active.Import.Register"}
    bench = await bench_of(variables=variables)
    await bench.charging()
    await asyncio.sleep(2000)
    await bench.station.present_token("GOOD")
    ended = await bench.peer.expect("TransactionEvent", eventType="Ended")
    assert contexts(ended) == ["Transaction.Begin", "Sample.Clock", "Sample.Clock", "Transaction.End"]


async def test_empty_measurands_mean_no_values(bench_of):
    bench = await bench_of(variables={f"SampledDataCtrlr.{name}Measurands": "" for name in ("TxStarted", "TxEnded")})
    started = await bench.charging()
    await bench.station.present_token("GOOD")
    ended = await bench.peer.expect("TransactionEvent", eventType="Ended")
    assert "meterValue" not in started
    assert "meterValue" not in ended


async def test_register_never_goes_back(bench):
    await bench.charging()
    await asyncio.sleep(1000)
    await bench.station.power_cycle()
    ended = await bench.peer.expect("TransactionEvent", eventType="Ended")
    register = by_measurand(ended["meterValue"][-1])["Energy.Active.Import.Register", ""]
    assert register == pytest.approx(11_040 * 1000 / 3600, rel=0.01)
    await bench.station.unplug()
    started = await bench.charging()
    assert by_measurand(started["meterValue"][0])["Energy.Active.Import.Register", ""] == register


async def test_direct_current(bench_of):
    evse = EvseConfig(current="DC", phases=1, voltage_v=400, max_current_a=125, min_current_a=0, tethered=True)
    bench = await bench_of(evses=(evse,), variables={"SampledDataCtrlr.TxUpdatedMeasurands": EVERYTHING})
    await bench.charging(max_power_w=100_000)
    await bench.peer.ask("TriggerMessage", {"requestedMessage": "TransactionEvent"})
    event = await bench.peer.expect("TransactionEvent", triggerReason="Trigger")
    values = by_measurand(event["meterValue"][0])
    assert values["Power.Active.Import", ""] == 50_000
    assert values["Current.Import", ""] == 125
    assert ("Frequency", "") not in values


class TestSigned:
    async def test_first_signed_value_starts_the_transaction(self, bench_of):
        variables = {"TxCtrlr.TxStartPoint": "DataSigned", "SampledDataCtrlr.SignReadings": True}
        bench = await bench_of(variables=variables)
        bench.peer.tokens["GOOD"] = {"status": "Accepted"}
        await bench.station.present_token("GOOD")
        await bench.station.plug_in()
        started = await bench.peer.expect("TransactionEvent")
        assert (started["eventType"], started["triggerReason"]) == ("Started", "SignedDataReceived")
        signed = started["meterValue"][0]["sampledValue"][0]["signedMeterValue"]
        assert signed["encodingMethod"] == "OCMF"
        charging = await bench.peer.expect("TransactionEvent")
        assert charging["triggerReason"] == "ChargingStateChanged"
        verify(signed["signedMeterData"], signed["publicKey"])

    async def test_key_is_told_as_configured(self, bench_of):
        bench = await bench_of(variables={"SampledDataCtrlr.SignReadings": True})
        started = await bench.charging()
        await bench.station.present_token("GOOD")
        ended = await bench.peer.expect("TransactionEvent", eventType="Ended")

        def keys(event):
            return [value["sampledValue"][0]["signedMeterValue"]["publicKey"] != "" for value in event["meterValue"]]

        assert (keys(started), keys(ended)) == ([True], [False, False])
        await bench.peer.set(OCPPCommCtrlr__PublicKeyWithSignedMeterValue="EveryMeterValue")
        await bench.station.unplug()
        await bench.charging()
        await bench.station.present_token("GOOD")
        assert keys(await bench.peer.expect("TransactionEvent", eventType="Ended")) == [True, True]


def verify(data, key):
    """Check an OCMF container against a public key."""
    import base64
    import json

    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    marker, encoding, content, printed = base64.b64decode(key).decode().split(":")
    assert (marker, encoding, content) == ("oca", "base16", "asn1")
    head, payload, seal = base64.b64decode(data).decode().split("|")
    assert head == "OCMF"
    signature = bytes.fromhex(json.loads(seal)["SD"])
    load_der_public_key(bytes.fromhex(printed)).verify(signature, payload.encode(), ECDSA(SHA256()))
