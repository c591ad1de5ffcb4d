"""What cases about TLS judge alike in both editions that have it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.x509 import ocsp
from v2x_adapters.tls_probe import Outcome, Shown, TlsAnswer, TlsOffer
from v2x_architecture.iso15118.tls import SeccTls
from v2x_architecture.iso15118.v2gtp import PayloadType, encode
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.handshakes import EvccHandshakes, SeccHandshakes, offered

_NO_HELLO: Final = (bytes.fromhex("16030100050100000101"), bytes.fromhex("160301ffff"), bytes(64))
"""A ClientHello that is cut short, the head of a record, and octets that are no TLS."""
_WEEK: Final = timedelta(days=7)


# Of an SECC


async def takes_no_older_version(secc_tls: SeccHandshakes, offer: TlsOffer) -> None:
    """Offer TLS 1.1 and then 1.0.

    Args:
        offer: whatever of suites, groups and signatures is offered with them.

    Raises:
        AssertionError: one of them is not refused.
    """
    for version in ("TLSv1.1", "TLSv1"):
        answer = await secc_tls.offers(replace(offer, versions=(version,)))
        assert answer.outcome.refused, f"{version} is not refused: {answer.outcome}"
        assert answer.version is None


async def takes_no_broken_hello(secc_tls: SeccHandshakes) -> None:
    """Send octets that are no ClientHello, or none that can be read.

    Raises:
        AssertionError: they are taken for one.
    """
    for octets in _NO_HELLO:
        reaction = await secc_tls.sends(octets)
        assert reaction.outcome is not Outcome.ACCEPTED, f"{octets.hex()} is taken for an offer"


async def asked_in_clear(ev: EvTester, secc_tls: SeccHandshakes, cites: str) -> None:
    """Send a supportedAppProtocolReq in clear to the port that the SECC has told as one with TLS; judge that it is not answered.

    Args:
        cites: id of the requirement.
    """
    await ev.plug_in(first_schema_id=23)
    await ev.until("supportedAppProtocolReq")
    offer = ev.held.payload
    await ev.unplug()
    with requirement(cites):
        reaction = await secc_tls.sends(encode(PayloadType.EXI, offer))
        assert reaction.outcome is not Outcome.NOT_TLS, f"it answers {reaction.octets.hex()}"


def stapled(answer: TlsAnswer) -> list[ocsp.OCSPResponse]:
    """Return the OCSP responses to the certificates that an SECC has shown.

    Raises:
        AssertionError: a certificate has none, or one that is not about it, or none was shown.
    """
    assert answer.stapled, "no certificate was shown"
    assert all(answer.stapled), "not every certificate has a response"
    responses = [ocsp.load_der_ocsp_response(each) for each in answer.stapled if each is not None]
    assert {each.response_status for each in responses} == {ocsp.OCSPResponseStatus.SUCCESSFUL}
    shown = [x509.load_der_x509_certificate(each).serial_number for each in answer.chain]
    assert [each.serial_number for each in responses] == shown, "the responses are not about the chain"
    return responses


def renewed_within_a_week(responses: list[ocsp.OCSPResponse]) -> None:
    """See that OCSP responses are not old.

    Raises:
        AssertionError: the oldest is of more than a week ago.
    """
    oldest = min(each.this_update_utc for each in responses)
    assert datetime.now(UTC) - oldest <= _WEEK


# Of an EVCC


async def refuses(evcc_tls: EvccHandshakes, *bad: SeccTls | Shown) -> None:
    """Show an EVCC what must not stand the check.

    Raises:
        AssertionError: it goes on.
    """
    for each in bad:
        answer = await evcc_tls.shows(each)
        offered(answer)
        assert answer.outcome.refused, f"{evcc_tls.described(each)}: {answer.outcome}"


async def offers_no_older_version(evcc_tls: EvccHandshakes) -> None:
    """Show an EVCC an SECC that speaks no TLS above 1.1.

    Raises:
        AssertionError: it goes on, or has such versions in its offer.
    """
    answer = await evcc_tls.shows(evcc_tls.older())
    assert answer.version is None, f"it takes {answer.version}"
    assert not {"TLSv1.1", "TLSv1", "SSLv3"} & set(offered(answer).versions)
