"""The timers of the editions, as the standards have them."""

from __future__ import annotations

import pytest
from v2x_architecture.iso15118.editions import Edition
from v2x_architecture.iso15118.timers import timers


@pytest.mark.parametrize("edition", Edition)
def test_an_secc_that_keeps_its_time_is_in_time_for_the_evcc(edition: Edition) -> None:
    times = timers(edition)
    assert all(pair.performance < pair.timeout for pair in times.messages.values())
    assert times.session["V2G_EVCC_Sequence_Performance_Time"] < times.session["V2G_SECC_Sequence_Timeout"] == 60.0
    for name in (each for each in times.session if each.startswith("V2G_EVCC") and each.endswith("_Timeout")):
        performance = times.session.get(name.replace("EVCC", "SECC").replace("_Timeout", "_Performance_Time"), 0.0)
        assert performance < times.session[name]


def test_messages_that_are_not_named_have_the_default() -> None:
    assert timers(Edition.ISO2).timeout("SessionSetup") == 2.0
    assert timers(Edition.ISO2).timeout("PowerDelivery") == 5.0
    assert timers(Edition.DIN).timeout("PowerDelivery") == 2.0
    assert timers(Edition.DIN).timeout("CurrentDemand") == 0.25
    assert timers(Edition.ISO20).timeout("DC_ChargeLoop") == 0.5
