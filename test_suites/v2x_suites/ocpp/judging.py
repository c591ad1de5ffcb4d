"""Puts a log to the judge: in one go, or by several processes that share its stations among them.

What the rules know they know of a station, or of the CSMS towards it. So stations can be shared out: each process reads the whole
log, judges its own stations' frames, and of the others' only takes the time.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from zlib import crc32

import msgspec
from v2x_harness.events import LinkEvent
from v2x_harness.finding import Finding

from v2x_suites.checking import Judged, silent
from v2x_suites.ocpp.logs import Item, Log, open_log
from v2x_suites.ocpp.rules import OcppJudge
from v2x_suites.ocpp.rules.stream import LeanFrame, station_key

# A process of its own takes a second to come up, in which this many octets are judged.
_WORTH_A_PROCESS = 40_000_000


def processes_for(path: Path) -> int:
    """Return how many processes a log is worth: as many as its size pays for, and as this machine has cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    size = path.stat().st_size if path.is_file() else 0
    return max(1, min(cores, size // _WORTH_A_PROCESS))


def judge_file(path: Path, version: str = "", *, processes: int = 1, progress: Callable[[int], None] = silent) -> Judged:
    """Judge a log.

    Args:
        path: of a journal or log.
        version: of OCPP, where the file does not tell.
        processes: that share the work.
        progress: is told how many octets were read since it was last told.

    Raises:
        LogError: the file cannot be used.
    """
    log = open_log(path)
    if processes == 1:
        return judge_log(log, version, progress=progress)
    with ProcessPoolExecutor(processes - 1, mp_context=get_context("spawn")) as pool:
        others = [pool.submit(_judge_share, path, version, index, processes) for index in range(1, processes)]
        own = judge_log(log, version, share=(0, processes), progress=progress)
        parts = [own, *(msgspec.msgpack.decode(other.result(), type=Judged) for other in others)]
    return _together(parts)


def judge_log(
    log: Log, version: str = "", *, share: tuple[int, int] = (0, 1), progress: Callable[[int], None] = silent
) -> Judged:
    """Judge a log, or one's share of it.

    Args:
        log: to be judged.
        version: of OCPP, where the log does not tell.
        share: index of the share, and how many there are.
        progress: is told how many octets were read since it was last told.

    Raises:
        LogError: the file cannot be read.
    """
    judge: OcppJudge | None = None
    found: list[Finding] = []
    with _no_collection():
        for batch in log.batches(progress):
            if judge is None:
                # Only now it is known what the log tells of itself.
                judge = OcppJudge(version or None, told=log.versions, timed=log.timed)
                mine = _Mine(judge, *share)
            frame, feed = judge.frame, judge.feed
            for item in batch if share[1] == 1 else mine.of(batch, found):
                more = frame(item) if type(item) is LeanFrame else feed(item)  # type: ignore[arg-type]  # told apart on this line
                if more:
                    found += more
    judge = judge or OcppJudge(version or None)
    found += judge.finish()
    return Judged.of(log, judge, found)


class _Mine:
    """Picks from a log what one of several judges looks at.

    Args:
        judge: whose it is.
        index: of its share.
        count: how many shares there are.
    """

    def __init__(self, judge: OcppJudge, index: int, count: int) -> None:
        self._judge, self._index, self._count = judge, index, count
        self._links: dict[str, bool] = {}

    def of(self, batch: Iterable[Item], found: list[Finding]) -> Iterator[Item]:
        """Give the frames and links of one's own stations, and what concerns all; the others' make time pass."""
        links, pass_time = self._links, self._judge.pass_time
        for item in batch:
            if type(item) is LeanFrame:
                mine = links.get(item.link)
                if mine is None:
                    mine = links[item.link] = self._has(station_key(item.link))
            elif isinstance(item, LinkEvent):
                mine = links[item.link] = self._has(station_key(item.link, item.detail.get("identity")))
            else:
                mine = True
            if mine:
                yield item
            elif late := pass_time(item.t):
                found += late

    def _has(self, station: str) -> bool:
        return crc32(station.encode()) % self._count == self._index


def _judge_share(path: Path, version: str, index: int, count: int) -> bytes:
    """Judge a share in a process of its own; what came of it is handed back as MessagePack."""
    return msgspec.msgpack.encode(judge_log(open_log(path), version, share=(index, count)))


def _together(parts: Sequence[Judged]) -> Judged:
    """Make one of the shares."""
    found = [finding for part in parts for finding in part.found]
    found.sort(key=lambda finding: finding.location.frame or 0)
    return Judged(
        kind=parts[0].kind,
        unit=parts[0].unit,
        found=found,
        suppressed=_sum(part.suppressed for part in parts),
        inspected=_sum(part.inspected for part in parts),
        frames=sum(part.frames for part in parts),
        links=sum(part.links for part in parts),
        versions=tuple(sorted({version for part in parts for version in part.versions})),
        problem=parts[0].problem,
        timed=parts[0].timed,
    )


def _sum(tallies: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for tally in tallies:
        total.update(tally)
    return dict(total)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from walking over frames that hold no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
