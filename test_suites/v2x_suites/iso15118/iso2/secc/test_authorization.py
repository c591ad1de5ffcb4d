"""Authorization by external means."""

from __future__ import annotations

from v2x_harness.blocks import DoesNotApply, requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.iso2.secc.serving import serves
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest

_ONGOING_TIMEOUT = 60.0
"""V2G_EVCC_Ongoing_Timeout (s): then every EV has given up."""
_PENDING = ("Ongoing", "Ongoing_WaitingForCustomerInteraction")


async def authorized_later(ev: EvTester, operator: SeccOperator, status: str, cites: tuple[str, ...], *says: str) -> None:
    """Ask three times for authorization that is not there yet, and once more when it is.

    Args:
        status: of the authorization until then.
        cites: ids of the requirements that say what is answered until then.
        says: what EVSEProcessing may be until then.
    """
    await operator.set_authorization(status)
    await ev.plug_in()
    for _ in range(3):
        await ev.until("AuthorizationReq")
        with requirement(*cites):
            answer = await ev.sends()
            assert answer.code == "OK"
            assert answer.EVSEProcessing.is_in(*says)
    await operator.set_authorization("Accepted")
    await ev.until("AuthorizationReq")
    with requirement("V2G2-856"):
        answer = await ev.sends()
        assert answer.code == "OK"
        assert answer.EVSEProcessing == "Finished"


@case("TC_SECC_CMN_VTB_Authorization_001", verifies="V2G2-562 V2G2-563 15118-2#session.anew")
async def test_authorized_before(ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC whose customer is authorized says so, at once or after some requests, and goes on to the parameters."""
    await operator.set_authorization("Accepted")
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    with requirement("V2G2-562", hard=True):
        answer = await granted(ev)
        assert answer.EVSEProcessing.is_in("Finished", *_PENDING)
    begun = answer.t
    while answer.EVSEProcessing.is_in(*_PENDING) and answer.t - begun < secc.pixit.settle:
        await ev.until("AuthorizationReq")
        answer = await ev.sends()
    with requirement("V2G2-563"):
        assert answer.code == "OK"
        assert answer.EVSEProcessing == "Finished"
    await serves(ev)


@case("V2X_SECC_CMN_VTB_Authorization_001", verifies="V2G2-854 V2G2-687 V2G2-856")
async def test_customer_is_waited_for(ev: EvTester, operator: SeccOperator) -> None:
    """An SECC says that it waits for its customer, again and again, and that it is through once the customer is authorized."""
    await authorized_later(ev, operator, "Waiting", ("V2G2-854", "V2G2-687"), "Ongoing_WaitingForCustomerInteraction")


@case("V2X_SECC_CMN_VTB_Authorization_002", verifies="V2G2-687 V2G2-856")
async def test_authorization_takes_its_time(ev: EvTester, operator: SeccOperator) -> None:
    """An SECC that has to ask somebody says that this goes on, takes AuthorizationReq again, and says when it is through."""
    await authorized_later(ev, operator, "Ongoing", ("V2G2-687",), *_PENDING)


@case("V2X_SECC_CMN_VTB_Authorization_003", verifies="15118-2#8.4.authorization-rejected V2G2-562 15118-2#session.anew")
async def test_rejected(ev: EvTester, operator: SeccOperator) -> None:
    """An SECC whose customer is rejected refuses, or waits for another customer, but lets nobody charge."""
    await operator.set_authorization("Rejected")
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    with requirement("V2G2-562", hard=True):
        answer = await ev.sends()
        assert answer.name == "AuthorizationRes"
    with requirement("15118-2#8.4.authorization-rejected"):
        assert answer.code != "OK" or answer.EVSEProcessing.is_in(*_PENDING)
    await operator.set_authorization("Accepted")
    await serves(ev)


@case("TC_SECC_CMN_VTB_Authorization_014", verifies="V2G2-713 15118-2#session.anew")
async def test_authorization_takes_too_long(ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC that is not through with authorization before the EV's patience is over says that it has failed."""
    await operator.set_authorization("Ongoing")
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    answer = await ev.sends()
    begun, waiting = answer.t, answer.EVSEProcessing == "Ongoing_WaitingForCustomerInteraction"
    # Beyond it, so that what is said then is heard, too.
    while answer.code == "OK" and answer.EVSEProcessing.is_in(*_PENDING) and answer.t - begun < _ONGOING_TIMEOUT + 2.0:
        secc.from_now()
        await secc.stays_quiet(for_=3.0)
        answer = await ev.sends_other("AuthorizationReq")
        waiting = waiting or answer.EVSEProcessing == "Ongoing_WaitingForCustomerInteraction"
    if waiting:
        raise DoesNotApply("the SECC waits for its customer, for which there is no time limit")
    with requirement("V2G2-713"):
        assert str(answer.code.value).startswith("FAILED")
        assert answer.t - begun <= _ONGOING_TIMEOUT
    await operator.set_authorization("Accepted")
    await serves(ev)
