"""Capabilities in three states, and the expressions over them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_harness.errors import SubjectError
from v2x_harness.pics import Pics

PICS = Pics({"C-44": True, "AQ-1": False})


@pytest.mark.parametrize(
    ("expression", "value", "unset"),
    [
        ("", True, ()),
        ("C-44", True, ()),
        ("AQ-1", False, ()),
        ("AQ-2", None, ("AQ-2",)),
        ("not AQ-1", True, ()),
        ("not AQ-2", None, ("AQ-2",)),
        ("C-44 or AQ-2", True, ()),
        ("AQ-1 and AQ-2", False, ()),
        ("C-44 and AQ-2", None, ("AQ-2",)),
        ("C-44 and not (AQ-1 or AQ-2)", None, ("AQ-2",)),
        ("AQ-1 or C-44 and not AQ-1", True, ()),
    ],
)
def test_an_expression_is_true_false_or_open(expression: str, value: bool | None, unset: tuple[str, ...]) -> None:
    assert PICS.applies(expression) == (value, unset)


@pytest.mark.parametrize("expression", ["and", "C-44 and", "(C-44", "C-44)", "C-44 C-45", "C-44 & C-45", "not"])
def test_what_is_no_expression_is_refused_with_the_expression(expression: str) -> None:
    with pytest.raises(SubjectError) as raised:
        PICS.applies(expression)
    assert expression in str(raised.value)


@given(st.text(max_size=40))
def test_arbitrary_text_is_evaluated_or_refused(text: str) -> None:
    try:
        value, unset = PICS.applies(text)
    except SubjectError:
        return
    assert (value is None) == bool(unset)
