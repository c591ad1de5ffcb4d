"""The HTML report: one file that needs nothing else, to be read, searched, sent and printed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path

import jinja2
import msgspec
from v2x_harness.bundle import Bundle
from v2x_harness.events import CaseEvent, Frame, Json, LinkEvent, OperatorEvent
from v2x_harness.requirement import Requirement
from v2x_harness.results import RequirementResult
from v2x_harness.verdict import Verdict

from v2x_reports import curves
from v2x_reports.account import SEVERITY, Account, CaseAccount, account
from v2x_reports.chart import Chart
from v2x_reports.curve_reading import SessionCurves
from v2x_reports.diagram import diagrams
from v2x_reports.finding_view import FindingView
from v2x_reports.grouping import grouped
from v2x_reports.headline import count, headline
from v2x_reports.marked_json import decoded, nearest, pointer_of
from v2x_reports.octets import bits_of
from v2x_reports.sequence import Row, every, rows, text_chart
from v2x_reports.v2g import is_v2g
from v2x_reports.words import WORDS, role_word, sentence, visible
from v2x_reports.writing import write_text

FILE = "report.html"

# Of one frame, so much is embedded; the journal has the rest.
_RAW, _RAW_CITED = 4_000, 40_000
# So much of the cases' details is embedded as it is, those with findings first; the rest compressed, and unpacked when opened.
_PLAIN = 2_000_000


class SessionView:
    """The diagrams of one session.

    Args:
        session: its curves.
        origin: seconds on the journal's clock when its case began.
    """

    def __init__(self, session: SessionCurves, origin: float) -> None:
        self.link, self.begins, self.ends = session.link, session.begins - origin, session.ends - origin
        self.diagrams = diagrams(session, origin)
        self.negative = any(each.negative for each in self.diagrams)
        self.data = _embeddable([each.data() for each in self.diagrams])


class CaseView:
    """A case as it is shown; its detail is rendered once, and embedded as it is or packed."""

    def __init__(self, case: CaseAccount, told: Account, detail: jinja2.Template) -> None:
        self.case, self.told, self._detail = case, told, detail
        self.findings = [FindingView(g, told) for g in grouped(told.findings, case.findings)]
        self.packed = ""

    @property
    def result_requirements(self) -> list[tuple[str, Verdict, Requirement | None]]:
        """The requirements it judged, worst first, with what is registered of them."""
        version = self.case.info.version if self.case.info else ""
        results = sorted(self.case.result.requirements.items(), key=lambda item: (SEVERITY.index(item[1]), item[0]))
        return [(r, v, self.told.requirement(r, version)) for r, v in results]

    @property
    def search(self) -> str:
        """What the search looks through."""
        result, info = self.case.result, self.case.info
        cited = [f.group.clause for f in self.findings]
        verifies = info.verifies if info else ()
        return " ".join((self.case.name, self.case.title, *verifies, *result.requirements, *cited, result.reason[:200])).lower()

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of its chart."""
        return rows(self.case, self.told.findings)

    @cached_property
    def sessions(self) -> list[SessionView]:
        """The diagrams of what was charged in it."""
        made = [SessionView(session, self.case.begins) for session in self.case.curves]
        return [each for each in made if each.diagrams]

    @cached_property
    def detail(self) -> str:
        """What is shown when it is opened, as HTML."""
        chart = Chart(self.rows, self.told.roles)
        return self._detail.render(
            view=self,
            case=self.case,
            chart=chart,
            text=text_chart(self.rows) if self.findings else "",
            data=_embeddable([_data(row, self) for row in every(self.rows)]),
        )

    def pack(self) -> None:
        """Embed the detail compressed."""
        self.packed = base64.b64encode(gzip.compress(self.detail.encode(), 9, mtime=0)).decode()


def _data(row: Row, view: CaseView) -> Json:
    """Return what the script shows of a row when it is clicked."""
    event = row.event
    if event is None or isinstance(event, CaseEvent):
        return None
    data: dict[str, Json] = {"n": event.n, "t": f"{row.time:.3f} s", "l": row.text}
    locations = [
        view.told.findings[i].location
        for i in view.case.findings
        if view.told.findings[i].location.frame == event.n and view.told.findings[i].journal == view.case.result.journal
    ]
    pointers = [location.pointer for location in locations]
    if isinstance(event, Frame):
        limit = _RAW_CITED if pointers else _RAW
        data |= {"h": f"{role_word(event.sender)} → {role_word(event.to)}", "r": event.raw[:limit], "k": event.media}
        if len(event.raw) > limit:
            data |= {"cut": len(event.raw), "k": "text"}
        data |= {
            key: value for key, value in (("at", event.at), ("of", event.of), ("o", event.origin)) if value not in ("", None)
        }
        if event.decoded is not None:
            data["d"] = decoded(event)
        if event.fate != "forwarded":
            data["f"] = event.fate
        if is_v2g(event):
            bits = (bits_of(location) for location in locations)
            data["b"] = [[each.first, each.width] for each in dict.fromkeys(bits) if each]
    elif isinstance(event, LinkEvent):
        data |= {"h": event.link, "d": event.detail}
    elif isinstance(event, OperatorEvent):
        data |= {"h": f"operator of {role_word(event.role)}", "l": event.verb, "d": event.arguments, "f": event.outcome}
    if marks := _marks(event, pointers):
        data["m"] = marks
    return data


def _marks(event: Frame | LinkEvent | OperatorEvent, pointers: Sequence[str]) -> list[Json]:
    """Return the pointers that the script marks: what is missing ends with the first name that is not there."""
    if isinstance(event, OperatorEvent) or not pointers:
        return []
    form = decoded(event)
    reached = (nearest(form, p) for pointer in pointers if (p := pointer_of(event, pointer)))
    return list(dict.fromkeys(at if missing is None else f"{at}/{missing}" for at, missing in reached))


def _embeddable(value: Json) -> str:
    """Return JSON that can stand in a script element."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def render(told: Account) -> str:
    """Render the report."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("v2x_reports", "assets"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(words=WORDS, count=count, sentence=sentence, visible=visible, role_word=role_word)
    detail = environment.get_template("case.html.j2")
    cases = [CaseView(c, told, detail) for c in told.cases]
    plain = 0
    for case in sorted(cases, key=lambda c: not c.findings):
        plain += len(case.detail)
        if plain > _PLAIN:
            case.pack()
    assets = resources.files("v2x_reports").joinpath("assets")
    style, script = (assets.joinpath(f"report.{kind}").read_text("utf-8") for kind in ("css", "js"))
    head = headline(told)
    return environment.get_template("report.html.j2").render(
        told=told,
        head=head,
        wrong=[FindingView(g, told) for g in head.wrong],
        elsewhere=[FindingView(g, told) for g in head.elsewhere],
        compatible=[FindingView(g, told) for g in head.compatible],
        waived=[FindingView(g, told) for g in head.waived],
        cases=cases,
        bar=_bar(told),
        requirements=_requirements(told),
        rules=[(r, told.rule(r.rule)) for r in sorted(told.verdicts.rules, key=lambda r: (SEVERITY.index(r.verdict), r.rule))],
        roles=sorted({c.result.role for c in told.cases if c.result.role}),
        blocks=sorted({c.block for c in told.cases}),
        declared=msgspec.json.format(msgspec.json.encode(told.subject.declared), indent=2).decode(),
        style=style,
        script=script,
        style_hash=_csp_hash(style),
        script_hash=_csp_hash(script),
    )


def _csp_hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _bar(told: Account) -> list[tuple[Verdict, int, float, float]]:
    """Return the parts of the bar of verdicts: verdict, count, start and width in percent."""
    counts = told.verdicts.totals.cases
    total = sum(counts.values()) or 1
    parts, at = [], 0.0
    for verdict in SEVERITY:
        if number := counts.get(verdict, 0):
            width = 100 * number / total
            parts.append((verdict, number, round(at, 3), round(width, 3)))
            at += width
    return parts


def _requirements(told: Account) -> Sequence[tuple[RequirementResult, Requirement | None]]:
    """Return the requirements that were judged, worst first."""
    judged = sorted(told.verdicts.requirements, key=lambda r: (SEVERITY.index(r.verdict), r.id))
    return [(r, told.requirement(r.id)) for r in judged]


def write_html(bundle: Bundle, folder: Path) -> Path:
    """Write ``report.html`` into a folder, and ``curves.json`` where there are curves.

    Raises:
        BundleError: a part of the bundle is missing or damaged, or the file cannot be written.
    """
    told = account(bundle)
    if numbers := curves.render(told):
        write_text(folder / curves.FILE, numbers)
    return write_text(folder / FILE, render(told))
