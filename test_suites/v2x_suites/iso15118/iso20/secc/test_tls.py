"""TLS of an SECC: what it agrees on, what it shows and asks for, and whom it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from v2x_adapters.tls_probe import ISO2, ISO20, RSA_SUITES, Outcome, TlsAnswer
from v2x_adapters.tls_probe.names import Extension
from v2x_architecture.iso15118.exi import Schema, codec
from v2x_architecture.iso15118.exi.messages.app_protocol import supportedAppProtocolRes
from v2x_architecture.iso15118.sdp import Request, Security
from v2x_architecture.iso15118.tls import Profile
from v2x_architecture.iso15118.v2gtp import PayloadType, Received
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.handshakes import SeccHandshakes, chained, is_root
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.secc_steps import serves
from v2x_suites.iso15118.tls_steps import (
    asked_in_clear,
    renewed_within_a_week,
    stapled,
    takes_no_broken_hello,
    takes_no_older_version,
)

_AES_256, _CHACHA = ISO20.suites
_P521, _X448 = ISO20.groups
_ANEW: Final = "15118-20#session.anew"
_CLIENT: Final = "15118-20#7.7.3.client"
_OID_FILTERS: Final = 48
_OLD_SUITES: Final = (*ISO2.suites, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", *RSA_SUITES)
_OLD_GROUPS: Final = ("secp256r1", "secp384r1", "secp521r1")
_OLD_SIGNATURES: Final = ("ecdsa_secp256r1_sha256", "ecdsa_secp521r1_sha512", "ecdsa_sha1", "rsa_pkcs1_sha1", "rsa_pkcs1_sha256")


async def refuses_vehicle(ev: EvTester, tls: SeccHandshakes, *bad: str) -> None:
    """Show certificates that do not stand the check, after and before good ones."""
    with requirement("V2G20-1264"):
        assert (await tls.offers(tls.offer)).outcome is Outcome.ACCEPTED
    with requirement(_CLIENT):
        for each in bad:
            answer = await tls.offers(replace(tls.offer, client=tls.pki.bad_vehicle[each]))
            assert answer.outcome.refused, f"the EV's certificate is {each.replace('_', ' ')}, and {answer.outcome}"
    await serves(ev, _ANEW)


def accepted(answer: TlsAnswer) -> None:
    """See that an offer was taken.

    Raises:
        AssertionError: it was not.
    """
    assert answer.outcome is Outcome.ACCEPTED, f"{answer.outcome} {answer.alert or answer.text}"


@case("TC20_SECC_CMN_TLS_001", verifies=f"V2G20-1264 V2G20-2374 V2G20-1668 V2G20-2674 {_ANEW}", applies="TLS")
async def test_handshake(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC shakes hands as a server of TLS 1.3 with certificates of both sides, and holds a session over it."""
    with requirement("V2G20-1264", "V2G20-2374", hard=True):
        answer = await secc_tls.offers(secc_tls.offer)
        accepted(answer)
        assert answer.version == "TLSv1.3"
    with requirement("V2G20-1668"):
        assert answer.signature == "ecdsa_secp521r1_sha512"
    with requirement("V2G20-2674"):
        key = x509.load_der_x509_certificate(answer.chain[0]).public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey), "the SECC's key is not one of ECDSA"
        assert key.curve.name == "secp521r1"
    await serves(tls_ev, _ANEW)


@case("TC20_SECC_CMN_SDP_001", verifies=f"V2G20-1238 {_ANEW}", applies="TLS")
async def test_asked_for_tls(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC that is asked over SDP for TLS leads to a port with TLS 1.3."""
    with requirement("V2G20-1238"):
        told = await tls_ev.asks(Request(Security.TLS).encode())
        assert told.Security == int(Security.TLS)
        accepted(await secc_tls.offers(secc_tls.offer))
    await serves(tls_ev, _ANEW)


@case("TC20_SECC_CMN_SDP_002", verifies=f"V2G20-2400 {_CLIENT} {_ANEW}", applies="TLS")
async def test_no_vehicle_certificate(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC asks for the EVCC's certificate, and ends the handshake where it is shown none."""
    with requirement("V2G20-2400"):
        answer = await secc_tls.offers(secc_tls.offer)
        accepted(answer)
        assert answer.requested_client_certificate
    with requirement(_CLIENT):
        assert (await secc_tls.offers(replace(secc_tls.offer, client=None))).outcome.refused
    await serves(tls_ev, _ANEW)


@case("TC20_SECC_CMN_TLS_002", verifies=f"V2G20-1264 {_CLIENT} {_ANEW}", applies="TLS")
async def test_vehicle_certificate_out_of_time(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC refuses an EVCC whose certificate is not valid any more, or not yet."""
    await refuses_vehicle(tls_ev, secc_tls, "expired", "not_yet_valid")


@case("TC20_SECC_CMN_TLS_003", verifies=f"V2G20-1264 {_CLIENT} {_ANEW}", applies="TLS")
async def test_vehicle_certificate_of_another_root(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC refuses an EVCC whose certificate leads to a root that the SECC does not have."""
    await refuses_vehicle(tls_ev, secc_tls, "unknown_root")


@case("TC20_SECC_CMN_TLS_004", verifies=f"V2G20-1264 {_CLIENT} {_ANEW}", applies="TLS")
async def test_certificate_of_a_server(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC refuses an EVCC whose certificate is for servers of TLS only."""
    await refuses_vehicle(tls_ev, secc_tls, "wrong_usage")


@case("TC20_SECC_CMN_TLS_005", verifies=f"V2G20-1264 {_CLIENT} {_ANEW}", applies="TLS")
async def test_signature_of_another_key(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC refuses an EVCC that shows a good certificate without having its key."""
    stolen = replace(secc_tls.pki.vehicle, key=secc_tls.pki.oem.key)
    with requirement("V2G20-1264"):
        accepted(await secc_tls.offers(secc_tls.offer))
    with requirement(_CLIENT):
        assert (await secc_tls.offers(replace(secc_tls.offer, client=stolen))).outcome.refused
    await serves(tls_ev, _ANEW)


@case("TC20_SECC_CMN_TLS_006", verifies=f"V2G20-2458 V2G20-1857 {_ANEW}", applies="TLS")
async def test_suites(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC takes each cipher suite of table 6 where it alone is offered, and the first where both are."""
    with requirement("V2G20-2458"):
        for suite in ISO20.suites:
            answer = await secc_tls.offers(replace(secc_tls.offer, suites=(suite,)))
            accepted(answer)
            assert answer.suite == suite
    with requirement("V2G20-1857"):
        assert (await secc_tls.offers(secc_tls.offer)).suite == _AES_256
    await serves(tls_ev, _ANEW)


@case("TC20_SECC_CMN_TLS_007", verifies=f"15118-20#7.7.3.version V2G20-1264 {_ANEW}", applies="TLS")
async def test_older_versions(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC refuses TLS 1.1 and 1.0, whatever of suites, groups and signatures is offered with them."""
    with requirement("15118-20#7.7.3.version"):
        old = replace(ISO2, suites=_OLD_SUITES, groups=_OLD_GROUPS, signatures=_OLD_SIGNATURES)
        await takes_no_older_version(secc_tls, old)
    with requirement("V2G20-1264"):
        accepted(await secc_tls.offers(secc_tls.offer))
    await serves(tls_ev, _ANEW)


@case("TC20_SECC_CMN_TLS_008", verifies=f"V2G20-1805 {_ANEW}", applies="TLS")
async def test_edition_below_its_tls(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC agrees on 15118-20 neither over TLS 1.2 nor without TLS, if it takes such connections at all."""
    await tls_ev.plug_in(first_schema_id=23)
    await tls_ev.until("supportedAppProtocolReq")
    offer = tls_ev.held.payload
    await tls_ev.unplug()
    older = replace(secc_tls.evcc_tls(), profile=Profile.ISO2, group="secp521r1", verify=False)
    with requirement("V2G20-1805"):
        for tls in (older, None):
            link = await secc_tls.connects(tls)
            if link is None:
                continue
            try:
                link.send(PayloadType.EXI, offer)
                event = await link.receive()
            except OSError:
                event = None
            finally:
                await link.close()
            said = codec(Schema.SAP).decode(event.payload).message if isinstance(event, Received) else None
            agreed = isinstance(said, supportedAppProtocolRes) and said.ResponseCode.startswith("OK")
            assert not agreed, f"it agrees {'over TLS 1.2' if tls is not None else 'without TLS'}"
    await serves(tls_ev, _ANEW)


@case("TC20_SECC_CMN_TLS_009", verifies=f"15118-20#7.7.3.plain {_ANEW}", applies="TLS")
async def test_plain_text(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC does not answer a request in clear at the port that it told as one with TLS, and goes on serving there."""
    await asked_in_clear(tls_ev, secc_tls, "15118-20#7.7.3.plain")
    await serves(tls_ev, _ANEW)


@case("TC20_SECC_CMN_TLS_010", verifies=f"V2G20-2399 {_ANEW}", applies="TLS")
async def test_chain(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC shows a valid chain to a V2G root without the root, also to an EVCC that names another root."""
    with requirement("V2G20-2399"):
        other = secc_tls.pki.mo_root.credential.certificate
        for named in ((), secc_tls.roots, (other,)):
            answer = await secc_tls.offers(replace(secc_tls.offer, certificate_authorities=named))
            accepted(answer)
            chained(answer.chain, secc_tls.roots)
            assert not any(map(is_root, answer.chain)), "the root is shown, too"
    await serves(tls_ev, _ANEW)


@case("TC20_SECC_CMN_TLS_011", verifies=f"V2G20-2406 V2G20-2407 {_ANEW}", applies="TLS")
async def test_request(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC that asks for the EVCC's certificate neither narrows which one nor asks for OCSP responses."""
    answer = await secc_tls.offers(secc_tls.offer)
    with requirement("V2G20-2406"):
        assert answer.requested_client_certificate, "it does not ask for a certificate"
        assert _OID_FILTERS not in answer.request_extensions
    with requirement("V2G20-2407"):
        assert answer.requested_client_certificate, "it does not ask for a certificate"
        assert Extension.STATUS_REQUEST not in answer.request_extensions
    await serves(tls_ev, _ANEW)


@case("TC20_SECC_CMN_TLS_012", verifies=f"V2G20-1264 {_ANEW}", applies="TLS")
async def test_broken_hello(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC that hears a ClientHello that cannot be read, or is none, ends that connection and serves the next EV."""
    with requirement("V2G20-1264"):
        await takes_no_broken_hello(secc_tls)
    with requirement("V2G20-1264"):
        accepted(await secc_tls.offers(secc_tls.offer))
    await serves(tls_ev, _ANEW)


@case("TC20_SECC_CMN_TLS_013", verifies="15118-20#7.7.3.4.suite.other", applies="TLS and not SystemTls")
async def test_other_suites(secc_tls: SeccHandshakes) -> None:
    """An SECC refuses an offer without a cipher suite of table 6."""
    with requirement("15118-20#7.7.3.4.suite.other"):
        answer = await secc_tls.offers(replace(secc_tls.offer, suites=("TLS_AES_128_GCM_SHA256",)))
        assert answer.outcome.refused
        assert answer.suite is None


@case("TC20_SECC_CMN_TLS_014", verifies="V2G20-1634 V2G20-2460", applies="TLS and not SystemTls")
async def test_groups(secc_tls: SeccHandshakes) -> None:
    """An SECC agrees on secrets by each group of table 7 where it alone is offered, and by the first where both are."""
    with requirement("V2G20-1634"):
        for group in ISO20.groups:
            answer = await secc_tls.offers(replace(secc_tls.offer, groups=(group,)))
            accepted(answer)
            assert answer.group == group
    with requirement("V2G20-2460"):
        for groups in (ISO20.groups, (_X448, _P521)):
            assert (await secc_tls.offers(replace(secc_tls.offer, groups=groups))).group == _P521


@case("TC20_SECC_CMN_TLS_015", verifies="V2G20-1667 V2G20-2401 V2G20-2404", applies="TLS and not SystemTls")
async def test_what_is_asked_for(secc_tls: SeccHandshakes) -> None:
    """An SECC that asks for the EVCC's certificate names the signatures of table 8 in its order, and the roots that it has."""
    answer = await secc_tls.offers(secc_tls.offer)
    with requirement("V2G20-1667"):
        assert answer.client_signatures == ISO20.signatures
    with requirement("V2G20-2404", "V2G20-2401"):
        assert answer.certificate_authorities, "it names no root"
        own = secc_tls.pki.oem_root.credential.certificate.subject.rfc4514_string()
        assert own in answer.certificate_authorities, "it takes EVs of the OEM root of the test PKI, and does not name it"


@case("TC20_SECC_CMN_TLS_016", verifies="V2G20-2388 V2G20-1021", applies="TLS and not SystemTls and not Private")
async def test_ocsp(secc_tls: SeccHandshakes) -> None:
    """An SECC staples to each certificate that it shows an OCSP response that is at most a week old."""
    answer = await secc_tls.offers(secc_tls.offer)
    with requirement("V2G20-2388", hard=True):
        responses = stapled(answer)
    with requirement("V2G20-1021"):
        renewed_within_a_week(responses)
