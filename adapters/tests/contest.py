"""What a message costs in a proxy: CPU a message beside a plain one, each in a process of its own, the best of some rounds."""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from v2x_harness.errors import HarnessError

# Where a proxy listens, and how much its rules have judged so far.
type Served = tuple[int, Callable[[], int]]
type Serve = Callable[[str, Path], Awaitable[Served]]


@dataclass(frozen=True)
class Contest:
    """Proxies that are compared.

    Attributes:
        script: that is run, and runs itself again for each proxy.
        proxies: how each is served, given where it passes messages on to and a folder; the first is the plain one.
        upstream: serves what is behind them; gives where that is.
        exchange: makes some exchanges of two messages on one link through the proxy at a port; links have numbers.
        exchanges: on each link, where nothing else is asked for.
    """

    script: str
    proxies: Mapping[str, Serve]
    upstream: Callable[[], AbstractAsyncContextManager[str]]
    exchange: Callable[[int, int, int], Awaitable[None]]
    exchanges: int = 2000

    async def serve_here(self, name: str, target: str) -> None:
        """Serve a proxy, and answer each line of standard input with the CPU seconds used and the judgements made so far."""
        loop = asyncio.get_running_loop()
        with tempfile.TemporaryDirectory() as folder:
            port, judged = await self.proxies[name](target, Path(folder))
            say(port)
            while await loop.run_in_executor(None, sys.stdin.readline):
                say(f"{time.process_time()} {judged()}")

    async def measure(self, name: str, target: str, links: int, count: int) -> dict[str, float]:
        """Return CPU and wall seconds of `2 * links * count` messages through a proxy, in µs a message."""
        child = await asyncio.create_subprocess_exec(
            sys.executable, self.script, "--serve", name, "--target", target, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert child.stdin
        assert child.stdout

        async def so_far() -> tuple[float, int]:
            child.stdin.write(b"\n")
            cpu, judged = (await child.stdout.readline()).split()
            return float(cpu), int(judged)

        try:
            told = (await child.stdout.readline()).decode().strip()
            if not told:
                raise HarnessError(f"{name} did not start")
            port = int(told)
            await asyncio.gather(*(self.exchange(port, link, count // 10) for link in range(links)))
            (before, _), began = await so_far(), time.perf_counter()
            await asyncio.gather(*(self.exchange(port, links + link, count) for link in range(links)))
            messages, wall = 2 * links * count, time.perf_counter() - began
            after, judged = await so_far()
            return {"cpu_us": (after - before) / messages * 1e6, "wall_us": wall / messages * 1e6, "judged": judged}
        finally:
            child.stdin.close()
            await child.wait()

    async def hold(self, names: Sequence[str], links: int, count: int, rounds: int) -> list[dict[str, object]]:
        """Measure each proxy; the best of some rounds, taken in turn, stands."""
        best: dict[str, dict[str, float]] = {}
        async with self.upstream() as target:
            for _ in range(rounds):
                for name in names:
                    try:
                        seen = await self.measure(name, target, links, count)
                    except HarnessError as error:
                        sys.stderr.write(f"{error}\n")
                        continue
                    if name not in best or seen["cpu_us"] < best[name]["cpu_us"]:
                        best[name] = seen
        base = best[names[0]]["cpu_us"]
        return [{"proxy": name, **figures, "ratio": figures["cpu_us"] / base} for name, figures in best.items()]

    def main(self, description: str | None) -> None:
        """Do what the command line asks for, and print what was measured."""
        plain = next(iter(self.proxies))
        parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--links", type=int, default=4)
        parser.add_argument("--exchanges", type=int, default=self.exchanges, help="of two messages, a link")
        parser.add_argument("--rounds", type=int, default=2)
        parser.add_argument("--only", action="append", choices=list(self.proxies), help="beside the plain proxy")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--serve", choices=list(self.proxies), help=argparse.SUPPRESS)
        parser.add_argument("--target", help=argparse.SUPPRESS)
        asked = parser.parse_args()
        if asked.serve:
            asyncio.run(self.serve_here(asked.serve, asked.target))
            return
        names = [plain, *(asked.only or [name for name in self.proxies if name != plain])]
        results = asyncio.run(self.hold(names, asked.links, asked.exchanges, asked.rounds))
        if asked.json:
            say(json.dumps(results, indent=2))
            return
        say(f"{'CPU a message':28}{'µs':>8}{'ratio':>8}{'wall µs':>10}{'judgements':>13}")
        for one in results:
            say(f"{one['proxy']:28}{one['cpu_us']:8.1f}{one['ratio']:8.2f}{one['wall_us']:10.1f}{one['judged']:13d}")


def say(what: object) -> None:
    """Print a line, and have it arrive at once."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()
