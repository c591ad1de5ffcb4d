"""TLS of an SECC: what it agrees on, what it shows, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from v2x_adapters.tls_probe import ISO2, RSA_SUITES, Outcome
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.handshakes import SeccHandshakes, chained, is_root
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.iso2.secc.serving import serves
from v2x_suites.iso15118.tls_steps import (
    asked_in_clear,
    renewed_within_a_week,
    stapled,
    takes_no_broken_hello,
    takes_no_older_version,
)

_STATIC, _EPHEMERAL = ISO2.suites
_ANY_CURVE: Final = replace(
    ISO2,
    groups=("secp256r1", "secp384r1", "secp521r1"),
    signatures=("ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512"),
)
_OLD_SUITES: Final = (*ISO2.suites, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA")
"""What goes with TLS below 1.2, too."""


@case("V2X_SECC_CMN_VTB_TLS_001", verifies="V2G2-067 V2G2-068 V2G2-006 15118-2#session.anew", applies="TLS")
async def test_handshake(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC shakes hands as a server of TLS 1.2 on the curve secp256r1, and holds a session over it."""
    with requirement("V2G2-067", "V2G2-068", hard=True):
        answer = await secc_tls.offers(ISO2)
        assert answer.outcome is Outcome.ACCEPTED
        assert answer.version == "TLSv1.2"
        assert answer.suite in ISO2.suites
    with requirement("V2G2-006"):
        # With the static suite the group is that of the certificate's key, and nothing is signed.
        assert answer.group in ("secp256r1", None)
        assert answer.signature in ("ecdsa_secp256r1_sha256", None)
    await serves(tls_ev)


@case("V2X_SECC_CMN_VTB_TLS_002", verifies="15118-2#7.7.3.version V2G2-067 15118-2#session.anew", applies="TLS")
async def test_older_versions(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC refuses TLS 1.1 and 1.0, and takes TLS 1.2 where they are offered beside it."""
    with requirement("15118-2#7.7.3.version"):
        await takes_no_older_version(secc_tls, replace(ISO2, suites=_OLD_SUITES))
    with requirement("V2G2-067"):
        assert (await secc_tls.offers(ISO2)).version == "TLSv1.2"
    await serves(tls_ev)


@case("V2X_SECC_CMN_VTB_TLS_003", verifies="V2G2-602 15118-2#7.7.3.suite 15118-2#session.anew", applies="TLS")
async def test_suites(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC takes ephemeral ECDH with ECDSA where it alone is offered, and no suite that authenticates with RSA."""
    with requirement("V2G2-602"):
        answer = await secc_tls.offers(replace(ISO2, suites=(_EPHEMERAL,)))
        assert (answer.outcome, answer.suite) == (Outcome.ACCEPTED, _EPHEMERAL)
    with requirement("15118-2#7.7.3.suite"):
        signatures = (*ISO2.signatures, "rsa_pkcs1_sha256", "rsa_pss_rsae_sha256", "rsa_pkcs1_sha1")
        answer = await secc_tls.offers(replace(ISO2, suites=RSA_SUITES, signatures=signatures))
        assert answer.outcome.refused
        assert answer.suite is None
    await serves(tls_ev)


@case("V2X_SECC_CMN_VTB_TLS_004", verifies="V2G2-602", applies="TLS and not SystemTls")
async def test_static_suite(secc_tls: SeccHandshakes) -> None:
    """An SECC takes static ECDH with ECDSA where it alone is offered."""
    with requirement("V2G2-602"):
        answer = await secc_tls.offers(replace(ISO2, suites=(_STATIC,)))
        assert (answer.outcome, answer.suite) == (Outcome.ACCEPTED, _STATIC)


@case("V2X_SECC_CMN_VTB_TLS_005", verifies="V2G2-006 15118-2#session.anew", applies="TLS")
async def test_curves(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC agrees on secp256r1 whatever stands before it in an offer, and on no other curve."""
    with requirement("V2G2-006"):
        answer = await secc_tls.offers(replace(_ANY_CURVE, groups=("secp521r1", "secp384r1", "secp256r1")))
        assert answer.outcome is Outcome.ACCEPTED
        assert answer.group in ("secp256r1", None)
    with requirement("V2G2-006"):
        answer = await secc_tls.offers(replace(_ANY_CURVE, suites=(_EPHEMERAL,), groups=("secp384r1", "secp521r1")))
        assert answer.outcome.refused
        assert answer.group is None
    await serves(tls_ev)


@case(
    "V2X_SECC_CMN_VTB_TLS_006",
    verifies="V2G2-007 V2G2-871 15118-2#7.7.3.chain.root 15118-2#session.anew",
    applies="TLS and not Private",
)
async def test_chain(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC shows its certificate and those above it up to a V2G root, which is left out; all keys are of 256 bits."""
    with requirement("V2G2-871", hard=True):
        answer = await secc_tls.offers(_ANY_CURVE)
        assert answer.outcome is Outcome.ACCEPTED
        chain = chained(answer.chain, secc_tls.roots)
    with requirement("15118-2#7.7.3.chain.root"):
        assert not any(map(is_root, answer.chain)), "the root is shown, too"
    with requirement("V2G2-007"):
        for each in chain:
            key, name = each.public_key(), each.subject.rfc4514_string()
            assert isinstance(key, ec.EllipticCurvePublicKey), f"the key of {name} is not one of ECDSA"
            assert key.key_size == 256, f"the key of {name} has {key.key_size} bits"
    await serves(tls_ev)


@case("V2X_SECC_CMN_VTB_TLS_007", verifies="15118-2#7.7.3.plain 15118-2#session.anew", applies="TLS")
async def test_plain_text(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC does not answer a request in clear at the port that it told as one with TLS, and goes on serving there."""
    await asked_in_clear(tls_ev, secc_tls, "15118-2#7.7.3.plain")
    await serves(tls_ev)


@case("V2X_SECC_CMN_VTB_TLS_008", verifies="V2G2-067 15118-2#session.anew", applies="TLS")
async def test_broken_hello(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC that hears a ClientHello that cannot be read, or is none, ends that connection and serves the next EV."""
    with requirement("V2G2-067"):
        await takes_no_broken_hello(secc_tls)
    with requirement("V2G2-067"):
        assert (await secc_tls.offers(ISO2)).outcome is Outcome.ACCEPTED
    await serves(tls_ev)


@case("V2X_SECC_CMN_VTB_TLS_009", verifies="V2G2-871 V2G2-649", applies="TLS and not SystemTls and not Private")
async def test_ocsp(secc_tls: SeccHandshakes) -> None:
    """An SECC that is asked for OCSP staples a response to each certificate that it shows, which it has renewed within a week."""
    answer = await secc_tls.offers(replace(ISO2, status_request=True, status_request_v2=True))
    with requirement("V2G2-871", hard=True):
        responses = stapled(answer)
    with requirement("V2G2-649"):
        renewed_within_a_week(responses)
