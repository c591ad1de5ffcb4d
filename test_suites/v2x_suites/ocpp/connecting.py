"""What cases of both versions ask of the opening of a connection."""

from __future__ import annotations

from v2x_harness.blocks import NotSeen
from v2x_harness.events import LinkEvent
from v2x_harness.finding import Layer

from v2x_suites.ocpp.lane import CsmsLane
from v2x_suites.ocpp.peers import StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest


async def boots_at_its_url(lane: CsmsLane, csms: CsmsUnderTest, station: StationActor) -> None:
    """Have a station connect to the endpoint URL with its identity behind it and nothing else, and boot.

    Raises:
        NotSeen: it is not let in, or its boot is not answered.
    """

    def handshake(item: object) -> LinkEvent | None:
        return item if isinstance(item, LinkEvent) and item.event in ("open", "refused") else None

    with lane.tap.bare():
        await station.power_on()
        _, link = await csms.watch.wait(handshake, 0, csms.pixit.settle, "an answer to the handshake")
        if link.event == "refused":
            path, said = link.detail.get("path", ""), f"HTTP {link.detail.get('status', 0)}"
            raise NotSeen(
                f"the CSMS does not serve {path}, its URL with the identity of the station behind it: {said}",
                expected="HTTP 101",
                seen=said,
                frame=link.n,
                layer=Layer.FRAMING,
            )
        answer = await csms.answer(await station.sends("BootNotification"))
    assert answer.status.is_in("Accepted", "Pending", "Rejected")
