import gzip

import msgspec
import pytest
from v2x_architecture.iso15118.exi import EncodeError, Schema, Unsupported, codec
from v2x_architecture.iso15118.exi.messages.iso2 import SalesTariffEntryType
from v2x_architecture.iso15118.exi.vectors import Vector, judge, read_lines, read_vector
from v2x_architecture.iso15118.exi.xml import from_xml

SETUP = "80980011d0180301652003fc00"


def xml(evccid="00C0594800FF", inside=""):
    body = f'<b:SessionSetupReq xmlns:b="urn:b"><EVCCID>{evccid}</EVCCID>{inside}</b:SessionSetupReq>'
    return f"<V2G_Message><Header><SessionID/></Header><Body>{body}</Body></V2G_Message>"


def test_captures_hold_what_another_codec_found_in_them(captures):
    for capture in captures:
        outcome = judge(Vector(schema=capture["schema"], hex=capture["hex"], expected_xml=capture["expected_xml"]))
        assert outcome.value_equal is (None if capture["expected_xml"] is None else True), (capture["source"], outcome)
        assert outcome.byte_exact or "1 byte follows" in outcome.problem


@pytest.mark.parametrize(
    ("vector", "decoded", "equal", "exact", "problem"),
    [
        (Vector("iso2", SETUP, xml()), True, True, True, ""),
        (Vector("iso2", SETUP), True, None, True, ""),
        (Vector("iso2", SETUP + "00", xml()), True, True, False, "1 byte follows the document"),
        (Vector("iso2", SETUP, xml("00")), True, False, True, "'00C0594800FF'; expected is '00'"),
        (
            Vector("iso2", SETUP, "<DigestValue>AAAA</DigestValue>"),
            True,
            False,
            True,
            "it is a V2G_Message; expected is a DigestValue",
        ),
        (Vector("iso2", SETUP, "<a"), True, False, True, "the expected XML does not fit the schema: no XML"),
        (Vector("iso2", SETUP[:-4]), False, None, False, "the payload ends"),
        (Vector("nothing", SETUP), False, None, False, "there is no grammar of nothing"),
        (Vector("iso2", "8098004011d400"), True, None, False, "it deviates from the schema: EE at bit 45"),
        (Vector("iso2", "8004420020406080a0c0e10121416181a1c1e207a0", fragment=True), True, None, True, ""),
    ],
)
def test_a_payload_is_judged_by_its_values_and_its_bytes(vector, decoded, equal, exact, problem):
    outcome = judge(vector)
    assert (outcome.decoded, outcome.value_equal, outcome.byte_exact) == (decoded, equal, exact)
    assert outcome.problem.startswith(problem)
    assert bool(outcome.problem) == bool(problem)


def test_lines_come_from_plain_and_from_compressed_files(tmp_path):
    line = msgspec.json.encode(Vector("iso2", SETUP))
    (tmp_path / "a.jsonl").write_bytes(line + b"\n\n" + line)
    with gzip.open(tmp_path / "a.jsonl.gz", "wb") as file:
        file.write(line + b"\n")
    steps = []
    assert [read_vector(each).hex for each in read_lines(tmp_path / "a.jsonl", steps.append)] == [SETUP, SETUP]
    assert sum(steps) == (tmp_path / "a.jsonl").stat().st_size
    assert [read_vector(each).hex for each in read_lines(tmp_path / "a.jsonl.gz")] == [SETUP]


@pytest.mark.parametrize("line", [b"{}", b"[]", b"x", b'{"schema":"iso2","hex":"zz"}'])
def test_a_line_that_is_no_payload_is_refused(line):
    with pytest.raises(ValueError, match=r"expected|missing|malformed|hexadecimal|Expected|must"):
        read_vector(line)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<V2G_Message a='1'/>", "V2G_Message has no attribute a"),
        ("<V2G_Message/>", "V2G_Message lacks Header, Body"),
        (xml(inside="<More/>"), "SessionSetupReqType has no More"),
        (xml("0"), "'0' is no evccIDType"),
        ("<Nothing/>", "iso2 has no element Nothing"),
    ],
)
def test_xml_that_does_not_fit_is_told(text, problem):
    with pytest.raises(EncodeError, match=problem):
        from_xml(codec(Schema.ISO2), text)


def test_lists_attributes_and_text_are_read_from_xml():
    tariff = (
        '<SalesTariff Id="t"><SalesTariffID>1</SalesTariffID>'
        + "<SalesTariffEntry><RelativeTimeInterval><start>5</start></RelativeTimeInterval></SalesTariffEntry>" * 2
        + "</SalesTariff>"
    )
    name, message = from_xml(codec(Schema.ISO2), tariff, fragment=True)
    assert (name, message.Id, len(message.SalesTariffEntry)) == ("SalesTariff", "t", 2)
    assert isinstance(message.SalesTariffEntry[1], SalesTariffEntryType)
    _, value = from_xml(codec(Schema.ISO2), '<SignatureValue Id="v">AAAA</SignatureValue>')
    assert (value.value, value.Id) == (b"\0\0\0", "v")


def test_open_content_is_not_read_from_xml():
    with pytest.raises(Unsupported, match="open content"):
        from_xml(codec(Schema.ISO2), "<KeyInfo><KeyName>k</KeyName></KeyInfo>")
