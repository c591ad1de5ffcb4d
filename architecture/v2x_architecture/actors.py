"""The actors and interfaces of the architecture, as data; drawn into ``architecture/README.md``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that speaks.

    Attributes:
        id: short and unique (``station``): the role's name in casts and journals where it has one.
        name: the field's term.
        side: where it belongs: ``vehicle``, ``site``, ``operator``, ``market``, ``grid``, ``user``.
    """

    id: str
    name: str
    side: str


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface between actors, and what is spoken there.

    Attributes:
        id: ``I2``.
        between: ids of the actors.
        protocols: what is spoken, with versions.
        here: which of them this project judges today.
    """

    id: str
    between: tuple[str, ...]
    protocols: tuple[str, ...]
    here: tuple[str, ...] = ()


ACTORS = (
    Actor("driver", "EV driver and app", "user"),
    Actor("ev", "EV (EVCC)", "vehicle"),
    Actor("evse", "EVSE (SECC)", "site"),
    Actor("station", "Charging station", "site"),
    Actor("controller", "Local controller", "site"),
    Actor("hems", "Home or building energy manager", "site"),
    Actor("meter", "Meter", "site"),
    Actor("csms", "CSMS (CPO)", "operator"),
    Actor("emsp", "eMSP", "market"),
    Actor("hub", "Roaming hub", "market"),
    Actor("scsp", "Smart charging service provider", "market"),
    Actor("supplier", "Energy supplier", "market"),
    Actor("nap", "National access point", "market"),
    Actor("dso", "DSO", "grid"),
    Actor("tso", "TSO or balancing provider", "grid"),
)

INTERFACES = (
    Interface("I1", ("ev", "evse"), ("ISO 15118-2", "ISO 15118-20", "DIN SPEC 70121", "IEC 61851")),
    Interface("I2", ("station", "csms"), ("OCPP 1.6J", "OCPP 2.0.1", "OCPP 2.1"), here=("OCPP 1.6J", "OCPP 2.0.1")),
    Interface("I3", ("station", "controller", "csms"), ("OCPP",)),
    Interface("I4", ("hems", "evse"), ("EEBUS", "Modbus", "SunSpec")),
    Interface("I5", ("csms", "hub", "emsp"), ("OCPI 2.1.1", "OCPI 2.2.1", "OCPI 2.3.0")),
    Interface("I6", ("scsp", "csms"), ("OCPI ChargingProfiles",)),
    Interface("I7", ("dso", "csms"), ("OpenADR 3", "OpenADR 2.0b", "OSCP 2.0")),
    Interface("I8", ("tso", "csms"), ("FCR", "aFRR")),
    Interface("I9", ("supplier", "csms"), ("OpenADR PRICE",)),
    Interface("I10", ("driver", "emsp"), ("OCPI charging_preferences",)),
    Interface("I11", ("meter", "csms", "nap"), ("OCMF", "AFIR data")),
)


def drawing() -> str:
    """Return the architecture as a Mermaid flowchart: actors by side, interfaces as edges; what is judged today is thick."""
    lines = ["```mermaid", "flowchart LR"]
    for side in dict.fromkeys(actor.side for actor in ACTORS):
        lines.append(f'  subgraph {side}["{side}"]')
        lines += [f'    {actor.id}["{actor.name}"]' for actor in ACTORS if actor.side == side]
        lines.append("  end")
    for interface in INTERFACES:
        label = f"{interface.id}: {', '.join(interface.protocols)}"
        for one, other in zip(interface.between, interface.between[1:], strict=False):
            arrow = "<==>" if interface.here else "<-->"
            lines.append(f'  {one} {arrow}|"{label}"| {other}')
    return "\n".join([*lines, "```"])
