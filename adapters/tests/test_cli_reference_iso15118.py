"""``v2x reference secc`` and ``v2x reference evcc``: a session between two processes, and what goes wrong before one."""

import json
import subprocess
import sys

import jsonschema
import pytest
from typer.testing import CliRunner
from v2x_adapters.cli_reference import reference
from v2x_adapters.documents import schema
from v2x_adapters.iso15118_console import in_words
from v2x_architecture.iso15118.pki import make_pki
from v2x_harness.errors import HarnessError

# The exit code is what the command returns, as with v2x itself.
RUN = "import sys; from v2x_adapters.cli_reference import reference; sys.exit(reference(standalone_mode=False))"


@pytest.fixture
def secc():
    """Start an SECC; give its ports and the process."""
    processes = []

    def start(*options):
        command = [sys.executable, "-c", RUN, "secc", "--json", "--sdp-port", "0", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        ready = json.loads(process.stdout.readline())
        assert ready["type"] == "ready"
        return process, ready

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def evcc(*options):
    command = [sys.executable, "-c", RUN, "evcc", "--json", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def lines(text, name):
    validator = jsonschema.Draft202012Validator(json.loads(schema(name)))
    found = [json.loads(line) for line in text.splitlines()]
    for each in found:
        validator.validate(each)
    return found


def test_two_processes_hold_a_session_and_their_meters_agree(secc):
    process, ready = secc("--energy", "AC")
    result = evcc("--sdp-port", str(ready["sdp_port"]), "--soc", "79.999")
    assert result.returncode == 0, result.stderr
    process.terminate()
    ours, theirs = lines(result.stdout, "reference-evcc"), lines(process.communicate(timeout=20)[0], "reference-secc")
    assert [each["name"] for each in ours[:-1]] == [each["name"] for each in theirs[:-1]]
    assert ours[-1]["in_order"]
    assert theirs[-1]["how"] == "the EV has stopped the session"
    # Each side has a plug of its own: what they know of each other are the messages.
    assert ours[-1]["energy_wh"] == pytest.approx(theirs[-1]["energy_wh"], abs=1.5)
    assert ours[-1]["soc"] >= 80


def test_over_tls_a_refused_customer_is_an_end_that_is_not_in_order(secc, tmp_path):
    pki = make_pki("2").write(tmp_path / "pki")
    tls = ["--certificate", str(pki.secc.certificate), "--key", str(pki.secc.key), "--tls-only"]
    _, ready = secc("--reject", *tls, "--protocol", "din")
    assert ready["plain_port"] is None
    result = evcc("--sdp-port", str(ready["sdp_port"]), "--root", str(pki.v2g_root))
    assert result.returncode == 1
    end = lines(result.stdout, "reference-evcc")[-1]
    assert (end["in_order"], end["message"], end["code"]) == (False, "ContractAuthentication", "FAILED")


def test_energy_flows_back_between_two_processes(secc):
    process, ready = secc("--energy", "AC", "--discharge", "11000", "--plain-20")
    options = ["--protocol", "iso20-ac", "--plain-20", "--give", "11000", "--soc", "50", "--keep", "49.995"]
    result = evcc("--sdp-port", str(ready["sdp_port"]), *options)
    assert result.returncode == 0, result.stderr
    end = lines(result.stdout, "reference-evcc")[-1]
    assert end["in_order"]
    process.terminate()
    theirs = lines(process.communicate(timeout=20)[0], "reference-secc")[-1]
    assert end["energy_wh"] == pytest.approx(theirs["energy_wh"], abs=1.5)
    assert end["energy_wh"] < -2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evcc", "--energy", "AC", "--protocol", "din"], "none of the protocols"),
        (["secc", "--protocol", "iso3"], "there is din"),
        (["secc", "--tls-only"], "--tls-only needs"),
        (["secc", "--certificate", "x.pem"], "belong together"),
        (["evcc", "--key", "x.pem"], "belong together"),
        (["evcc", "--certificate", "x.pem", "--key", "x.key"], "needs --root"),
    ],
)
def test_options_that_do_not_go_together_are_said(arguments, said):
    result = CliRunner().invoke(reference, arguments)
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evcc", "--port", "1"], "cannot be reached"),
        (["evcc", "--interface", "nosuch0"], "no network interface"),
        (["evcc", "--root", "nosuch.pem"], "cannot read nosuch.pem"),
        (["secc", "--interface", "nosuch0"], "no network interface"),
        (["secc", "--certificate", "nosuch.pem", "--key", "nosuch.key"], "cannot read nosuch.pem"),
    ],
)
def test_what_cannot_be_had_is_said(arguments, said):
    result = CliRunner().invoke(reference, arguments)
    assert isinstance(result.exception, HarnessError)
    assert said in str(result.exception)


@pytest.mark.parametrize("command", ["secc", "evcc"])
def test_help_shows_an_example(command):
    result = CliRunner().invoke(reference, [command, "--help"])
    assert f"Example: v2x reference {command}" in result.output


def test_values_are_written_as_people_do() -> None:
    content = {"Body": {"PreChargeReq": {"EVTargetVoltage": {"Multiplier": -1, "Unit": "V", "Value": 3650}, "Of": [1]}}}
    assert in_words("PreChargeReq", content) == '[bold]PreChargeReq[/] {"EVTargetVoltage":"365 V","Of":[1]}'
    assert in_words("X", {"EVSEPresentCurrent": {"Exponent": -1, "Value": -273}}).endswith('{"EVSEPresentCurrent":-27.3}')
