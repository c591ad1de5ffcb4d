"""What the security whitepaper adds: AuthorizationKey, SecurityProfile, security events."""

import asyncio

import pytest
from v2x_architecture.ocpp.v16.station import password_of

pytestmark = pytest.mark.anyio

KEY = "000102030405060708090a0b0c0d0e0f10111213"
ACCEPTED, REJECTED = {"status": "Accepted"}, {"status": "Rejected"}


async def change(csms, key, value):
    return await csms.call("ChangeConfiguration", key=key, value=value)


async def test_a_new_password_is_used_at_once_and_kept(start, csms):
    station = await start(password="first password 1")
    assert csms.profiles[-1].password == "first password 1"
    assert await change(csms, "AuthorizationKey", KEY) == ACCEPTED
    await asyncio.sleep(10)
    assert csms.profiles[-1].password == bytes.fromhex(KEY)
    assert csms.actions.count("BootNotification") == 1
    await station.power_cycle()
    await asyncio.sleep(5)
    assert csms.profiles[-1].password == bytes.fromhex(KEY)


async def test_the_password_is_never_told(start, csms):
    await start()
    await change(csms, "AuthorizationKey", KEY)
    answer = await csms.call("GetConfiguration", key=["AuthorizationKey"])
    assert answer["configurationKey"] == [{"key": "AuthorizationKey", "readonly": False}]


@pytest.mark.parametrize(("text", "password"), [(KEY, bytes(range(20))), ("a password in text", b"a password in text")])
def test_a_key_is_hexadecimal_or_text(text, password):
    assert password_of(text) == password


@pytest.mark.parametrize(
    ("settings", "value", "answer"),
    [
        ({}, "0", REJECTED),
        ({}, "1", REJECTED),
        ({"AuthorizationKey": KEY}, "1", ACCEPTED),
        ({"AuthorizationKey": KEY}, "2", REJECTED),
        ({"AuthorizationKey": KEY, "url": "wss://127.0.0.1:9000"}, "3", REJECTED),
        ({"password": "x" * 16}, "0", REJECTED),
        ({"password": "x" * 16}, "1", REJECTED),
        ({}, "high", REJECTED),
    ],
)
async def test_the_security_profile_only_rises_and_only_to_what_is_prepared(start, csms, settings, value, answer):
    await start(**settings)
    assert await change(csms, "SecurityProfile", value) == answer


async def test_a_raised_security_profile_connects_anew(start, csms):
    await start(AuthorizationKey=KEY)
    await change(csms, "SecurityProfile", "1")
    await asyncio.sleep(10)
    assert len(csms.profiles) == 2


async def test_security_events_wait_for_the_connection(station, csms):
    await csms.lose()
    await station.security_event("TamperDetectionActivated", "lid")
    csms.reachable = True
    await asyncio.sleep(60)
    (event,) = csms.sent("SecurityEventNotification")
    assert (event["type"], event["techInfo"]) == ("TamperDetectionActivated", "lid")


@pytest.mark.parametrize(("password", "events"), [(None, []), ("x" * 16, ["StartupOfTheDevice", "ResetOrReboot"])])
async def test_a_secured_charge_point_tells_of_its_start(start, csms, password, events):
    await start(password=password)
    await csms.call("Reset", type="Soft")
    await asyncio.sleep(5)
    assert [each["type"] for each in csms.sent("SecurityEventNotification")] == events
