"""Who stands where in a lane: products, reference actors, seeded faults and controls as things that can be started."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import msgspec
from v2x_adapters.ocpp.reference import ReferenceCsmsProduct, ReferenceStationProduct
from v2x_adapters.operators import operator_from
from v2x_adapters.process import AdapterProduct
from v2x_architecture.clock import Clock
from v2x_harness.errors import RegistryError
from v2x_harness.events import Json
from v2x_harness.fault import Control, Fault
from v2x_harness.operator import Operator, Product
from v2x_harness.protocol import Cast
from v2x_harness.steer import Steer
from v2x_harness.subject import Subject

from v2x_suites.ocpp.controls import ControlProduct


class Company(msgspec.Struct, frozen=True):
    """What the actors of one lane share.

    Attributes:
        clock: one wall time for all of them, virtual or real.
        note: keeps a line that an adapter logs.
    """

    clock: Clock
    note: Callable[[str], None]


def product_of(cast: Cast, company: Company) -> Product | None:
    """Return what stands in the subject's place, when the harness starts it itself.

    Raises:
        RegistryError: a seeded fault names an actor that there is not.
        AdapterError: the third-party product cannot be had here.
    """
    if isinstance(cast.bad, Control):
        return ControlProduct(cast.bad)
    if isinstance(cast.bad, Fault) and cast.bad.actor:
        return _zoo(cast.bad, company)
    return _started(cast.subject, cast.role, company)


def counterpart_of(cast: Cast, company: Company, role: str) -> Product:
    """Return who plays the other role: the product that the cast names, else our reference actor.

    Raises:
        RegistryError: the cast names a product that the harness cannot start.
    """
    peer = cast.peers.get(role)
    if peer is None:
        return _reference(role, company)
    product = _started(peer, role, company)
    if product is None:
        raise RegistryError(f"{peer.path}: a peer must be started by the harness", 'its [operator] kind must be "adapter"')
    return product


def operator_of(cast: Cast) -> Operator:
    """Return the operator of a subject that runs by itself."""
    return operator_from(cast.subject.operator, Path(cast.subject.path).parent)


def steps_of(cast: Cast) -> Sequence[Steer]:
    """Return what the tap does in the subject's name."""
    if isinstance(cast.bad, Fault):
        return cast.bad.steps
    return cast.good.steps if cast.good else ()


def settings_of(cast: Cast) -> dict[str, Json]:
    """Return the settings of what stands in the subject's place: its PIXIT, and what a fault or good peer changes."""
    changed = cast.bad.settings if isinstance(cast.bad, Fault) else cast.good.settings if cast.good else {}
    return {**cast.subject.pixit.values, **changed}


def _started(subject: Subject, role: str, company: Company) -> Product | None:
    """Return the product that the harness starts for a subject, or None for one that runs by itself."""
    if subject.operator.kind == "reference":
        return _reference(role, company)
    if subject.operator.kind == "adapter":
        return AdapterProduct(subject.operator.settings, Path(subject.path).parent, on_note=company.note)
    return None


def _reference(role: str, company: Company) -> Product:
    if role == "station":
        return ReferenceStationProduct(clock=company.clock)
    return ReferenceCsmsProduct(clock=company.clock)


def _zoo(fault: Fault, company: Company) -> Product:
    """Return the reference actor with the one thing wrong a fault names: ``Class``, or ``module:Class`` of the faults.

    Raises:
        RegistryError: there is none of that name.
    """
    name, _, kind = fault.actor.rpartition(":")
    name = name or f"{fault.role}_v{fault.version.replace('.', '')}"
    try:
        wrong = getattr(import_module(f"v2x_suites.ocpp.faults.{name}"), kind)
    except (ImportError, AttributeError) as error:
        raise RegistryError(f"fault {fault.id}: faults/{name}.py has no {kind}") from error
    if fault.role == "station":
        return ReferenceStationProduct(wrong, clock=company.clock)
    return ReferenceCsmsProduct(wrong, clock=company.clock)
