from __future__ import annotations

from pathlib import Path

import pytest
from v2x_harness.errors import RegistryError
from v2x_harness.requirement import Level, Registry, Requirement

HEAD = 'protocol = "ocpp"\nversion = "2.0.1"\ntotal = 1256\n'
ROW = '[[requirement]]\nid = "B01.FR.05"\nlevel = "MUST"\nactor = "station"\ntext = "reports every connector"\n'


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_registry_is_read_from_several_files(tmp_path: Path) -> None:
    registry = Registry.load(
        write(tmp_path, "a.toml", HEAD), write(tmp_path, "b.toml", ROW), write(tmp_path, "c.toml", ROW.replace("05", "09"))
    )
    assert (registry.protocol, registry.version, registry.total) == ("ocpp", "2.0.1", 1256)
    assert list(registry) == ["B01.FR.05", "B01.FR.09"]
    assert len(registry) == 2
    assert registry["B01.FR.05"].level is Level.MUST
    assert "B01.FR.06" not in registry


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEAD + ROW + ROW, "registered twice"),
        (HEAD + ROW.replace("MUST", "MIGHT"), "r.toml: .*MIGHT"),
        (HEAD + ROW + 'colour = "red"\n', "r.toml: .*colour"),
        (HEAD + ROW.replace('actor = "station"\n', ""), "r.toml: .*actor"),
        (ROW, "r.toml: key 'total' is missing"),
        ("protocol = ", "r.toml"),
    ],
)
def test_a_registry_that_contradicts_itself_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(RegistryError, match=reason):
        Registry.load(write(tmp_path, "r.toml", text))


def test_what_is_not_tested_says_why() -> None:
    tested = Requirement(id="A", level=Level.MUST, actor="station", text="t")
    assert tested.testable
    assert not Requirement(id="A", level=Level.MUST, actor="station", text="t", not_tested_reason="needs a lab").testable
