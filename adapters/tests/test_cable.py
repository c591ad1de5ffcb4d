"""The cable of network namespaces, where this machine allows one."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Iterator

import pytest
from v2x_adapters import cable
from v2x_adapters.cable import Cable, CableBlocked, inside, lay_cable, lay_lead
from v2x_architecture.iso15118.udp import link_local

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def laid() -> Iterator[Cable]:
    try:
        with lay_cable() as it:
            yield it
    except CableBlocked as blocked:
        pytest.skip(f"blocked: {blocked}")


async def test_both_ends_have_an_address_at_once_and_are_not_here(laid: Cable) -> None:
    async def address() -> str:
        return str(link_local(laid.interface))

    ends = {await inside(laid.ev, address), await inside(laid.evse, address)}
    assert len(ends) == 2
    assert all(each.startswith("fe80:") for each in ends)
    with pytest.raises(OSError, match="no network interface"):
        await address()


async def test_what_goes_wrong_inside_is_told_outside(laid: Cable) -> None:
    async def wrong() -> None:
        raise LookupError("inside")

    with pytest.raises(LookupError, match="inside"):
        await inside(laid.ev, wrong)
    with pytest.raises(FileNotFoundError):
        await inside("no-such-namespace", wrong)


async def test_cancelling_ends_what_is_inside(laid: Cable) -> None:
    began, ended = asyncio.Event(), asyncio.Event()
    outer = asyncio.get_running_loop()

    async def endless() -> None:
        outer.call_soon_threadsafe(began.set)
        try:
            await asyncio.Event().wait()
        finally:
            outer.call_soon_threadsafe(ended.set)

    task = asyncio.create_task(inside(laid.ev, endless))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(ended.wait(), 5)


def test_it_leaves_nothing_behind(laid: Cable) -> None:
    with lay_cable() as other:
        assert {other.ev, other.evse}.isdisjoint({laid.ev, laid.evse})
    left = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    assert laid.ev in left
    assert other.ev not in left


def test_a_lead_has_one_end_here(laid: Cable) -> None:
    with lay_lead() as lead:
        assert {lead.here, "lo"} <= {name for _, name in socket.if_nameindex()}
        listed = subprocess.run(["ip", "-n", lead.namespace, "link"], capture_output=True, text=True, check=True).stdout
        assert lead.interface in listed
        assert link_local(lead.here).is_link_local
    assert lead.here not in {name for _, name in socket.if_nameindex()}


def test_what_a_machine_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*words: str) -> str:
        raise subprocess.CalledProcessError(1, ["ip", *words], stderr="mount --make-shared /run/netns failed\n")

    monkeypatch.setattr(cable, "_ip", forbidden)
    monkeypatch.setattr(shutil, "which", lambda _: "/sbin/ip")
    with pytest.raises(CableBlocked, match="allows no network namespaces: mount --make-shared"), lay_cable():
        pass
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(CableBlocked, match="need the command ip"), lay_cable():
        pass
