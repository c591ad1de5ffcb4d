import json
import os
import signal
import subprocess
import sys

import jsonschema
import pytest
import websockets.sync.client
from typer.testing import CliRunner
from v2x_adapters.cli_reference import reference
from v2x_adapters.documents import schema
from v2x_adapters.ocpp.csms_console import SettingsError, configuration
from v2x_architecture.ocpp.csms import TokenSpec

NOTHING = {"stations": (), "tokens": None, "tls": (None, None, None)}


@pytest.fixture
def write(tmp_path):
    def write(text, name="settings.toml"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


class TestConfiguration:
    def test_defaults_suit_a_simulator(self):
        config = configuration(None, {}, **NOTHING)
        assert (config.host, config.port, config.versions, config.rest_port) == ("127.0.0.1", 9000, ("2.0.1", "1.6"), None)

    def test_options_overrule_the_file(self, write):
        path = write("port = 1\ninterval = 7\nversions = ['1.6']\n")
        config = configuration(path, {"port": 2, "interval": None}, **NOTHING)
        assert (config.port, config.interval, config.versions) == (2, 7, ("1.6",))

    def test_secrets_are_references(self, write, monkeypatch):
        monkeypatch.setenv("CS1", "secret")
        password = write("päss\n", "password")
        settings = write(f'rest_token = "env:CS1"\n[stations]\nCS3 = "file:{password}"\n')
        config = configuration(settings, {}, **NOTHING)
        assert (config.rest_token, config.stations) == ("secret", {"CS3": "päss"})
        config = configuration(None, {}, **NOTHING | {"stations": ["CS1=env:CS1", "CS2"]})
        assert config.stations == {"CS1": "secret", "CS2": ""}

    def test_tokens_file(self, write):
        path = write('[[token]]\nid_token = "A"\ngroup = "G"\n[[token]]\nid_token = "B"\nstatus = "Blocked"\n')
        config = configuration(None, {}, **NOTHING | {"tokens": path})
        assert config.tokens == (TokenSpec(id_token="A", group="G"), TokenSpec(id_token="B", status="Blocked"))

    def test_tls_in_the_file(self, write):
        path = write('security_profile = 2\n[tls]\ncertificate = "a.pem"\nkey = "a.key"\n')
        assert str(configuration(path, {}, **NOTHING).tls.key) == "a.key"

    @pytest.mark.parametrize(
        ("text", "given", "more", "said"),
        [
            ("colour = 'red'", {}, {}, "no setting colour"),
            ("port = 'x'", {}, {}, "port: Expected `int`"),
            ("port =", {}, {}, "settings.toml"),
            ("", {"boot": "Maybe"}, {}, "--boot: Invalid enum value 'Maybe'"),
            ("", {"versions": ["2.1"]}, {}, "OCPP 2.1 is not served"),
            ("", {"versions": ["3"]}, {}, "Invalid enum value '3'"),
            ("", {"security_profile": 2}, {}, "needs a certificate"),
            ("rest_token = 'secret'", {}, {}, "is a secret"),
            ("", {}, {"stations": ["CS1=secret"]}, "--station CS1 is a secret"),
            ("", {}, {"stations": ["CS1=env:NO_SUCH_VARIABLE"]}, "NO_SUCH_VARIABLE is not set"),
            ("", {}, {"tls": (None, "a.key", None)}, "belong together"),
        ],
    )
    def test_what_is_wrong_is_said(self, write, text, given, more, said):
        with pytest.raises(SettingsError, match=said):
            configuration(write(text), given, **NOTHING | more)

    def test_profile_3_needs_roots(self, write):
        path = write('security_profile = 3\n[tls]\ncertificate = "a.pem"\nkey = "a.key"\n')
        with pytest.raises(SettingsError, match="roots"):
            configuration(path, {}, **NOTHING)


@pytest.fixture
def started():
    """Start the command as a process; gives it and its first line."""
    processes = []

    def started(*options):
        command = [
            sys.executable,
            "-c",
            "from v2x_adapters.cli_reference import reference; reference()",
            "csms",
            "--json",
            *options,
        ]
        environment = os.environ | {"PYTHONWARNINGS": "error"}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        processes.append(process)
        return process, json.loads(process.stdout.readline())

    yield started
    for process in processes:
        process.kill()
        process.communicate()


def test_it_shows_what_happens_and_ends_in_order_when_interrupted(started, tmp_path):
    database = tmp_path / "csms.db"
    process, listening = started("--port", "0", "--db", str(database), "--rest-port", "0", "--anybody")
    assert listening["event"] == "listening"
    assert listening["rest_url"].startswith("http://127.0.0.1:")
    with websockets.sync.client.connect(f"{listening['url']}/CS1", subprotocols=["ocpp1.6"], proxy=None) as ws:
        ws.send('[2,"1","BootNotification",{"chargePointVendor":"ACME","chargePointModel":"X"}]')
        assert json.loads(ws.recv())[2]["status"] == "Accepted"
        ws.send('[2,"2","Authorize",{"idTag":"anybody"}]')
        assert json.loads(ws.recv())[2] == {"idTagInfo": {"status": "Accepted"}}
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    lines = [json.loads(line) for line in output.splitlines()]
    published = jsonschema.Draft202012Validator(json.loads(schema("reference-csms")))
    assert all(published.is_valid(line) for line in [listening, *lines])
    assert [line["event"] for line in lines] == ["connected", "exchange", "exchange", "disconnected", "stopped"]
    assert database.stat().st_size > 0


def test_people_see_lines(capsys):
    result = CliRunner().invoke(reference, ["csms", "--port", "0", "--for", "0.01"])
    assert result.exit_code == 0
    said = capsys.readouterr().out + result.output
    assert "listening for stations at ws://127.0.0.1:" in said
    assert "stopped" in said


def test_a_port_that_is_taken_is_said(started):
    _, listening = started("--port", "0")
    port = listening["url"].rpartition(":")[2]
    result = CliRunner().invoke(reference, ["csms", "--port", port])
    assert isinstance(result.exception, SettingsError)
    assert "in use" in str(result.exception)


def test_help_shows_an_example():
    result = CliRunner().invoke(reference, ["csms", "--help"])
    assert "Example: v2x reference csms" in result.output
