"""Diagrams of a session's curves: SVG that is read without a script, and the numbers that a script shows under the pointer.

Texts stand in drawings of their own beside and below the curves, so that these can be as wide as the page without the letters
being stretched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from v2x_harness.events import Json
from v2x_harness.quantities import Curve

from v2x_reports.curve_reading import STEPS, Point, SessionCurves

# Width of a diagram in its own units, height in pixels, and how much of that is air.
_WIDTH, _HEIGHT, _AIR = 1000, 150, 6
# So many points of a curve are drawn; more cannot be seen.
_POINTS = 400
# A limit that is farther out than so many times what flows is told and not drawn: nothing else could be seen.
_FAR = 4.0

_MINUS = "\N{MINUS SIGN}"
_TITLES = {"W": "Power", "A": "Current", "V": "Voltage", "%": "State of charge", "Wh": "Energy by the meter"}
_THOUSANDS = {"W": "kW", "Wh": "kWh"}


@dataclass(frozen=True)
class Line:
    """One curve in a diagram.

    Attributes:
        name: for the legend.
        style: class names: the kind, and whose it is.
        path: in the diagram's own units.
        points: what is drawn, for the numbers under the pointer: seconds since the case began, value in the diagram's unit.
        holds: whether a value holds until the next.
        low, high: least and greatest value, as text; ``last`` what holds at the end.
        outside: ``beyond the diagram`` where it cannot be seen, or ``in part``; else empty.
    """

    name: str
    style: str
    path: str
    points: tuple[tuple[float, float | None], ...]
    holds: bool
    low: str
    high: str
    last: str
    outside: str


class Diagram:
    """Curves of one unit over a session.

    Args:
        unit: of the curves.
        curves: with their points.
        session: that they are of.
        origin: seconds on the journal's clock when the case began.
    """

    def __init__(self, unit: str, curves: Sequence[tuple[Curve, Sequence[Point]]], session: SessionCurves, origin: float) -> None:
        self._begins, self._ends, self._origin = session.begins, session.ends, origin
        shown = [(curve, _within(points, session)) for curve, points in curves]
        values = {curve.id: [p.value for p in points if p.value is not None] for curve, points in shown}
        flowing = [v for curve, _ in shown for v in values[curve.id] if curve.kind in ("present", "target")]
        flowing = flowing or [v for each in values.values() for v in each]
        # A meter counts on from whatever it stood at.
        low, high = (min(flowing, default=0.0), max(flowing, default=0.0)) if unit == "Wh" else _span(flowing)
        reach = _FAR * max(abs(low), abs(high))
        for curve, _ in shown:
            near = [v for v in values[curve.id] if abs(v) <= reach or unit in ("%", "V")]
            low, high = min([low, *near]), max([high, *near])
        if unit == "%":
            low, high = min(low, 0.0), max(high, 100.0)
        self._factor = 1000.0 if unit in _THOUSANDS and max(abs(low), abs(high)) >= 1000 else 1.0
        self.unit = _THOUSANDS[unit] if self._factor > 1 else unit
        self.title = _TITLES.get(unit, unit)
        self.ticks = _ticks(low / self._factor, high / self._factor, 4)
        self._low = min(low / self._factor, self.ticks[0])
        self._high = max(high / self._factor, self.ticks[-1])
        self._digits = _digits(self.ticks)
        self.negative = self._low < 0 and unit in ("W", "A")
        drawn = [(curve, points) for curve, points in shown if values[curve.id]]
        self.lines = [self._line(curve, points) for curve, points in drawn]

    def curves(self) -> str:
        """Return the drawing of grid and curves, as wide as there is room."""
        grid = "".join(
            f'<path class="{"zero" if tick == 0 else "grid"}" d="M0 {self._y(tick):.1f}H{_WIDTH}"/>' for tick in self.ticks
        )
        grid += "".join(f'<path class="grid" d="M{100 * share * 10:.1f} 0V{_HEIGHT}"/>' for share, _ in self.moments())
        # What flows is drawn over what limits it.
        drawn = sorted(self.lines, key=lambda line: line.style.startswith("present"))
        paths = "".join(f'<path class="curve {line.style}" d="{line.path}"/>' for line in drawn)
        told = escape(f"{self.title} in {self.unit}: {', '.join(f'{x.name} {x.low} to {x.high}' for x in self.lines)}")
        box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" height="{_HEIGHT}" preserveAspectRatio="none"'
        cursor = f'<path class="cursor" d="M-9 0V{_HEIGHT}"/>'
        return f'<svg class="plot" {box} role="img" aria-label="{told}">{grid}{paths}{cursor}</svg>'

    def scale(self) -> str:
        """Return the drawing of the numbers at the left."""
        texts = "".join(f'<text x="50" y="{self._y(t) + 4:.1f}">{self._written(t)}</text>' for t in self.ticks)
        return f'<svg class="scale" width="54" height="{_HEIGHT}" aria-hidden="true">{texts}</svg>'

    def moments(self) -> list[tuple[float, str]]:
        """Return where along the time there are lines, from 0 to 1, and what is written there."""
        begins, ends = self._begins - self._origin, self._ends - self._origin
        span = (ends - begins) or 1.0
        step = _time_step(span)
        first = math.ceil(begins / step - 1e-9)
        last = math.floor(ends / step + 1e-9)
        return [((n * step - begins) / span, _moment(n * step, span)) for n in range(first, last + 1)]

    def times(self) -> str:
        """Return the drawing of the times below."""
        texts = "".join(
            f'<text x="{100 * share:.2f}%" y="14" class="{_edge(share)}">{text}</text>' for share, text in self.moments()
        )
        return f'<svg class="times" height="20" aria-hidden="true">{texts}</svg>'

    def data(self) -> Json:
        """Return what the script needs to tell the values under the pointer."""
        return {
            "begins": round(self._begins - self._origin, 3),
            "ends": round(self._ends - self._origin, 3),
            "digits": self._digits + 1,
            "lines": [
                {
                    "holds": line.holds,
                    "t": [round(t, 2) for t, _ in line.points],
                    "v": [None if v is None else round(v, self._digits + 1) for _, v in line.points],
                }
                for line in self.lines
            ],
        }

    def _line(self, curve: Curve, points: Sequence[Point]) -> Line:
        holds = curve.kind in STEPS
        said = [(p.t, None if p.value is None else p.value / self._factor) for p in points]
        thin = _thinned(said)
        values = [v for _, v in said if v is not None]
        low, high = min(values), max(values)
        drawn = tuple((t - self._origin, v) for t, v in thin)
        whose = "evse" if curve.name.startswith("EVSE") else "ev" if curve.name.startswith("EV") else "both"
        back = " back" if curve.below else ""
        return Line(
            name=curve.name,
            style=f"{curve.kind} {whose}{back}",
            path=self._path(thin, holds=holds),
            points=drawn,
            holds=holds,
            low=self._written(low, 1),
            high=self._written(high, 1),
            last=self._written(values[-1], 1),
            outside=self._outside(low, high),
        )

    def _outside(self, low: float, high: float) -> str:
        if low > self._high or high < self._low:
            return "beyond the diagram"
        return "in part beyond the diagram" if low < self._low or high > self._high else ""

    def _path(self, points: Sequence[tuple[float, float | None]], *, holds: bool) -> str:
        drawn: list[str] = []
        pen = False
        for t, value in points:
            x = self._x(t)
            if value is None:
                drawn.append(f"H{x:.1f}" if pen and holds else "")
                pen = False
                continue
            y = self._y(value)
            drawn.append((f"H{x:.1f}V{y:.1f}" if holds else f"L{x:.1f} {y:.1f}") if pen else f"M{x:.1f} {y:.1f}")
            pen = True
        if pen and holds:
            drawn.append(f"H{_WIDTH}")
        return "".join(drawn)

    def _x(self, t: float) -> float:
        return _WIDTH * (t - self._begins) / ((self._ends - self._begins) or 1.0)

    def _y(self, value: float) -> float:
        """Return where a value stands; what is beyond the diagram is far outside of it."""
        share = (value - self._low) / ((self._high - self._low) or 1.0)
        return _AIR + (_HEIGHT - 2 * _AIR) * (1 - min(max(share, -1.0), 2.0))

    def _written(self, value: float, more: int = 0) -> str:
        return f"{value:.{self._digits + more}f}".replace("-", _MINUS)


def diagrams(session: SessionCurves, origin: float) -> list[Diagram]:
    """Return a session's diagrams, one a unit, in the order of the table."""
    by_unit: dict[str, list[tuple[Curve, Sequence[Point]]]] = {}
    for curve, points in session.curves:
        by_unit.setdefault(curve.unit, []).append((curve, points))
    made = [Diagram(unit, curves, session, origin) for unit, curves in by_unit.items()]
    return [each for each in made if any(line.style.startswith("present") for line in each.lines)]


def _within(points: Sequence[Point], session: SessionCurves) -> list[Point]:
    """Return the points inside of the session: of a schedule, what follows later is not drawn."""
    return [p for p in points if session.begins <= p.t <= session.ends]


def _span(values: Sequence[float]) -> tuple[float, float]:
    """Return what a diagram must show: the values, and 0."""
    return min([0.0, *values]), max([0.0, *values])


def _ticks(low: float, high: float, about: int) -> list[float]:
    """Return round numbers around a span, some four of them."""
    span = (high - low) or 1.0
    raw = span / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 9) for n in range(first, max(last, first + 1) + 1)]


def _digits(ticks: Sequence[float]) -> int:
    return next((digits for digits in range(9) if all(abs(round(t, digits) - t) < 1e-9 for t in ticks)), 9)


_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)


def _time_step(span: float) -> float:
    return next((step for step in _STEPS if span / step <= 6), 86_400.0 * math.ceil(span / 6 / 86_400))


def _moment(seconds: float, span: float) -> str:
    if span <= 120:
        return f"{seconds:g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if span >= 3600 or hours else f"{minutes}:{rest:02}"


def _edge(share: float) -> str:
    return "first" if share < 0.04 else "last" if share > 0.96 else ""


def _thinned(points: Sequence[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    """Return as many points as can be seen: of each stretch of time the first, the least and the greatest."""
    if len(points) <= _POINTS:
        return list(points)
    kept: list[tuple[float, float | None]] = []
    size = len(points) * 3 / _POINTS
    edges = [round(i * size) for i in range(math.ceil(len(points) / size))] + [len(points)]
    for start, end in pairwise(edges):
        stretch = range(start, end)
        chosen = {start, *(i for i in stretch if points[i][1] is None)}
        known = [i for i in stretch if points[i][1] is not None]
        if known:
            chosen |= {min(known, key=lambda i: _key(points[i])), max(known, key=lambda i: _key(points[i]))}
        kept += [points[i] for i in sorted(chosen)]
    if kept[-1] != points[-1]:
        kept.append(points[-1])
    return kept


def _key(point: tuple[float, float | None]) -> float:
    assert point[1] is not None
    return point[1]
