import httpx
import pytest
from v2x_architecture.ocpp.csms import CsmsConfig, ReferenceCsms, TokenSpec
from v2x_architecture.ocpp.csms.rest import OPERATIONS, application

pytestmark = pytest.mark.anyio


@pytest.fixture
def config():
    return CsmsConfig(tokens=(TokenSpec(id_token="T1", group="G"),), ping_interval=None)


@pytest.fixture
async def api(csms):
    """The API, without a server between."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application(csms)), base_url="http://csms") as client:
        yield client


@pytest.fixture
async def station(connect, answering):
    return await connect("2.0.1", answering())


def event(type_, seq_no):
    return {
        "eventType": type_,
        "seqNo": seq_no,
        "timestamp": "2026-03-01T12:00:00Z",
        "triggerReason": "Trigger",
        "transactionInfo": {"transactionId": "TX"},
        "evse": {"id": 1},
        "meterValue": [{"timestamp": "2026-03-01T12:00:00Z", "sampledValue": [{"value": 1}]}],
    }


async def test_stations(api, station):
    status = {"timestamp": "2026-03-01T12:00:00Z", "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    await station.call("StatusNotification", status)
    [listed] = (await api.get("/stations")).json()
    assert listed == (await api.get("/stations/CS1")).json()
    assert (listed["station"], listed["connected"], listed["registration"]) == ("CS1", True, "Accepted")
    assert (listed["vendor"], listed["serial_number"], listed["booted_at"][:19]) == ("ACME", "SN1", "2026-03-01T12:00:00")
    assert [(c["evse"], c["connector"], c["status"]) for c in listed["connectors"]] == [(1, 1, "Available")]


async def test_a_call_and_its_result(api, station):
    answer = await api.post("/stations/CS1/calls", json={"action": "ClearCache"})
    assert (answer.status_code, answer.json()) == (200, {"result": {"status": "Accepted"}})


async def test_a_call_and_its_error(api, connect):
    await connect("2.0.1")
    answer = await api.post("/stations/CS1/calls", json={"action": "ClearCache", "payload": {}})
    assert answer.json()["error"]["code"] == "NotImplemented"


async def test_transactions(api, station):
    for request in (event("Started", 0), event("Updated", 2)):
        await station.call("TransactionEvent", request)
    [transaction] = (await api.get("/transactions?active=true&station=CS1")).json()
    assert (transaction["transaction_id"], transaction["missing"]) == ("TX", [1])
    assert transaction == (await api.get(f"/transactions/{transaction['number']}")).json()
    await station.call("TransactionEvent", event("Ended", 3))
    assert (await api.get("/transactions", params={"active": True})).json() == []
    assert len((await api.get("/transactions", params={"active": False})).json()) == 1
    assert [value["sampled"] for value in (await api.get("/stations/CS1/meter-values")).json()] == [[{"value": 1}]] * 3


async def test_tokens(api, connect):
    assert (await api.put("/tokens/T2", json={"status": "Blocked", "evses": [1]})).status_code == 204
    assert [token["id_token"] for token in (await api.get("/tokens")).json()] == ["T1", "T2"]
    assert (await api.get("/tokens/t2")).json()["status"] == "Blocked"
    answer = await (await connect("1.6")).call("Authorize", {"idTag": "T2"})
    assert answer == {"idTagInfo": {"status": "Blocked"}}
    assert (await api.delete("/tokens/T2")).status_code == 204
    assert (await api.delete("/tokens/T2")).status_code == 404


async def test_boots_and_policies(api, connect, boots):
    assert (await api.put("/stations/CS1/boot", json={"status": "Pending", "interval": 5})).status_code == 204
    assert (await api.put("/policies/unknown_identifier", json={"value": "Accepted"})).status_code == 204
    station = await connect("2.0.1", boot=False)
    answer = await station.call("BootNotification", boots["2.0.1"])
    assert (answer["status"], answer["interval"]) == ("Pending", 5)
    other = await connect("1.6", identity="CS2")
    assert (await other.call("Authorize", {"idTag": "anybody"}))["idTagInfo"]["status"] == "Accepted"


async def test_what_a_station_holds(api, station):
    profile = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [{"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 7000}]}],
    }
    answer = await api.post("/verbs/set_charging_profile", json={"station": "CS1", "evse": 1, "profile": profile})
    assert answer.json() == {"status": "Accepted"}
    assert [held["profile"] for held in (await api.get("/stations/CS1/charging-profiles")).json()] == [profile]
    assert (await api.post("/verbs/send_local_list", json={"station": "CS1"})).json() == {"status": "Accepted", "version": 1}
    [entry] = (await api.get("/stations/CS1/local-list")).json()
    assert (entry["id_token"], entry["info"]["groupIdToken"]["idToken"]) == ("T1", "G")
    await station.call("SecurityEventNotification", {"type": "X", "timestamp": "2026-03-01T12:00:00Z"})
    [note] = (await api.get("/stations/CS1/notifications")).json()
    assert (note["action"], note["payload"]["type"]) == ("SecurityEventNotification", "X")
    assert (await api.get("/stations/CS1/variables")).json() == []


async def test_a_station_is_disconnected_and_forgotten(api, station):
    assert (await api.post("/stations/CS1/disconnect")).status_code == 204
    await station.wait_closed()
    assert (await api.delete("/stations/CS1")).status_code == 204
    assert (await api.get("/stations")).json() == []


async def test_pages(api):
    for number in range(5):
        await api.put(f"/tokens/N{number}", json={})
    listed = (await api.get("/tokens", params={"limit": 2, "offset": 1})).json()
    assert [token["id_token"] for token in listed] == ["N1", "N2"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/stations/CS9", None, 404),
        ("GET", "/stations/CS9/variables", None, 404),
        ("GET", "/transactions/9", None, 404),
        ("GET", "/nonsense", None, 404),
        ("PUT", "/stations", {}, 405),
        ("GET", "/stations?limit=0", None, 422),
        ("GET", "/stations?limit=many", None, 422),
        ("POST", "/stations/CS9/calls", {"action": "Reset"}, 404),
        ("POST", "/stations/CS1/calls", {"action": "Reset"}, 422),
        ("POST", "/stations/CS1/calls", {"payload": {}}, 422),
        ("POST", "/stations/CS1/calls", "not JSON", 422),
        ("PUT", "/policies/weather", {"value": 1}, 422),
        ("PUT", "/tokens/T1", {"status": "Perhaps"}, 422),
        ("POST", "/verbs/dance", {}, 404),
        ("POST", "/verbs/remote_stop", {"station": "CS1"}, 409),
        ("POST", "/verbs/remote_stop", {"platform": "CS1"}, 422),
        ("POST", "/verbs/get_variables", {"station": "CS9"}, 409),
    ],
)
async def test_problems(api, station, method, path, body, status):
    sent = {"content": body} if isinstance(body, str) else {"json": body}
    answer = await api.request(method, path, **sent)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert problem["title"]
    assert problem["detail"]


async def test_a_call_that_is_not_allowed_yet_conflicts(api, csms, connect):
    await csms.set_boot("CS1", "Rejected")
    await connect("2.0.1")
    answer = await api.post("/stations/CS1/calls", json={"action": "ClearCache"})
    assert (answer.status_code, answer.json()["detail"]) == (409, "CS1 is Rejected: ClearCache is not allowed")


async def test_a_typed_verb_that_the_station_refuses_is_a_bad_gateway(api, connect):
    await connect("2.0.1")
    assert (await api.post("/verbs/clear_charging_profile", json={"station": "CS1", "profile": 1})).status_code == 502


async def test_the_document_describes_every_operation(api):
    document = (await api.get("/openapi.json")).json()
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(operation.method, operation.path.replace(":int", "")) for operation in OPERATIONS}
    identifiers = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(identifiers)) == len(OPERATIONS)
    assert "security" not in document
    assert {"StationView", "TransactionView", "TokenSpec", "Problem"} <= document["components"]["schemas"].keys()


class TestBearerToken:
    @pytest.fixture
    def config(self):
        return CsmsConfig(rest_token="s3cret", ping_interval=None)

    @pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic s3cret"}])
    async def test_nothing_goes_without_it(self, api, header):
        answer = await api.get("/stations", headers=header)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")

    async def test_it_opens_the_api(self, api):
        answer = await api.get("/stations", headers={"Authorization": "Bearer s3cret"})
        assert answer.json() == []

    async def test_the_document_says_so_and_needs_none(self, api):
        assert (await api.get("/openapi.json")).json()["security"] == [{"token": []}]


class TestServed:
    @pytest.fixture
    def anyio_backend(self):
        return "asyncio"

    async def test_it_listens_on_loopback_in_real_time(self):
        async with ReferenceCsms(CsmsConfig(rest_port=0)) as csms:
            assert csms.rest_url.startswith("http://127.0.0.1:")
            async with httpx.AsyncClient(base_url=csms.rest_url, trust_env=False) as client:
                assert (await client.get("/stations")).json() == []

    async def test_a_port_that_is_taken(self):
        async with ReferenceCsms(CsmsConfig(rest_port=0)) as csms:
            second = ReferenceCsms(CsmsConfig(rest_port=int(csms.rest_url.rpartition(":")[2])))
            with pytest.raises(OSError, match="in use"):
                await second.start()
