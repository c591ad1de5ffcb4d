"""The key schedule gives what RFC 8448 gives for its example, and records are protected in order."""

import pytest
from v2x_adapters.tls_probe.keys import GROUPS, Schedule, Secret, secrets
from v2x_adapters.tls_probe.wire import Malformed, RecordReader

# RFC 8448, section 3: the shared secret, and digest-independent parts of what follows from it.
SHARED = bytes.fromhex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d")


def test_the_handshake_secret_is_the_rfc_s():
    schedule = Schedule("TLS_AES_128_GCM_SHA256", SHARED)
    assert schedule._handshake.hex() == "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"
    assert schedule._master.hex() == "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919"


def test_keys_of_records_are_the_rfc_s():
    schedule = Schedule("TLS_AES_128_GCM_SHA256", SHARED)
    secret = bytes.fromhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
    assert schedule.expand(secret, "key", b"", 16).hex() == "3fce516009c21727d0f2e4e86ee403bc"
    assert schedule.expand(secret, "iv", b"", 12).hex() == "5d313eb2671276ee13000b30"


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_both_sides_agree(group):
    one, other = Secret(group), Secret(group)
    assert one.agreed(other.share) == other.agreed(one.share)
    with pytest.raises(Malformed):
        one.agreed(b"\x04no element")


def test_shares_are_made_of_what_can_be_computed():
    assert list(secrets(("ffdhe2048", "x448", "secp521r1"))) == ["x448", "secp521r1"]


@pytest.mark.parametrize("suite", ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"])
def test_records_are_opened_in_order(suite):
    schedule = Schedule(suite, SHARED)
    sealing, opening = schedule.protection(b"s" * schedule.length), schedule.protection(b"s" * schedule.length)
    first, second = RecordReader().feed(sealing.seal(23, b"one") + sealing.seal(21, b"\x02\x28"))
    assert opening.open(first) == (23, b"one")
    assert opening.open(second) == (21, b"\x02\x28")
    with pytest.raises(Malformed, match="cannot be decrypted"):
        opening.open(second)


def test_suites_of_older_versions_have_no_schedule():
    with pytest.raises(Malformed, match=r"no suite of TLS 1\.3"):
        Schedule("TLS_RSA_WITH_AES_128_CBC_SHA", SHARED)
