from __future__ import annotations

import sys
from pathlib import Path

import pytest
from v2x_adapters.process import AdapterProcess, Limits
from v2x_adapters.process.smoke import Report, explain, smoke

pytestmark = pytest.mark.anyio
ZOO = str(Path(__file__).with_name("zoo.py"))


async def tried(name: str, role: str = "other", connect: float = 20.0, stop: float = 20.0) -> Report:
    limits = Limits(start=30, do=20, stop=stop)
    return await smoke(
        lambda: AdapterProcess(name, [sys.executable, ZOO, name], limits=limits),
        role=role,
        protocol="ocpp",
        version="1.6",
        connect=connect,
    )


async def test_a_good_adapter_passes() -> None:
    report = await tried("connects", role="station")
    assert list(explain(report)) == []
    assert report.passed
    assert report.product == "Zoo"


async def test_a_csms_that_listens_passes() -> None:
    report = await tried("listens", role="csms")
    assert list(explain(report)) == []


@pytest.mark.parametrize(
    ("name", "role", "said"),
    [
        ("dies_at_start", "csms", "the adapter: it starts its product.*ImportError"),
        ("does_everything", "csms", "the adapter: it starts its product.*verb that does not exist"),
        ("prints_rubbish", "csms", "the adapter: it starts its product.*standard output is for protocol messages"),
        ("good", "csms", "the adapter: it says where its product listens"),
        ("good", "station", "the product: its product connects where it was told: nobody came"),
        ("listens_nowhere", "csms", "the product: its product listens there"),
        ("ignores_stop", "station", "the adapter: it stops when told"),
        ("outlives_the_harness", "station", "the adapter: it ends when the harness is gone"),
    ],
)
async def test_it_says_what_is_wrong_and_whose_fault_it_is(name: str, role: str, said: str) -> None:
    import re

    report = await tried(name, role=role, connect=0.3, stop=0.7 if name in ("ignores_stop", "outlives_the_harness") else 20.0)
    assert not report.passed
    assert any(re.match(said, line, re.DOTALL) for line in explain(report)), explain(report)
