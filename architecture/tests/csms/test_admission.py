"""Who may connect: security profiles 0 to 3."""

import pytest
from v2x_architecture.ocpp.csms import CsmsConfig
from v2x_architecture.ocpp.csms.credentials import hashed, matches, same
from v2x_architecture.ocpp.csms.tables import Station
from v2x_architecture.ocpp.errors import ConnectionLost, HandshakeRefused
from v2x_architecture.ocpp.pki import write_pki
from v2x_architecture.ocpp.tls import ClientTls, ServerTls

pytestmark = pytest.mark.anyio
BINARY = b"\x00:\xff0123456789abcdef"


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return write_pki(tmp_path_factory.mktemp("pki"), identity="SN1", organisation="Test CSO")


async def status(attempt):
    """HTTP status with which a connection is refused."""
    with pytest.raises(HandshakeRefused) as refused:
        await attempt
    return refused.value.status


class TestUnknownStations:
    @pytest.fixture
    def config(self):
        return CsmsConfig(allow_unknown=False, stations={"known": b"", "secured": b"secret"}, ping_interval=None)

    async def test_are_not_found(self, connect):
        assert await status(connect("2.0.1", identity="stranger")) == 404

    async def test_known_ones_get_in(self, connect):
        assert await connect("2.0.1", identity="known")

    async def test_a_configured_password_is_asked_for_without_a_profile_too(self, connect):
        assert await status(connect("1.6", identity="secured")) == 401
        assert await connect("1.6", identity="secured", password="secret")


class TestProfile1:
    @pytest.fixture
    def config(self):
        return CsmsConfig(security_profile=1, stations={"CS1": "pässword", "CS2": BINARY}, ping_interval=None)

    async def test_the_right_password(self, connect):
        assert await connect("2.0.1", password="pässword")
        assert await connect("1.6", identity="CS2", password=BINARY)

    @pytest.mark.parametrize("password", [None, "", "passwor", "pässword "])
    async def test_none_or_a_wrong_one(self, connect, password):
        assert await status(connect("2.0.1", password=password)) == 401

    async def test_a_station_without_a_password_of_its_own_cannot_get_in(self, connect):
        assert await status(connect("2.0.1", identity="CS3", password="pässword")) == 401

    async def test_a_password_that_the_station_took_is_the_only_one_from_then_on(self, csms, connect, answering):
        def take(payload):
            [data] = payload["setVariableData"]
            result = {name: data[name] for name in ("component", "variable")}
            return {"setVariableResult": [result | {"attributeStatus": "Accepted"}]}

        await connect("2.0.1", answering(SetVariables=take), password="pässword")
        password = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
        await csms.set_variables("CS1", [password | {"attributeValue": "new password 1234"}])
        assert await status(connect("2.0.1", password="pässword")) == 401
        assert await connect("2.0.1", password="new password 1234")
        row = await csms.store.run(lambda db: db.get(Station, "CS1"))
        assert "new password" not in row.password_hash

    async def test_a_password_that_the_station_did_not_take_changes_nothing(self, csms, connect, answering):
        def refuse(payload):
            [data] = payload["setVariableData"]
            result = {name: data[name] for name in ("component", "variable")}
            return {"setVariableResult": [result | {"attributeStatus": "Rejected"}]}

        await connect("2.0.1", answering(SetVariables=refuse), password="pässword")
        password = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
        await csms.set_variables("CS1", [password | {"attributeValue": "new password 1234"}])
        assert await connect("2.0.1", password="pässword")

    async def test_an_authorization_key_is_the_hexadecimal_form_of_a_password(self, csms, connect, answering):
        await connect("1.6", answering(), password="pässword")
        new = bytes(range(16))
        await csms.set_variables("CS1", [{"key": "AuthorizationKey", "value": new.hex()}])
        assert await status(connect("1.6", password="pässword")) == 401
        assert await connect("1.6", password=new)


class TestProfile2:
    @pytest.fixture
    def config(self, pki):
        tls = ServerTls(pki.csms.certificate, pki.csms.key)
        return CsmsConfig(security_profile=2, tls=tls, stations={"CS1": "secret"}, ping_interval=None)

    async def test_a_password_over_tls(self, csms, connect, pki):
        assert csms.url.startswith("wss://")
        tls = ClientTls(ca=pki.root)
        assert await connect("2.0.1", tls=tls, password="secret")
        assert await status(connect("2.0.1", tls=tls, password="wrong")) == 401


class TestProfile3:
    @pytest.fixture
    def config(self, pki):
        tls = ServerTls(pki.csms.certificate, pki.csms.key, client_ca=pki.root)
        names = {"CS1": "SN1", "CS2": "SN2"}
        return CsmsConfig(security_profile=3, tls=tls, common_names=names, organization="Test CSO", ping_interval=None)

    @pytest.fixture
    def tls(self, pki):
        return lambda files: ClientTls(ca=pki.root, certificate=files.certificate, key=files.key)

    async def test_the_stations_own_certificate(self, csms, connect, answering, pki, tls):
        await connect("2.0.1", answering(), tls=tls(pki.station))
        assert await csms.call("CS1", "ClearCache", {}) == {"result": {"status": "Accepted"}}

    async def test_another_stations_certificate(self, connect, pki, tls):
        assert await status(connect("2.0.1", identity="CS2", tls=tls(pki.station))) == 401

    async def test_another_operators_certificate(self, connect, pki, tls):
        assert await status(connect("2.0.1", tls=tls(pki.bad_station["other_organisation"]))) == 401

    async def test_a_station_that_boots_with_another_serial_number_is_dropped(self, connect, boots, pki, tls):
        boots["2.0.1"]["chargingStation"]["serialNumber"] = "SN9"
        station = await connect("2.0.1", tls=tls(pki.station), boot=False)
        with pytest.raises(ConnectionLost):
            await station.call("BootNotification", boots["2.0.1"])
        assert station.close_code == 1008


async def test_passwords_are_hashed_with_salt():
    one, other = await hashed(b"secret"), await hashed(b"secret")
    assert one != other
    assert await matches(b"secret", one)
    assert not await matches(b"Secret", one)


@pytest.mark.parametrize(("given", "configured", "equal"), [(b"a", "a", True), (b"a", b"b", False), ("ä".encode(), "ä", True)])
def test_configured_passwords(given, configured, equal):
    assert same(given, configured) is equal


def test_a_configuration_does_not_show_its_secrets():
    config = CsmsConfig(stations={"CS1": "secret"}, rest_token="secret", database="postgresql+asyncpg://csms:secret@host/csms")
    assert "secret" not in repr(config)
    assert "port=0" in repr(config)
