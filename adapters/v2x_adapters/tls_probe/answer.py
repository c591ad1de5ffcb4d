"""What a probe finds out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from v2x_adapters.tls_probe.hello import ClientHello


class Outcome(StrEnum):
    """What became of an attempt."""

    ACCEPTED = "the peer went through with the handshake"
    REFUSED = "the peer ended it with an alert"
    CLOSED = "the peer ended the connection without an alert"
    RESET = "the peer broke the connection off"
    SILENT = "the peer neither answered nor ended the connection in time"
    NOT_TLS = "what the peer sent is not TLS"
    DISAGREED = "the peer offered nothing that the probe could go on with"

    @property
    def refused(self) -> bool:
        """Whether the peer said no, in whichever way."""
        return self in (Outcome.REFUSED, Outcome.CLOSED, Outcome.RESET)


class Step(StrEnum):
    """How far a handshake went."""

    NOTHING = "nothing came"
    HELLO = "the peer answered the hello"
    FLIGHT = "the peer sent all of its part that can be looked at"
    DONE = "both sides have finished"
    DATA = "the peer sent data"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsAnswer:
    """What an SECC answered to an offer.

    Attributes:
        outcome: what became of it. ``ACCEPTED`` in TLS 1.2: its flight is complete and goes with the offer; in TLS 1.3: the
            handshake is finished on both sides, and nothing came against it.
        step: how far it went.
        version, suite: that it chose, by their names; None where it did not come to that, and so with the rest.
        group: to agree on the secret by.
        retry: whether it asked for another ClientHello, with a share of that group.
        signature: scheme that it signed with.
        chain: its certificates in DER, its own first.
        stapled: the OCSP response (DER) to each certificate of the chain, as far as it sent any; None for one without.
        requested_client_certificate: whether it asked for one.
        client_signatures: schemes that the client may sign with.
        certificate_authorities: distinguished names of the roots it trusts, as RFC 4514 writes them; None where it told none.
        request_extensions: numbers of the extensions in its request for a certificate (TLS 1.3).
        alert: that it sent, by its name.
        heard: data that it sent when the handshake was done.
        text: what was not TLS about what it sent.
    """

    outcome: Outcome = Outcome.SILENT
    step: Step = Step.NOTHING
    version: str | None = None
    suite: str | None = None
    group: str | None = None
    retry: bool = False
    signature: str | None = None
    chain: tuple[bytes, ...] = ()
    stapled: tuple[bytes | None, ...] = ()
    requested_client_certificate: bool = False
    client_signatures: tuple[str, ...] = ()
    certificate_authorities: tuple[str, ...] | None = None
    request_extensions: tuple[int, ...] = ()
    alert: str | None = None
    heard: bytes = b""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvccAnswer:
    """What an EVCC did about the certificate it was shown.

    Attributes:
        outcome: what became of the connection. ``ACCEPTED``: it went on to speak; where TLS 1.2 is not gone through with
            (`Shown`), it sent its part of the secret, which comes after it has looked at the certificate. An EVCC that finishes
            the handshake and then ends the connection without a word has refused in its own way: ``CLOSED``.
        step: how far it went.
        hello: what it offered; None where none could be read.
        version, suite: that were agreed on; None where it did not come to that.
        certificate: the vehicle certificate that it showed, in DER; None for none.
        alert: that it sent, by its name.
        heard: the first octets that it sent when the handshake was done.
        text: what could not be gone on with, in words.
    """

    outcome: Outcome = Outcome.SILENT
    step: Step = Step.NOTHING
    hello: ClientHello | None = None
    version: str | None = None
    suite: str | None = None
    certificate: bytes | None = None
    alert: str | None = None
    heard: bytes = b""
    text: str = ""
