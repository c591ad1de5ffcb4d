import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass(frozen=True)
class Wire:
    """Two network namespaces with a cable between: an EV's and a charging station's.

    Attributes:
        ev, evse: names of the namespaces.
        interface: name of the cable's end in each.
    """

    ev: str
    evse: str
    interface: str

    def run(self, namespace: str, *command: str) -> subprocess.Popen[str]:
        """Start a command in a namespace; what it reads and writes is piped."""
        line = ["ip", "netns", "exec", namespace, *command]
        return subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=10)


def _await_address(namespace: str) -> None:
    """Wait until the cable's end has its link-local address: the system gives it a moment after the cable is laid."""
    look = ["ip", "-n", namespace, "-6", "-o", "address", "show", "dev", "v2x0", "scope", "link"]
    for _ in range(1000):
        told = subprocess.run(look, check=True, capture_output=True, text=True, timeout=10).stdout
        if "fe80" in told and "tentative" not in told:
            return
    pytest.fail(f"the cable's end in {namespace} gets no link-local address")


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Lay a cable between two namespaces; where this machine does not allow that, the test is skipped with the reason."""
    if shutil.which("ip") is None:
        pytest.skip("blocked: network namespaces need the command ip (iproute2)")
    tag = uuid.uuid4().hex[:6]
    made: list[str] = []
    names = [f"v2x-ev-{tag}", f"v2x-evse-{tag}"]
    try:
        try:
            for name in names:
                _ip("netns", "add", name)
                made.append(name)
            _ip("link", "add", "v2x0", "netns", names[0], "type", "veth", "peer", "name", "v2x0", "netns", names[1])
            for name in names:
                # Without duplicate address detection the link-local addresses can be used at once.
                conf = Path("/proc/sys/net/ipv6/conf/v2x0/accept_dad")
                subprocess.run(["ip", "netns", "exec", name, "sh", "-c", f"echo 0 > {conf}"], check=True, capture_output=True)
                _ip("-n", name, "link", "set", "lo", "up")
                _ip("-n", name, "link", "set", "v2x0", "up")
            for name in names:
                _await_address(name)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"blocked: this machine allows no network namespaces: {(error.stderr or '').strip()}")
        yield Wire(*names, "v2x0")
    finally:
        for name in made:
            _ip("netns", "del", name)
