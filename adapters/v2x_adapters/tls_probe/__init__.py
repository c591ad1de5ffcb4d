"""TLS of ISO 15118 looked at from outside: what an SECC or an EVCC offers, takes and refuses.

Python's ssl can neither choose what a hello holds nor tell what came in a handshake, and OpenSSL shows no certificate that goes
against its rules. So the probes have sides of their own (RFC 5246, RFC 8446), which offer and show what they are told to: also
static ECDH, which OpenSSL has dropped, and weak keys. An EVCC can be shown a certificate by OpenSSL too, which then goes through
with TLS 1.2 to the EVCC's first words.

    answer = await probe_secc("::1", port, replace(ISO2, suites=RSA_SUITES))
    answer.outcome.refused, answer.alert

    async with EvccProbe(Shown(credential=pki.bad_secc["weak_key"])) as probe:
        answer = await probe.answer()

Facts come out, no verdicts.
"""

from v2x_adapters.tls_probe.answer import EvccAnswer, Outcome, Step, TlsAnswer
from v2x_adapters.tls_probe.connection import ProbeFailed
from v2x_adapters.tls_probe.evcc import EvccProbe
from v2x_adapters.tls_probe.hello import ClientHello
from v2x_adapters.tls_probe.offer import ISO2, ISO20, RSA_SUITES, TlsOffer, read_certificate, read_credential
from v2x_adapters.tls_probe.secc import Reaction, probe_secc, send_octets
from v2x_adapters.tls_probe.server import Shown

__all__ = [
    "ISO2",
    "ISO20",
    "RSA_SUITES",
    "ClientHello",
    "EvccAnswer",
    "EvccProbe",
    "Outcome",
    "ProbeFailed",
    "Reaction",
    "Shown",
    "Step",
    "TlsAnswer",
    "TlsOffer",
    "probe_secc",
    "read_certificate",
    "read_credential",
    "send_octets",
]
