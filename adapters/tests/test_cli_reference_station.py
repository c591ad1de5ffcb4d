"""``v2x reference station``: lines in, messages out, mistakes in words."""

from __future__ import annotations

import asyncio
import json
import signal
import sys

import pytest
from typer.testing import CliRunner
from v2x_adapters.cli_reference import reference
from v2x_adapters.cli_reference_station import VERBS, parse
from v2x_adapters.documents import schema
from v2x_architecture.clock import SystemClock
from v2x_architecture.ocpp.csms import CsmsConfig, ReferenceCsms

pytestmark = pytest.mark.anyio

PROGRAM = "import sys; from v2x_adapters.cli_reference import reference; sys.exit(reference(sys.argv[1:], standalone_mode=False))"


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def csms():
    csms = ReferenceCsms(CsmsConfig(stations={"CS 7": "a password of length"}), SystemClock())
    await csms.start()
    await csms.set_token("GOOD")
    yield csms
    await csms.stop()


async def connected(csms):
    """Wait until the station has booted."""

    async def booted():
        return any(each.get("registration") == "Accepted" for each in (await csms.stations())["stations"])

    async with asyncio.timeout(20):
        while not await booted():  # noqa: ASYNC110 - the CSMS has no event for it
            await asyncio.sleep(0.05)


async def run(*arguments, lines=()):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        "station",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate("".join(f"{line}\n" for line in lines).encode()), 30)
    return process.returncode, out.decode(), err.decode()


async def test_lines_make_it_act_and_json_lines_tell(csms):
    from jsonschema import validate

    code, out, err = await run(
        *("--url", csms.url, "--identity", "CS 7", "--password", "a password of length", "--json"),
        *("--set", "TxCtrlr.TxStartPoint=Authorized", "--evses", "2"),
        lines=[
            "wait seconds=0.5",
            "present_token id_token=GOOD evse=2",
            'plug_in evse=2 vehicle={"soc":50}',
            '{"verb": "wait", "arguments": {"seconds": 1}}',
            "observe",
            "fly",
            "# nothing",
            "quit",
        ],
    )
    assert (code, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    for line in lines:
        validate(line, json.loads(schema("reference-station")))
    actions = [line["action"] for line in lines if line["type"] == "message" and line["kind"] == "CALL"]
    assert actions[0] == "BootNotification"
    assert "TransactionEvent" in actions
    [seen] = [line["result"] for line in lines if line["type"] == "verb" and line["verb"] == "observe"]
    assert seen["evses"]["2"]["token"] == "GOOD"
    [wrong] = [line for line in lines if line["type"] == "verb" and line["error"]]
    assert "there is no verb fly" in wrong["error"]


async def test_a_vehicle_of_another_process_charges_at_it(csms):
    from jsonschema import validate

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, "station", "--url", csms.url, "--identity", "CS 7", "--json"),
        *("--password", "a password of length", "--iso15118", "--energy", "DC", "--no-sdp", "--protocol", "iso2"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    listens = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
    assert (listens["type"], listens["evse"]) == ("secc", 1)
    await connected(csms)
    process.stdin.write(b"present_token id_token=GOOD\n")
    vehicle = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, "evcc", "--json", "--port", str(listens["plain_port"]), "--soc", "79.99"),
        stdout=asyncio.subprocess.PIPE,
    )
    theirs, _ = await asyncio.wait_for(vehicle.communicate(), 60)
    process.stdin.write(b"observe\nquit\n")
    rest, _ = await asyncio.wait_for(process.communicate(), 20)
    assert json.loads(theirs.splitlines()[-1])["in_order"]
    lines = [listens, *(json.loads(line) for line in rest.splitlines())]
    for line in lines:
        validate(line, json.loads(schema("reference-station")))
    heard = [line["name"] for line in lines if line["type"] == "iso15118"]
    assert heard == [line["name"] for line in map(json.loads, theirs.splitlines()) if line["type"] == "message"]
    told = [line["payload"] for line in lines if line["type"] == "message" and line["kind"] == "CALL"]
    states = [each["transactionInfo"]["chargingState"] for each in told if "transactionInfo" in each]
    assert "Charging" in states
    assert any("chargingNeeds" in each for each in told)


async def test_password_is_never_shown(csms, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("a password of length\n")
    task = asyncio.get_running_loop().create_task(
        run("--url", csms.url, "--identity", "CS 7", "--password", f"file:{secret}", "--for", "4")
    )
    item = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    await connected(csms)
    await csms.call("CS 7", "SetVariables", {"setVariableData": [item | {"attributeValue": "another fine password"}]})
    code, out, err = await task
    assert code == 0
    assert "SetVariables" in out
    assert "another fine password" not in out + err
    assert "a password of length" not in out + err


async def test_interrupt_ends_it_in_order():
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        *("station", "--url", "ws://127.0.0.1:1"),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert b"connects to" in await asyncio.wait_for(process.stderr.readline(), 20)
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 10) == 0
    process.stdin.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--ocpp", "3.0"], "there is a station for 1.6 and for 2.0.1"),
        (["--set", "nonsense"], "it looks like"),
        (["--iso15118", "--evses", "2"], "several EVSEs need --no-sdp"),
        (["--iso15118", "--protocol", "iso3"], "there is no protocol iso3"),
        (["--iso15118", "--secc-key", "key.pem"], "belong together"),
    ],
)
def test_mistakes_are_told_in_words(arguments, words):
    result = CliRunner().invoke(reference, ["station", *arguments])
    assert result.exit_code == 2
    assert words in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--config", "missing.toml"], "cannot read missing.toml"),
        (["--password", "env:NO_SUCH_NAME"], "the environment variable NO_SUCH_NAME is not set"),
        (["--set", "TxCtrlr.Nothing=1"], "there is no variable TxCtrlr.Nothing"),
    ],
)
def test_mistakes_of_the_user_are_harness_errors(arguments, words):
    from v2x_harness.errors import HarnessError

    result = CliRunner().invoke(reference, ["station", *arguments])
    assert isinstance(result.exception, HarnessError)
    assert words in str(result.exception)


def test_lines_are_read_as_people_write_them():
    assert parse("plug_in evse=2 connector=1") == ("plug_in", {"evse": 2, "connector": 1})
    assert parse("present_token id_token=00AB12") == ("present_token", {"id_token": "00AB12"})
    assert parse("""plug_in vehicle='{"soc": 50}'""") == ("plug_in", {"vehicle": {"soc": 50}})
    assert parse("configure key='A B' value=true") == ("configure", {"key": "A B", "value": True})
    assert parse('{"verb": "unplug"}') == ("unplug", {})
    with pytest.raises(ValueError, match="no argument"):
        parse("plug_in 1")
    with pytest.raises(ValueError, match="it looks like"):
        parse("{}")
    assert {"plug_in", "unplug", "present_token", "power_cycle", "observe"} <= set(VERBS)
