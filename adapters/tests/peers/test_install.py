from __future__ import annotations

import importlib
import json
import shutil
import sys
from pathlib import Path

import msgspec
import pytest
from v2x_adapters import peers
from v2x_adapters.peers import interpreters
from v2x_harness.errors import AdapterError

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"

# The module is hidden behind the function of its name.
module = importlib.import_module("v2x_adapters.peers.install")

# Stands for a Python whose environments need no seconds and whose pip needs no registry.
QUICK = f"""#!/bin/sh
case "$2" in
  venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  pip) echo "$@" > asked ;;
  *) exec {sys.executable} "$@" ;;
esac
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("V2X_PEERS", str(tmp_path / "peers"))
    return tmp_path / "peers"


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "quick-python"
    program.write_text(QUICK)
    program.chmod(0o755)
    monkeypatch.setattr(interpreters, "python", lambda _: (program, "quick Python"))


def product(**changed: object) -> peers.PeerProduct:
    """Return a product that does not exist."""
    nothing = peers.PeerProduct(
        name="nothing",
        title="Nothing",
        homepage="",
        licence="",
        role="csms",
        protocol="ocpp",
        versions=("1.6",),
        runtime="python",
        interpreters=(MINOR,),
        requirements=("nothing==1",),
        pins=("less==2",),
        program="csms_ocpp_csms.py",
        start=5,
    )
    return msgspec.structs.replace(nothing, **changed)


@pytest.mark.usefixtures("quick")
def test_it_is_installed_once_and_then_stands_ready(home: Path) -> None:
    said: list[str] = []
    marker = ["{bin}/python", "-c", "import pathlib; pathlib.Path('{home}/made').touch()"]
    wanted = product(prepare=(tuple(marker),), environment={"PLACE": "{home}/x"})
    assert peers.why_not_ready(wanted) == "it is not installed"
    assert peers.install(wanted, said.append) == home / "nothing"
    assert (home / "nothing/made").exists()
    assert said[1:3] == ["nothing: environment with quick Python", "nothing: pip install nothing==1"]
    assert (home / "nothing/asked").read_text().split()[-3:] == ["-c", str(home / "nothing/constraints.txt"), "nothing==1"]
    assert (home / "nothing/constraints.txt").read_text() == "less==2\n"
    assert peers.why_not_ready(wanted) == ""
    said.clear()
    peers.install(wanted, said.append)
    assert said == ["nothing: stands ready"]
    launch = peers.launch(wanted)
    assert launch.command[0] == str(home / "nothing/venv/bin/python")
    assert launch.environment["PLACE"] == str(home / "nothing/x")
    assert peers.why_not_ready(product(requirements=("nothing==2",))) == "another version of it is installed"
    shutil.rmtree(home / "nothing/venv")
    assert "is gone" in peers.why_not_ready(wanted)


@pytest.mark.usefixtures("quick")
def test_a_step_that_fails_blocks_it_with_what_was_said() -> None:
    wanted = product(prepare=(("{bin}/python", "-c", "import sys; sys.exit('the disk is full')"),))
    with pytest.raises(peers.PeerBlocked, match="the disk is full") as caught:
        peers.install(wanted)
    assert caught.value.product == "nothing"
    assert peers.why_not_ready(wanted) == "it is not installed"


@pytest.mark.usefixtures("quick")
def test_it_takes_no_longer_than_it_may() -> None:
    wanted = product(prepare=(("{bin}/python", "-c", "import time; time.sleep(60)"),))
    with pytest.raises(peers.PeerBlocked, match=r"not done within \d+ s"):
        peers.install(wanted, within=1)


def test_an_interpreter_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreters, "_pythons", lambda: iter([Path("/no/such/python"), Path(sys.executable)]))
    with pytest.raises(peers.PeerBlocked, match=rf"needs Python 3\.99; found {MINOR}") as caught:
        peers.install(product(interpreters=("3.99",)))
    assert "install what is missing" in caught.value.hint


def test_the_python_that_runs_this_is_found_first() -> None:
    found, words = interpreters.python([MINOR, "3.99"])
    assert found is not None
    assert found.exists()
    assert words == f"Python {MINOR}"


def test_a_python_without_its_modules_for_environments_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lame = tmp_path / "python3.99"
    lame.write_text("#!/bin/sh\necho 3.99 False\n")
    lame.chmod(0o755)
    monkeypatch.setattr(interpreters, "_pythons", lambda: iter([lame]))
    assert interpreters.python(["3.99"]) == (None, "needs Python 3.99; found none; 3.99 lacks the modules venv and ensurepip")


def test_node_that_is_missing_or_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreters.shutil, "which", lambda _: None)
    assert interpreters.node(">=17.3") == (None, "needs node >=17.3 with npm; node and npm not found")
    monkeypatch.setattr(interpreters.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(interpreters, "_output", lambda _: "v16.20.0")
    assert interpreters.node(">=17.3") == (None, "needs node >=17.3; found 16.20.0")
    monkeypatch.setattr(interpreters, "_output", lambda _: "v20.1.0")
    assert interpreters.node(">=17.3")[0] == Path("/usr/bin/node")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("V2X_PEERS", str(tmp_path / "file"))
    with pytest.raises(peers.PeerBlocked, match="cannot write to") as caught:
        peers.install(product())
    assert "V2X_PEERS" in caught.value.hint


def test_the_environment_of_another_python_is_kept_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/ours")
    monkeypatch.setenv("VIRTUAL_ENV", "/ours")
    assert not {"PYTHONPATH", "VIRTUAL_ENV"} & module._outer_environment().keys()


def test_without_v2x_peers_a_checkout_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("V2X_PEERS")
    assert module.home() == Path(__file__).resolve().parents[3] / ".peers"


def test_the_catalogue_pins_every_package_and_names_no_registry() -> None:
    text = (Path(peers.__file__).parent / "products.toml").read_text()
    assert set(peers.catalogue()) == {"ocpp-csms", "arthexis", "ocpp-rpc", "ocpp-station", "iso15118-secc", "iso15118-evcc"}
    for each in peers.catalogue().values():
        assert all("==" in pin for pin in (*each.requirements, *each.pins))
        assert (Path(peers.__file__).parent / "programs" / each.program).is_file()
    assert "index" not in text
    assert "registry" not in text


def test_two_products_may_have_one_environment(home: Path) -> None:
    secc, evcc = peers.peer("iso15118-secc"), peers.peer("iso15118-evcc")
    assert (evcc.requirements, evcc.pins, evcc.interpreters, evcc.tools) == (
        secc.requirements,
        secc.pins,
        secc.interpreters,
        secc.tools,
    )
    assert secc.place == evcc.place == "iso15118-secc"


@pytest.mark.usefixtures("quick")
def test_a_program_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    peers.install(product())
    assert peers.why_not_ready(product(tools=("sh",))) == ""
    lacking = product(tools=("sh", "no-such-program"))
    assert peers.why_not_ready(lacking) == "it needs no-such-program, not found on the path"
    with pytest.raises(peers.PeerBlocked, match="needs no-such-program") as caught:
        peers.install(lacking)
    assert "v2x adapter install nothing" in caught.value.hint


def test_a_name_that_nobody_has_is_answered_with_those_there_are() -> None:
    with pytest.raises(AdapterError, match="no third-party product is called steve") as caught:
        peers.peer("steve")
    assert "arthexis" in caught.value.hint


def test_a_stamp_that_cannot_be_read_counts_for_nothing(home: Path) -> None:
    (home / "nothing").mkdir(parents=True)
    (home / "nothing/installed.json").write_text("{")
    assert peers.why_not_ready(product()) == "it is not installed"
    (home / "nothing/installed.json").write_text(json.dumps({}))
    assert peers.why_not_ready(product()) == "another version of it is installed"
