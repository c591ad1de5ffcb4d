"""SDP: where an SECC says that it is, and whether it answers at all."""

from __future__ import annotations

from collections.abc import Iterator

from v2x_adapters.v2gtp.reading import Meaning
from v2x_architecture.iso15118.sdp import Security
from v2x_harness.events import Json
from v2x_harness.finding import Axis, Layer

from v2x_suites.iso15118.rules.rule import SECC, Problem, described

PORT = described(
    "sdp.port",
    Layer.FORMAT,
    "SDP.port",
    "An SECC listens on a dynamic port, 49152 to 65535.",
    party=SECC,
)
SECURITY = described(
    "sdp.security",
    Layer.SECURITY,
    "SDP.security",
    "An SECC does not lead an EVCC without TLS to where there is nothing but TLS.",
    party=SECC,
    axis=Axis.COMPATIBILITY,
)
SILENT = described(
    "sdp.silent",
    Layer.LIVENESS,
    "SDP.silent",
    "An SECC answers an EVCC that asks again and again.",
    party=SECC,
    axis=Axis.COMPATIBILITY,
)

INFOS = (PORT, SECURITY, SILENT)

_DYNAMIC = range(49152, 65536)
# An EVCC asks 50 times at most, 250 ms apart; some SECCs are still starting when it begins.
_PATIENT = 50


class Discovery:
    """Follows what goes over SDP."""

    def __init__(self) -> None:
        self._asked: Json = None
        self._unanswered = 0

    def take(self, meaning: Meaning) -> Iterator[tuple[str, Problem | None]]:
        """Take a message; give each rule that has judged something, with what it has found."""
        match meaning.form:
            case {"SECCDiscoveryReq": {"Security": security}}:
                self._asked = security
                self._unanswered += 1
                if self._unanswered == _PATIENT:
                    words = f"{_PATIENT} requests were not answered"
                    yield SILENT.id, Problem(SILENT, words, "", "a response", "none", SECC)
            case {"SECCDiscoveryRes": {"Security": security, "SECC_Port": int() as port}}:
                self._unanswered = 0
                yield SILENT.id, None
                where = "/SECCDiscoveryRes/SECC_Port"
                wrong = port not in _DYNAMIC
                words = f"the port {port} is none that SECCs may listen on"
                yield PORT.id, Problem(PORT, words, where, "49152 to 65535", str(port)) if wrong else None
                if self._asked is not None:
                    yield SECURITY.id, self._security(security)

    def _security(self, told: Json) -> Problem | None:
        # An SECC that has no TLS can say nothing else, whatever it is asked for.
        if told == self._asked or told == Security.NONE:
            return None
        words = f"{_named(self._asked)} was asked for, and {_named(told)} is told"
        return Problem(SECURITY, words, "/SECCDiscoveryRes/Security", _named(self._asked), _named(told))


def _named(security: Json) -> str:
    match security:
        case Security.TLS:
            return "TLS"
        case Security.NONE:
            return "no TLS"
    return f"security {security}"
