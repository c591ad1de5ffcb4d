"""Whatever comes in, nothing but the documented errors comes out."""

import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from v2x_architecture.iso15118.exi import EncodeError, ExiError, Schema, codec, to_plain, validate

SEEDS_A_SET = 20


@pytest.fixture(scope="module")
def payloads(captures, make):
    """Captured payloads, and encodings of messages of ours, for the sets of -20 above all."""
    found = [(Schema(each["schema"]), bytes.fromhex(each["hex"])) for each in captures]
    for schema in Schema:
        for seed in range(SEEDS_A_SET):
            name, message = make(schema, seed)
            found.append((schema, codec(schema).encode(message, name)))
    return found


def survives(schema, payload, *, fragment=False):
    """Decode, and go on with what was decoded; return whether it was."""
    known = codec(schema)
    try:
        decoded = known.decode_fragment(payload) if fragment else known.decode(payload)
    except ExiError as error:
        if error.bit_offset is None or not error.text:
            raise AssertionError(f"an error that does not tell where: {error!r}") from error
        return False
    validate(decoded)
    to_plain(decoded)
    assert known._carefully(payload, fragment=fragment)[0].message == decoded.message
    # Text in place of a number may be one that the type's bits cannot say; whatever the schema declares is written again.
    with suppress(*([EncodeError] if decoded.deviations else [])):
        again = known.encode_fragment(decoded.message, decoded.name) if fragment else known.encode(decoded.message, decoded.name)
        spoken = known.decode_fragment(again) if fragment else known.decode(again)
        assert (spoken.name, spoken.message) == (decoded.name, decoded.message)
        assert spoken.deviations == () or {each.event for each in spoken.deviations} == {"AT(xsi:type)"}
        assert len(again) <= len(payload)
    return True


def mutated(source, payload):
    """Return a payload with some of its bits or bytes wrong."""
    data = bytearray(payload)
    match source.randrange(6):
        case 0:
            data[source.randrange(len(data))] ^= 1 << source.randrange(8)
        case 1:
            for _ in range(source.randint(2, 8)):
                data[source.randrange(len(data))] = source.randrange(256)
        case 2:
            del data[source.randrange(1, len(data) + 1) :]
        case 3:
            at = source.randrange(len(data))
            data[at:at] = source.randbytes(source.randint(1, 9))
        case 4:
            at = source.randrange(len(data))
            del data[at : at + source.randint(1, 4)]
        case 5:
            data += source.randbytes(source.randint(1, 20))
    return bytes(data)


def campaign(payloads, number, seed):
    source = random.Random(seed)
    decoded = 0
    for _ in range(number):
        schema, payload = source.choice(payloads)
        decoded += survives(schema, mutated(source, payload), fragment=source.random() < 0.1)
    return decoded


def test_ten_thousand_mutated_payloads(payloads):
    assert 1000 < campaign(payloads, 10_000, seed=15118) < 9000


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(20))
def test_half_a_million_mutated_payloads(payloads, seed):
    assert campaign(payloads, 25_000, seed) > 1000


@pytest.mark.parametrize("schema", Schema)
@settings(max_examples=150, deadline=None)
@given(payload=st.binary(max_size=300), fragment=st.booleans())
def test_arbitrary_bytes(schema, payload, fragment):
    survives(schema, payload, fragment=fragment)
    survives(schema, b"\x80" + payload, fragment=fragment)


def test_the_longest_payload_is_refused_in_no_time():
    known = codec(Schema.XMLDSIG)
    for filler in (b"\0", b"\xff", b"\x55"):
        with pytest.raises(ExiError):
            known.decode_fragment(b"\x80" + filler * known.limits.payload)
        with suppress(ExiError):
            known.decode_fragment(b"\x80" + filler * (known.limits.payload - 1))
