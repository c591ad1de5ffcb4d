from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from v2x_harness.bundle import Bundle
from v2x_reports.account import account
from v2x_reports.chart import Chart
from v2x_reports.sequence import FATES, Row, rows, text_chart

SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart: Chart) -> ET.Element:
    ET.fromstring(chart.heads())
    return ET.fromstring(chart.body())


def chart_of(bundle: Bundle, name: str) -> tuple[list[Row], ET.Element]:
    told = account(bundle)
    case = next(c for c in told.cases if c.name == name)
    made = rows(case, told.findings)
    return made, drawn(Chart(made, told.roles))


def groups(svg: ET.Element, word: str) -> list[ET.Element]:
    return [g for g in svg.iter("g") if word in g.get("class", "").split()]


def test_every_event_has_a_row_and_every_role_a_lifeline(bundle: Bundle) -> None:
    made, svg = chart_of(bundle, "TC_E_02_CS")
    assert len(groups(svg, "row")) == len(made)
    assert [g.get("data-i") for g in groups(svg, "row")] == [str(i) for i in range(len(made))]
    assert len([p for p in svg if p.get("class") == "life"]) == 2


def test_arrows_point_from_sender_to_receiver(bundle: Bundle) -> None:
    made, svg = chart_of(bundle, "TC_B_01_CS")
    frames = groups(svg, "frame")
    assert [(r.sender, r.to) for r in made if r.kind == "frame"][:2] == [("station", "csms"), ("csms", "station")]
    lines = [next(p.get("d", "") for p in g if p.get("class") == "line") for g in frames]
    starts, ends = zip(*((int(d[1:].split()[0]), int(d.split("H")[1])) for d in lines), strict=True)
    assert starts[0] < ends[0]
    assert starts[1] > ends[1]


def test_offending_frames_carry_their_clause(bundle: Bundle) -> None:
    _, svg = chart_of(bundle, "TC_E_02_CS")
    (bad,) = groups(svg, "bad")
    assert "◀ E02.FR.04 +1" in "".join(bad.itertext())
    _, svg = chart_of(bundle, "TC_C_01_CS")
    assert len(groups(svg, "warn")) == 1


def test_frames_are_drawn_by_what_became_of_them(bundle: Bundle) -> None:
    _, svg = chart_of(bundle, "TC_E_02_CS")
    assert [len(groups(svg, fate)) for fate in ("delayed", "dropped", "rewritten", "injected")] == [1, 1, 1, 1]
    assert any(p.get("class") == "cross" for p in groups(svg, "dropped")[0])


def test_acts_steps_and_connections_are_in_the_chart(bundle: Bundle) -> None:
    made, svg = chart_of(bundle, "TC_E_02_CS")
    text = "".join(svg.itertext())
    assert "⚙ network_down" in text
    assert "connection refused 401" in text
    assert "closed 1006" in text
    made, svg = chart_of(bundle, "TC_J_01_CS")
    assert made[0].fate.startswith("failed")
    assert [r.get("class") for r in svg.iter("rect")].count("failed") == 1
    _, svg = chart_of(bundle, "TC_B_01_CS")
    assert len(groups(svg, "step")) == 1


def test_the_text_chart_says_the_same(bundle: Bundle) -> None:
    made, _ = chart_of(bundle, "TC_E_02_CS")
    text = text_chart(made)
    assert len(text.splitlines()) == len(made)
    assert "station ──▶ csms  CALL TransactionEvent  (rewritten by the harness)   ◀ E02.FR.04, OCPP-J-2.0.1#4" in text
    assert "station ─✕ csms" in text
    assert "┄┄┄┄ station: closed 1006" in text


def test_an_empty_chart_can_be_drawn() -> None:
    assert drawn(Chart([], [])).tag == f"{SVG}svg" or drawn(Chart([], [])).tag == "svg"
    assert text_chart([]) == ""


roles_or_none = st.sampled_from(["station", "csms", "emsp", ""])
anything = {
    "time": st.floats(0, 1e6),
    "sender": roles_or_none,
    "to": roles_or_none,
    "text": st.text(max_size=120),
    "marks": st.lists(st.text(max_size=30), max_size=3).map(tuple),
}
row = st.builds(Row, kind=st.just("frame"), fate=st.sampled_from([*FATES]), **anything) | st.builds(
    Row, kind=st.sampled_from(["link", "operator", "step", "gap"]), fate=st.text(max_size=40), **anything
)


@given(st.lists(row, max_size=8), st.lists(st.sampled_from(["station", "csms", "emsp"]), unique=True))
def test_anything_that_was_seen_gives_well_formed_svg(made: list[Row], roles: list[str]) -> None:
    drawn(Chart(made, roles))
    text_chart(made)
