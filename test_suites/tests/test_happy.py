"""Hard-coded happy answers are schema-valid, for every action: a control that is refused by a schema would prove nothing."""

from __future__ import annotations

import pytest
from v2x_architecture.ocpp.schema import actions, validate
from v2x_architecture.ocpp.versions import Version
from v2x_suites.ocpp.happy import happy_answer


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_every_answer_is_valid(version: Version) -> None:
    for action in sorted(actions(version)):
        assert validate(version, action, "response", happy_answer(version, action)) == [], action


def test_it_agrees_to_everything() -> None:
    assert happy_answer("2.0.1", "Reset")["status"] == "Accepted"
    assert happy_answer("1.6", "BootNotification")["status"] == "Accepted"
