import pytest
from v2x_architecture.ocpp.csms import CsmsConfig, InvalidPolicy, TokenSpec

pytestmark = pytest.mark.anyio


@pytest.fixture
def config():
    return CsmsConfig(tokens=(TokenSpec(id_token="Known", group="FLEET", language="nl"),), ping_interval=None)


def authorize16(station, id_tag):
    return station.call("Authorize", {"idTag": id_tag})


def authorize201(station, id_token, type_="ISO14443", **more):
    return station.call("Authorize", {"idToken": {"idToken": id_token, "type": type_}, **more})


async def test_16_known_identifier_with_its_parent(connect):
    assert await authorize16(await connect("1.6"), "Known") == {"idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"}}


async def test_201_known_identifier_with_its_group(connect):
    info = (await authorize201(await connect("2.0.1"), "Known"))["idTokenInfo"]
    assert info == {"status": "Accepted", "groupIdToken": {"idToken": "FLEET", "type": "Central"}, "language1": "nl"}


@pytest.mark.parametrize("spelling", ["KNOWN", "known"])
async def test_case_does_not_matter(connect, spelling):
    assert (await authorize16(await connect("1.6"), spelling))["idTagInfo"]["status"] == "Accepted"
    assert (await authorize201(await connect("2.0.1"), spelling))["idTokenInfo"]["status"] == "Accepted"


async def test_unknown_identifiers_are_invalid_or_what_a_policy_says(csms, connect):
    station = await connect("2.0.1")
    assert await authorize201(station, "stranger") == {"idTokenInfo": {"status": "Invalid"}}
    await csms.set_policy("unknown_identifier", "Unknown")
    assert await authorize201(station, "stranger") == {"idTokenInfo": {"status": "Unknown"}}
    await csms.set_policy("unknown_identifier", None)
    assert await authorize201(station, "stranger") == {"idTokenInfo": {"status": "Invalid"}}


@pytest.mark.parametrize(
    ("status", "in_16"), [("Blocked", "Blocked"), ("Invalid", "Invalid"), ("NoCredit", "Invalid"), ("NotAtThisTime", "Invalid")]
)
async def test_statuses_are_said_in_the_words_of_each_version(csms, connect, status, in_16):
    await csms.set_token("Known", status=status)
    assert (await authorize16(await connect("1.6"), "Known"))["idTagInfo"]["status"] == in_16
    assert (await authorize201(await connect("2.0.1"), "Known"))["idTokenInfo"]["status"] == status


async def test_an_identifier_past_its_expiry_is_expired(csms, connect):
    await csms.set_token("Known", expires="2026-03-01T11:59:59+00:00")
    expired16 = (await authorize16(await connect("1.6"), "Known"))["idTagInfo"]
    assert expired16 == {"status": "Expired", "expiryDate": "2026-03-01T11:59:59.000Z"}
    assert (await authorize201(await connect("2.0.1"), "Known"))["idTokenInfo"]["status"] == "Expired"


async def test_an_identifier_before_its_expiry_is_accepted_and_told_until_when(csms, connect):
    await csms.set_token("Known", expires="2026-03-02T00:00:00Z")
    info = (await authorize201(await connect("2.0.1"), "Known"))["idTokenInfo"]
    assert info == {"status": "Accepted", "cacheExpiryDateTime": "2026-03-02T00:00:00.000Z"}


async def test_types_are_kept_apart_when_the_token_has_one(csms, connect):
    await csms.set_token("Typed", type="eMAID")
    station = await connect("2.0.1")
    assert (await authorize201(station, "Typed", "eMAID"))["idTokenInfo"]["status"] == "Accepted"
    assert (await authorize201(station, "Typed", "ISO14443"))["idTokenInfo"]["status"] == "Invalid"


async def test_no_authorization_needs_no_token(connect):
    assert await authorize201(await connect("2.0.1"), "", "NoAuthorization") == {"idTokenInfo": {"status": "Accepted"}}


async def test_evses_where_an_identifier_may_charge(csms, connect):
    station = await connect("2.0.1")
    await csms.set_token("Known", evses=[2])
    assert await authorize201(station, "Known") == {"idTokenInfo": {"status": "Accepted", "evseId": [2]}}
    await csms.set_token("Known", evses=[])
    assert await authorize201(station, "Known") == {"idTokenInfo": {"status": "NotAtThisLocation"}}


@pytest.mark.parametrize(
    ("policy", "id_token", "expected"),
    [
        (None, "Known", ("CertChainError", "Invalid")),
        ("Accepted", "Known", ("Accepted", "Accepted")),
        ("Accepted", "stranger", ("ContractCancelled", "Invalid")),
        ("CertificateExpired", "Known", ("CertificateExpired", "Expired")),
        ("CertificateRevoked", "Known", ("CertificateRevoked", "Invalid")),
    ],
)
async def test_contract_certificates(csms, connect, policy, id_token, expected):
    await csms.set_policy("certificate", policy)
    answer = await authorize201(await connect("2.0.1"), id_token, "eMAID", certificate="PEM")
    assert (answer["certificateStatus"], answer["idTokenInfo"]["status"]) == expected


@pytest.mark.parametrize("wrong", [{"status": "Perhaps"}, {"colour": "red"}, {"expires": "tomorrow"}])
async def test_what_is_wrong_with_a_token_is_said(csms, wrong):
    with pytest.raises(InvalidPolicy):
        await csms.set_token("Known", **wrong)
