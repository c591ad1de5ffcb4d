from __future__ import annotations

from v2x_harness.requirement import Level, Requirement
from v2x_harness.verdict import Verdict
from v2x_reports.account import SEVERITY
from v2x_reports.words import WORDS, sentence


def test_every_verdict_has_a_word_and_a_rank() -> None:
    assert set(WORDS) == set(SEVERITY) == set(Verdict)


def test_a_requirement_is_a_sentence_about_its_actor() -> None:
    requirement = Requirement(id="X", level=Level.MUST, actor="station csms", text="answers every CALL")
    assert sentence(requirement) == "The station or csms answers every CALL"
    assert sentence(Requirement(id="X", level=Level.MUST, actor="csms", text="Answers come.")) == "Answers come."
    names_its_own = Requirement(id="X", level=Level.MUST, actor="station csms", text="the station asks; the CSMS answers")
    assert sentence(names_its_own) == "The station asks; the CSMS answers"
