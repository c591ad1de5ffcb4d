"""Seeded faults and controls: the deliberately bad subjects that show a case or rule can fail."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from v2x_harness.events import Json
from v2x_harness.steer import Steer


class Family(StrEnum):
    """What kind of wrong a fault is."""

    WIRE = "wire"
    SEQUENCE = "sequence"
    TIMING = "timing"
    SECURITY = "security"
    SEMANTIC = "semantic"


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing done wrong by an otherwise good reference actor, as data where possible.

    Attributes:
        id: ``ocpp201.station.boot-reason-wrong``.
        role, protocol, version: the actor that is made to do wrong.
        violates: requirement ids it breaks; a kill must cite one of them.
        cases: ids of the cases that must notice; ``rules`` ids of the rules that must.
        text: what it does wrong, in one sentence.
        steps: done in the tap, on the subject's side of the recorder.
        actor: name of a subclass of the reference actor that does it, where a tap cannot.
        settings: further settings of the reference actor.
        drive: for faults that only rules must notice: ids of cases to run so that there is something to see.
        pics, pixit: what of the reference actor's own it has otherwise, where only such an actor can do so wrong.
    """

    id: str
    family: Family
    role: str
    protocol: str
    version: str
    violates: tuple[str, ...]
    text: str
    cases: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    steps: tuple[Steer, ...] = ()
    actor: str = ""
    settings: dict[str, Json] = {}
    drive: tuple[str, ...] = ()
    pics: dict[str, bool] = {}
    pixit: dict[str, Json] = {}


class Control(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A subject that is not a product at all: no case may pass on it, but those where it really meets the requirement.

    Attributes:
        id: ``mute``, ``empty``, ``callerror``, ``minimal``, ``dies``.
        text: what it does.
        met: case id to the reason why this control really meets what that case verifies.
    """

    id: str
    role: str
    protocol: str
    version: str
    text: str
    met: dict[str, str] = {}


class GoodPeer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A legal variation of a reference actor: no case and no rule may find anything on it.

    Attributes:
        settings: of the reference actor; ``steps`` legal things done in the tap (a slow but timely answer, ``customData``).
        actor: name of a subclass of the reference actor that does it, where neither settings nor a tap can.
        cases: ids of the cases that it is made for; every case that applies when empty.
        pics, pixit: what of the reference actor's own it has otherwise. A case that its PICS rule out is not run on it.
    """

    id: str
    role: str
    protocol: str
    version: str
    text: str
    settings: dict[str, Json] = {}
    steps: tuple[Steer, ...] = ()
    actor: str = ""
    cases: tuple[str, ...] = ()
    pics: dict[str, bool] = {}
    pixit: dict[str, Json] = {}
