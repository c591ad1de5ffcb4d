"""Every report says which product was judged: as declared, as observed, and where the two differ."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from v2x_harness.bundle import Bundle
from v2x_reports import allure, ctrf, html, junit, markdown
from v2x_reports.account import Account, account
from v2x_reports.headline import headline

from .conftest import IDENTITY, lane_1, new_bundle, write_lane

DIFFERENCE = "version 1.2.3 was declared, 1.2.4 observed"


@pytest.fixture
def sealed(tmp_path: Path) -> Bundle:
    """A run of a product that says it is another version, and that shows to have what it is declared not to have."""
    made = new_bundle(tmp_path / "bundle")
    write_lane(made.journal_path("lane1"), lambda script: list(lane_1(script)))
    pics = {i: not yes for i, yes in made.manifest.pics.items()}
    observed = {"model": "Wallbox 22", "version": "1.2.4"}
    made.seal(product=msgspec.structs.replace(IDENTITY, observed=observed), pics=pics)
    return Bundle.open(made.path)


@pytest.fixture
def told(sealed: Bundle) -> Account:
    return account(sealed)


def test_the_headline_says_where_they_differ(told: Account) -> None:
    more = headline(told).more
    assert f"Is it the product that was meant? {DIFFERENCE}." in more
    assert any(line.startswith("Observed otherwise than declared (PICS): ") for line in more)
    assert told.corrected == told.manifest.pics


def test_html_and_markdown_say_what_the_product_says_of_itself(told: Account) -> None:
    text, page = markdown.render(told), html.render(told)
    assert "It says of itself: model Wallbox 22, version 1.2.4." in text.replace("\\", "")
    assert DIFFERENCE in text.replace("\\", "")
    assert "says of itself: model Wallbox 22, version 1.2.4" in page
    assert DIFFERENCE in page
    assert "(declared " in page


def test_junit_ctrf_and_allure_carry_it_among_the_environment(told: Account, sealed: Bundle, tmp_path: Path) -> None:
    xml = junit.render(told)
    assert '<property name="product.observed.version" value="1.2.4" />' in xml
    assert f'<property name="product.difference" value="{DIFFERENCE}" />' in xml
    extra = json.loads(ctrf.render(told))["results"]["environment"]["extra"]
    assert extra["observed"] == {"model": "Wallbox 22", "version": "1.2.4"}
    assert extra["differences"] == [DIFFERENCE]
    folder = allure.write_allure(sealed, tmp_path / "run")
    assert "product.observed.version=1.2.4\n" in (folder / "environment.properties").read_text()
