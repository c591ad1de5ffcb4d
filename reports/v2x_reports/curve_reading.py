"""Curves out of the events of a run: power, limits, state of charge over each session.

Which fields they are is in the bundle's catalogue (`v2x_harness.quantities`); what the harness made itself is not in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from v2x_harness.events import Frame, LinkEvent
from v2x_harness.quantities import Curve, Quantities, QuantityReader

# Of these only changes are kept: what was said last holds.
STEPS = ("limit", "offer", "plan")


class Point(NamedTuple):
    """What was said of a quantity.

    Attributes:
        t: seconds on the journal's clock from when it holds; of a schedule's entry, when that begins.
        value: in the curve's unit; None where a schedule ends.
        n: of the frame that says so.
    """

    t: float
    value: float | None
    n: int


class SessionCurves:
    """The curves of one connection during one case.

    Attributes:
        link: id of the connection.
        begins, ends: seconds on the journal's clock of the first and the last message that tells of a quantity.
        points: by the ids of curves, in the order of time.
    """

    def __init__(self, link: str, curves: Mapping[str, Curve]) -> None:
        self.link, self._curves = link, curves
        self.begins = self.ends = 0.0
        self.points: dict[str, list[Point]] = {}

    @property
    def curves(self) -> Iterable[tuple[Curve, Sequence[Point]]]:
        """What there is of each curve, in the order of the table."""
        return [(curve, self.points[id_]) for id_, curve in self._curves.items() if id_ in self.points]

    @property
    def telling(self) -> bool:
        """Whether anything is measured at more than one moment."""
        return self.ends > self.begins and any(len(points) > 1 for curve, points in self.curves if curve.kind == "present")

    def add(self, frame: Frame, reader: QuantityReader) -> None:
        """Take what a frame says."""
        form = frame.decoded
        values, plans = reader.values(form), reader.planned(form)
        if not values and not plans:
            return
        self.begins = self.begins if self.points else frame.t
        self.ends = max(self.ends, frame.t)
        for id_, value in values.items():
            points = self.points.setdefault(id_, [])
            if self._curves[id_].kind not in STEPS or not points or points[-1].value != value:
                points.append(Point(frame.t, value, frame.n))
        for plan in plans:
            before = [point for point in self.points.get(plan.curve, ()) if point.t < frame.t]
            after = [Point(frame.t + start, value, frame.n) for start, value in plan.steps]
            end = [] if plan.end is None else [Point(frame.t + plan.end, None, frame.n)]
            self.points[plan.curve] = [*before, *after, *end]


class CurveReader:
    """Takes curves out of the events of a run.

    Args:
        quantities: of the protocols that have such.
    """

    def __init__(self, quantities: Sequence[Quantities]) -> None:
        self._readers = {each.protocol: QuantityReader(each) for each in quantities}
        self._curves = {each.protocol: {curve.id: curve for curve in each.curves} for each in quantities}
        self._protocols: dict[str, str] = {}

    def opened(self, event: LinkEvent) -> None:
        """Take note of a connection, and of the protocol that is spoken on it."""
        self._protocols[event.link] = event.protocol.partition("/")[0]

    def take(self, frame: Frame, sessions: dict[str, SessionCurves]) -> None:
        """Put what a frame tells where its case keeps its connections."""
        protocol = self._protocols.get(frame.link, "")
        reader = self._readers.get(protocol)
        if reader is None or frame.fate == "injected":
            return
        if frame.link not in sessions:
            sessions[frame.link] = SessionCurves(frame.link, self._curves[protocol])
        sessions[frame.link].add(frame, reader)
