from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import msgspec
import pytest
from v2x_harness.attestation import SigningKey
from v2x_harness.bundle import Bundle
from v2x_harness.errors import BundleError
from v2x_reports.account import account
from v2x_reports.html import FILE, render, write_html

from .conftest import HOSTILE, IDENTITY, write_large
from .page import Page


@pytest.fixture
def html(bundle: Bundle) -> str:
    return render(account(bundle))


def test_the_report_is_one_well_formed_file_that_fetches_nothing(html: str) -> None:
    page = Page(html)
    assert page.all("link") == page.all("img") == page.all("iframe") == []
    for _, attributes in page.elements:
        assert not {"src", "srcset", "style", "onclick", "onload"} & set(attributes)
        assert attributes.get("href", "#").startswith("#")
    assert "url(" not in html
    assert "@import" not in html
    assert not re.findall(r"https?://(?!www\.w3\.org)", html)


def test_only_our_own_script_and_style_may_run(html: str) -> None:
    policy = Page(html).all("meta")[1]["content"]
    for kind in ("script", "style"):
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_what_a_product_sent_is_text_and_never_markup(html: str) -> None:
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(" in html
    frames = [json.loads(d) for d in re.findall(r'class="data">(.*?)</script>', html, re.DOTALL)]
    raws = [row["r"] for rows in frames for row in rows if row and "r" in row]
    assert any(HOSTILE in json.loads(raw)[3]["customData"]["vendorId"] for raw in raws if "customData" in raw)


def test_the_headline_says_what_is_wrong_where_and_by_which_clause(html: str) -> None:
    text = Page(html).text
    assert "ACME Wallbox 22 1.2.3 violates 5 requirements." in text
    assert "station, CALL BootNotification, reason: seen \"Unknown\", expected 'PowerUp'" in text


def test_every_case_is_there_with_what_filters_need(html: str) -> None:
    cases = Page(html).all("details", "case")
    assert [c["id"] for c in cases] == [
        f"case-TC_{i}_CS" for i in ("B_01", "E_02", "G_02", "J_01", "C_01", "K_10", "B_02", "K_01")
    ]
    assert cases[0]["data-verdict"] == "fail"
    assert cases[0]["data-role"] == "station"
    assert cases[0]["data-block"] == "B"
    assert "b01.fr.05" in cases[0]["data-text"]
    assert "ocpp-2.0.1#2.1.13" in cases[0]["data-text"]


def test_the_offending_field_is_marked_in_its_frame(html: str) -> None:
    assert '<span class="bad">    &#34;reason&#34;: &#34;Unknown&#34;\n</span>' in html
    assert '<span class="absent">    &#34;evse&#34;: absent\n</span>' in html


def test_a_chart_is_drawn_for_every_case_in_which_something_was_seen(html: str) -> None:
    page = Page(html)
    assert len(page.all("figure", "chart")) == 6
    assert len(page.all("svg", "rows")) == 6
    assert html.count('class="row frame rewritten bad"') == 1


def test_the_script_gets_the_frames_with_the_pointers_to_mark(html: str) -> None:
    first = next(json.loads(d) for d in re.findall(r'class="data">(.*?)</script>', html, re.DOTALL))
    boot = next(row for row in first if row and row.get("l") == "CALL BootNotification")
    assert boot["m"] == ["/3/reason"]
    assert json.loads(boot["r"])[3]["reason"] == "Unknown"
    assert boot["h"] == "station → csms"


def test_compatibility_is_told_apart_from_conformance(html: str) -> None:
    section = html[html.index('id="compatibility"') :]
    assert "customData in an Authorize request" in section
    wrong = html[html.index('id="wrong"') : html.index('id="cases"')]
    assert "customData in an Authorize request" not in wrong


def test_every_requirement_that_was_judged_is_in_the_table(html: str) -> None:
    table = html[html.index('id="requirements"') : html.index('id="rules"')]
    for id_ in ("B01.FR.01", "B01.FR.05", "E02.FR.04", "OCPP-J-2.0.1#4"):
        assert f'<td class="id">{id_}</td>' in table
    assert table.count("<tr>") == 10


def test_an_incomplete_run_is_marked_loudly(cut_off: Bundle, html: str) -> None:
    page = render(account(cut_off))
    assert 'class="incomplete" role="alert"' in page
    assert "<span>incomplete</span>" in page
    assert "no footer: the run was cut off" in page
    assert 'class="incomplete"' not in html


def test_a_passing_run_says_so(passing: Bundle) -> None:
    page = render(account(passing))
    assert "conforms in everything that was judged" in page
    assert "No requirement was found violated." in page


def test_waivers_are_told(waived: Bundle) -> None:
    page = render(account(waived))
    assert "Known and waived" in page
    assert "Waived: mended in 1.3 (jane, until 2026-12-31)" in page
    assert "waiver has expired" in page


def test_who_signed_and_what_was_redacted_is_told(bundle: Bundle, html: str) -> None:
    assert "<dt>signed</dt><dd>no</dd>" in html
    assert "credential (header) in link open" in html
    key = SigningKey.new()
    bundle.seal(product=IDENTITY, keys=[key])
    assert f"by {key.public.id[:12]}…" in render(account(Bundle.open(bundle.path)))


def test_the_same_bundle_gives_the_same_bytes(bundle: Bundle, html: str) -> None:
    assert render(account(bundle)) == html
    assert render(account(Bundle.open(bundle.pack(bundle.path.parent / "b.zip")))) == html


def test_secrets_are_not_in_the_report(html: str) -> None:
    assert "correct horse" not in html
    assert "Q1MwMDE6" not in html


@pytest.mark.parametrize(
    ("cases", "frames", "size"), [(140, 6_000, 3_000_000), pytest.param(600, 20_000, 5_000_000, marks=pytest.mark.nightly)]
)
def test_a_large_run_gives_a_report_of_sane_size(tmp_path: Path, cases: int, frames: int, size: int) -> None:
    page = render(account(write_large(tmp_path / "b", cases, frames)))
    assert len(page) < size
    packed = [c["data-packed"] for c in Page(page).all("details", "case") if "data-packed" in c]
    assert 0 < len(packed) < cases - cases // 7
    detail = gzip.decompress(base64.b64decode(packed[0])).decode()
    assert "<svg" in detail
    assert "CALL BootNotification" in detail
    Page(detail)


def test_a_huge_frame_is_cut_with_a_notice(bundle: Bundle) -> None:
    told = account(bundle)
    case = told.cases[0]
    big = next(e for e in case.story if getattr(e, "label", "") == "CALL BootNotification")
    raw = json.dumps([2, "1", "X", {"data": "x" * 1_000_000}])
    story = tuple(msgspec.structs.replace(e, raw=raw) if e is big else e for e in case.story)
    told.cases = (type(case)(**{**case.__dict__, "story": story}), *told.cases[1:])
    page = render(told)
    assert len(page) < 300_000
    assert f'"cut":{len(raw)}' in page


def test_the_file_is_written_into_the_folder(bundle: Bundle, tmp_path: Path, html: str) -> None:
    path = write_html(bundle, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / FILE
    assert path.read_text("utf-8") == html
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match="cannot write"):
        write_html(bundle, tmp_path / "file")
