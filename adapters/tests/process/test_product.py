from __future__ import annotations

import sys
from pathlib import Path

import pytest
from v2x_adapters import peers
from v2x_adapters.process import AdapterProduct, manifest
from v2x_harness.errors import AdapterError
from v2x_harness.operator import Placement

pytestmark = pytest.mark.anyio
ZOO = str(Path(__file__).with_name("zoo.py"))


async def test_a_command_is_run_as_it_is(placement: Placement) -> None:
    product = AdapterProduct({"command": [sys.executable, ZOO, "good"]})
    assert (await product.start(placement)).product == "Zoo"
    await product.stop()


async def test_a_folder_is_run_by_its_manifest(tmp_path: Path, placement: Placement) -> None:
    command = f'command = ["{sys.executable}", "{ZOO}", "good"]'
    (tmp_path / "adapter.toml").write_text(
        f'name = "zoo"\nrole = "csms"\nprotocol = "ocpp"\nversions = ["1.6"]\nstart = 7\n{command}\n'
    )
    product = AdapterProduct({"adapter": "."}, tmp_path)
    assert product.limits.start == 7
    assert (await product.start(placement)).product == "Zoo"
    await product.stop()


def test_a_product_that_is_not_installed_is_blocked_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("V2X_PEERS", str(tmp_path))
    with pytest.raises(peers.PeerBlocked, match="arthexis cannot be had: it is not installed") as caught:
        AdapterProduct({"adapter": "arthexis"})
    assert caught.value.product == "arthexis"
    assert caught.value.hint == "v2x adapter install arthexis"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "names no adapter"),
        ({"command": []}, "names no adapter"),
        ({"adapter": "x", "command": ["y"]}, "names no adapter"),
        ({"adapter": "no-such-thing"}, "there is no adapter no-such-thing"),
    ],
)
def test_settings_that_name_nothing_are_explained(tmp_path: Path, settings: dict[str, object], message: str) -> None:
    with pytest.raises(AdapterError, match=message):
        AdapterProduct(settings, tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "Invalid value"),
        ('name = "x"\nrole = "csms"\nprotocol = "ocpp"\nversions = []\ncommand = []', "command is empty"),
        ('name = "x"', "missing required field `command`"),
        ('name = "x"\nrole="csms"\nprotocol="ocpp"\nversions=[]\ncommand=["y"]\nstrat = 3', "unknown field `strat`"),
        ('name = "x"\nrole="csms"\nprotocol="ocpp"\nversions=[]\ncommand=["y"]\nstart = 0', "more than 0"),
    ],
)
def test_a_manifest_that_is_wrong_is_explained(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "adapter.toml"
    file.write_text(text)
    with pytest.raises(AdapterError, match=message) as caught:
        manifest.load(tmp_path)
    assert str(file) in str(caught.value)
