"""How fast the suites judge the reference actors: real seconds a case in one lane, beside the time that passes in the protocol.

Run it as a script: ``python test_suites/tests/bench_suites.py [--json]``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUBJECTS = (
    *("reference:station@2.0.1", "reference:csms@2.0.1", "reference:station@1.6", "reference:csms@1.6"),
    *(f"reference:{role}@{version}" for version in ("din", "2", "20") for role in ("secc", "evcc")),
)


def bench(subject: str) -> dict[str, float | str]:
    """Judge one reference actor; return cases, real seconds a case, and how much faster than the protocol's own time it went."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        started = time.perf_counter()
        command = [sys.executable, "-m", "v2x_harness.cli", "run", subject, "--out", str(out), "--json"]
        told = subprocess.run(command, capture_output=True, check=False)
        whole = time.perf_counter() - started
        cases = [c for c in json.loads(told.stdout)["cases"] if c["verdict"] != "not_applicable"]
    wall, virtual = sum(c["wall"] for c in cases), sum(c["duration"] for c in cases)
    return {
        "subject": subject,
        "cases": len(cases),
        "seconds_a_case": wall / len(cases),
        "protocol_seconds_a_case": virtual / len(cases),
        "ratio": virtual / wall,
        "whole_run_s": whole,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    results = [bench(subject) for subject in SUBJECTS]
    if as_json:
        print(json.dumps(results, indent=2))
        return
    print(f"{'subject':26}{'cases':>6}{'s a case':>10}{'protocol s':>12}{'faster by':>11}{'whole run s':>13}")
    for r in results:
        numbers = f"{r['cases']:6}{r['seconds_a_case']:10.3f}{r['protocol_seconds_a_case']:12.1f}"
        print(f"{r['subject']:26}{numbers}{r['ratio']:10.0f}x{r['whole_run_s']:13.1f}")


if __name__ == "__main__":
    main()
