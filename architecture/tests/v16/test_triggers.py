"""Messages on request (5.17, errata 3.35; security whitepaper 5.5)."""

import asyncio

import pytest

pytestmark = pytest.mark.anyio

ACCEPTED, REJECTED, UNKNOWN = ({"status": status} for status in ("Accepted", "Rejected", "NotImplemented"))


async def trigger(csms, message, connector=None, *, extended=False):
    where = {} if connector is None else {"connectorId": connector}
    answer = await csms.call("ExtendedTriggerMessage" if extended else "TriggerMessage", requestedMessage=message, **where)
    await asyncio.sleep(1)
    return answer


async def test_the_answer_goes_before_the_message(station, csms):
    assert await trigger(csms, "Heartbeat") == ACCEPTED
    assert csms.actions == ["TriggerMessage.conf", "Heartbeat"]


async def test_an_accepted_charge_point_does_not_boot_on_request(station, csms):
    assert await trigger(csms, "BootNotification") == REJECTED
    assert csms.actions == ["TriggerMessage.conf"]


@pytest.mark.parametrize(("connector", "told"), [(None, [0, 1, 2]), (0, [0]), (2, [2])])
async def test_statuses_on_request(start, csms, connector, told):
    await start(connectors=2)
    csms.forget()
    assert await trigger(csms, "StatusNotification", connector) == ACCEPTED
    assert [each["connectorId"] for each in csms.sent("StatusNotification")] == told


async def test_values_on_request_belong_to_the_transaction_that_runs(start, csms):
    station = await start(connectors=2, MeterValuesSampledData="Power.Active.Import,Voltage.L1")
    await station.plug_in(2)
    await station.present_token("TAG1", evse=2)
    await asyncio.sleep(1)
    csms.forget()
    assert await trigger(csms, "MeterValues") == ACCEPTED
    values = {each["connectorId"]: each for each in csms.sent("MeterValues")}
    assert (values[1].get("transactionId"), values[2]["transactionId"]) == (None, 1)
    (value,) = values[2]["meterValue"]
    assert [(each["measurand"], each["context"]) for each in value["sampledValue"]] == [
        ("Power.Active.Import", "Trigger"),
        ("Voltage", "Trigger"),
    ]


async def test_values_of_a_transaction_without_an_id_wait_for_it(start, csms):
    station = await start(TransactionMessageRetryInterval=20, MeterValueSampleInterval=0)
    csms.failing.add("StartTransaction")
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    await trigger(csms, "MeterValues", 1)
    assert csms.sent("MeterValues") == []
    csms.failing.clear()
    await asyncio.sleep(30)
    assert [each["transactionId"] for each in csms.sent("MeterValues")] == [1]


@pytest.mark.parametrize(("message", "connector"), [("StatusNotification", 2), ("MeterValues", 2)])
async def test_nothing_is_sent_about_a_connector_that_is_not_there(station, csms, message, connector):
    assert await trigger(csms, message, connector) == REJECTED


async def test_values_that_nobody_configured_are_not_sent(start, csms):
    await start(MeterValuesSampledData="")
    assert await trigger(csms, "MeterValues") == REJECTED


async def test_a_connector_that_a_message_is_not_about_is_ignored(station, csms):
    assert await trigger(csms, "Heartbeat", 9) == ACCEPTED


@pytest.mark.parametrize("message", ["DiagnosticsStatusNotification", "FirmwareStatusNotification"])
async def test_messages_of_other_feature_profiles_are_not_implemented(station, csms, message):
    assert await trigger(csms, message) == UNKNOWN


@pytest.mark.parametrize(
    ("message", "answer"),
    [("StatusNotification", ACCEPTED), ("SignChargePointCertificate", UNKNOWN), ("LogStatusNotification", UNKNOWN)],
)
async def test_the_extended_trigger_knows_the_same_messages(station, csms, message, answer):
    assert await trigger(csms, message, extended=True) == answer
