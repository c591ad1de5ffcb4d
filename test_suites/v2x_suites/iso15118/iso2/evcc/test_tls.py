"""TLS of an EVCC: what it offers, and which SECCs it refuses."""

from __future__ import annotations

from dataclasses import replace

from v2x_adapters.tls_probe import ISO2, Outcome
from v2x_architecture.pki import Credential
from v2x_harness.blocks import DoesNotApply, requirement

from v2x_suites.iso15118.evcc_steps import once_more, reach
from v2x_suites.iso15118.handshakes import EvccHandshakes, offered
from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.tls_steps import offers_no_older_version, refuses
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest


async def takes_the_good(se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """See that an EVCC, whatever it was shown before, holds a session with a good SECC over TLS.

    One that insists on OCSP responses ([V2G2-873]) is seen to shake hands: our SECC in a session has none.
    """
    if evcc_tls.asked_for_ocsp:
        with requirement("V2G2-067"):
            assert (await evcc_tls.shows_good()).outcome is Outcome.ACCEPTED
        return
    with requirement("V2G2-067"):
        await once_more(se, driver)
        await reach(se, evcc, "ServiceDiscoveryRes")


@case("V2X_EVCC_CMN_VTB_TLS_001", verifies="V2G2-067 V2G2-603 V2G2-006", applies="TLS")
async def test_offer(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC offers TLS 1.2 with a suite of table 7 and the curve secp256r1, and speaks when that is taken."""
    await tls_se.listens()
    answer = await evcc_tls.shows_good()
    with requirement("V2G2-067"):
        assert "TLSv1.2" in offered(answer).versions
        assert answer.outcome is Outcome.ACCEPTED
    with requirement("V2G2-603"):
        assert set(offered(answer).suites) & set(ISO2.suites), "no suite of table 7 is offered"
    with requirement("V2G2-006"):
        assert "secp256r1" in offered(answer).groups
        assert "ecdsa_secp256r1_sha256" in offered(answer).signatures
    await takes_the_good(tls_se, evcc_tls, driver, evcc)


@case("V2X_EVCC_CMN_VTB_TLS_002", verifies="V2G2-875 V2G2-924 V2G2-067", applies="TLS")
async def test_other_roots(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC refuses an SECC whose chain leads to a root that it does not trust, whatever that is called."""
    await tls_se.listens()
    with requirement("V2G2-924", "V2G2-875"):
        await refuses(
            evcc_tls, evcc_tls.secc_tls("unknown_root"), evcc_tls.secc_tls("twin_root"), evcc_tls.secc_tls("wrong_chain")
        )
    await takes_the_good(tls_se, evcc_tls, driver, evcc)


@case("V2X_EVCC_CMN_VTB_TLS_003", verifies="V2G2-875 V2G2-067", applies="TLS")
async def test_out_of_time(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC refuses an SECC whose certificate is not valid any more, or not yet."""
    await tls_se.listens()
    with requirement("V2G2-875"):
        await refuses(evcc_tls, evcc_tls.secc_tls("expired"), evcc_tls.secc_tls("not_yet_valid"))
    await takes_the_good(tls_se, evcc_tls, driver, evcc)


@case("V2X_EVCC_CMN_VTB_TLS_004", verifies="V2G2-875 V2G2-067", applies="TLS")
async def test_broken_chains(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC refuses an SECC whose certificate was issued by one that may not: by a leaf, or by one authority too many."""
    await tls_se.listens()
    with requirement("V2G2-875"):
        await refuses(evcc_tls, evcc_tls.secc_tls("leaf_by_leaf"), evcc_tls.secc_tls("path_length"))
    await takes_the_good(tls_se, evcc_tls, driver, evcc)


@case("V2X_EVCC_CMN_VTB_TLS_005", verifies="V2G2-875 V2G2-067", applies="TLS")
async def test_other_kinds(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC refuses who shows a certificate that chains to a V2G root and is none of an SECC."""
    await tls_se.listens()
    with requirement("V2G2-875"):
        await refuses(evcc_tls, evcc_tls.secc_tls("wrong_domain"))
    await takes_the_good(tls_se, evcc_tls, driver, evcc)


@case("V2X_EVCC_CMN_VTB_TLS_006", verifies="V2G2-875 V2G2-006 V2G2-067", applies="TLS")
async def test_other_keys(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC refuses an SECC whose key is on another curve than secp256r1, or that signs with another key than it shows."""
    await tls_se.listens()
    pki = evcc_tls.pki
    with requirement("V2G2-875", "V2G2-006"):
        await refuses(evcc_tls, evcc_tls.shown("weak_key"), evcc_tls.shown("wrong_curve"))
    with requirement("V2G2-875"):
        await refuses(evcc_tls, evcc_tls.shown(credential=Credential(pki.secc.certificate, pki.secc.chain, pki.cps.key)))
    await takes_the_good(tls_se, evcc_tls, driver, evcc)


@case("V2X_EVCC_CMN_VTB_TLS_007", verifies="15118-2#7.7.3.version V2G2-067", applies="TLS")
async def test_older_versions(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC neither offers TLS 1.1 and 1.0 nor takes them from an SECC that has nothing else."""
    await tls_se.listens()
    with requirement("15118-2#7.7.3.version"):
        await offers_no_older_version(evcc_tls)
    await takes_the_good(tls_se, evcc_tls, driver, evcc)


@case("V2X_EVCC_CMN_VTB_TLS_008", verifies="V2G2-651 V2G2-067", applies="TLS and not SystemTls")
async def test_names_of_roots(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC names the V2G roots that it has in its offer."""
    await tls_se.listens()
    with requirement("V2G2-651"):
        assert offered(await evcc_tls.shows_good()).trusted_ca_keys, "it names no root"
    await takes_the_good(tls_se, evcc_tls, driver, evcc)


@case("V2X_EVCC_CMN_VTB_TLS_009", verifies="V2G2-873 V2G2-875 V2G2-067", applies="TLS and not SystemTls")
async def test_ocsp(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that asks for OCSP responses refuses an SECC that has none or whose certificate was revoked."""
    await tls_se.listens()
    answer = await evcc_tls.shows(evcc_tls.shown())
    hello = offered(answer)
    if not evcc_tls.asked_for_ocsp:
        raise DoesNotApply("the EVCC does not ask for OCSP responses, which it need not")
    with requirement("V2G2-873"):
        assert answer.outcome.refused, f"no OCSP response is stapled: {answer.outcome}"
    # Without the extension of RFC 6961 it is told of the first certificate only.
    revoked = ("secc", "cpo-sub2") if hello.status_request_v2 else ("secc",)
    with requirement("V2G2-875"):
        for each in revoked:
            await refuses(evcc_tls, replace(evcc_tls.shown(), stapled=evcc_tls.responses(revoked=each)))
    with requirement("V2G2-067"):
        assert (await evcc_tls.shows_good()).outcome is Outcome.ACCEPTED
