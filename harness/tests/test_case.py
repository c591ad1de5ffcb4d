from __future__ import annotations

import pytest
from v2x_harness.case import CASE_ATTRIBUTE, Case, Suite
from v2x_harness.errors import RegistryError

case = Suite("ocpp", "2.0.1", "station")


@case("TC_B_01_CS", verifies="B01.FR.01 B01.FR.05", applies="C-44 and not AQ-1")
async def cold_boot() -> None:
    """A rebooted station announces itself.

    Then it reports
    every connector.
    """


def test_a_test_function_becomes_a_case_and_stays_a_function() -> None:
    info = getattr(cold_boot, CASE_ATTRIBUTE)
    assert isinstance(info, Case)
    assert (info.id, info.role, info.protocol, info.version) == ("TC_B_01_CS", "station", "ocpp", "2.0.1")
    assert info.verifies == ("B01.FR.01", "B01.FR.05")
    assert info.title == "A rebooted station announces itself."
    assert info.purpose == "Then it reports\nevery connector."
    assert info.applies == "C-44 and not AQ-1"
    assert info.source.endswith("test_case:cold_boot")
    assert callable(cold_boot)


def test_a_case_without_a_docstring_is_refused() -> None:
    with pytest.raises(RegistryError, match="TC_X needs a docstring"):

        @case("TC_X", verifies="R.1")
        async def nameless() -> None:
            pass


def test_a_case_that_verifies_nothing_is_refused() -> None:
    with pytest.raises(RegistryError, match="at least one requirement"):

        @case("TC_X", verifies=" ")
        async def aimless() -> None:
            """Judge nothing."""
