from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from v2x_harness.finding import Axis, Finding, Layer, Location

findings = st.builds(
    Finding,
    requirement=st.text(),
    text=st.text(),
    location=st.builds(Location, frame=st.none() | st.integers(0, 2**53), pointer=st.text()),
    expected=st.text(),
    seen=st.text(),
    axis=st.sampled_from(Axis),
    layer=st.sampled_from(Layer),
    also=st.lists(st.text(), max_size=3).map(tuple),
)


@given(findings)
def test_a_finding_comes_back_as_it_was_written(finding: Finding) -> None:
    assert msgspec.json.decode(msgspec.json.encode(finding), type=Finding) == finding


def test_a_finding_cites_what_it_leads_with_and_what_it_also_violates() -> None:
    assert Finding("R.1", "bad", also=("R.2", "R.1")).cites == {"R.1", "R.2"}


def test_only_what_is_said_is_written() -> None:
    assert msgspec.to_builtins(Finding("R.1", "bad")) == {"type": "finding", "requirement": "R.1", "text": "bad"}
