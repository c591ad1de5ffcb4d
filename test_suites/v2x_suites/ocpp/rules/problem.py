"""What a passive rule of OCPP says of itself, and what it finds."""

from __future__ import annotations

import msgspec
from v2x_harness.finding import Axis, Layer
from v2x_harness.rule import RuleInfo

THIS = -1
BOTH = ("station", "csms")


class Problem(msgspec.Struct, frozen=True, gc=False):
    """What a check found, before the judge makes a `Finding` of it.

    Attributes:
        pointer: JSON pointer into the whole OCPP-J array.
        text: one sentence for a person.
        expected, seen: what the specification asks for, what was on the wire.
        rule: the rule that says so, where one check speaks for several; else the check's own.
        party: the role at fault; the sender of the message when empty.
        axis: where it differs from the rule's own.
        cite: requirement id; the rule's first for the version when empty.
        frame: ``n`` of another frame than the one being judged.
    """

    pointer: str
    text: str
    expected: str = ""
    seen: str = ""
    rule: RuleInfo | None = None
    party: str = ""
    axis: Axis | None = None
    cite: str = ""
    frame: int = THIS


FINE: tuple[Problem, ...] = ()


def info(
    id: str,  # noqa: A002  (the field's name)
    layer: Layer,
    text: str,
    *,
    v16: str = "",
    v201: str = "",
    parties: tuple[str, ...] = BOTH,
    axis: Axis = Axis.CONFORMANCE,
) -> RuleInfo:
    """Describe a rule.

    Args:
        id: without the protocol: ``format.timestamp``.
        layer: which layer it speaks for.
        text: one sentence for people.
        v16: requirement ids of 1.6, separated by spaces, the most telling one first; empty where the rule does not exist.
        v201: the same of 2.0.1.
        parties: roles it can find at fault.
        axis: conformance, or compatibility for what is legal but trips known peers.
    """
    requirements = {"1.6": tuple(v16.split()), "2.0.1": tuple(v201.split())}
    return RuleInfo(
        id=f"ocpp.{id}",
        protocol="ocpp",
        layer=layer,
        requirements={version: ids for version, ids in requirements.items() if ids},
        parties=parties,
        text=text,
        axis=axis,
    )
