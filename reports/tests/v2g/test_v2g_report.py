"""The HTML report of a V2G session."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from v2x_harness.bundle import Bundle
from v2x_reports.account import account
from v2x_reports.chart import Chart
from v2x_reports.html import render, write_html
from v2x_reports.sequence import every, rows, text_chart

from .conftest import begun


@pytest.fixture(scope="module")
def html(charging: Bundle) -> str:
    return render(account(charging))


def test_the_page_is_well_formed_and_fetches_nothing(html: str, parse) -> None:
    page = parse(html)
    for _, attributes in page.elements:
        assert not {"src", "srcset", "style", "onclick", "onload"} & set(attributes)
    assert "url(" not in html


def test_lifelines_have_the_words_of_the_field(html: str) -> None:
    assert re.search(r'<text x="\d+" y="20">EVCC</text>.*<text x="\d+" y="20">SECC</text>', html)


def test_sdp_and_tls_are_in_the_chart(html: str) -> None:
    assert "TLS wanted" in html
    assert "TCP, TLSv1.2 ECDHE-ECDSA-AES128-SHA256, both sides" in html


def test_response_codes_stand_beside_the_names_and_failures_are_seen(html: str) -> None:
    assert re.search(r'ChargeParameterDiscoveryRes<tspan class="note" dx="6">OK</tspan>', html)
    assert re.search(r'PowerDeliveryRes<tspan class="no" dx="6">FAILED_PowerDeliveryNotApplied</tspan>', html)


def test_loops_are_one_line_that_can_be_opened(html: str, parse) -> None:
    page = parse(html)
    assert len(page.all("details", "fold")) == 2
    assert "CurrentDemandReq and CurrentDemandRes 300 times, 74.8 s, OK, slowest answer 0.020 s" in page.text
    assert "296 exchanges are left out here; the journal has them" in page.text


def test_rows_in_loops_have_data_of_their_own(charging: Bundle, html: str) -> None:
    told = account(charging)
    (case,) = told.cases
    made = rows(case, told.findings)
    data = json.loads(re.search(r'class="data">(.*?)</script>', html, re.DOTALL)[1])
    assert len(data) == len(list(every(made)))
    body = ET.fromstring(Chart(made, told.roles).body())
    for row in body.iter("g"):
        if "frame" in row.get("class", "").split():
            entry = data[int(row.get("data-i"))]
            label = next(t for t in row if t.get("class") == "label").text
            assert entry["l"] == label


def test_the_field_and_the_bits_of_a_finding_are_marked(html: str) -> None:
    assert '<span class="bad">        &#34;EVTargetCurrent&#34;: {' in html
    assert "bits 12 to 20, in octets 1 to 2 of the payload: " in html
    assert '<span class="bad">1010 00000</span>' in html
    data = json.loads(re.search(r'class="data">(.*?)</script>', html, re.DOTALL)[1])
    assert [entry["b"] for entry in data if entry and entry.get("b")] == [[[12, 9]]]


def test_curves_are_drawn_with_a_legend_and_numbers_for_the_pointer(html: str, parse) -> None:
    page = parse(html)
    assert len(page.all("figure", "curves")) == 1
    assert len(page.all("svg", "plot")) == 4
    assert "negative: discharging" in page.text
    numbers = json.loads(re.search(r'class="numbers">(.*?)</script>', html, re.DOTALL)[1])
    assert [len(diagram["lines"]) for diagram in numbers] == [3, 2, 1, 1]
    assert all(len(line["t"]) == len(line["v"]) for diagram in numbers for line in diagram["lines"])


def test_the_text_chart_tells_loops_and_codes(charging: Bundle) -> None:
    told = account(charging)
    text = text_chart(rows(told.cases[0], told.findings))
    assert "SECC ──▶ EVCC  PowerDeliveryRes: FAILED_PowerDeliveryNotApplied" in text
    assert "↻↻↻↻ CurrentDemandReq and CurrentDemandRes 200 times" in text
    assert "◀ 15118-2#limits" in text


def test_the_numbers_are_written_beside_the_page(charging: Bundle, bundle: Bundle, tmp_path: Path) -> None:
    write_html(charging, tmp_path / "v2g")
    assert json.loads((tmp_path / "v2g" / "curves.json").read_text())["format"] == "v2x-curves/1"
    write_html(bundle, tmp_path / "ocpp")
    assert [path.name for path in (tmp_path / "ocpp").iterdir()] == ["report.html"]


def test_a_session_of_ten_thousand_messages_gives_a_small_report(tmp_path: Path) -> None:
    made, session = begun(tmp_path / "b")
    session.loop(5_000, 2.0)
    session.end()
    made.seal()
    page = render(account(Bundle.open(made.path)))
    assert len(page) < 200_000
    assert "5,000 times" in page
