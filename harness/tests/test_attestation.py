from __future__ import annotations

import base64
import json
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from hypothesis import given, settings
from hypothesis import strategies as st
from v2x_harness.attestation import (
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    Envelope,
    PublicKey,
    ResourceDescriptor,
    Signature,
    SigningKey,
    Statement,
    TestResult,
    _pae,
    envelope,
)
from v2x_harness.errors import SignatureError

STATEMENT = Statement(
    subject=(ResourceDescriptor(name="manifest.json", digest={"sha256": "ab"}),),
    predicate=TestResult(
        result="PASSED",
        configuration=(ResourceDescriptor(name="suite", digest={"sha256": "cd"}),),
        passed_tests=("TC_B_01_CS",),
    ),
)


def test_a_statement_has_in_toto_s_names() -> None:
    document = json.loads(envelope(STATEMENT).body)
    assert document["_type"] == STATEMENT_TYPE
    assert document["predicateType"] == PREDICATE_TYPE
    assert document["predicate"] == {
        "result": "PASSED",
        "configuration": [{"name": "suite", "digest": {"sha256": "cd"}}],
        "passedTests": ["TC_B_01_CS"],
        "warnedTests": [],
        "failedTests": [],
    }


def test_an_envelope_has_dsse_s_names() -> None:
    document = json.loads(msgspec.json.encode(envelope(STATEMENT, [SigningKey.new()])))
    assert set(document) == {"payload", "payloadType", "signatures"}
    assert set(document["signatures"][0]) == {"keyid", "sig"}


def test_the_signed_bytes_are_dsse_s_pre_authentication_encoding() -> None:
    # The example in the DSSE specification.
    assert _pae("http://example.com/HelloWorld", b"hello world") == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_a_signature_verifies_with_its_key_only() -> None:
    key, other = SigningKey.new(), SigningKey.new()
    signed = envelope(STATEMENT, [key])
    assert key.public.verify(signed)
    assert not other.public.verify(signed)
    assert not key.public.verify(envelope(STATEMENT))
    assert signed.statement == STATEMENT


def test_one_of_several_signatures_is_enough() -> None:
    one, two = SigningKey.new(), SigningKey.new()
    signed = envelope(STATEMENT, [one, two])
    assert one.public.verify(signed)
    assert two.public.verify(signed)


def test_a_changed_payload_or_type_does_not_verify() -> None:
    key = SigningKey.new()
    signed = envelope(STATEMENT, [key])
    changed = base64.b64encode(signed.body.replace(b"PASSED", b"FAILED")).decode()
    assert not key.public.verify(msgspec.structs.replace(signed, payload=changed))
    assert not key.public.verify(msgspec.structs.replace(signed, payload_type="text/plain"))


@pytest.mark.parametrize(
    "bad",
    [
        Envelope(payload="no base64!"),
        Envelope(payload=base64.b64encode(b"{}").decode()),
        Envelope(payload=base64.b64encode(b"\xff").decode()),
        Envelope(payload=envelope(STATEMENT).payload, payload_type="text/plain"),
        Envelope(payload=base64.b64encode(envelope(STATEMENT).body.replace(b"v0.1", b"v9.9")).decode()),
    ],
)
def test_what_is_no_statement_is_a_typed_error(bad: Envelope) -> None:
    with pytest.raises(SignatureError):
        _ = bad.statement


@settings(deadline=None)
@given(st.text(max_size=100))
def test_any_signature_text_is_just_no_signature(sig: str) -> None:
    signed = msgspec.structs.replace(envelope(STATEMENT), signatures=(Signature("k", sig),))
    assert not SigningKey.new().public.verify(signed)


def test_a_key_is_saved_for_its_owner_only_with_the_public_one_beside_it(tmp_path: Path) -> None:
    key = SigningKey.new()
    public = key.save(tmp_path / "lab.key")
    assert (tmp_path / "lab.key").stat().st_mode & 0o777 == 0o600
    assert public == tmp_path / "lab.key.pub"
    assert PublicKey.load(public).id == SigningKey.load(tmp_path / "lab.key").public.id == key.public.id
    assert len(key.public.id) == 64


@pytest.mark.parametrize("taken", ["lab.key", "lab.key.pub"])
def test_a_key_is_never_overwritten(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_text("mine")
    with pytest.raises(SignatureError, match="exists already"):
        SigningKey.new().save(tmp_path / "lab.key")
    assert (tmp_path / taken).read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_private_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    SigningKey.new().save(tmp_path / "lab.key")
    (tmp_path / "lab.key").chmod(0o644)
    with pytest.raises(SignatureError, match="can be read by others") as caught:
        SigningKey.load(tmp_path / "lab.key")
    assert caught.value.hint.startswith("chmod 600")


def test_what_is_no_key_is_a_typed_error(tmp_path: Path) -> None:
    path = tmp_path / "k"
    path.touch(0o600)
    path.write_text("no key")
    wrong = generate_private_key(SECP256R1())
    for load in (PublicKey.load, SigningKey.load):
        with pytest.raises(SignatureError, match="holds no"):
            load(path)
        with pytest.raises(SignatureError, match="cannot read"):
            load(tmp_path / "none")
    path.write_bytes(
        wrong.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    with pytest.raises(SignatureError, match="not Ed25519"):
        SigningKey.load(path)
    path.write_bytes(wrong.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(SignatureError, match="not Ed25519"):
        PublicKey.load(path)


def test_a_key_is_not_written_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(SignatureError, match="cannot write"):
        SigningKey.new().save(tmp_path / "none" / "lab.key")
