"""Who stands where in a lane: what of it is the same for every protocol."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from v2x_adapters.operators import operator_from
from v2x_harness.errors import RegistryError
from v2x_harness.events import Json
from v2x_harness.fault import Fault, GoodPeer
from v2x_harness.operator import Operator
from v2x_harness.protocol import Cast
from v2x_harness.steer import Steer


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


def wrong_actor[T](fault: Fault | GoodPeer, package: str, room: str, kind: type[T]) -> type[T]:
    """Return the subclass of an actor that a fault or good peer names: ``Class``, or ``module:Class``, of a package of faults.

    Args:
        fault: whose ``actor`` is looked for.
        package: of the protocol's faults.
        room: module that it is in when the fault names none.
        kind: that it is a subclass of.

    Raises:
        RegistryError: there is none of that name.
    """
    name, _, cls = fault.actor.rpartition(":")
    name = name or room
    try:
        wrong = getattr(import_module(f"{package}.{name}"), cls)
    except (ImportError, AttributeError) as error:
        raise RegistryError(f"{fault.id}: faults/{name}.py has no {cls}") from error
    if not (isinstance(wrong, type) and issubclass(wrong, kind)):
        raise RegistryError(f"{fault.id}: {cls} of faults/{name}.py is no {kind.__name__}")
    return wrong
