"""What a passive rule of ISO 15118 says of itself, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec
from v2x_architecture.iso15118.editions import Edition
from v2x_harness.finding import Axis, Layer
from v2x_harness.rule import RuleInfo

PARTIES = ("evcc", "secc")

EVCC, SECC = PARTIES

VERSION_OF = {Edition.DIN: "din", Edition.ISO2: "2", Edition.ISO20: "20"}
"""Names of the registries. What was said before an edition was agreed on is judged by 15118-2."""

# Of 70121 only the protocol is named, not the clause.
_CLAUSES: dict[str, tuple[str, dict[str, str]]] = {
    "din": ("DIN70121", {}),
    "2": ("15118-2", {"V2GTP": "7.8.3.", "EXI": "7.9.1.", "SDP": "7.10.1."}),
    "20": ("15118-20", {"V2GTP": "7.8.3.", "EXI": "7.9.1.", "SDP": "7.10.1."}),
}
ALL = tuple(_CLAUSES)
NO_NUMBERS: Mapping[str, str] = MappingProxyType({})


class Problem(msgspec.Struct, frozen=True):
    """What a rule found, before the judge makes a `Finding` of it.

    Attributes:
        rule: that found it.
        text: one sentence for a person.
        pointer: EXI bit offset (``bit:123``), or JSON pointer into the decoded form.
        expected, seen: what the specification asks for, what was on the wire.
        party: who is at fault; empty for who sent the message that was looked at.
        frame: number of the frame that it rests on; None for the one that was looked at.
    """

    rule: RuleInfo
    text: str
    pointer: str = ""
    expected: str = ""
    seen: str = ""
    party: str = ""
    frame: int | None = None


def info(
    id: str,  # noqa: A002  (the field's name)
    layer: Layer,
    cite: str,
    text: str,
    *,
    axis: Axis = Axis.CONFORMANCE,
) -> RuleInfo:
    """Describe a rule.

    Args:
        id: without the protocol: ``exi.decode``.
        layer: which layer it speaks for.
        cite: the clause and what of it, without the standard: ``EXI.decode``.
        text: one sentence for people.
        axis: conformance, or compatibility for what is legal or harmless but trips known peers.
    """
    about = cite.partition(".")[0]
    requirements: dict[str, tuple[str, ...]] = {
        version: (f"{standard}#{clauses.get(about, '')}{cite}",) for version, (standard, clauses) in _CLAUSES.items()
    }
    return RuleInfo(
        id=f"iso15118.{id}",
        protocol="iso15118",
        layer=layer,
        requirements=requirements,
        parties=PARTIES,
        text=text,
        axis=axis,
    )


def described(
    id: str,  # noqa: A002  (the field's name)
    layer: Layer,
    about: str,
    text: str,
    *,
    party: str = "",
    versions: Sequence[str] = ALL,
    numbered: Mapping[str, str] = NO_NUMBERS,
    axis: Axis = Axis.CONFORMANCE,
) -> RuleInfo:
    """Describe a rule that looks at sessions.

    Args:
        id: without the protocol: ``sequence.request``.
        layer: which layer it speaks for.
        about: anchor of ours, without the standard: ``CurrentDemand.target-current``.
        text: one sentence for people.
        party: whom it can find at fault; empty for both.
        versions: names of the registries it applies to.
        numbered: ids of the standards' own, by version, where they are known; there the anchor is not cited.
        axis: conformance, or compatibility for what is legal or harmless but trips known peers.
    """
    cites: dict[str, tuple[str, ...]] = {
        version: (numbered.get(version) or f"{_CLAUSES[version][0]}#{about}",) for version in versions
    }
    parties = (party,) if party else PARTIES
    return RuleInfo(
        id=f"iso15118.{id}", protocol="iso15118", layer=layer, requirements=cites, parties=parties, text=text, axis=axis
    )


class Ending(msgspec.Struct, frozen=True):
    """A connection is over.

    Attributes:
        n: number of the event that says so; None where the journal just ends.
        t: when (s).
        by: who ended it first; empty where that is not known.
        closed: whether it was seen to end.
    """

    n: int | None
    t: float
    by: str = ""
    closed: bool = False
