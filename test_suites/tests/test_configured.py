"""Configuration states: what must be settable for a case, what need not be there, and when a case does not apply."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from v2x_harness.case import CASE_ATTRIBUTE, Case
from v2x_suites.ocpp.suite import PROTOCOL
from v2x_suites.ocpp.v16.station import pics as v16
from v2x_suites.ocpp.v16.station.pics import Told, leaves_open, suffices
from v2x_suites.ocpp.v201.station import pics as v201


def _states(package: str) -> Iterator[tuple[Case, dict[str, str]]]:
    """Give the cases of a package that want a configuration state, and what they cannot do without."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        if module.name.rpartition(".")[2].startswith("test_"):
            for function in vars(importlib.import_module(module.name)).values():
                for mark in getattr(function, "pytestmark", []):
                    if mark.name == "configured":
                        yield getattr(function, CASE_ATTRIBUTE), mark.args[0] if mark.args else {}


@pytest.mark.parametrize("package", PROTOCOL.packages_for("station", "1.6"))
def test_a_16_case_asks_for_standard_keys(package: str) -> None:
    """Those that a charge point with the case's features has; others only where it is to be off, or with its feature."""
    features = {f.key: f.id for f in v16.FEATURES if f.key}
    for case, wanted in _states(package):
        applies = set(re.findall(r"[\w.-]+", case.applies))
        for name, value in wanted.items():
            key = v16.KEYS[name.lower()]
            required = key.required and (key.profile == "Core" or key.profile in applies)
            assert required or value == key.off or features.get(name) in applies or key.access == "any", f"{case.id}: {name}"


@pytest.mark.parametrize("package", PROTOCOL.packages_for("station", "2.0.1"))
def test_a_201_case_asks_for_variables_that_its_features_have(package: str) -> None:
    features = {(f.variable, f.id) for f in v201.FEATURES}
    for case, wanted in _states(package):
        applies = set(re.findall(r"[\w.-]+", case.applies))
        for name in wanted:
            told = {feature for variable, feature in features if variable == name}
            assert name in v201.CORE_VARIABLES or told & applies, f"{case.id}: {name}"


@pytest.mark.parametrize(
    ("name", "wanted", "told", "good"),
    [
        ("LocalPreAuthorize", "false", Told("False", True), True),
        ("LocalPreAuthorize", "true", Told("false", True), False),
        ("MeterValuesSampledData", "Voltage", Told("Energy.Active.Import.Register, Voltage", True), True),
        ("MeterValuesSampledData", "Voltage", Told("Energy.Active.Import.Register", True), False),
        ("StopTxnSampledData", "", Told("Voltage", True), False),
        ("ClockAlignedDataInterval", "0", Told("0", True), True),
        ("AllowOfflineTxForUnknownId", "false", None, True),
        ("AllowOfflineTxForUnknownId", "true", None, False),
        ("StopTransactionOnEVSideDisconnect", "false", None, False),
        ("MinimumStatusDuration", "0", None, True),
        ("LocalPreAuthorize", "false", None, False),
        ("VendorKey", "x", Told("x", True), True),
        ("VendorKey", "x", None, False),
    ],
)
def test_a_key_that_cannot_be_set_suffices_where_it_says_the_same(name: str, wanted: str, told: Told | None, good: bool) -> None:
    assert suffices(name, wanted, told) is good
    assert suffices(name, wanted, told, optional=True) is (good or told is None)


def test_the_specification_leaves_some_keys_to_the_charge_point() -> None:
    assert leaves_open("StopTransactionOnEVSideDisconnect", Told("true", True))
    assert leaves_open("AuthorizationCacheEnabled", None)
    assert not leaves_open("LocalPreAuthorize", Told("false", True))
    assert not leaves_open("LocalPreAuthorize", None)
    assert not leaves_open("VendorKey", None)
