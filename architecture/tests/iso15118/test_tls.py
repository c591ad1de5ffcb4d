"""The ssl contexts of a side."""

import dataclasses
import os
import shutil
from pathlib import Path

import pytest
from v2x_architecture.iso15118.pki import V2gPkiFiles, make_pki
from v2x_architecture.iso15118.tls import EvccTls, Profile, SeccTls, context_of


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> V2gPkiFiles:
    return make_pki("2").write(tmp_path_factory.mktemp("pki"))


def test_a_context_is_built_once_for_a_side(files: V2gPkiFiles) -> None:
    side = SeccTls(files.secc.certificate, files.secc.key)
    assert context_of(side) is context_of(dataclasses.replace(side))
    assert context_of(side) is not side.context()


def test_another_side_of_the_same_files_has_a_context_of_its_own(files: V2gPkiFiles) -> None:
    side = SeccTls(files.secc.certificate, files.secc.key)
    assert context_of(side) is not context_of(dataclasses.replace(side, profile=Profile.BOTH))
    roots = (files.v2g_root,)
    assert context_of(EvccTls(roots)) is not context_of(EvccTls(roots, verify=False))


def test_a_file_that_is_written_anew_is_read_anew(files: V2gPkiFiles, tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    shutil.copy(files.v2g_root, root)
    side = EvccTls((root,))
    before = context_of(side)
    shutil.copy(files.mo_root, root)
    os.utime(root, ns=(1, 1))
    after = context_of(side)
    assert before.get_ca_certs() != after.get_ca_certs()


def test_a_file_that_is_missing_is_missed_each_time(files: V2gPkiFiles, tmp_path: Path) -> None:
    side = SeccTls(tmp_path / "none.pem", files.secc.key)
    for _ in range(2):
        with pytest.raises(FileNotFoundError, match=r"none\.pem"):
            context_of(side)
