from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner
from v2x_adapters import documents, peers
from v2x_adapters.cli_adapter import adapter
from v2x_harness.errors import AdapterError

ZOO = str(Path(__file__).with_name("process") / "zoo.py")


@pytest.fixture
def v2x(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "200")

    def called(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(adapter, list(arguments), standalone_mode=False)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.return_value, result.stdout

    return called


@pytest.fixture
def zoo(tmp_path: Path):
    def adapter_of(name: str, role: str = "csms") -> str:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "adapter.toml").write_text(
            f'name = "{name}"\nrole = "{role}"\nprotocol = "ocpp"\nversions = ["1.6"]\nstart = 30\nstop = 20\n'
            f'command = ["{sys.executable}", "{ZOO}", "{name}"]\n'
        )
        return str(folder)

    return adapter_of


def fits(name: str, text: str) -> object:
    """Check what was printed against the published schema, and return it."""
    value = json.loads(text)
    jsonschema.validate(value, json.loads(documents.schema(name)), cls=jsonschema.Draft202012Validator)
    return value


def test_every_product_is_listed_with_its_state(v2x, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("V2X_PEERS", str(tmp_path))
    code, text = v2x("list", "--json")
    listed = fits("adapter-list", text)
    assert code == 0
    assert {each["name"]: each["blocked"] for each in listed} == dict.fromkeys(peers.catalogue(), "it is not installed")
    code, text = v2x("list")
    assert "CSMS arthexis (PyPI, Django)" in text
    assert "blocked" in text


def test_what_cannot_be_installed_is_named_and_fails_only_when_it_was_asked_for(v2x, monkeypatch: pytest.MonkeyPatch) -> None:
    def blocked(product: peers.PeerProduct, *_: object, **__: object) -> Path:
        raise peers.PeerBlocked(product.name, "no network", "get one")

    monkeypatch.setattr(peers, "install", blocked)
    code, text = v2x("install", "--json")
    assert code == 0
    assert [each["blocked"] for each in fits("adapter-install", text)] == ["no network"] * len(peers.catalogue())
    assert v2x("install", "arthexis")[0] == 3


def test_a_skeleton_is_written(v2x, tmp_path: Path) -> None:
    code, text = v2x("new", "mine", "--role", "station", "--into", str(tmp_path / "mine"), "--json")
    assert code == 0
    assert (tmp_path / "mine/adapter.py").exists()
    assert str(tmp_path / "mine/adapter.py") in fits("adapter-new", text)["files"]
    assert "v2x adapter smoke" in v2x("new", "other", "--javascript", "--into", str(tmp_path / "other"))[1]


def test_the_smoke_test_says_ok_and_whose_fault_it_is(v2x, zoo) -> None:
    code, text = v2x("smoke", zoo("listens"))
    assert code == 0
    assert "wrong" not in text
    code, text = v2x("smoke", zoo("listens_nowhere"))
    assert code == 1
    assert "the product's fault" in text
    code, text = v2x("smoke", zoo("prints_rubbish"), "--json")
    assert code == 1
    assert not fits("adapter-smoke", text)["checks"][0]["passed"]


def test_verbs_are_shown_beside_those_there_are(v2x, zoo) -> None:
    code, text = v2x("verbs", zoo("listens"), "--json")
    assert code == 0
    assert "call" in fits("adapter-verbs", text)["missing"]
    assert "Zoo" in v2x("verbs", zoo("good"))[1]


def test_the_protocol_is_printed_as_json_schema(v2x) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(v2x("protocol")[1]))


def test_a_name_that_is_nobodys_is_a_users_error(v2x) -> None:
    with pytest.raises(AdapterError, match="there is no adapter nix"):
        v2x("smoke", "nix")


def test_the_published_schemas_are_fresh() -> None:
    root = Path(__file__).resolve().parents[2]
    for name, text in documents.documents().items():
        assert (root / name).read_text() == text, "run: v2x docs"
