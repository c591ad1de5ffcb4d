"""Generated documents: between the markers where there are some, the whole file where there are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from v2x_harness.cli import docs
from v2x_harness.errors import HarnessError


def test_text_goes_between_the_markers() -> None:
    old = f"# Head\n\n{docs.BEGIN}\nold\n{docs.END}\n\ntail\n"
    assert docs.merged(old, "new\n") == f"# Head\n\n{docs.BEGIN}\nnew\n{docs.END}\n\ntail\n"


def test_a_file_without_markers_is_written_whole() -> None:
    assert docs.merged("whatever", "new\n\n") == "new\n"


def test_merging_twice_changes_nothing() -> None:
    once = docs.merged(f"a\n{docs.BEGIN}\n{docs.END}\nb\n", "text")
    assert docs.merged(once, "text") == once


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="no checkout"):
        docs.docs(root=tmp_path)
