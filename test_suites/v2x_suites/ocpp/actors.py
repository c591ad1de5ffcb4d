"""Who stands where in a lane: products, reference actors, seeded faults and controls as things that can be started."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from v2x_adapters.ocpp.reference import ReferenceCsmsProduct, ReferenceStationProduct
from v2x_adapters.process import AdapterProduct
from v2x_architecture.clock import Clock
from v2x_architecture.ocpp.csms import ReferenceCsms
from v2x_architecture.ocpp.station.resetting import Resetting
from v2x_harness.errors import RegistryError
from v2x_harness.fault import Control, Fault
from v2x_harness.operator import Product
from v2x_harness.protocol import Cast
from v2x_harness.subject import Subject

from v2x_suites.casting import wrong_actor
from v2x_suites.ocpp.controls import ControlProduct

_FAULTS = "v2x_suites.ocpp.faults"


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
    """Return the reference actor with the one thing wrong that a fault names.

    Raises:
        RegistryError: there is none of that name.
    """
    room = f"{fault.role}_v{fault.version.replace('.', '')}"
    if fault.role == "station":
        # What all firmware has in common is abstract; it is compared with here, and not made.
        firmware = wrong_actor(fault, _FAULTS, room, Resetting)  # type: ignore[type-abstract]
        return ReferenceStationProduct(firmware, clock=company.clock)
    return ReferenceCsmsProduct(wrong_actor(fault, _FAULTS, room, ReferenceCsms), clock=company.clock)
