"""The tap between two cables: the EV on one, the SECC on the other, each with multicast and link-local addresses only."""

import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

END = str(Path(__file__).with_name("tap_end.py"))


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=10)


def await_address(namespace, interface):
    """Wait until an interface has its link-local address: the system gives it a moment after the cable is laid."""
    look = ["ip", "-n", namespace, "-6", "-o", "address", "show", "dev", interface, "scope", "link"]
    for _ in range(1000):
        told = subprocess.run(look, check=True, capture_output=True, text=True, timeout=10).stdout
        if "fe80" in told and "tentative" not in told:
            return
    pytest.fail(f"{interface} in {namespace} gets no link-local address")


def start(namespace, *command):
    line = ["ip", "netns", "exec", namespace, *command]
    return subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def bench():
    """Lay two cables between three namespaces; where this machine does not allow that, the test is skipped with the reason."""
    if shutil.which("ip") is None:
        pytest.skip("blocked: network namespaces need the command ip (iproute2)")
    tag, made = uuid.uuid4().hex[:6], []
    ev, tap, secc = names = [f"v2x-{name}-{tag}" for name in ("ev", "tap", "secc")]
    try:
        try:
            for name in names:
                ip("netns", "add", name)
                made.append(name)
            ip("link", "add", "v2x0", "netns", ev, "type", "veth", "peer", "name", "v2x0", "netns", tap)
            ip("link", "add", "v2x1", "netns", tap, "type", "veth", "peer", "name", "v2x1", "netns", secc)
            for name, interface in ((ev, "v2x0"), (tap, "v2x0"), (tap, "v2x1"), (secc, "v2x1")):
                # Without duplicate address detection the link-local addresses can be used at once.
                conf = f"/proc/sys/net/ipv6/conf/{interface}/accept_dad"
                command = ["ip", "netns", "exec", name, "sh", "-c", f"echo 0 > {conf}"]
                subprocess.run(command, check=True, capture_output=True, timeout=10)
                ip("-n", name, "link", "set", "lo", "up")
                ip("-n", name, "link", "set", interface, "up")
            for name, interface in ((ev, "v2x0"), (tap, "v2x0"), (tap, "v2x1"), (secc, "v2x1")):
                await_address(name, interface)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"blocked: this machine allows no network namespaces: {error.stderr}")
        yield names
    finally:
        for name in made:
            ip("netns", "del", name)


def test_sdp_and_the_session_go_from_cable_to_cable(bench) -> None:
    ev, tap, secc = bench
    v2x = [sys.executable, "-m", "v2x_harness.cli", "reference"]
    with (
        start(secc, *v2x, "secc", "--interface", "v2x1", "--json") as station,
        start(tap, sys.executable, END, "v2x0", "v2x1") as middle,
    ):
        try:
            assert station.stdout.readline()
            assert middle.stdout.readline() == "ready\n", middle.communicate(timeout=10)
            with start(ev, *v2x, "evcc", "--interface", "v2x0", "--protocol", "iso2", "--for", "2", "--json") as car:
                out, err = car.communicate(timeout=60)
            assert car.returncode == 0, (out, err)
            seen, err = middle.communicate("\n", timeout=30)
            assert err == ""
        finally:
            station.kill()
            middle.kill()
    assert seen.split()[:5] == [
        "SECCDiscoveryReq",
        "SECCDiscoveryRes",
        "open",
        "supportedAppProtocolReq",
        "supportedAppProtocolRes",
    ]
    assert seen.split()[-2:] == ["SessionStopRes", "close"]
    # What the tap asks for itself does not come back to it as an EVCC's.
    assert seen.split().count("SECCDiscoveryReq") == 1
