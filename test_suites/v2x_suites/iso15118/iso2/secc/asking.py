"""Requests that are made until they are answered for good."""

from __future__ import annotations

from v2x_harness.events import Json

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.watch import Message


async def parameters(ev: EvTester, change: dict[str, Json] | None = None) -> Message:
    """Ask for schedules until they are there, and return the response that has them.

    Raises:
        NotSeen: the SECC does not answer.
    """
    await ev.until("ChargeParameterDiscoveryReq")
    answer = await ev.sends(change)
    begun = answer.t
    while answer.code == "OK" and answer.EVSEProcessing == "Ongoing" and answer.t - begun < ev.pixit.settle:
        await ev.until("ChargeParameterDiscoveryReq")
        answer = await ev.sends(change)
    return answer
