"""What verdicts and requirements are called in words."""

from __future__ import annotations

from v2x_harness.requirement import Requirement
from v2x_harness.verdict import Verdict

WORDS = {
    Verdict.NONE: "nothing judged",
    Verdict.PASS: "pass",
    Verdict.WARN: "warning",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.FAIL: "fail",
    Verdict.ERROR: "harness error",
    Verdict.NOT_APPLICABLE: "not applicable",
    Verdict.SKIPPED: "skipped",
    Verdict.BLOCKED: "blocked",
    Verdict.REVIEW: "to be reviewed",
}

# Roles that are written otherwise than they are named in journals.
_ROLES = {"evcc": "EVCC", "secc": "SECC"}


def role_word(role: str) -> str:
    """Return what a role is called for people."""
    return _ROLES.get(role, role)


# Protocols that are written otherwise than they are named in bundles.
_PROTOCOLS = {"iso15118": "ISO 15118"}


def protocol_word(protocol: str) -> str:
    """Return what a protocol is called for people."""
    return _PROTOCOLS.get(protocol, protocol.upper())


def visible(text: str) -> str:
    """Return a text with what cannot be seen spelled out as an escape."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


# What a wording begins with that is a sentence of its own.
_WHOLE = ("a", "an", "the", "no", "while", "after", "once", "of", "in")


def sentence(requirement: Requirement) -> str:
    """Return a requirement as a sentence: its wording is what its actor does, unless it names who does it."""
    text = requirement.text
    if text.split(" ", 1)[0] in _WHOLE:
        return f"{text[0].upper()}{text[1:]}"
    actors = " or ".join(map(role_word, requirement.actor.split()))
    return f"The {actors} {text}" if text[:1].islower() else text
