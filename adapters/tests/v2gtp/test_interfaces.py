"""The tap between two cables: the EV on one, the SECC on the other, each with multicast and link-local addresses only."""

import subprocess
import sys
from pathlib import Path

import pytest
from v2x_adapters.cable import CableBlocked, lay_cables

END = str(Path(__file__).with_name("tap_end.py"))


def start(namespace, *command):
    line = ["ip", "netns", "exec", namespace, *command]
    return subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def cables():
    """Lay two cables between three namespaces; where this machine does not allow that, the test is skipped with the reason."""
    try:
        with lay_cables() as laid:
            yield laid
    except CableBlocked as error:
        pytest.skip(f"blocked: {error}")


def test_sdp_and_the_session_go_from_cable_to_cable(cables) -> None:
    v2x = [sys.executable, "-m", "v2x_harness.cli", "reference"]
    with (
        start(cables.evse, *v2x, "secc", "--interface", cables.far, "--json") as station,
        start(cables.middle, sys.executable, END, cables.near, cables.far) as middle,
    ):
        try:
            assert station.stdout.readline()
            assert middle.stdout.readline() == "ready\n", middle.communicate(timeout=10)
            with start(cables.ev, *v2x, "evcc", "--interface", cables.near, "--protocol", "iso2", "--for", "2", "--json") as car:
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
