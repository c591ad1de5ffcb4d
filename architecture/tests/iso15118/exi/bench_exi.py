"""How fast EXI payloads are read and written, in ratios to the codec of the PyPI package ``iso15118`` in the same run.

    python architecture/tests/iso15118/exi/bench_exi.py [--json] [--seconds S] [--vectors FILE.jsonl.gz]

- *decode*, *encode*: payloads of real vehicles (those of the tests, or a file of ``schema`` and ``hex``), warm, one core. The
  peer is EXIficient behind py4j, as the package calls it; it lives in an environment of its own (``.peers/bench-exi``, made when
  it is missing). Where Java or the package cannot be had it is ``blocked``, with the reason.
- *import and first decode*: in a new process, from compiled modules.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

from v2x_architecture.iso15118.exi import ExiError, Schema, codec

PACKAGE = "iso15118==0.31.2"
CAPTURES = Path(__file__).with_name("captures.jsonl")
SAMPLE = 40
FIRST = """
import time
start = time.perf_counter()
from v2x_architecture.iso15118.exi import Schema, codec
codec(Schema.ISO2).decode(bytes.fromhex("80980011d0180301652003fc00"))
print(time.perf_counter() - start)
"""
PEER = """
import json, sys, time
from iso15118.shared.exificient_exi_codec import ExificientEXICodec
codec = ExificientEXICodec()
payloads = [(bytes.fromhex(text), namespace) for text, namespace in json.load(sys.stdin)]
def run(one, items):
    for item in items[:5]:
        one(*item)
    best = float("inf")
    for _ in range(2):
        start = time.perf_counter()
        for item in items:
            one(*item)
        best = min(best, (time.perf_counter() - start) / len(items))
    return best
messages = [(codec.decode(*item), item[1]) for item in payloads]
print(json.dumps({"decode": run(codec.decode, payloads), "encode": run(codec.encode, messages)}))
"""


def payloads_of(path: Path) -> list[tuple[Schema, bytes]]:
    """Return the payloads of a file that can be decoded and encoded."""
    found = []
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["schema"] in set(Schema):
                schema, payload = Schema(row["schema"]), bytes.fromhex(row["hex"])
                try:
                    codec(schema).decode(payload)
                except ExiError:
                    continue
                found.append((schema, payload))
    return found


def rate(run: Callable[[], None], number: int, seconds: float) -> tuple[float, float]:
    """Return how many are done a second, by the clock and by CPU time, at best."""
    wall = cpu = float("inf")
    end = time.perf_counter() + seconds
    rounds = 0
    while rounds < 3 or time.perf_counter() < end:
        before, spent = time.perf_counter(), time.process_time()
        run()
        wall, cpu = min(wall, time.perf_counter() - before), min(cpu, time.process_time() - spent)
        rounds += 1
    return number / wall, number / cpu


def ours(payloads: list[tuple[Schema, bytes]], seconds: float) -> dict[str, tuple[float, float]]:
    """Return our rates."""
    given = [(codec(schema), payload) for schema, payload in payloads]
    messages = [(known, known.decode(payload)) for known, payload in given]

    def decode() -> None:
        for known, payload in given:
            known.decode(payload)

    def encode() -> None:
        for known, decoded in messages:
            known.encode(decoded.message, decoded.name)

    return {"decode": rate(decode, len(given), seconds), "encode": rate(encode, len(given), seconds)}


def theirs(payloads: list[tuple[Schema, bytes]]) -> dict[str, float] | str:
    """Return the peer's seconds for one, or why it cannot be had."""
    if shutil.which("java") is None:
        return "blocked: no Java on this machine"
    python = environment()
    if isinstance(python, str):
        return python
    sample = [(payload.hex(), schema.namespace) for schema, payload in payloads if schema is not Schema.SAP]
    random.Random(1).shuffle(sample)
    done = subprocess.run(
        [python, "-c", PEER],
        input=json.dumps(sample[:SAMPLE]),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    if done.returncode:
        return f"blocked: {PACKAGE} fails: {done.stderr.strip().splitlines()[-1]}"
    return json.loads(done.stdout.splitlines()[-1])


def environment() -> Path | str:
    """Return the interpreter of the peer's environment, or why there is none."""
    place = Path(".peers/bench-exi")
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        venv.create(place, with_pip=True, clear=True)
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            return f"blocked: {PACKAGE} cannot be installed: {done.stderr.strip().splitlines()[-1]}"
        (place / "ready").touch()
    return python.absolute()


def first_decode() -> float:
    """Return the milliseconds that import and first decode take in a new process, at best."""
    times = []
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(9):
        done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True, timeout=60, env=compiled)
        times.append(float(done.stdout) * 1e3)
    return min(times)


def main() -> None:
    """Measure, and print a table or JSON."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--json", action="store_true", help="print JSON")
    arguments.add_argument("--seconds", type=float, default=2.0, help="roughly how long each measurement takes")
    arguments.add_argument("--vectors", type=Path, default=CAPTURES, help="file of payloads")
    given = arguments.parse_args()
    payloads = payloads_of(given.vectors)
    rates, peer = ours(payloads, given.seconds), theirs(payloads)
    rows = []
    for what, (wall, cpu) in rates.items():
        row = {
            "benchmark": what,
            "what": f"{len(payloads)} payloads, {sum(len(payload) for _, payload in payloads) / len(payloads):.0f} bytes each",
            "unit": "a second",
            "ours": round(wall),
            "ours_by_cpu_time": round(cpu),
            "peers": {PACKAGE: peer if isinstance(peer, str) else round(1 / peer[what], 1)},
        }
        if not isinstance(peer, str):
            row["times_faster_than"] = {PACKAGE: round(wall * peer[what])}
        rows.append(row)
    rows.append({"benchmark": "import and first decode", "what": "a new process", "unit": "ms", "ours": round(first_decode(), 1)})
    if given.json:
        json.dump(rows, sys.stdout, indent=2)
        return
    for row in rows:
        cpu = f" ({row['ours_by_cpu_time']} by CPU time)" if "ours_by_cpu_time" in row else ""
        sys.stdout.write(f"{row['benchmark']}: {row['what']}: {row['ours']} {row['unit']}{cpu}\n")
        for name, spent in row.get("peers", {}).items():
            ratio = row.get("times_faster_than", {}).get(name)
            sys.stdout.write(f"    {name}: {spent}{f' a second, ours is {ratio} times as fast' if ratio else ''}\n")


if __name__ == "__main__":
    main()
