from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from v2x_adapters.process import AdapterProduct, manifest, skeleton
from v2x_harness import subject
from v2x_harness.errors import AdapterError
from v2x_harness.operator import Placement

pytestmark = pytest.mark.anyio
CASES = [("python", "csms"), ("python", "station"), ("javascript", "csms"), ("javascript", "station")]


@pytest.mark.parametrize(("language", "role"), CASES)
async def test_a_new_adapter_runs_and_says_that_it_is_still_empty(
    tmp_path: Path, placement: Placement, language: skeleton.Language, role: str
) -> None:
    if language == "javascript" and not shutil.which("node"):
        pytest.skip("no node on this machine")
    files = skeleton.write("my-product", tmp_path / "mine", role=role, versions=["1.6", "2.0.1"], language=language)
    adapter = AdapterProduct({"adapter": "mine"}, tmp_path)
    with pytest.raises(AdapterError, match=r"adapter my-product could not start its product: .* still empty") as caught:
        await adapter.start(placement)
    assert str(files[0]) in caught.value.hint
    await adapter.stop()


@pytest.mark.parametrize(("language", "role"), CASES)
def test_its_manifest_and_subject_file_can_be_read(tmp_path: Path, language: skeleton.Language, role: str) -> None:
    skeleton.write("my-product", tmp_path, role=role, versions=["1.6"], language=language)
    of, folder = manifest.load(tmp_path)
    assert (of.name, of.role, of.versions, folder) == ("my-product", role, ("1.6",), tmp_path.resolve())
    under_test = subject.load(str(tmp_path / "subject.toml"))
    assert under_test.plays(role, "ocpp", "1.6")
    assert under_test.operator.settings == {"adapter": "."}


def test_it_writes_over_nothing(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(AdapterError, match="is not empty"):
        skeleton.write("x", tmp_path, role="csms", versions=["1.6"], language="python")


@pytest.mark.parametrize(("name", "role", "message"), [("../x", "csms", "is no name"), ("x", "ev", "no role is called 'ev'")])
def test_a_name_or_role_that_cannot_be_is_refused(tmp_path: Path, name: str, role: str, message: str) -> None:
    with pytest.raises(AdapterError, match=message):
        skeleton.write(name, tmp_path, role=role, versions=["1.6"], language="python")
