"""Products that misbehave from the start: judged for what they do, given up when nothing comes of it, in bounded memory."""

from __future__ import annotations

import re

import hostile
import pytest
from subjects import subject

pytestmark = pytest.mark.anyio

# The most memory (MB) a run may take; an idle one takes about 110.
_MEMORY = 400
# More cases than it takes to give a product up; none of the station's needs anybody at the product.
_CASES = {
    "csms": ("TC_B_01_CSMS", "TC_C_06_CSMS", "TC_C_02_CSMS", "TC_E_15_CSMS", "TC_K_01_CSMS"),
    "station": ("TC_B_06_CS", "TC_B_07_CS", "TC_B_09_CS", "TC_B_12_CS", "TC_B_13_CS"),
}


def chosen(role):
    return [word for case in _CASES[role] for word in ("--case", case)]


def given_up(told, role):
    """Check that three cases were tried, and the others say why they were not."""
    not_run = [reason for reason in told.reasons.values() if reason.startswith(f"not run: the {role} ")]
    assert len(not_run) == len(_CASES[role]) - 3, told.reasons
    assert "in 3 cases in a row: the other cases are not run" in told.err
    return not_run[0]


_GARBAGE = {"framing.json", "framing.structure", "framing.message-id"}
# What the last case before the end came to, and which rules spoke against the product.
_CSMS = {
    "closes_at_once": ("the last connection was closed by the csms (1011, no)", set()),
    "never_answers": ("no accepted BootNotification within 1.2 s", set()),
    "answers_garbage": ("no accepted BootNotification within 1.2 s", _GARBAGE),
    "sends_ten_megabytes": ("closed by the station (1009, ", set()),
}
# How far such a station gets before a case is ready to begin is a matter of moments: either is said.
_NOT_READY = "an accepted BootNotification within|no accepted BootNotification within|does not come to rest within"
_STATION = {
    "closes_at_once": (_NOT_READY, set()),
    "never_answers": ("an answer to Get", set()),
    "answers_garbage": (_NOT_READY, _GARBAGE),
    "sends_ten_megabytes": ("no connection of CS001 within 1 s", set()),
}


def rules_against(told):
    findings = told.bundle.verdicts.findings
    return {f.source.removeprefix("rule:ocpp.") for f in findings if f.source.startswith("rule:") and f.axis == "conformance"}


@pytest.mark.parametrize("manner", _CSMS)
async def test_a_csms_that_misbehaves_is_judged_then_given_up(v2x, whole, manner):
    async with hostile.csms(getattr(hostile, manner)) as where:
        told = whole(await v2x(subject(endpoint=f'url = "ws://{where}"'), *chosen("csms")))
    words, rules = _CSMS[manner]
    assert told.code == 1, told.said
    assert words in given_up(told, "csms")
    # A boot that is not answered is the product's own fault; a connection that does not hold is nobody's case.
    first, *others = (told.outcomes[case] for case in _CASES["csms"])
    assert first == "fail" or (manner == "closes_at_once" and first == "inconclusive")
    assert set(others) == {"inconclusive"}
    assert rules_against(told) >= rules
    assert told.peak < _MEMORY


@pytest.mark.parametrize("manner", _STATION)
async def test_a_station_that_misbehaves_is_judged_then_given_up(v2x, whole, free_port, manner):
    async with hostile.station(f"ws://127.0.0.1:{free_port}/CS001", getattr(hostile, manner)):
        told = whole(await v2x(subject("station", f'listen = "127.0.0.1:{free_port}"'), *chosen("station")))
    words, rules = _STATION[manner]
    assert told.code == 1, told.said
    assert re.search(words, given_up(told, "station"))
    # A report that is asked for and not promised is the product's own fault; most cases need an answer to begin with.
    failed = {"TC_B_12_CS", "TC_B_13_CS"} if manner == "never_answers" else set()
    assert told.outcomes == {case: "fail" if case in failed else "inconclusive" for case in _CASES["station"]}
    assert rules_against(told) >= rules
    assert told.peak < _MEMORY


async def test_a_csms_that_sends_ten_thousand_frames_a_second_does_not_drown_the_run(v2x, whole):
    async with hostile.csms(hostile.floods) as where:
        told = whole(await v2x(subject(endpoint=f'url = "ws://{where}"'), *chosen("csms")[:2]))
    assert told.code == 1, told.said
    assert told.outcomes == {"TC_B_01_CSMS": "fail"}
    assert rules_against(told) >= {"schema.direction", "framing.call-outstanding"}
    assert told.peak < _MEMORY


async def test_a_station_that_sends_ten_thousand_frames_a_second_does_not_drown_the_run(v2x, whole, free_port):
    async with hostile.station(f"ws://127.0.0.1:{free_port}/CS001", hostile.floods):
        told = whole(await v2x(subject("station", f'listen = "127.0.0.1:{free_port}"'), *chosen("station")[:2]))
    assert told.code == 1, told.said
    assert told.outcomes == {"TC_B_06_CS": "inconclusive"}
    assert re.search(_NOT_READY, told.said)
    assert rules_against(told) >= {"framing.call-outstanding"}
    assert told.peak < _MEMORY
