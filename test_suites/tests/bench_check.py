"""How fast ``v2x check`` judges a journal, beside two peers in the same run.

    python test_suites/tests/bench_check.py [--frames 200000] [--json]

One peer is PyPI ``ocpp``'s own parsing and validation of the same frames (on a part of them: it is slow). The other is the
least that can be done: orjson parses each frame, and jsonschema-rs says whether its payload keeps to its schema. Both get the
frames as text in memory; ``v2x check`` reads the journal from the disk, checks its hash, matches answers to calls, and runs every
rule. Times are CPU times of one process, so that a busy machine does not matter; the last figure is by the clock on the wall,
with as many processes as ``v2x check`` takes for such a file, their start included.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import batched, islice, pairwise
from pathlib import Path

import jsonschema_rs
import orjson
from ocpp import messages
from ocpp.messages import Call, CallResult, unpack, validate_payload
from v2x_architecture.ocpp import schema
from v2x_harness.events import Frame, Header, LinkEvent
from v2x_harness.journal import Recorder
from v2x_suites.ocpp.judging import judge_file, judge_log, processes_for
from v2x_suites.ocpp.logs import open_log

type Taken = tuple[float, str, str, str, str]

STATIONS = 40
PERIOD = 60.0
SAMPLED = (
    ("Energy.Active.Import.Register", "Wh", (None,)),
    ("Power.Active.Import", "W", (None, "L1", "L2", "L3")),
    ("Power.Offered", "W", (None,)),
    ("Current.Import", "A", ("L1", "L2", "L3")),
    ("Voltage", "V", ("L1-N", "L2-N", "L3-N")),
    ("Current.Offered", "A", (None,)),
    ("SoC", "Percent", (None,)),
)
BEGIN = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)


class Station:
    """A station and its CSMS, charging one car after the other: the frames that pass between them, all of them in order."""

    def __init__(self, number: int, version: str, seed: random.Random) -> None:
        self.link = f"csms<-CS{number:03}#1"
        self.version, self.random = version, seed
        self.t = seed.uniform(0, PERIOD)
        self.meter, self.calls, self.transactions = seed.uniform(1e3, 1e6), 0, number * 100_000

    def frames(self) -> Iterator[Taken]:
        """Give (time, link, sender, version, text) for ever."""
        yield from self.boot()
        while True:
            yield from self.session() if self.version == "1.6" else self.session_201()
            for _ in range(3):
                self.t += 300
                yield from self.ask("Heartbeat", {}, {"currentTime": self.now()})

    def now(self) -> str:
        moment = BEGIN + timedelta(seconds=self.t)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def ask(self, action: str, request: dict, response: dict, sender: str = "station") -> Iterator[Taken]:
        self.calls += 1
        message_id = f"{self.random.getrandbits(64):016x}-{self.calls:08}"
        other = "csms" if sender == "station" else "station"
        yield self.t, self.link, sender, self.version, orjson.dumps([2, message_id, action, request]).decode()
        yield self.t + 0.08, self.link, other, self.version, orjson.dumps([3, message_id, response]).decode()
        self.t += 0.1

    def status(self, status: str) -> Iterator[Taken]:
        if self.version == "1.6":
            told = {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": self.now()}
        else:
            told = {"timestamp": self.now(), "connectorStatus": status, "evseId": 1, "connectorId": 1}
        yield from self.ask("StatusNotification", told, {})

    def boot(self) -> Iterator[Taken]:
        if self.version == "1.6":
            told = {
                "chargePointVendor": "V",
                "chargePointModel": "M",
                "chargePointSerialNumber": "SN-1",
                "firmwareVersion": "1.0.3",
            }
        else:
            told = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V", "serialNumber": "SN-1"}}
        yield from self.ask("BootNotification", told, {"currentTime": self.now(), "interval": 300, "status": "Accepted"})
        yield from self.status("Available")
        yield from self.inventory()

    def inventory(self) -> Iterator[Taken]:
        """Tell the CSMS what there is, as it asks after a boot."""
        if self.version == "1.6":
            keys = [{"key": f"Key{number}", "readonly": False, "value": "300"} for number in range(50)]
            yield from self.ask("GetConfiguration", {}, {"configurationKey": keys}, sender="csms")
            return
        accepted = {"status": "Accepted"}
        yield from self.ask("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"}, accepted, sender="csms")
        about = {"dataType": "integer", "supportsMonitoring": False}
        held = [{"type": "Actual", "value": "300", "mutability": "ReadWrite"}]
        for part in range(10):
            variables = [
                {
                    "component": {"name": "EVSE", "evse": {"id": 1}},
                    "variable": {"name": f"Variable{part}{number}"},
                    "variableAttribute": held,
                    "variableCharacteristics": about,
                }
                for number in range(20)
            ]
            told = {"requestId": 1, "generatedAt": self.now(), "seqNo": part, "tbc": part < 9, "reportData": variables}
            yield from self.ask("NotifyReport", told, {})

    def samples(self, context: str) -> list[dict]:
        power = self.random.uniform(9000, 11000)
        self.meter += power * PERIOD / 3600
        found = []
        for measurand, unit, phases in SAMPLED:
            value = {"Energy": self.meter, "Power.": power, "Voltag": 231.4, "SoC": 54.0}.get(measurand[:6], 15.8)
            for phase in phases:
                sample: dict = {"context": context, "measurand": measurand, "location": "Outlet"}
                if phase:
                    sample["phase"] = phase
                if self.version == "1.6":
                    found.append({**sample, "value": f"{value:.1f}", "unit": unit})
                else:
                    found.append({**sample, "value": round(value, 1), "unitOfMeasure": {"unit": unit}})
        return found

    def session(self) -> Iterator[Taken]:
        self.transactions += 1
        yield from self.status("Preparing")
        yield from self.ask("Authorize", {"idTag": "04A1B2C3"}, {"idTagInfo": {"status": "Accepted"}})
        start = {"connectorId": 1, "idTag": "04A1B2C3", "meterStart": int(self.meter), "timestamp": self.now()}
        yield from self.ask("StartTransaction", start, {"transactionId": self.transactions, "idTagInfo": {"status": "Accepted"}})
        yield from self.status("Charging")
        for _ in range(self.random.randrange(20, 60)):
            self.t += PERIOD
            value = {"timestamp": self.now(), "sampledValue": self.samples("Sample.Periodic")}
            yield from self.ask("MeterValues", {"connectorId": 1, "transactionId": self.transactions, "meterValue": [value]}, {})
        stop = {
            "meterStop": int(self.meter) + 1,
            "timestamp": self.now(),
            "transactionId": self.transactions,
            "reason": "EVDisconnected",
        }
        yield from self.ask("StopTransaction", stop, {})
        yield from self.status("Finishing")
        yield from self.status("Available")

    def session_201(self) -> Iterator[Taken]:
        self.transactions += 1
        number = 0

        def event(kind: str, reason: str, state: str, **more: object) -> Iterator[Taken]:
            nonlocal number
            told = {"transactionId": f"T{self.transactions}", "chargingState": state}
            if kind == "Ended":
                told["stoppedReason"] = "EVDisconnected"
            payload = {
                "eventType": kind,
                "timestamp": self.now(),
                "triggerReason": reason,
                "seqNo": number,
                "transactionInfo": told,
            }
            number += 1
            answer = {"idTokenInfo": {"status": "Accepted"}} if "idToken" in more else {}
            yield from self.ask("TransactionEvent", {**payload, **more}, answer)

        yield from self.status("Occupied")
        token = {"idToken": "04A1B2C3", "type": "ISO14443"}
        yield from self.ask("Authorize", {"idToken": token}, {"idTokenInfo": {"status": "Accepted"}})
        yield from event("Started", "Authorized", "EVConnected", evse={"id": 1, "connectorId": 1}, idToken=token)
        yield from event("Updated", "ChargingStateChanged", "Charging")
        for _ in range(self.random.randrange(20, 60)):
            self.t += PERIOD
            value = {"timestamp": self.now(), "sampledValue": self.samples("Sample.Periodic")}
            yield from event("Updated", "MeterValuePeriodic", "Charging", meterValue=[value])
        yield from event("Ended", "EVDeparted", "Idle")
        yield from self.status("Available")


def traffic(count: int, seed: int = 17) -> list[Taken]:
    """Make the frames of a fleet, by time; half of the stations speak 1.6."""
    source = random.Random(seed)
    stations = [Station(n, "1.6" if n % 2 else "2.0.1", source).frames() for n in range(STATIONS)]
    return list(islice(merge(*stations, key=lambda taken: taken[0]), count))


def write(path: Path, frames: list[Taken]) -> None:
    """Write a journal, as a tap would."""
    clock = [0.0]
    with Recorder(path, Header(run="bench", started="2024-05-01T06:00:00Z"), lambda: clock[0]) as recorder:
        for link, version in sorted({(link, version) for _, link, _, version, _ in frames}):
            recorder.record(LinkEvent(link=link, event="open", by="station", protocol=f"ocpp/{version}", t=0.001))
        for t, link, sender, _, text in frames:
            action = text.split('"', 5)[3] if text[1] == "2" else "?"
            to = "csms" if sender == "station" else "station"
            at = (BEGIN + timedelta(seconds=t)).isoformat(timespec="microseconds").replace("+00:00", "Z")
            recorder.record(Frame(link=link, sender=sender, to=to, raw=text, label=f"CALL {action}", at=at, t=round(t + 0.01, 6)))


def of_ours(path: Path) -> tuple[list[float], int]:
    """Return the seconds that each megabyte of a journal takes to be checked, and the number of findings."""
    marks = [time.process_time()]
    judged = judge_log(open_log(path), progress=lambda octets: marks.append(time.process_time()))
    marks.append(time.process_time())
    return [end - begin for begin, end in pairwise(marks)], len(judged.found)


def of_bare(frames: list[Taken]) -> list[float]:
    """Return the seconds that each thousand frames take orjson and jsonschema-rs; which schema is whose is known beforehand."""
    compiled: dict[tuple, jsonschema_rs.Validator] = {}
    actions: dict[tuple[str, str], str] = {}
    work = []
    for _, link, _, version, text in frames:
        array = orjson.loads(text)
        if array[0] == 2:
            actions[link, array[1]] = array[2]
        key = (version, actions[link, array[1]], "request" if array[0] == 2 else "response")
        if key not in compiled:
            compiled[key] = jsonschema_rs.validator_for(schema.schema(*key))
        work.append((text, 3 if array[0] == 2 else 2, compiled[key].is_valid))
    gc.disable()
    marks = [time.process_time()]
    for part in batched(work, 1000):
        for text, at, is_valid in part:
            if not is_valid(orjson.loads(text)[at]):
                raise AssertionError(text)
        marks.append(time.process_time())
    gc.enable()
    return [end - begin for begin, end in pairwise(marks)]


async def of_ocpp(frames: list[Taken]) -> float:
    """Return the seconds that PyPI ``ocpp`` takes to unpack and validate, without its detour over a thread."""
    messages.ASYNC_VALIDATION = False
    actions: dict[tuple[str, str], str] = {}
    begin = time.process_time()
    for _, link, _, version, text in frames:
        message = unpack(text)
        if isinstance(message, Call):
            actions[link, message.unique_id] = message.action
        elif isinstance(message, CallResult):
            message.action = actions[link, message.unique_id]
        await validate_payload(message, version)
    return time.process_time() - begin


def main() -> None:
    """Print the frames a second of each, and the two ratios."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--frames", type=int, default=200_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5, help="of each stretch the best of so many counts")
    options = parser.parse_args()
    frames = traffic(options.frames)
    # Whole conversations, so that every result has its call.
    part = [taken for taken in frames if taken[1] in ("csms<-CS001#1", "csms<-CS002#1")][:2000]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.ndjson"
        write(path, frames)
        size = path.stat().st_size
        found = of_ours(path)[1]
        # Of each stretch the best of several rounds, so that what else runs on the machine does not count.
        ours = sum(map(min, zip(*(of_ours(path)[0] for _ in range(options.rounds)), strict=True)))
        bare = sum(map(min, zip(*(of_bare(frames) for _ in range(options.rounds)), strict=True)))
        processes = processes_for(path)
        begin = time.perf_counter()
        judge_file(path, processes=processes)
        together = time.perf_counter() - begin
        begin = time.perf_counter()
        of_bare(frames)
        alone = time.perf_counter() - begin
    peer = asyncio.run(of_ocpp(part)) / len(part) * len(frames)
    result = {
        "frames": len(frames),
        "journal_mb": round(size / 1e6, 1),
        "findings": found,
        "check_frames_per_s": round(len(frames) / ours),
        "bare_frames_per_s": round(len(frames) / bare),
        "ocpp_frames_per_s": round(len(frames) / peer),
        "check_to_ocpp": round(peer / ours, 1),
        "check_to_bare": round(bare / ours, 3),
        "processes": processes,
        "wall_check_to_bare": round(alone / together, 3),
    }
    if options.json:
        json.dump(result, sys.stdout)
        return
    print(f"{result['frames']} frames in a journal of {result['journal_mb']} MB, {found} findings")
    print(f"  v2x check             {result['check_frames_per_s']:>9} frames/s")
    print(
        f"  PyPI ocpp             {result['ocpp_frames_per_s']:>9} frames/s: v2x check is {result['check_to_ocpp']} times as fast"
    )
    print(f"  orjson, jsonschema-rs {result['bare_frames_per_s']:>9} frames/s: v2x check reaches {result['check_to_bare']} of it")
    print(f"  by the clock on the wall, with {processes} processes, {result['wall_check_to_bare']} of it")


if __name__ == "__main__":
    main()
