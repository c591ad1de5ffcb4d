"""Each rule is shown to see what it is for, where it is, and whose fault it is."""

from __future__ import annotations

import defects_course
import defects_meaning
import defects_wire
import pytest
from play import Play
from sheet import Defect
from v2x_suites.ocpp import PROTOCOL
from v2x_suites.ocpp.rules import all_infos

DEFECTS = [*defects_wire.sheet.defects, *defects_course.sheet.defects, *defects_meaning.sheet.defects]
RULES = {described.id: described for described in all_infos()}
REGISTERED = {registry.version: registry for registry in PROTOCOL.registries()}


@pytest.fixture
def found(defect: Defect):
    play = Play(defect.version, opened=defect.opened)
    defect.scene(play)
    return play


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_what_is_wrong_is_found_where_it_is(defect: Defect, found: Play) -> None:
    ours = [f for f in found.found if f.source == f"rule:ocpp.{defect.rule}"]
    seen = [(f.source, f.location.pointer, f.party, f.axis) for f in found.found]
    match = [f for f in ours if (f.location.pointer, f.party, f.axis) == (defect.pointer, defect.party, defect.axis)]
    assert match, seen
    finding = match[0]
    rule = RULES[f"ocpp.{defect.rule}"]
    assert finding.requirement in rule.requirements[defect.version]
    assert finding.requirement in REGISTERED[defect.version]
    assert finding.layer is rule.layer
    assert finding.party in rule.parties
    assert finding.text


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_nothing_else_is_found_against_the_specification_but_what_follows_from_it(defect: Defect, found: Play) -> None:
    others = {f.source.removeprefix("rule:ocpp.") for f in found.found if f.axis == "conformance"} - {defect.rule}
    assert others <= FOLLOWS.get(defect.rule, set()), [(f.source, f.text) for f in found.found]


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_rule_that_finds_something_has_inspected_something(defect: Defect, found: Play) -> None:
    assert found.judge.inspected()[f"ocpp.{defect.rule}"] > 0


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_every_rule_of_a_version_has_a_defect(version: str) -> None:
    shown = {f"ocpp.{defect.rule}" for defect in DEFECTS if defect.version == version}
    # A few rules are the same code in both versions; one play of either is enough for them.
    anywhere = {f"ocpp.{defect.rule}" for defect in DEFECTS}
    missing = {rule.id for rule in RULES.values() if version in rule.requirements} - shown
    assert missing - anywhere == set()


def test_every_requirement_a_rule_cites_is_registered() -> None:
    for rule in RULES.values():
        for version, ids in rule.requirements.items():
            assert set(ids) <= set(REGISTERED[version]), rule.id


def test_rule_ids_are_unique_and_name_their_layer() -> None:
    assert len({rule.id for rule in all_infos()}) == len(all_infos())
    for rule in all_infos():
        assert rule.id.split(".")[1] == rule.layer


# What one defect makes wrong beside itself.
FOLLOWS: dict[str, set[str]] = {
    "framing.error-code": {"schema.request"},
    "sequence.boot-first": {"semantics.boot-refused"},
    "sequence.rejected-answer": {"sequence.csms-before-accept"},
    "security.unregistered-call": {"sequence.pending-silence"},
}
