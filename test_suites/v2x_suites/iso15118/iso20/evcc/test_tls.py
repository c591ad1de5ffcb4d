"""TLS of an EVCC: what it offers and shows, and which SECCs it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from v2x_adapters.tls_probe import ISO20, Outcome, Shown
from v2x_architecture.iso15118.exi import ExiError, Schema, codec
from v2x_architecture.iso15118.exi.messages.app_protocol import supportedAppProtocolReq
from v2x_architecture.iso15118.tls import Profile, SeccTls
from v2x_architecture.iso15118.v2gtp import HEADER_LENGTH
from v2x_architecture.pki import Credential
from v2x_harness.blocks import CannotJudge, requirement

from v2x_suites.iso15118.evcc_steps import once_more, reach
from v2x_suites.iso15118.handshakes import EvccHandshakes, offered
from v2x_suites.iso15118.iso20.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.tls_steps import offers_no_older_version, refuses
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import Message

_TLS13: Final = "V2G20-1264"
_CHAIN: Final = "15118-20#7.7.3.chain"
_NAMESPACE: Final = "urn:iso:std:iso:15118:-20:"
"""What the names of its protocols begin with."""


async def takes_the_good(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> Message:
    """See that an EVCC, whatever it was shown before, holds a session with a good SECC; return its SessionSetupReq."""
    with requirement(_TLS13):
        await once_more(se, driver)
        setup = await reach(se, evcc, "SessionSetupRes")
        await reach(se, evcc, "AuthorizationSetupRes")
    return setup


async def refuses_chains(
    se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest, *bad: SeccTls | Shown
) -> None:
    """Show an EVCC chains that must not stand the check; judge that it refuses each of them, and takes a good one then."""
    with requirement(_CHAIN):
        await refuses(evcc_tls, *bad)
    await takes_the_good(se, driver, evcc)


@case("TC20_EVCC_CMN_TLS_001", verifies=f"{_TLS13} V2G20-2364 V2G20-2365 V2G20-2459 V2G20-1858", applies="TLS")
async def test_offer(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC lists TLS 1.3 among its versions and both suites of table 6 in their order, and speaks when that is taken."""
    await tls_se.listens()
    answer = await evcc_tls.shows_good()
    with requirement(_TLS13):
        assert answer.outcome is Outcome.ACCEPTED
        assert answer.version == "TLSv1.3"
    with requirement("V2G20-2364", "V2G20-2365"):
        assert "TLSv1.3" in offered(answer).versions
    with requirement("V2G20-2459"):
        assert set(ISO20.suites) <= set(offered(answer).suites), "a suite of table 6 is missing"
    with requirement("V2G20-1858"):
        assert tuple(each for each in offered(answer).suites if each in ISO20.suites) == ISO20.suites
    await takes_the_good(tls_se, driver, evcc)


@case("TC20_EVCC_CMN_TLS_002", verifies=f"{_TLS13} V2G20-2339 V2G20-2331 V2G20-2674 V2G20-2598", applies="TLS")
async def test_vehicle_certificate(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is asked shows a certificate to an OEM or a V2G root, on secp521r1, and with its EVCCID as common name."""
    await tls_se.listens()
    with requirement("V2G20-2339", hard=True):
        answer = await evcc_tls.shows(evcc_tls.shown())
        assert answer.certificate is not None, f"it shows none: {answer.outcome}"
    with requirement("V2G20-2331"):
        # OpenSSL looks whether the chain stands the check.
        checked = await evcc_tls.shows(evcc_tls.secc_tls())
        if checked.outcome.refused and evcc_tls.asked_for_ocsp:
            raise CannotJudge("the EVCC goes on with no SECC that has no OCSP responses, which OpenSSL cannot give")
        assert checked.outcome is Outcome.ACCEPTED, f"its chain does not stand the check: {checked.text or checked.outcome}"
    certificate = x509.load_der_x509_certificate(answer.certificate)
    with requirement("V2G20-2674"):
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey), "the key is not one of ECDSA"
        assert key.curve.name == "secp521r1"
    setup = await takes_the_good(tls_se, driver, evcc)
    with requirement("V2G20-2598"):
        names = [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        assert setup.EVCCID.is_in(*names)


@case("TC20_EVCC_CMN_TLS_003", verifies=f"{_TLS13} {_CHAIN}", applies="TLS")
async def test_other_roots(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC refuses an SECC whose chain leads to a root that it does not trust, whatever that is called."""
    await tls_se.listens()
    await refuses_chains(tls_se, evcc_tls, driver, evcc, evcc_tls.secc_tls("unknown_root"), evcc_tls.secc_tls("twin_root"))


@case("TC20_EVCC_CMN_TLS_004", verifies=f"{_TLS13} {_CHAIN}", applies="TLS")
async def test_out_of_time(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC refuses an SECC whose certificate is not valid any more, or not yet."""
    await tls_se.listens()
    await refuses_chains(tls_se, evcc_tls, driver, evcc, evcc_tls.secc_tls("expired"), evcc_tls.secc_tls("not_yet_valid"))


@case("TC20_EVCC_CMN_TLS_005", verifies=f"{_TLS13} {_CHAIN}", applies="TLS")
async def test_broken_chains(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC refuses an SECC whose certificate was issued by one that may not: by a leaf, or by one authority too many."""
    await tls_se.listens()
    await refuses_chains(tls_se, evcc_tls, driver, evcc, evcc_tls.secc_tls("leaf_by_leaf"), evcc_tls.secc_tls("path_length"))


@case("TC20_EVCC_CMN_TLS_006", verifies=f"{_TLS13} {_CHAIN}", applies="TLS")
async def test_other_kinds(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC refuses who shows a certificate that is for clients of TLS, or for signing what provisions contracts."""
    await tls_se.listens()
    await refuses_chains(tls_se, evcc_tls, driver, evcc, evcc_tls.secc_tls("wrong_usage"), evcc_tls.secc_tls("wrong_domain"))


@case("TC20_EVCC_CMN_TLS_007", verifies=f"{_TLS13} {_CHAIN}", applies="TLS")
async def test_other_keys(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC refuses an SECC whose key is on a curve of the older edition or weaker, or not the one of its certificate."""
    await tls_se.listens()
    pki = evcc_tls.pki
    other = Credential(pki.secc.certificate, pki.secc.chain, pki.cps.key)
    await refuses_chains(
        tls_se,
        evcc_tls,
        driver,
        evcc,
        evcc_tls.shown("wrong_curve"),
        evcc_tls.shown("weak_key"),
        evcc_tls.shown(credential=other),
    )


@case("TC20_EVCC_CMN_TLS_008", verifies=f"{_TLS13} 15118-20#7.7.3.version", applies="TLS")
async def test_older_versions(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC neither offers TLS 1.1 and 1.0 nor takes them from an SECC that has nothing else."""
    await tls_se.listens()
    with requirement("15118-20#7.7.3.version"):
        await offers_no_older_version(evcc_tls)
    await takes_the_good(tls_se, driver, evcc)


@case("TC20_EVCC_CMN_TLS_009", verifies=f"{_TLS13} V2G20-1805", applies="TLS")
async def test_edition_below_its_tls(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC does not offer 15118-20 to an SECC that has no TLS above 1.2, if it speaks to such an SECC at all."""
    await tls_se.listens()
    with requirement("V2G20-1805"):
        older = replace(evcc_tls.secc_tls(), profile=Profile.ISO2, group="secp521r1", client_roots=())
        answer = await evcc_tls.shows(older)
        offered(answer)
        assert not [each for each in namespaces(answer.heard) if each.startswith(_NAMESPACE)], "it is offered over TLS 1.2"
    await takes_the_good(tls_se, driver, evcc)


def namespaces(octets: bytes) -> list[str]:
    """Return which protocols are offered in a V2GTP message; none where it is no offer."""
    try:
        message = codec(Schema.SAP).decode(octets[HEADER_LENGTH:]).message
    except ExiError:
        return []
    return [each.ProtocolNamespace for each in message.AppProtocol] if isinstance(message, supportedAppProtocolReq) else []


@case("TC20_EVCC_CMN_TLS_010", verifies=f"{_TLS13} V2G20-1637", applies="TLS and not SystemTls")
async def test_groups(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC offers both groups of table 7."""
    await tls_se.listens()
    with requirement("V2G20-1637"):
        answer = await evcc_tls.shows_good()
        assert set(ISO20.groups) <= set(offered(answer).groups), "a group of table 7 is missing"
    await takes_the_good(tls_se, driver, evcc)


@case("TC20_EVCC_CMN_TLS_011", verifies=f"{_TLS13} V2G20-2372 V2G20-2373", applies="TLS and not SystemTls")
async def test_asks_for_ocsp(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC asks for OCSP responses in its offer, and names no responder."""
    await tls_se.listens()
    answer = await evcc_tls.shows_good()
    with requirement("V2G20-2372", hard=True):
        assert offered(answer).status_request, "it does not ask for OCSP responses"
    with requirement("V2G20-2373"):
        assert offered(answer).responders == 0, "it names a responder"
    await takes_the_good(tls_se, driver, evcc)


@case("TC20_EVCC_CMN_TLS_012", verifies=f"{_TLS13} V2G20-1240 V2G20-2413 V2G20-2414", applies="TLS and not SystemTls")
async def test_ocsp(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC takes good OCSP responses, and no revoked certificate, no wrong signature and no signer that may not sign."""
    await tls_se.listens()
    good = evcc_tls.shown()
    with requirement("V2G20-1240"):
        assert (await evcc_tls.shows(replace(good, stapled=evcc_tls.responses()))).outcome is Outcome.ACCEPTED
        await refuses(evcc_tls, replace(good, stapled=evcc_tls.responses(revoked="secc")))
        await refuses(evcc_tls, replace(good, stapled=evcc_tls.responses(revoked="cpo-sub2")))
    with requirement("V2G20-2413"):
        await refuses(evcc_tls, replace(good, stapled=evcc_tls.responses(signer=evcc_tls.pki.authorities["mo-sub2"])))
    with requirement("V2G20-2414"):
        first, *others = evcc_tls.responses()
        await refuses(evcc_tls, replace(good, stapled=(first[:-1] + bytes((first[-1] ^ 1,)), *others)))
    await takes_the_good(tls_se, driver, evcc)
