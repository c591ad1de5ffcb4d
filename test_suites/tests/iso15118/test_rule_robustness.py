"""Whatever a product sends, and however a tap changes it, the judge goes on."""

import copy
import random

import msgspec
import pytest
from v2x_harness.events import Frame
from v2x_suites.iso15118.rules import Iso15118Judge

from .talk import Line, findings

FATES = ("forwarded", "dropped", "delayed", "rewritten", "injected")


def damaged(talk, dice: random.Random):
    """Flip bits, change the order, leave out, double, and let the tap do something."""
    other = copy.deepcopy(talk)
    other.lines = other.lines[:160]
    for _ in range(dice.randrange(1, 12)):
        place = dice.randrange(len(other.lines))
        line = other.lines[place]
        match dice.randrange(6):
            case 0 | 1:
                octets = bytearray(line.octets)
                octets[dice.randrange(8, len(octets))] ^= 1 << dice.randrange(8)
                line.octets = bytes(octets)
            case 2:
                other.lines.insert(dice.randrange(len(other.lines)), copy.copy(line))
            case 3:
                del other.lines[place : place + dice.randrange(1, 4)]
            case 4:
                line.fate = dice.choice(FATES)
            case 5:
                line.t += dice.choice((-5.0, 0.5, 70.0, 1e6))
        if not other.lines:
            other.lines = [Line(0.0, "evcc", b"\x01\xfe\x80\x01\0\0\0\0")]
    return other


@pytest.mark.parametrize("seed", range(8))
def test_damaged_sessions_are_judged_without_an_error(good, seed) -> None:
    dice = random.Random(seed)
    for talks in good.values():
        findings(*(damaged(talk, dice) for talk in talks))


def test_what_is_kept_of_a_session_does_not_grow_with_it(good) -> None:
    judge, events = Iso15118Judge(), [event for event in good["2 dc"][0].events() if isinstance(event, Frame)]
    for round_ in range(10):
        for event in events:
            judge.feed(msgspec.structs.replace(event, t=event.t + 50.0 * round_))
    (views,) = judge._sessions.values()
    (session,) = views.each()
    assert all(len(series) < 300 for series in session.series.values())
    assert len(session.last) < 40
