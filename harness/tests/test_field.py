from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_harness.field import Field, Look, last_look

BOOT = Field({"reason": "PowerUp", "evse": {"id": 1}, "list": [10, 20, 30], "a/b~c": 0, "none": None, "yes": True}, 7, "/3")


def look() -> Look:
    seen = last_look.get()
    assert seen
    return seen


def test_access_goes_deeper_and_keeps_the_pointer() -> None:
    assert BOOT.evse.id.pointer == "/3/evse/id"
    assert BOOT.list[1].pointer == "/3/list/1"
    assert BOOT.list[-1].pointer == "/3/list/2"
    assert BOOT["a/b~c"].pointer == "/3/a~1b~0c"
    assert BOOT.evse.id.frame == 7


def test_what_is_not_there_never_raises_and_equals_nothing_but_none() -> None:
    missing = BOOT.chargingStation.modem.iccid
    assert missing.pointer == "/3/chargingStation/modem/iccid"
    assert not missing.exists
    assert not missing
    assert missing == None  # noqa: E711  (the field is not None, it equals it)
    assert missing != ""
    assert len(missing) == 0
    assert list(missing) == []
    assert "x" not in missing
    assert not BOOT.list[9].exists
    assert not BOOT.reason.x.exists


def test_a_present_null_exists() -> None:
    assert BOOT.none.exists
    assert BOOT.none == None  # noqa: E711  (as above)


def test_values_compare_as_json_does() -> None:
    assert BOOT.evse.id == 1
    assert BOOT.evse.id == 1.0
    assert BOOT.yes == True  # noqa: E712  (the field is not True, it equals it)
    assert BOOT.yes != 1
    assert BOOT.evse.id != True  # noqa: E712  (as above)
    assert BOOT.list == [10, 20, 30]
    assert BOOT.list[0] == Field(10, 1)
    assert BOOT.yes.is_in("x", True)
    assert not BOOT.yes.is_in(1)


def test_numbers_are_ordered_and_anything_else_is_a_failed_assertion() -> None:
    assert BOOT.list[0] < 11
    assert BOOT.list[0] <= 10
    assert BOOT.list[1] > BOOT.list[0]
    assert BOOT.list[1] >= 20
    assert Field(10**400, 1) > 5
    for bad in (BOOT.reason, BOOT.yes, BOOT.nothing):
        with pytest.raises(AssertionError, match="is no number"):
            _ = bad < 5


def test_membership() -> None:
    assert 20 in BOOT.list
    assert True not in BOOT.list
    assert "Power" in BOOT.reason
    assert 5 not in BOOT.reason
    assert "evse" in BOOT
    assert [] not in BOOT


def test_the_last_comparison_is_remembered_for_the_finding() -> None:
    assert BOOT.reason != "Unknown"
    assert look() == Look(7, "/3/reason", "not 'Unknown'", '"PowerUp"')
    _ = BOOT.evse.id > 4
    assert look() == Look(7, "/3/evse/id", "> 4", "1")
    _ = BOOT.missing == "x"
    assert look().seen == "absent"
    BOOT.reason.is_in("A", "B")
    assert look().expected == "one of 'A', 'B'"
    _ = BOOT.reason.value
    assert look().expected == "a value"


def test_peeking_is_no_look() -> None:
    last_look.set(None)
    assert BOOT.reason.peek() == "PowerUp"
    assert BOOT.list[0].number() == 10
    assert BOOT.reason.number() == 0
    assert last_look.get() is None


def test_a_long_value_is_cut_in_the_finding() -> None:
    _ = Field("x" * 5000, 1) == "y"
    assert len(look().seen) < 420


def test_a_field_reads_well_in_an_assertion() -> None:
    assert repr(BOOT.reason) == "'PowerUp' at /3/reason"
    assert repr(BOOT.x) == "nothing at /3/x"
    assert repr(Field(1, 1)) == "1 at /"


def test_special_names_of_python_are_no_fields() -> None:
    with pytest.raises(AttributeError):
        _ = BOOT.__wrapped__


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(json_values, json_values, st.text() | st.integers(-5, 5))
def test_nothing_a_product_sends_raises_anything_but_a_failed_assertion(value: object, other: object, key: str | int) -> None:
    field = Field(value, 1)
    for use in (lambda: field == other, lambda: other in field, lambda: field[key], lambda: list(field), lambda: bool(field)):
        use()
    assert field == value
    for compare in (lambda: field < other, lambda: field >= other):
        try:
            compare()
        except AssertionError:
            continue
