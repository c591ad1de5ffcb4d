"""A charging cable in software: two network namespaces with a veth pair between, and link-local IPv6 on both ends.

Products that look for each other over SDP want an interface of their own with multicast. A namespace each gives them that without
touching the machine's network, and keeps several of them apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from v2x_harness.errors import ProductBlocked

_SECONDS = 10.0
_NAMESPACES = Path("/run/netns")


class CableBlocked(ProductBlocked):
    """This machine allows no cable: the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Cable:
    """A cable that is laid.

    Attributes:
        ev, evse: names of the network namespaces at its ends.
        interface: name of the cable's end in each.
    """

    ev: str
    evse: str
    interface: str = "v2x0"


@dataclass(frozen=True, slots=True)
class Lead:
    """A cable with one end in this process's own network namespace.

    Attributes:
        here: name of the interface at our end.
        namespace: the network namespace at the other end.
        interface: name of the interface there.
    """

    here: str
    namespace: str
    interface: str = "v2x0"


@contextmanager
def lay_cable() -> Iterator[Cable]:
    """Lay a cable, and take it away in the end; link-local addresses can be used at once. Takes about a second.

    Raises:
        CableBlocked: it takes Linux, the command ``ip``, and the right to make network namespaces.
    """
    tag = uuid.uuid4().hex[:6]
    cable = Cable(ev=f"v2x-ev-{tag}", evse=f"v2x-evse-{tag}")
    with _laid((_End(cable.ev, cable.interface), _End(cable.evse, cable.interface))):
        yield cable


@dataclass(frozen=True, slots=True)
class Cables:
    """Two cables in a row, for what stands between.

    Attributes:
        ev, middle, evse: names of the network namespaces.
        near, far: names of the interfaces, alike at both ends, of the EV's cable and of the EVSE's.
    """

    ev: str
    middle: str
    evse: str
    near: str = "v2x0"
    far: str = "v2x1"


@contextmanager
def lay_cables() -> Iterator[Cables]:
    """Lay two cables in a row, and take them away in the end. Takes about a second.

    Raises:
        CableBlocked: as `lay_cable`.
    """
    tag = uuid.uuid4().hex[:6]
    both = Cables(ev=f"v2x-ev-{tag}", middle=f"v2x-middle-{tag}", evse=f"v2x-evse-{tag}")
    with _laid(
        (_End(both.ev, both.near), _End(both.middle, both.near)), (_End(both.middle, both.far), _End(both.evse, both.far))
    ):
        yield both


@contextmanager
def lay_lead() -> Iterator[Lead]:
    """Lay a cable from here to a network namespace of a product, and take it away in the end. Takes about a second.

    Raises:
        CableBlocked: as `lay_cable`.
    """
    tag = uuid.uuid4().hex[:6]
    lead = Lead(here=f"v2x-{tag}", namespace=f"v2x-product-{tag}")
    with _laid((_End("", lead.here), _End(lead.namespace, lead.interface))):
        yield lead


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a cable: a network namespace, empty for our own, and the interface there."""

    namespace: str
    interface: str

    def ip(self, *words: str) -> str:
        """Run the command ``ip`` there."""
        return _ip(*(["-n", self.namespace] if self.namespace else []), *words)

    def shorten(self) -> None:
        """Have its address be of use at once: duplicate address detection would keep it from use for more than a second."""
        setting = Path(f"/proc/sys/net/ipv6/conf/{self.interface}/accept_dad")
        if self.namespace:
            _ip("netns", "exec", self.namespace, "sh", "-c", f"echo 0 > {setting}")
        else:
            setting.write_text("0", encoding="ascii")


@contextmanager
def _laid(*cables: tuple[_End, _End]) -> Iterator[None]:
    if shutil.which("ip") is None:
        raise CableBlocked("network namespaces need the command ip", "install iproute2")
    ends = [end for cable in cables for end in cable]
    with contextlib.ExitStack() as made:
        try:
            for namespace in dict.fromkeys(end.namespace for end in ends if end.namespace):
                _ip("netns", "add", namespace)
                made.callback(_ip, "netns", "del", namespace)
            for cable in cables:
                one, other = (["name", end.interface, *(["netns", end.namespace] if end.namespace else [])] for end in cable)
                _ip("link", "add", *one, "type", "veth", "peer", *other)
            for end in ends:
                if not end.namespace:
                    # With the namespace it would go, too, but only after a while.
                    made.callback(end.ip, "link", "del", end.interface)
                end.shorten()
                if end.namespace:
                    end.ip("link", "set", "lo", "up")
                end.ip("link", "set", end.interface, "up")
            _await_addresses(ends)
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", "") or str(error)
            raise CableBlocked(
                f"this machine allows no network namespaces: {said.strip()}", "they take the rights of root (CAP_SYS_ADMIN)"
            ) from error
        yield


async def inside[T](namespace: str, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in a network namespace: in a thread, with an event loop of its own.

    Args:
        namespace: where to.
        make: returns the coroutine; called in that thread. When the caller is cancelled, so is the coroutine.

    Raises:
        OSError: the namespace cannot be entered.
    """
    outer = asyncio.get_running_loop()
    done: asyncio.Future[T] = outer.create_future()
    runner = _Inside(namespace, make)

    def body() -> None:
        try:
            result = runner.run()
        except BaseException as error:  # noqa: BLE001 - it is the caller's, whatever it is
            outer.call_soon_threadsafe(_fail, done, error)
        else:
            outer.call_soon_threadsafe(_settle, done, result)

    thread = threading.Thread(target=body, name=f"inside {namespace}", daemon=True)
    thread.start()
    try:
        return await done
    finally:
        # The future is settled as the thread's last act; only a cancelled caller has to wait here.
        runner.cancel()
        await outer.run_in_executor(None, thread.join)


class _Inside[T]:
    """What the thread does."""

    def __init__(self, namespace: str, make: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._namespace, self._make = namespace, make
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[T] | None = None
        self._cancelled = False

    def run(self) -> T:
        with (_NAMESPACES / self._namespace).open("rb") as handle:
            os.setns(handle.fileno(), os.CLONE_NEWNET)
        return asyncio.run(self._main())

    async def _main(self) -> T:
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._make())
        if self._cancelled:
            self._task.cancel()
        return await self._task

    def cancel(self) -> None:
        self._cancelled = True
        if self._loop is not None and self._task is not None:
            # A loop that is closed has nothing left to cancel.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._task.cancel)


def _settle[T](done: asyncio.Future[T], result: T) -> None:
    if not done.done():
        done.set_result(result)


def _fail[T](done: asyncio.Future[T], error: BaseException) -> None:
    if done.done():
        return
    if isinstance(error, asyncio.CancelledError):
        done.cancel()
    else:
        done.set_exception(error)


def _await_addresses(ends: Sequence[_End]) -> None:
    """Wait until all ends have their addresses: the kernel takes up to a second to notice that a cable is plugged in."""
    deadline = time.monotonic() + _SECONDS
    for end in ends:
        while "scope link" not in (told := end.ip("-6", "addr", "show", "dev", end.interface)) or "tentative" in told:
            if time.monotonic() > deadline:
                raise OSError(f"{end.interface} gets no link-local IPv6 address; is IPv6 disabled?")
            time.sleep(0.02)


def _ip(*words: str) -> str:
    command = ["ip", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS)  # noqa: S603 - the words are ours
    return done.stdout
