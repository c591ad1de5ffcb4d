"""Passive judges over the event stream: they run live in a test, and offline over any journal or log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from v2x_harness.events import Event
from v2x_harness.finding import Axis, Finding, Layer


class RuleInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule is.

    Attributes:
        id: ``ocpp.format.timestamp``.
        layer: which layer of judgement it speaks for.
        requirements: what it cites, by protocol version: ``{"1.6": ("OCPP-1.6#7.15",), "2.0.1": (…)}``.
        parties: roles it can find at fault.
        text: one sentence for people.
        axis: conformance, or compatibility for what is legal but trips known peers.
    """

    id: str
    protocol: str
    layer: Layer
    requirements: dict[str, tuple[str, ...]]
    parties: tuple[str, ...]
    text: str
    axis: Axis = Axis.CONFORMANCE


class Judge(Protocol):
    """A set of rules with the state they keep over one run."""

    rules: Sequence[RuleInfo]

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of the protocol that were judged by so far."""
        ...

    def feed(self, event: Event) -> Iterable[Finding]:
        """Take the next event; give what it reveals. Never raises for what a product sent."""
        ...

    def finish(self) -> Iterable[Finding]:
        """The stream has ended: give what only the end reveals."""
        ...

    def inspected(self) -> dict[str, int]:
        """How often each rule had something to judge: a rule that never had is not applicable, not passed."""
        ...
