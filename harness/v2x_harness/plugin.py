"""The pytest plugin: cases become ordinary pytest tests, with casts, lanes, verdicts and a journal.

``pytest --pyargs v2x_suites.ocpp --subject subject.toml`` is what ``v2x run subject.toml`` does. Without ``--subject`` (or
``--prove``) a case cannot run and says so; everything else of pytest is untouched.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import nullcontext
from importlib.metadata import version as version_of
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

from v2x_harness.blocks import CannotJudge, DoesNotApply
from v2x_harness.case import CASE_ATTRIBUTE, Case
from v2x_harness.errors import HarnessError, UnsupportedVerb
from v2x_harness.events import INTERRUPTED, Event, Header, Note
from v2x_harness.journal import Recorder, utc_now
from v2x_harness.proof import Variant, variants_of
from v2x_harness.protocol import Cast, Lane, ProtocolSuite, peers_of, protocols, subject_of
from v2x_harness.redact import Redactor
from v2x_harness.running import GIVEN_UP, Outcome, Running, Stage, variant_of
from v2x_harness.verdict import Verdict

SETTINGS = pytest.StashKey["Settings"]()
RECORDER = pytest.StashKey[Recorder]()
RUNNING = pytest.StashKey[Running]()
OUTCOME = pytest.StashKey[Outcome]()

# Seconds of the lane's clock after which a case that still runs is given up: longer than any wait a case may ask for.
CASE_LIMIT = 3600.0


class Settings:
    """What a v2x run of pytest was asked for.

    Raises:
        HarnessError: the subject or a peer cannot be used.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.suites: dict[str, ProtocolSuite] = protocols()
        self.proof: str = config.getoption("--prove")
        self.seed: int = config.getoption("--v2x-seed")
        source = config.getoption("--subject")
        self.subject = subject_of(source, self.suites) if source else None
        self.peers = peers_of(config.getoption("--peer"), self.suites)
        worker = getattr(config, "workerinput", {}).get("workerid", "")
        self.lane = int(worker.removeprefix("gw") or 0)
        out = config.getoption("--v2x-out")
        self.out = Path(out) if out else None
        self.journal = self.out / "journal" / f"lane-{self.lane}.ndjson" if self.out else None
        self.virtual = all(s.operator.kind == "reference" for s in (self.subject, *self.peers.values()) if s)

    def cast(self, case: Case, variant: Variant | None) -> Cast:
        """Return who stands where for a case."""
        subject = self.subject or self.suites[case.protocol].reference(case.role, case.version)
        cast = Cast(
            subject=subject, role=case.role, protocol=case.protocol, version=case.version, peers=self.peers, seed=self.seed
        )
        return variant.into(cast) if variant else cast


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what a run is asked for."""
    group = parser.getgroup("v2x", "conformance of charging products")
    group.addoption("--subject", default="", metavar="FILE", help="subject.toml, or reference:station@2.0.1")
    group.addoption("--peer", action="append", default=[], metavar="ROLE=FILE", help="a product that plays another role")
    group.addoption("--v2x-out", default="", metavar="DIR", help="folder of the bundle; the journal is kept only with it")
    group.addoption("--case", action="append", default=[], metavar="ID", help="only this case; may be repeated")
    group.addoption("--v2x-seed", default=0, type=int, metavar="N", help="seed of every random choice")
    group.addoption("--prove", default="", choices=["", "targeted", "full"], help="run against controls, faults and good peers")


def pytest_configure(config: pytest.Config) -> None:
    """Read the subject once; a mistake in it is the user's, and ends the run with a message."""
    config.addinivalue_line("markers", "configured(values, optional=values): configuration state of a case, by variable or key")
    if not (config.getoption("--subject") or config.getoption("--prove")):
        return
    try:
        config.stash[SETTINGS] = Settings(config)
    except HarnessError as error:
        raise pytest.UsageError(f"{error}\n{error.hint}".strip()) from error
    config.pluginmanager.register(_Interruption(config))


class _Interruption:
    """Has the journal say that cases are missing because somebody ended the run."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_keyboard_interrupt(self) -> None:
        """Called before the fixtures of the case that runs are torn down, and the journal with them."""
        if recorder := self._config.stash.get(RECORDER, None):
            recorder.record(Note(topic=INTERRUPTED, text="the run was interrupted; cases are missing"))


def case_of(item: pytest.Item) -> Case | None:
    """Return the case a pytest item is, if it is one."""
    case = getattr(getattr(item, "function", None), CASE_ATTRIBUTE, None)
    return case if isinstance(case, Case) else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let ``-k`` find a case by its id, too."""
    if case := case_of(item):
        item.extra_keyword_matches.add(case.id)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """In a proof, run each case once for every variant that it must notice or must not."""
    case = getattr(metafunc.function, CASE_ATTRIBUTE, None)
    settings = metafunc.config.stash.get(SETTINGS, None)
    if isinstance(case, Case) and settings and settings.proof:
        variants = variants_of(case, settings.suites[case.protocol], full=settings.proof == "full")
        metafunc.fixturenames.append("variant")
        metafunc.parametrize("variant", variants, ids=[v.id for v in variants], indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the cases of roles and versions that the subject does not play; spread the rest over its lanes."""
    settings = config.stash.get(SETTINGS, None)
    if settings is None or settings.subject is None:
        return
    subject, wanted = settings.subject, set(config.getoption("--case"))
    foreign = [
        i
        for i in items
        if (c := case_of(i)) and not (subject.plays(c.role, c.protocol, c.version) and (not wanted or c.id in wanted))
    ]
    if foreign:
        config.hook.pytest_deselected(items=foreign)
        items[:] = [i for i in items if i not in set(foreign)]
    for number, item in enumerate(items):
        if case_of(item):
            item.add_marker(pytest.mark.xdist_group(f"lane-{number % subject.pixit.lanes}"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have the garbage collector leave the items alone: those of a proof take it seconds, in which the clocks of lanes go on."""
    if session.config.stash.get(SETTINGS, None) is not None:
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="session")
def v2x(request: pytest.FixtureRequest) -> Settings:
    """What this run was asked for."""
    settings = request.config.stash.get(SETTINGS, None)
    if settings is None:
        pytest.fail("a case needs a subject: give --subject subject.toml (or reference:station@2.0.1)", pytrace=False)
    return settings


@pytest.fixture
def variant(request: pytest.FixtureRequest) -> Variant | None:
    """The fault, control or good peer in the subject's place, in a proof."""
    chosen = getattr(request, "param", None)
    return chosen if isinstance(chosen, Variant) else None


@pytest.fixture(scope="session")
async def stage(v2x: Settings, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The lanes of this process, and the recorder they share."""
    names = ("v2x-conformance", "pytest", "websockets", "ocpp")
    header = Header(
        run=v2x.out.name if v2x.out else "unrecorded",
        started=utc_now(),
        clock="virtual" if v2x.virtual else "real",
        versions={"python": sys.version.split()[0]} | {name: version_of(name) for name in names},
        seed=v2x.seed,
    )
    if v2x.journal:
        v2x.journal.parent.mkdir(parents=True, exist_ok=True)
    subjects = [*([v2x.subject] if v2x.subject else []), *v2x.peers.values()]
    redactor = Redactor(
        [secret for subject in subjects for secret in subject.secrets],
        [place for suite in v2x.suites.values() for place in suite.secrets()],
        public=[public for subject in subjects for public in (subject.name, subject.vendor, subject.endpoint.identity) if public],
    )
    with Recorder(v2x.journal, header, asyncio.get_running_loop().time, redactor) as recorder:
        pytestconfig.stash[RECORDER] = recorder
        recorder.subscribe(functools.partial(_tell, pytestconfig))
        stage = Stage(recorder, v2x.suites, tmp_path_factory.mktemp("actors"))
        yield stage
        await stage.close()


def _tell(config: pytest.Config, event: Event) -> None:
    """Show the user what a lane waits for, because nothing else is seen while it does, and that it waits no more."""
    if isinstance(event, Note) and event.topic in ("waiting", GIVEN_UP):
        capture = config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            print(event.text, file=sys.stderr, flush=True)  # noqa: T201  (a message to the user, past pytest's capture)


@pytest.fixture
async def lane(request: pytest.FixtureRequest, v2x: Settings, stage: Stage, variant: Variant | None) -> AsyncIterator[Lane]:
    """The lane this case runs on, open and prepared."""
    case = case_of(request.node)
    if case is None:
        pytest.fail("the lane fixture is for cases only", pytrace=False)
    cast = v2x.cast(case, variant)
    running = request.node.stash[RUNNING] = Running(case, cast, stage.recorder)
    try:
        _skip_unless_applicable(running)
        lane = await stage.lane(cast, case)
        request.node.obj = _judged(request.node.obj, running, lane)
        yield lane
        await stage.release(lane)
    except (CannotJudge, UnsupportedVerb) as error:
        running.interrupted(error)
        _fail(running)
    except Exception as error:
        running.interrupted(error)
        raise
    finally:
        # Here and not in a hook: the journal of the run closes with the last case's fixtures.
        outcome = request.node.stash[OUTCOME] = running.conclude()
        stage.ended(outcome)
        if stage.recorder.broken:
            pytest.exit(str(stage.recorder.broken))


def _skip_unless_applicable(running: Running) -> None:
    """Skip a case that the subject's PICS rule out, or say nothing about; a proof runs what it has chosen."""
    if variant_of(running.cast):
        return
    applies, unset = running.cast.subject.capabilities.applies(running.case.applies)
    if applies is False:
        running.cut(Verdict.NOT_APPLICABLE, f"applies to: {running.case.applies}")
    elif applies is None:
        running.cut(Verdict.SKIPPED, f"PICS {', '.join(unset)} not set in the subject file: say true or false")
    if applies is not True:
        pytest.skip(running.reason)


def _judged(function: Callable[..., Awaitable[None]], running: Running, lane: Lane) -> Callable[..., Awaitable[None]]:
    """Wrap a case's function so that what it finds becomes its verdict."""

    @functools.wraps(function)
    async def run(**arguments: object) -> None:
        await running.judge(functools.partial(function, **arguments), lane, CASE_LIMIT)
        if running.problem:
            _fail(running)

    return run


def _fail(running: Running) -> NoReturn:
    """Tell pytest that a case has not passed, with no trace: writing one would cost more than many a case."""
    pytest.fail(running.problem, pytrace=False)


def _is_told(raised: BaseException, running: Running) -> bool:
    """Whether an exception is how we have told pytest of a verdict."""
    return isinstance(raised, pytest.skip.Exception) or (
        isinstance(raised, pytest.fail.Exception) and raised.msg == running.problem
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn what happened into a verdict; put it on the report, for progress, JUnit and xdist."""
    case, running = case_of(item), item.stash.get(RUNNING, None)
    if case is None or running is None:
        return (yield)
    if call.excinfo and not _is_told(call.excinfo.value, running):
        running.interrupted(call.excinfo.value)
    if call.when == "teardown":
        outcome = item.stash[OUTCOME]
        item.user_properties.append(("verdict", outcome.verdict.value))
        item.user_properties += [(f"requirement {i}", v.value) for i, v in outcome.requirements.items()]
    report = yield
    vars(report)["v2x_case"] = case.id
    raised = call.excinfo.value if call.excinfo else None
    if isinstance(raised, CannotJudge | UnsupportedVerb | pytest.fail.Exception):
        report.longrepr = str(raised)
    elif isinstance(raised, DoesNotApply):
        report.outcome, report.longrepr = "skipped", (item.location[0], item.location[1] or 0, str(raised))
    if call.when == "teardown":
        vars(report)["v2x"] = msgspec.to_builtins(item.stash[OUTCOME])  # xdist carries a report's extra attributes as JSON
    return report
