"""Contactors that do not do as they should: what cases of all editions have in common."""

from __future__ import annotations

from typing import Final

from v2x_architecture.iso15118.evcc import Wish
from v2x_harness.blocks import CannotJudge, requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.under_test import SeccOperator
from v2x_suites.iso15118.watch import Message

IN_TIME: Final = 4.5 + 0.5
"""V2G_SECC_Msg_Performance_Time of PowerDeliveryRes in 15118-2, the longest of all editions, and what a bench is off (s)."""


async def stays_open(ev: EvTester, operator: SeccOperator, ids: tuple[str, ...], *codes: str) -> Message:
    """Ask for energy of an SECC whose contactor does not close any more; it says so.

    Args:
        ids: by which it does.
        codes: that it may say.

    Returns:
        The response.
    """
    await ev.plug_in()
    await ev.until("PowerDeliveryReq")
    await operator.set_contactor(stuck=True)
    with requirement(*ids, hard=True):
        answer = await ev.sends(within=IN_TIME)
        assert answer.name == "PowerDeliveryRes"
        assert answer.code.is_in(*codes)
        assert answer.session_id == ev.session_id
    return answer


async def is_welded(ev: EvTester, operator: SeccOperator, loop: str, cites: str) -> None:
    """Have the EV stop while energy flows through a contactor that does not open any more; the SECC does not say that it has.

    Args:
        loop: name of the request that is sent again and again while energy flows.
        cites: by which it does not.
    """
    await ev.plug_in()
    await ev.until(loop, 3)
    await operator.set_contactor(stuck=True)
    ev.driver.wish = Wish.STOP
    await ev.until("PowerDeliveryReq")
    with requirement(cites):
        answer = await ev.sends()
        assert answer.name == "PowerDeliveryRes"
        assert str(answer.code.value).startswith("FAILED")
        assert answer.session_id == ev.session_id


async def repaired(ev: EvTester, operator: SeccOperator, cites: str) -> None:
    """Have the contactor work again, and see that the next session gets energy.

    Args:
        cites: by which it does.
    """
    await operator.set_contactor(stuck=False)
    await ev.unplug()
    await ev.plug_in()
    try:
        await ev.until("PowerDeliveryReq")
    except CannotJudge as error:
        with requirement(cites):
            raise AssertionError(f"there is no session with energy any more: {error}") from error
    with requirement(cites):
        answer = await ev.sends()
        assert answer.code == "OK"
