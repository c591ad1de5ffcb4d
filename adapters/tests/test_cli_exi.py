"""``v2x exi`` as a user meets it: what it prints, its exit codes, and its answers to bad input."""

import gzip
import json
import zipfile
from pathlib import Path

import jsonschema
import pytest
import typer
from typer.testing import CliRunner
from v2x_adapters.cli_exi import exi
from v2x_adapters.cli_exi_check import check_file
from v2x_adapters.documents import schema
from v2x_adapters.exi_input import payload_of
from v2x_architecture.iso15118.exi import Schema, codec
from v2x_architecture.iso15118.exi.messages.iso2 import AuthorizationReqType
from v2x_architecture.iso15118.exi.messages.iso20_common_types import MessageHeaderType
from v2x_architecture.iso15118.exi.messages.iso20_dc import DC_CableCheckReqType
from v2x_harness.errors import HarnessError

SETUP = "80980011d0180301652003fc00"
PATH = "/V2G_Message/Body/SessionSetupReq/EVCCID"


@pytest.fixture
def run():
    """Run the command; give its exit code and what it printed."""

    def call(*arguments: str, stdin: bytes | None = None):
        result = CliRunner().invoke(exi, list(arguments), standalone_mode=False, input=stdin)
        if result.exception:
            raise result.exception
        return result.return_value, result.stdout

    return call


@pytest.fixture
def run_json(run):
    """Run the command with ``--json``; what it prints fits its published schema."""

    def call(*arguments: str):
        code, text = run(*arguments, "--json")
        printed = json.loads(text)
        jsonschema.validate(printed, json.loads(schema(f"exi-{arguments[0]}")))
        return code, printed

    return call


def test_decode_shows_each_value_with_its_path_and_its_bits(run):
    code, text = run("decode", SETUP)
    assert code == 0
    assert "V2G_Message, document of iso2 (ISO 15118-2): 13 bytes, 98 bits" in text
    assert ["38", "56", PATH, "00C0594800FF"] in [line.split() for line in text.splitlines()]


def test_decode_prints_json_that_encode_takes_back(run, run_json, tmp_path):
    code, printed = run_json("decode", SETUP)
    assert (code, printed["schema"], printed["violations"]) == (0, "iso2", [])
    assert printed["message"]["V2G_Message"]["Body"] == {"SessionSetupReq": {"EVCCID": "00C0594800FF"}}
    (tmp_path / "m.json").write_text(json.dumps(printed), encoding="utf-8")
    assert run("encode", str(tmp_path / "m.json")) == (0, f"{SETUP}\n")
    assert run_json("encode", str(tmp_path / "m.json"))[1]["hex"] == SETUP


@pytest.mark.parametrize("text", ["80 98 00 11 d0 18 03 01 65 20 03 fc 00", "0x" + SETUP, "01fe80010000000d" + SETUP])
def test_a_payload_may_have_spaces_and_a_v2gtp_header(text):
    assert payload_of(text).data.hex() == SETUP


def test_a_payload_comes_from_files_and_from_standard_input(run, tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes.fromhex(SETUP))
    (tmp_path / "a.hex").write_text(SETUP + "\n", encoding="utf-8")
    expected = run("decode", SETUP)
    assert run("decode", str(tmp_path / "a.bin")) == expected
    assert run("decode", str(tmp_path / "a.hex")) == expected
    assert run("decode", "-", stdin=bytes.fromhex(SETUP)) == expected


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"\xd4\xc3\xb2\xa1\2\0", "v2x check reads captures"),
        (b'{"schema": "iso2", "hex": "80"}', "v2x exi check reads payloads of such lines"),
        (b"<V2G_Message/>", "v2x exi encode reads messages in XML"),
    ],
)
def test_a_file_for_another_command_is_told(run, tmp_path, content, hint):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(HarnessError, match="is no payload") as caught:
        run("decode", str(tmp_path / "a"))
    assert hint in str(caught.value.hint)


def test_decode_tells_where_a_payload_goes_wrong(run, run_json):
    code, text = run("decode", SETUP[:20], "--schema", "iso2")
    assert code == 1
    assert f"not decoded: the payload ends 14 bits too early (at bit 80 in {PATH})" in text
    code, printed = run_json("decode", SETUP[:20], "--schema", "iso2")
    assert (code, printed["bit_offset"], printed["pointer"], printed["message"]) == (1, 80, PATH, None)


def test_decode_tells_what_is_not_valid(run, run_json):
    code, text = run("decode", "8098004011d00800450823337b7e0ac4c2e400")
    assert code == 1
    assert "not valid: at bit 71 in /V2G_Message/Body/SessionSetupReq stands 'foo', deviation: no SE(*)" in text
    assert run_json("decode", "8098004011d00800450823337b7e0ac4c2e400")[1]["deviations"][0]["event"] == "SE(*)"


def test_the_payload_type_of_a_header_tells_the_set(run_json):
    message = DC_CableCheckReqType(Header=MessageHeaderType(SessionID=b"\0" * 8, TimeStamp=1))
    payload = codec(Schema.DC).encode(message)
    header = b"\x01\xfe\x80\x04" + len(payload).to_bytes(4)
    code, printed = run_json("decode", (header + payload).hex())
    assert (code, printed["schema"], list(printed["message"])) == (0, "dc", ["DC_CableCheckReq"])


def test_a_fragment_is_decoded_as_such(run_json):
    payload = codec(Schema.ISO2).encode_fragment(AuthorizationReqType(Id="a"), "AuthorizationReq").hex()
    code, printed = run_json("decode", payload, "--fragment", "--schema", "iso2")
    assert (code, printed["fragment"], printed["message"]) == (0, True, {"AuthorizationReq": {"Id": "a"}})


def test_encode_takes_xml(run):
    body = "<Body><SessionSetupReq><EVCCID>00C0594800FF</EVCCID></SessionSetupReq></Body>"
    xml = f"<V2G_Message><Header><SessionID/></Header>{body}</V2G_Message>"
    assert run("encode", xml, "--schema", "iso2") == (0, f"{SETUP}\n")


STOP = "<Header><SessionID/></Header><Body><SessionStopReq>{}</SessionStopReq></Body>"
PAUSE = STOP.format("<ChargingSession>Pause</ChargingSession>")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (f'<V2G_Message xmlns="urn:iso:15118:2:2013:MsgDef">{PAUSE}</V2G_Message>', "80980011f200"),
        (
            f'<?xml version="1.0"?><!-- <x> --><a:V2G_Message xmlns:a="urn:din:70121:2012:MsgDef">{STOP}</a:V2G_Message>',
            "809a0011f0",
        ),
        (
            '{"DC_CableCheckReq":{"Header":{"SessionID":"0000000000000000","TimeStamp":1}}}',
            "802c0400000000000000000012",
        ),
        ('{"AuthorizationReq":{"Id":"a","GenChallenge":""}}', None),
    ],
)
def test_the_name_of_a_message_tells_its_set_where_only_one_has_it(run, message, expected):
    if expected is None:
        with pytest.raises(typer.BadParameter, match="which schema set is it"):
            run("encode", message, "--fragment")
    else:
        assert run("encode", message.format("") if message.startswith("<") else message) == (0, f"{expected}\n")


def test_a_name_of_no_set_is_told(run):
    with pytest.raises(typer.BadParameter, match="none has a message V2G_Message of urn:foo"):
        run("encode", '<V2G_Message xmlns="urn:foo"/>')
    with pytest.raises(typer.BadParameter, match="none has a message Foo"):
        run("encode", '{"Foo":{}}')


def test_what_an_amendment_reads_as_its_base_does_is_of_its_base(run_json):
    bpt, der = (
        "8014040000000000000000080e2cfaa06200040078558091000c8440019140",
        "8008040000000000000000080e2cfaa062892400500f94800882722000c88000",
    )
    assert run_json("decode", bpt)[1]["schema"] == "ac"
    assert run_json("decode", der)[1]["schema"] == "ac_der_iec"


def test_an_element_that_is_nil_is_shown_and_written_back(run, run_json, tmp_path):
    code, printed = run_json("decode", "8098004011d540", "--schema", "ISO2")
    assert (code, printed["deviations"][0]["event"]) == (1, "AT(xsi:nil)")
    assert printed["message"]["V2G_Message"]["Body"] == {"SessionSetupReq": {"EVCCID": {"xsi:nil": True}}}
    (tmp_path / "m.json").write_text(json.dumps(printed), encoding="utf-8")
    assert run("encode", str(tmp_path / "m.json")) == (0, "8098004011d540\n")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["decode", "zz"], r"zz is neither hexadecimal \('z' is no hexadecimal digit\) nor a file that can be read"),
        (["decode", "809"], r"neither hexadecimal \(3 hexadecimal digits are an odd number; an octet is two\) nor"),
        (["decode", ""], "the payload is empty"),
        (["decode", "8098"], "it is no payload of any schema set"),
        (["decode", "01fe8001"], "a V2GTP header that is cut off"),
        (["decode", "01fe8001000000ff80"], "the V2GTP header promises 255 bytes; 1 follow"),
        (["encode", "nothing.json", "--schema", "iso2"], "cannot read nothing.json"),
        (["encode", "{", "--schema", "iso2"], "neither JSON nor XML"),
        (["encode", '{"V2G_Message":{}}', "--schema", "iso2"], r"V2G_Message lacks Header, Body \(in /V2G_Message\)"),
        (["check", "nothing.jsonl"], "cannot read nothing.jsonl: No such file"),
        (["tables", "--xsd", "nothing"], "nothing is neither a folder nor a wheel"),
    ],
)
def test_bad_input_is_told_with_a_way_out(run, arguments, text):
    with pytest.raises(HarnessError, match=text):
        run(*arguments)


@pytest.mark.parametrize("arguments", [["decode", SETUP, "--schema", "iso3"], ["encode", '{"V2G_Message":{}}']])
def test_a_schema_set_that_is_none_is_a_usage_error(run, arguments):
    with pytest.raises(typer.BadParameter, match="One of sap, din, iso2"):
        run(*arguments)


@pytest.fixture
def vectors(tmp_path) -> Path:
    """A file with a good payload, one with a byte too many, and one that is cut off."""
    lines = [{"schema": "iso2", "hex": each, "source": "ignored"} for each in (SETUP, SETUP + "00", SETUP[:20])]
    path = tmp_path / "vectors.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(line) for line in lines).encode()))
    return path


def test_check_counts_and_lists(run, run_json, vectors):
    code, text = run("check", str(vectors))
    assert code == 1
    assert ["iso2", "3", "2", "1", "0", "0", "1"] in [line.split() for line in text.splitlines()]
    assert "line 2 (" in text
    assert "not byte-exact: 1 byte follows the document" in text
    code, printed = run_json("check", str(vectors))
    assert code == 1
    assert printed["counts"] == {"payloads": 3, "decoded": 2, "failed": 1, "compared": 0, "value_equal": 0, "byte_exact": 1}
    assert [(each["line"], each["outcome"]["bit_offset"]) for each in printed["failures"]] == [(2, None), (3, 80)]


def test_check_lists_no_more_than_asked_for(run, vectors):
    _, text = run("check", str(vectors), "--max-failures", "1")
    assert "line 3" not in text
    assert "--max-failures 0 lists all" in text


def test_check_of_good_payloads_passes(run, tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"schema": "iso2", "hex": SETUP}), encoding="utf-8")
    assert run("check", str(tmp_path / "a.jsonl"))[0] == 0


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "has no payload in it"),
        (b'{"schema":"iso2","hex":"00"}\nx', "line 2 of .* is no payload"),
        (b'{"schema":"iso2"}', "line 1 of .* is no payload: .*`hex`"),
        (b'{"Schema":"iso2","hexx":"00"}', "line 1 of .* it has no `schema` and no `hex`, but 'Schema', 'hexx'"),
        (b'\n\n{"schema":"iso2","hex":"0"}', "line 3 of .* hex: 1 hexadecimal digits are an odd number"),
        (b'{"schema":"iso2","hex":"0g"}', "line 1 of .* hex: 'g' is no hexadecimal digit"),
        (b'{"schema":"iso2","hex":""}', "line 1 of .* hex: it has no digits"),
        (b'{"schema":"iso2","hex":5}', r"line 1 of .* Expected `str`, got `int` - at `\$.hex`"),
        (b'[{"schema":"iso2","hex":"00"}]', "line 1 of .* no array around them"),
        (b'{"schema":"iso2","hex":"00"}\nx\n{"hex":"00"}', r"line 2 of .* \(and 1 more: 3\)"),
    ],
)
def test_check_of_a_file_that_is_none_says_so(run, tmp_path, content, text):
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(HarnessError, match=text):
        run("check", str(tmp_path / "a.jsonl"))


def test_check_judges_the_lines_that_can_be_judged(run, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"schema":"ISO2","hex":"0x{SETUP}"}}\n\n{{"hex":"00"}}\n', encoding="utf-8")
    with pytest.raises(HarnessError, match=r"line 3 of .* it has no `schema`"):
        run("check", str(path), "--json")
    report = check_file(path)
    assert (report.counts.payloads, report.counts.byte_exact, [each.line for each in report.unusable]) == (1, 1, [3])


def test_check_reads_standard_input_and_what_is_compressed_by_any_name(run, tmp_path):
    line = json.dumps({"schema": "iso2", "hex": SETUP}).encode()
    assert run("check", "-", stdin=line)[0] == 0
    assert run("check", "-", stdin=gzip.compress(line))[0] == 0
    (tmp_path / "a.jsonl").write_bytes(gzip.compress(line))
    (tmp_path / "b.jsonl.gz").write_bytes(line)
    assert run("check", str(tmp_path / "a.jsonl"))[0] == run("check", str(tmp_path / "b.jsonl.gz"))[0] == 0


def test_check_tells_what_a_payload_may_be_instead(run, tmp_path):
    payload = codec(Schema.ISO2).encode_fragment(AuthorizationReqType(Id="ID1", GenChallenge=b"\0" * 16), "AuthorizationReq")
    (tmp_path / "a.jsonl").write_text(json.dumps({"schema": "cm", "hex": payload.hex()}), encoding="utf-8")
    code, text = run("check", str(tmp_path / "a.jsonl"))
    assert code == 1
    assert "it fits as fragment of iso2 (AuthorizationReq)" in " ".join(text.split())


def test_check_of_a_damaged_file_says_so(run, vectors):
    vectors.write_bytes(vectors.read_bytes()[:-12])
    with pytest.raises(HarnessError, match="cannot read"):
        run("check", str(vectors))


def test_tables_names_what_is_missing(run, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.whl", "w") as wheel:
        wheel.writestr("a.xsd", '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:a"/>')
    with pytest.raises(HarnessError, match="declares the namespace urn:iso:15118:2:2010:AppProtocol"):
        run("tables", "--xsd", str(tmp_path / "x.whl"), "--check")
