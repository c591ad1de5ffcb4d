"""The suite holds together: whatever names a case, a rule or a requirement names one that there is."""

from __future__ import annotations

import pytest
from v2x_harness.coverage import uncovered
from v2x_harness.pics import Pics
from v2x_suites.ocpp.suite import PROTOCOL, ROLES, VERSIONS

CASES = {(c.id, c.role, c.version): c for c in PROTOCOL.cases()}
RULES = {r.id for r in PROTOCOL.rules()}


def test_registries_cases_and_rules_fit_each_other() -> None:
    assert list(uncovered(PROTOCOL)) == []


def test_every_kind_of_subject_has_cases() -> None:
    for version in VERSIONS:
        for role in ROLES:
            assert any(c.role == role and c.version == version for c in PROTOCOL.cases()), (role, version)


def test_faults_name_cases_and_rules_that_there_are() -> None:
    for fault in PROTOCOL.faults():
        for case in (*fault.cases, *fault.drive):
            assert (case, fault.role, fault.version) in CASES, f"{fault.id} names {case}"
        assert set(fault.rules) <= RULES, fault.id
        assert fault.cases or fault.rules, f"{fault.id} is noticed by nothing"
        assert not fault.rules or fault.drive or fault.cases, f"{fault.id} drives nothing for its rules to see"


def test_faults_violate_what_the_cases_they_name_verify() -> None:
    for fault in PROTOCOL.faults():
        for case in fault.cases:
            assert set(fault.violates) & set(CASES[case, fault.role, fault.version].verifies), f"{fault.id}: {case}"


def test_fault_ids_are_unique() -> None:
    ids = [f.id for f in PROTOCOL.faults()]
    assert sorted(set(ids)) == sorted(ids)


def test_every_role_and_version_has_the_five_controls() -> None:
    names = {"mute", "empty", "callerror", "minimal", "dies"}
    for version in VERSIONS:
        for role in ROLES:
            assert {c.id for c in PROTOCOL.controls() if (c.role, c.version) == (role, version)} == names


def test_what_a_control_meets_is_a_case_and_has_a_reason() -> None:
    for control in PROTOCOL.controls():
        for case, reason in control.met.items():
            assert (case, control.role, control.version) in CASES, f"{control.id} meets {case}"
            assert len(reason) > 20


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("role", ROLES)
def test_the_reference_actors_pics_decide_every_case(role: str, version: str) -> None:
    """What our own actor says of itself leaves no case undecided."""
    pics: Pics = PROTOCOL.reference(role, version).capabilities
    for case in PROTOCOL.cases():
        if (case.role, case.version) == (role, version):
            assert pics.applies(case.applies)[0] is not None, f"{case.id}: {case.applies}"


def test_there_is_enough_of_everything() -> None:
    """The floors that the project has set itself."""
    assert len(PROTOCOL.cases()) >= 50
    assert len(PROTOCOL.rules()) >= 25
    assert len(PROTOCOL.faults()) >= 80


def test_what_a_case_verifies_is_asked_of_its_role() -> None:
    registries = {registry.version: registry for registry in PROTOCOL.registries()}
    wrong = [
        (case.id, cited)
        for case in PROTOCOL.cases()
        for cited in case.verifies
        if case.role not in registries[case.version][cited].actor.split()
    ]
    assert wrong == []
