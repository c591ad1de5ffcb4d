"""Meter values: sampled, clock-aligned, in StopTransaction (3.16, 4.7)."""

import asyncio

import pytest

pytestmark = pytest.mark.anyio

REGISTER = "Energy.Active.Import.Register"


@pytest.fixture
async def charging(start, csms):
    """Starts a charge point and a transaction on it."""

    async def make(**keys):
        station = await start(**keys)
        await station.plug_in()
        await station.present_token("TAG1")
        await asyncio.sleep(1)
        csms.forget()
        return station

    return make


def measured(value):
    return [each["measurand"] for each in value["sampledValue"]]


def contexts(values):
    return [each["sampledValue"][0]["context"] for each in values]


async def test_values_are_sampled_at_the_interval_from_the_start(charging, csms):
    await charging(MeterValueSampleInterval=60, MeterValuesSampledData=f"{REGISTER},Current.Import,Power.Active.Import,SoC")
    await asyncio.sleep(190)
    values = csms.sent("MeterValues")
    assert [(each["connectorId"], each["transactionId"]) for each in values] == [(1, 1)] * 3
    (value,) = values[0]["meterValue"]
    assert value["timestamp"].startswith("2025-06-02T12:01:0")
    assert measured(value) == [REGISTER, *["Current.Import"] * 3, "Power.Active.Import", "SoC"]
    assert contexts([value]) == ["Sample.Periodic"]
    registers = [int(each["meterValue"][0]["sampledValue"][0]["value"]) for each in values]
    assert registers == sorted(registers)
    assert registers[-1] == pytest.approx(22_000 * 180 / 3600, rel=0.01)


async def test_a_single_phase_may_be_sampled(charging, csms):
    await charging(MeterValueSampleInterval=60, MeterValuesSampledData="Voltage.L2")
    await asyncio.sleep(61)
    (value,) = csms.sent("MeterValues")[0]["meterValue"]
    assert [(each["measurand"], each["phase"], each["unit"]) for each in value["sampledValue"]] == [("Voltage", "L2-N", "V")]


@pytest.mark.parametrize(
    "keys", [{"MeterValueSampleInterval": 0}, {"MeterValueSampleInterval": 60, "MeterValuesSampledData": ""}]
)
async def test_nothing_is_sampled_where_nothing_is_asked_for(charging, csms, keys):
    await charging(**keys)
    await asyncio.sleep(600)
    assert csms.actions == []


async def test_a_changed_interval_counts_at_once(charging, csms):
    await charging(MeterValueSampleInterval=0)
    await csms.call("ChangeConfiguration", key="MeterValueSampleInterval", value="30")
    await asyncio.sleep(100)
    assert len(csms.sent("MeterValues")) == 3


async def test_values_are_aligned_to_the_clock_with_and_without_a_transaction(start, csms):
    station = await start(
        ClockAlignedDataInterval=900, MeterValuesAlignedData="Voltage", MeterValueSampleInterval=0, connectors=2
    )
    csms.forget()
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(1000)
    values = {each["connectorId"]: each for each in csms.sent("MeterValues")}
    assert set(values) == {1, 2}
    assert (values[1]["transactionId"], values[2].get("transactionId")) == (1, None)
    for each in values.values():
        assert each["meterValue"][0]["timestamp"].startswith("2025-06-02T12:15:00")
        assert contexts(each["meterValue"]) == ["Sample.Clock"]
        assert set(measured(each["meterValue"][0])) == {"Voltage"}


async def test_aligned_values_are_kept_while_offline(start, csms):
    await start(ClockAlignedDataInterval=900)
    await csms.lose()
    csms.forget()
    await asyncio.sleep(2000)
    csms.reachable = True
    await asyncio.sleep(60)
    assert [each["meterValue"][0]["timestamp"][11:16] for each in csms.sent("MeterValues")] == ["12:15", "12:30"]


async def test_the_stop_carries_what_is_asked_for_from_begin_to_end(charging, csms):
    station = await charging(
        MeterValueSampleInterval=60,
        StopTxnSampledData=REGISTER,
        ClockAlignedDataInterval=300,
        StopTxnAlignedData="Voltage.L1",
        MeterValuesAlignedData="",
        MeterValuesSampledData="",
    )
    await asyncio.sleep(330)
    await station.press_stop()
    await asyncio.sleep(1)
    data = csms.sent("StopTransaction")[0]["transactionData"]
    periodic = ["Sample.Periodic"]
    assert contexts(data) == ["Transaction.Begin", *4 * periodic, "Sample.Clock", *periodic, "Transaction.End"]
    assert [each["timestamp"] for each in data] == sorted(each["timestamp"] for each in data)
    assert measured(data[0]) == measured(data[-1]) == [REGISTER, "Voltage"]
    assert data[0]["sampledValue"][0]["value"] == "0"
    stop = csms.sent("StopTransaction")[0]
    assert data[-1]["sampledValue"][0]["value"] == str(stop["meterStop"])
    assert csms.sent("MeterValues") == []


async def test_no_more_values_than_fit_are_in_the_stop(charging, csms):
    station = await charging(MeterValueSampleInterval=1, StopTxnSampledData=REGISTER, StopTransactionMaxMeterValues=10)
    await asyncio.sleep(60)
    await station.press_stop()
    await asyncio.sleep(1)
    data = csms.sent("StopTransaction")[0]["transactionData"]
    assert len(data) == 10
    assert (contexts(data)[0], contexts(data)[-1]) == ("Transaction.Begin", "Transaction.End")


async def test_unsupported_measurands_change_nothing(start, csms):
    await start()
    answer = await csms.call("ChangeConfiguration", key="MeterValuesSampledData", value=f"{REGISTER},RPM")
    assert answer == {"status": "Rejected"}
    answer = await csms.call("GetConfiguration", key=["MeterValuesSampledData"])
    assert answer["configurationKey"][0]["value"] == REGISTER


async def test_an_interruption_of_power_does_not_turn_the_register_back(charging, csms):
    station = await charging(MeterValueSampleInterval=0)
    await asyncio.sleep(600)
    await station.power_cycle()
    await asyncio.sleep(2)
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    assert csms.sent("StartTransaction")[0]["meterStart"] == csms.sent("StopTransaction")[0]["meterStop"] > 3000
