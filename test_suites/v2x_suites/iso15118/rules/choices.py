"""What an EVCC chooses of what was offered, and what an SECC says to a request that it has to refuse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from v2x_harness.rule import RuleInfo

from v2x_suites.iso15118.rules.looking import GOOD, Found
from v2x_suites.iso15118.rules.rule import Problem
from v2x_suites.iso15118.rules.said import Said


class Choice(NamedTuple):
    """What was chosen.

    Attributes:
        chosen: as it was said.
        offered: what there was to choose from.
        kind: what it is, for words.
    """

    chosen: str
    offered: Sequence[str]
    kind: str = ""

    @property
    def good(self) -> bool:
        """Whether it was offered."""
        return self.chosen in self.offered

    @property
    def words(self) -> str:
        """What is wrong with it if it was not."""
        return f"{self.kind} {self.chosen} was not offered".lstrip()


def judge_choice(rule: RuleInfo, choice: Choice | None, pointer: str) -> Found:
    """Judge a choice; None is for one that is not known.

    Args:
        rule: that judges.
        choice: to be judged.
        pointer: where it was made.
    """
    if choice is None:
        return None
    if choice.good:
        return GOOD
    return [Problem(rule, choice.words, pointer, " or ".join(choice.offered), choice.chosen)]


def judge_consent(rule: RuleInfo, choice: Choice | None, said: Said, expected: str) -> Found:
    """Judge what an SECC says to a choice; there is nothing to judge where that is good, or not known."""
    if choice is None or choice.good:
        return None
    return judge_refusal(rule, choice.words, said, expected)


def judge_refusal(rule: RuleInfo, words: str, said: Said, expected: str) -> Found:
    """Judge the response to a request that is to be refused.

    Args:
        rule: that judges.
        words: what is wrong with the request.
        said: the response.
        expected: the code that is meant; any that refuses will do.
    """
    if said.failed:
        return GOOD
    return [Problem(rule, words, said.at("ResponseCode"), expected, said.code)]
