import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from v2x_harness.pointer import PointerError, assign, join, parts, remove, resolve

CALL = [2, "7", "BootNotification", {"chargingStation": {"model": "M"}, "a/b": 1, "c~d": [10, 20]}]
keys = st.sampled_from(["", "a", "b", "0", "1", "-", "~", "/", "~1", "é"])
tokens = st.lists(keys, max_size=5)
leaves = st.sampled_from([None, True, 0, 7, "text"])
flat = leaves | st.lists(leaves, max_size=3) | st.dictionaries(keys, leaves, max_size=3)
documents = flat | st.lists(flat, max_size=3) | st.dictionaries(keys, flat, max_size=3)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", CALL), ("/2", "BootNotification"), ("/3/chargingStation/model", "M"), ("/3/a~1b", 1), ("/3/c~0d/1", 20)],
)
def test_resolve_finds_what_stands_there(pointer, value):
    assert resolve(CALL, pointer) == value


@pytest.mark.parametrize("pointer", ["/9", "/3/none", "/-1", "/01", "/2/0", "/3/c~0d/-", "2"])
def test_resolve_says_when_nothing_stands_there(pointer):
    with pytest.raises(PointerError):
        resolve(CALL, pointer)


def test_assign_leaves_the_document_as_it_was_and_makes_objects_on_the_way():
    assert assign(CALL, "/3/new/deep", 5)[3]["new"] == {"deep": 5}
    assert "new" not in CALL[3]


def test_assign_appends_to_an_array():
    assert assign([1], "/-", 2) == assign([1], "/1", 2) == [1, 2]


@pytest.mark.parametrize("pointer", ["/5", "/2/x", "x"])
def test_assign_refuses_what_leads_nowhere(pointer):
    with pytest.raises(PointerError):
        assign(CALL, pointer, 1)


def test_remove_takes_members_and_elements():
    assert remove(CALL, "/3/chargingStation/model")[3]["chargingStation"] == {}
    assert remove([1, 2, 3], "/1") == [1, 3]


@pytest.mark.parametrize("pointer", ["", "/9", "/3/none", "/3/none/x"])
def test_remove_refuses_what_is_not_there(pointer):
    with pytest.raises(PointerError):
        remove(CALL, pointer)


@settings(deadline=None)
@given(st.lists(st.text(max_size=4), max_size=5))
def test_tokens_survive_the_way_through_a_pointer(wanted):
    assert parts(join(wanted)) == wanted


@settings(deadline=None)
@given(documents, tokens, documents)
def test_what_was_assigned_is_found_there(document, wanted, value):
    pointer = join(wanted)
    try:
        changed = assign(document, pointer, value)
    except PointerError:
        return
    if "-" not in wanted:
        assert resolve(changed, pointer) == value
