from __future__ import annotations

import re
from pathlib import Path

from v2x_harness.bundle import Bundle
from v2x_reports.account import account
from v2x_reports.markdown import render, write_markdown

from .conftest import write_large


def test_it_begins_with_the_verdict_and_the_headline(bundle: Bundle) -> None:
    lines = render(account(bundle)).splitlines()
    assert lines[0] == "## ❌ ACME Wallbox 22 1.2.3: fail"
    assert lines[2] == "**ACME Wallbox 22 1.2.3 violates 5 requirements. 3 of 6 judged cases fail.**"


def test_every_table_has_rows_of_one_width(bundle: Bundle, waived: Bundle, cut_off: Bundle) -> None:
    for each in (bundle, waived, cut_off):
        tables = re.findall(r"(?:^\|.*\n)+", render(account(each)), re.MULTILINE)
        assert len(tables) >= 3
        for table in tables:
            widths = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
            assert len(widths) == 1


def test_what_a_product_sent_is_no_markup(bundle: Bundle) -> None:
    text = render(account(bundle))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "\\[x\\]\\(y\\)" in text


def test_findings_are_listed_by_clause(bundle: Bundle) -> None:
    text = render(account(bundle))
    assert (
        "| `B01.FR.05` | station, CALL BootNotification, reason: seen \"Unknown\", expected 'PowerUp' | `TC_B_01_CS` | 1 |"
        in text
    )
    assert text.index("### What is wrong") < text.index("### Compatibility")


def test_an_incomplete_run_is_marked(cut_off: Bundle) -> None:
    assert render(account(cut_off)).startswith("## 💥 ACME Wallbox 22 1.2.3: INCOMPLETE RUN")


def test_waived_findings_say_by_whom(waived: Bundle) -> None:
    assert "mended in 1.3 \\(jane, until 2026-12-31\\)" in render(account(waived))


def test_a_large_run_is_cut_to_what_a_job_page_takes(tmp_path: Path) -> None:
    text = render(account(write_large(tmp_path / "b", 500, 2000, failing=1)))
    assert len(text) < 200_000
    assert "… and 300 more in the HTML report" in text


def test_the_same_bundle_gives_the_same_bytes(bundle: Bundle, tmp_path: Path) -> None:
    assert write_markdown(bundle, tmp_path).read_text("utf-8") == render(account(bundle))
