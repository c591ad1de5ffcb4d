"""A ClientHello that is written is read alike; arbitrary octets are refused with one error."""

import contextlib
import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from v2x_adapters.tls_probe import ISO2, ISO20, TlsOffer
from v2x_adapters.tls_probe.distinguished import names, written
from v2x_adapters.tls_probe.hello import read_client_hello, read_server_hello, write_client_hello
from v2x_adapters.tls_probe.names import Group, Scheme, Suite
from v2x_adapters.tls_probe.wire import Malformed, MessageReader, RecordReader, message, record, vector


def hello(offer):
    shares = dict.fromkeys(offer.groups, b"share") if "TLSv1.3" in offer.versions else {}
    return read_client_hello(write_client_hello(offer, bytes(32), b"", shares))


def some(register):
    return st.lists(st.sampled_from([each.title_ for each in register]), min_size=1, max_size=6, unique=True).map(tuple)


@given(suites=some(Suite), groups=some(Group), signatures=some(Scheme), modern=st.booleans(), status=st.booleans())
def test_what_is_offered_is_read(suites, groups, signatures, modern, status):
    versions = ("TLSv1.3", "TLSv1.2") if modern else ("TLSv1.1",)
    read = hello(TlsOffer(versions=versions, suites=suites, groups=groups, signatures=signatures, status_request=status))
    assert (read.versions, read.suites, read.groups, read.signatures) == (versions, suites, groups, signatures)
    assert (read.status_request, read.responders) == (status, 0)


def test_roots_are_named_by_digest_and_by_subject(pki):
    root, other = pki.v2g_root.credential.certificate, pki.mo_root.credential.certificate
    read = hello(replace(ISO2, trusted_ca_keys=(root, other), status_request_v2=True))
    digests = [hashlib.sha1(each.public_bytes(Encoding.DER), usedforsecurity=False).hexdigest() for each in (root, other)]
    assert read.trusted_ca_keys == tuple(f"cert_sha1_hash {digest}" for digest in digests)
    assert read.status_request_v2
    assert read.certificate_authorities is None
    read = hello(replace(ISO20, certificate_authorities=(root, other)))
    assert read.certificate_authorities == ("DC=V2G,CN=V2G Root CA", "DC=MO,CN=MO Root CA")
    assert read.trusted_ca_keys is None


def test_names_are_written_as_cryptography_does(pki):
    for certificate in (pki.secc.certificate, *pki.secc.chain):
        assert written(certificate.subject.public_bytes()) == certificate.subject.rfc4514_string()


@given(st.binary())
def test_arbitrary_octets_are_no_name(data):
    for read in (written, names):
        with contextlib.suppress(Malformed):
            read(data)


@given(st.binary(max_size=120))
def test_arbitrary_octets_are_no_hello(data):
    for read in (read_client_hello, read_server_hello):
        with contextlib.suppress(Malformed):
            read(data)


@given(bodies=st.lists(st.binary(max_size=300), max_size=4), cut=st.integers(1, 50))
def test_records_and_messages_are_put_together(bodies, cut):
    stream = b"".join(record(22, message(1, body)) for body in bodies)
    records, messages = RecordReader(), MessageReader()
    found = [
        heard.body
        for at in range(0, len(stream), cut)
        for each in records.feed(stream[at : at + cut])
        for heard in messages.feed(each.body)
    ]
    assert found == bodies


@pytest.mark.parametrize("data", [b"GET / HTTP", b"\x01\xfe\x80\x01\0\0", b"\x16\x03\x01\xff\xff"])
def test_what_begins_no_record_is_malformed(data):
    with pytest.raises(Malformed, match="begins no record"):
        RecordReader().feed(data)


def test_an_unknown_identifier_of_a_root_is_malformed():
    offer = write_client_hello(ISO2, bytes(32), b"", {})
    body, parts = offer[: 2 + 32 + 1 + 2 + 4 + 2], vector(2, b"\0\3" + vector(2, vector(2, b"\x09")))
    with pytest.raises(Malformed, match="kind 9"):
        read_client_hello(body + parts)
