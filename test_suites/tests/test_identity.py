"""What a product says on the wire of which product it is."""

from __future__ import annotations

import msgspec
import pytest
from v2x_harness.events import Frame, Json, LinkEvent
from v2x_suites.ocpp.identity import identity_told


def _boot(payload: Json, sender: str = "station") -> Frame:
    raw = msgspec.json.encode([2, "1", "BootNotification", payload]).decode()
    return Frame(link="l", sender=sender, to="csms", raw=raw, label="CALL BootNotification")


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        (
            {"reason": "PowerUp", "chargingStation": {"model": "W22", "vendorName": "ACME", "serialNumber": "7"}},
            {"model": "W22", "vendor": "ACME", "serial": "7"},
        ),
        (
            {"chargePointModel": "W22", "chargePointVendor": "ACME", "firmwareVersion": "1.2"},
            {"model": "W22", "vendor": "ACME", "version": "1.2"},
        ),
        ({"chargePointModel": 7}, {}),
        ({"chargingStation": "W22"}, {}),
        ([], {}),
        ("BootNotification", {}),
    ],
)
def test_a_station_says_it_when_it_boots(payload: Json, told: dict[str, str]) -> None:
    assert identity_told(_boot(payload), "station") == told
    assert identity_told(_boot(payload), "csms") == {}


def test_a_boot_that_the_harness_made_says_nothing() -> None:
    frame = msgspec.structs.replace(_boot({"chargePointModel": "W22"}), fate="injected")
    assert identity_told(frame, "station") == {}


def test_a_csms_says_it_in_the_header_of_its_response() -> None:
    headers: Json = {"server": "acme/7", "Upgrade": "websocket"}
    opened = LinkEvent(link="l", event="open", detail={"response_headers": headers, "subprotocol": "ocpp1.6"})
    assert identity_told(opened, "csms") == {"server": "acme/7", "subprotocol": "ocpp1.6"}
    assert identity_told(LinkEvent(link="l", event="open", detail={}), "csms") == {}
    assert identity_told(LinkEvent(link="l", event="close", detail={"subprotocol": "ocpp1.6"}), "csms") == {}


def test_a_station_tells_its_versions_when_it_connects() -> None:
    opened = LinkEvent(link="l", event="open", detail={"subprotocols_offered": ["ocpp2.0.1", "ocpp1.6"]})
    assert identity_told(opened, "station") == {"subprotocol": "ocpp2.0.1, ocpp1.6"}
    assert identity_told(LinkEvent(link="l", event="open", detail={"subprotocols_offered": []}), "station") == {}


def test_a_refusal_of_our_own_tap_says_nothing_of_the_csms() -> None:
    refused = LinkEvent(link="l", event="refused", by="tap", detail={"response_headers": {"Server": "x"}})
    assert identity_told(refused, "csms") == {}
