"""TLS of ISO 15118 looked at from outside: what an SECC or an EVCC offers, takes and refuses.

Python's ssl can neither choose what a ClientHello holds nor tell what came in a handshake. So an SECC is probed with a client of
its own (RFC 5246, RFC 8446), which offers what it is told to: also what OpenSSL has dropped, such as static ECDH. An EVCC is
probed with OpenSSL as its server, whose ClientHello is read on the way.

    answer = await probe_secc("::1", port, replace(ISO2, suites=RSA_SUITES))
    answer.outcome.refused, answer.alert

    async with EvccProbe(SeccTls(bad.certificate, bad.key)) as probe:
        answer = await probe.answer()

Facts come out, no verdicts.
"""

from v2x_adapters.tls_probe.answer import Outcome, Step, TlsAnswer
from v2x_adapters.tls_probe.evcc import EvccAnswer, EvccProbe
from v2x_adapters.tls_probe.hello import ClientHello
from v2x_adapters.tls_probe.offer import ISO2, ISO20, RSA_SUITES, TlsOffer, read_certificate, read_credential
from v2x_adapters.tls_probe.secc import ProbeFailed, Reaction, probe_secc, send_octets

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
    "Step",
    "TlsAnswer",
    "TlsOffer",
    "probe_secc",
    "read_certificate",
    "read_credential",
    "send_octets",
]
