import pytest
from v2x_architecture.clock import LoopClock
from v2x_architecture.ocpp.csms import CsmsConfig, ReferenceCsms
from v2x_architecture.ocpp.csms.activity import Connected, Disconnected, Exchange, Refused, hidden
from v2x_architecture.ocpp.errors import CallRefused, HandshakeRefused

pytestmark = pytest.mark.anyio


@pytest.fixture
def seen():
    return []


@pytest.fixture
async def csms(seen):
    config = CsmsConfig(stations={"CS1": "secret"}, allow_unknown=False)
    async with ReferenceCsms(config, LoopClock(), watch=seen.append) as running:
        yield running


async def test_everything_between_the_csms_and_a_station_is_told(csms, connect, answering, seen):
    station = await connect("1.6", answering(ClearCache={"status": "Rejected"}), password="secret")
    await csms.call("CS1", "ClearCache", {})
    with pytest.raises(CallRefused):
        await station.call("ClearCache")
    await csms.disconnect("CS1")
    connected, boot, cleared, refused, disconnected = seen
    assert isinstance(connected, Connected)
    assert (boot.sender, boot.action, boot.response["status"], boot.error) == ("station", "BootNotification", "Accepted", None)
    assert (cleared.sender, cleared.request, cleared.response) == ("csms", {}, {"status": "Rejected"})
    assert (refused.response, refused.error) == (None, "NotSupported: ClearCache is not what a CSMS answers")
    assert isinstance(disconnected, Disconnected)


async def test_refused_handshakes_are_told(connect, seen):
    with pytest.raises(HandshakeRefused):
        await connect("1.6", password="wrong")
    with pytest.raises(HandshakeRefused):
        await connect("1.6", identity="CS2")
    assert [(event.station, event.status) for event in seen if isinstance(event, Refused)] == [("CS1", 401), ("CS2", 404)]


async def test_credentials_are_not_told(csms, connect, answering, seen):
    await connect("1.6", answering(), password="secret")
    await csms.set_variables("CS1", [{"key": "AuthorizationKey", "value": "00112233445566778899aabbccddeeff"}])
    assert [event.request for event in seen if isinstance(event, Exchange)][-1] == {"key": "AuthorizationKey", "value": "***"}


def test_what_is_hidden():
    password = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    payload = {
        "setVariableData": [password | {"attributeValue": "x"}, {"variable": {"name": "Interval"}, "attributeValue": "1"}],
        "reportData": [password | {"variableAttribute": [{"value": "x"}]}],
        "idToken": {"idToken": "1234", "type": "KeyCode"},
        "other": {"idToken": "1234", "type": "ISO14443"},
    }
    assert hidden(payload) == {
        "setVariableData": [password | {"attributeValue": "***"}, {"variable": {"name": "Interval"}, "attributeValue": "1"}],
        "reportData": [password | {"variableAttribute": [{"value": "***"}]}],
        "idToken": {"idToken": "***", "type": "KeyCode"},
        "other": {"idToken": "1234", "type": "ISO14443"},
    }
    assert payload["idToken"]["idToken"] == "1234"
