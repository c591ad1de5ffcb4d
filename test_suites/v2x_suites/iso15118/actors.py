"""Who stands where in a lane: products, reference actors, seeded faults and controls as things that can be started."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from v2x_adapters.iso15118.reference import ReferenceEvccProduct, ReferenceSeccProduct
from v2x_adapters.process import AdapterProduct
from v2x_architecture.clock import Clock
from v2x_architecture.coupling import Coupling
from v2x_architecture.iso15118.editions import Edition
from v2x_architecture.iso15118.evcc import Evcc
from v2x_architecture.iso15118.evcc.dialogue import Dialogue as EvccDialogue
from v2x_architecture.iso15118.secc import Secc
from v2x_architecture.iso15118.secc.dialogue import Dialogue as SeccDialogue
from v2x_harness.errors import RegistryError
from v2x_harness.fault import Control, Fault, GoodPeer
from v2x_harness.operator import Product
from v2x_harness.protocol import Cast

from v2x_suites.casting import wrong_actor
from v2x_suites.iso15118.controls import ControlProduct

_FAULTS = "v2x_suites.iso15118.faults"
_EDITIONS = {"din": Edition.DIN, "2": Edition.ISO2, "20": Edition.ISO20}


class Company(msgspec.Struct, frozen=True):
    """What the actors of one lane share.

    Attributes:
        clock: one wall time for all of them, virtual or real.
        plug: where EV and EVSE meet.
        note: keeps a line that an adapter logs.
    """

    clock: Clock
    plug: Coupling
    note: Callable[[str], None]


def in_process(cast: Cast) -> bool:
    """Whether the subject's place is taken by a model of ours, which shares the plug with our side."""
    return cast.subject.operator.kind == "reference"


def product_of(cast: Cast, company: Company) -> Product | None:
    """Return what stands in the subject's place, when the harness starts it itself.

    Raises:
        RegistryError: a seeded fault names an actor that there is not.
        AdapterError: the third-party product cannot be had here.
    """
    if isinstance(cast.bad, Control):
        return ControlProduct(cast.bad, company.clock)
    if in_process(cast):
        other = _other(cast)
        if cast.role == "secc":
            if other is not None and issubclass(other, ReferenceSeccProduct):
                return other(Secc, company.plug, company.clock)
            return ReferenceSeccProduct(_secc(cast, other), company.plug, company.clock)
        if other is not None and issubclass(other, ReferenceEvccProduct):
            return other(Evcc, company.plug, company.clock)
        return ReferenceEvccProduct(_evcc(cast, other), company.plug, company.clock)
    if cast.subject.operator.kind == "adapter":
        return AdapterProduct(cast.subject.operator.settings, Path(cast.subject.path).parent, on_note=company.note)
    return None


def _other(cast: Cast) -> type | None:
    """Return what a fault or good peer names: a product, a state machine, or a session of one."""
    what: Fault | Control | GoodPeer | None = cast.bad or cast.good
    if isinstance(what, Control) or what is None or not what.actor:
        return None
    return wrong_actor(what, _FAULTS, f"{cast.role}_{cast.version}", object)


def _secc(cast: Cast, wrong: type | None) -> type[Secc]:
    """Return the SECC's state machine, or the one that is named: an SECC, or its session."""
    if wrong is None:
        return Secc
    if issubclass(wrong, SeccDialogue):
        edition = _EDITIONS[cast.version]
        session = _session(wrong, Secc.dialogues[edition])
        return type(wrong.__name__, (Secc,), {"dialogues": {**Secc.dialogues, edition: session}})
    if not issubclass(wrong, Secc):
        raise RegistryError(f"{wrong.__name__} of {_FAULTS} is neither an SECC nor a session of one")
    return wrong


def _session[T](wrong: type[T], own: type[T]) -> type[T]:
    """Return a session with one thing wrong; what is of no edition is laid over the edition's own."""
    return wrong if issubclass(wrong, own) else type(wrong.__name__, (wrong, own), {})


def _evcc(cast: Cast, wrong: type | None) -> type[Evcc]:
    """Return the EVCC's state machine, or the one that is named: an EVCC, or its session."""
    if wrong is None:
        return Evcc
    if issubclass(wrong, EvccDialogue):
        edition = _EDITIONS[cast.version]
        session = _session(wrong, Evcc.dialogues[edition])
        return type(wrong.__name__, (Evcc,), {"dialogues": {**Evcc.dialogues, edition: session}})
    if not issubclass(wrong, Evcc):
        raise RegistryError(f"{wrong.__name__} of {_FAULTS} is neither an EVCC nor a session of one")
    return wrong
