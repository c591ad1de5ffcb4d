"""Stores and configuration files."""

from __future__ import annotations

import msgspec
import pytest
from v2x_architecture.ocpp.station import EvseConfig, StationConfig, TlsFiles
from v2x_architecture.ocpp.station.storage import open_store
from v2x_architecture.vehicle import VehicleModel


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_stores_keep_change_and_forget(kind, tmp_path):
    store = open_store(None if kind == "memory" else str(tmp_path / "station.db"))
    store.put("a", "2", {"x": 1})
    store.put("a", "1", {"x": 2})
    store.put("a", "2", {"x": 3})
    store.put("b", "1", "text")
    assert store.load("a", dict) == {"2": {"x": 3}, "1": {"x": 2}}
    assert list(store.load("a", dict)) == ["2", "1"]
    assert store.get("b", "1", str) == "text"
    assert store.get("b", "2", str) is None
    store.delete("a", "2")
    store.delete("a", "9")
    assert store.load("a", dict) == {"1": {"x": 2}}
    store.clear("a")
    assert store.load("a", dict) == {}
    store.clear()
    assert store.get("b", "1", str) is None
    store.close()


def test_files_outlive_the_process(tmp_path):
    path = str(tmp_path / "station.db")
    store = open_store(path)
    store.put("a", "1", [1, 2])
    store.close()
    store = open_store(path)
    assert store.get("a", "1", list[int]) == [1, 2]
    store.close()


@pytest.mark.parametrize(
    "config",
    [
        StationConfig(),
        StationConfig(
            identity="CS 1",
            version="1.6",
            password="secret secret secret",
            tls=TlsFiles(ca="ca.pem"),
            evses=(EvseConfig(connectors=2), EvseConfig(current="DC", phases=1, voltage_v=400.0, max_current_a=125.0)),
            vehicle=VehicleModel(soc=50.0),
            variables={
                "TxCtrlr.TxStartPoint": "Authorized",
                "TxCtrlr.EVConnectionTimeOut": 10,
                "TxCtrlr.StopTxOnInvalidId": True,
            },
            grid_current_a=63.0,
            storage="station.db",
        ),
    ],
)
def test_configuration_survives_toml(config, tmp_path):
    path = tmp_path / "station.toml"
    path.write_text(config.to_toml())
    assert StationConfig.from_toml(path) == StationConfig.from_toml(config.to_toml()) == config


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("evses = []", "at least one EVSE"),
        ("[[evses]]\nphases = 5", "1 to 3 phases"),
        ("[[evses]]\nmin_current_a = 40.0", "min_current_a <= max_current_a"),
        ("grid_current_a = 0.0", "grid_current_a must be above 0"),
        ("colour = 'red'", "colour"),
        ("version = '3.0'", "version"),
    ],
)
def test_impossible_stations_are_refused_in_words(text, words):
    with pytest.raises(msgspec.ValidationError, match=words):
        StationConfig.from_toml(text)
