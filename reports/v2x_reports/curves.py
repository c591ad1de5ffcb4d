"""The curves of a run as numbers: ``curves.json``."""

from __future__ import annotations

import msgspec

from v2x_reports.account import Account

FILE = "curves.json"


class CurveDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One curve in ``curves.json``.

    Attributes:
        id, name, unit, kind: see `v2x_harness.quantities.Curve`.
        points: seconds since the case began, value, and ``n`` of the frame that says so. Of a kind other than ``present`` and
            ``target`` only changes; null where a schedule ends.
    """

    id: str
    name: str
    unit: str
    kind: str
    points: tuple[tuple[float, float | None, int], ...]


class SessionDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One connection in ``curves.json``.

    Attributes:
        case: during which it was seen; ``started`` its wall time, RFC 3339 UTC.
        journal, link: where it is in the bundle.
        begins, ends: seconds since the case began of the first and the last message that tells of a quantity.
    """

    case: str
    started: str
    journal: str
    link: str
    begins: float
    ends: float
    curves: tuple[CurveDocument, ...]


class CurvesDocument(msgspec.Struct, frozen=True, kw_only=True):
    """``curves.json``: the numbers behind the diagrams of the HTML report; positive is charging, negative discharging."""

    run: str
    sessions: tuple[SessionDocument, ...]
    format: str = "v2x-curves/1"


def document(told: Account) -> CurvesDocument:
    """Return the curves of a run."""
    return CurvesDocument(
        run=told.manifest.run,
        sessions=tuple(
            SessionDocument(
                case=case.name,
                started=case.started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                journal=case.result.journal,
                link=session.link,
                begins=round(session.begins - case.begins, 6),
                ends=round(session.ends - case.begins, 6),
                curves=tuple(
                    CurveDocument(
                        id=curve.id,
                        name=curve.name,
                        unit=curve.unit,
                        kind=curve.kind,
                        points=tuple(
                            (round(p.t - case.begins, 6), None if p.value is None else round(p.value, 6), p.n) for p in points
                        ),
                    )
                    for curve, points in session.curves
                ),
            )
            for case in told.cases
            for session in case.curves
        ),
    )


def text(told: Account) -> str:
    """Return ``curves.json``."""
    return msgspec.json.encode(document(told)).decode() + "\n"


def render(told: Account) -> str:
    """Return ``curves.json``; empty when the run has no curves."""
    return text(told) if any(case.curves for case in told.cases) else ""
