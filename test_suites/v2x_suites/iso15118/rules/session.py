"""What is known of a session, as one of its parties knows it.

Both know the same as long as nothing is done to what passes. When a message is held back, changed or made up on its way, what
either has said and heard is kept apart: each is judged by what it could know.
"""

from __future__ import annotations

import copy
from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Final

from v2x_architecture.iso15118.editions import Edition
from v2x_architecture.iso15118.exi.messages.app_protocol import supportedAppProtocolReq
from v2x_architecture.iso15118.sequences import END, Facts, sequence_of
from v2x_architecture.iso15118.services20 import ControlMode, Service
from v2x_harness.events import Frame, Json

from v2x_suites.iso15118.rules.said import Said

FAILED: Final = "Failed"
"""State after a response that says no."""
NEGOTIATION: Final = "supportedAppProtocol"
"""State before an edition is agreed on."""

_KEPT = 10_000
# Of numbers so many seconds are kept, more than any rule looks back.
_WINDOW = 20.0
_STEADY = 5.0
# Of a session whose beginning is missing, these tell where it is, whatever was said before.
_SURE = frozenset(
    {
        "SessionSetupRes",
        "CableCheckRes",
        "PreChargeRes",
        "CurrentDemandRes",
        "ChargingStatusRes",
        "WeldingDetectionRes",
        "DC_CableCheckRes",
        "DC_PreChargeRes",
        "DC_ChargeLoopRes",
        "AC_ChargeLoopRes",
        "DC_WeldingDetectionRes",
    }
)
_BY_ENERGY = frozenset(
    {"ChargeParameterDiscoveryRes", "ServiceSelectionRes", "ScheduleExchangeRes", "PowerDeliveryRes", "MeteringReceiptRes"}
)
_ENERGY_OF = {"CableCheck": "DC", "PreCharge": "DC", "CurrentDemand": "DC", "ChargingStatus": "AC"}

type Series = deque[tuple[float, float]]


class Site:
    """What is known over all sessions of a journal or capture.

    Attributes:
        spoken: what SECCs have agreed to: SECC, namespace, major version, and whether over TLS.
        session_ids: SessionID to the frame that gave it to a session.
        challenges: GenChallenge to the frame that held it, and the session.
        over: SessionIDs of sessions whose connection has ended.
    """

    def __init__(self) -> None:
        self.spoken: OrderedDict[tuple[str, str, int, bool], None] = OrderedDict()
        self.session_ids: OrderedDict[bytes, int] = OrderedDict()
        self.challenges: OrderedDict[bytes, tuple[int, bytes]] = OrderedDict()
        self.over: OrderedDict[bytes, None] = OrderedDict()

    def keep[K, V](self, where: OrderedDict[K, V], key: K, value: V) -> None:
        """Remember something; what is oldest is forgotten."""
        where[key] = value
        if len(where) > _KEPT:
            where.popitem(last=False)


class Session:
    """What one party knows.

    Args:
        link: id of the connection.
        site: what is known over all sessions.

    Attributes:
        opened: when the connection was made (s); None where that was not seen.
        tls: version of TLS to the EVCC, and to the SECC: ``TLSv1.3``, empty for none; None where that is not known.
        edition: that was agreed on.
        state: what the SECC takes next, by the name in ``sequences.toml``; None where that is not known.
        pending: the request that has not been answered.
        clear: whether it is known what has not been answered.
        session_id: of the session; None before it has one.
        asked_id: SessionID of SessionSetupReq.
        energy: ``AC`` or ``DC``. ``payment`` and ``progress`` are those of `Facts`.
        service: of 15118-20 that was selected, with ``control`` who decides on the power.
        last: the last message of each name; ``said_last`` the last response of all.
        first_of: the first of a row of requests of one name.
        waited_for: how long after the last response the request came that is pending (s); 0 where that is not known.
        series: numbers of the last seconds, by name of the element.
        in_wh, out_wh: energy that has flowed into the EV and out of it, by voltage and current that the SECC told (Wh).
        tally: what rules count, by a name of their own; ``worst`` the frames that go with it.
        told: what was told already. ``wrong``: what is at present, and is told again when it begins again.
    """

    def __init__(self, link: str, site: Site) -> None:
        self.link, self.site = link, site
        self.opened: float | None = None
        self.tls: dict[str, str] | None = None
        self.edition: Edition | None = None
        self.state: str | None = NEGOTIATION
        self.pending: Said | None = None
        self.clear = True
        self.offer: supportedAppProtocolReq | None = None
        self.session_id: bytes | None = None
        self.asked_id: bytes | None = None
        self.energy = self.payment = self.progress = ""
        self.service: Service | None = None
        self.control: ControlMode | None = None
        self.last: dict[str, Said] = {}
        self.said_last: Said | None = None
        self.first_of: Said | None = None
        self.waited_for = self.in_wh = self.out_wh = 0.0
        self.series: dict[str, Series] = {}
        self.tally: dict[str, float] = {}
        self.worst: dict[str, int] = {}
        self.told: set[str] = set()
        self.wrong: set[str] = set()

    @property
    def secc(self) -> str:
        """Which SECC it is, as far as the link's id tells."""
        return self.link.partition("<-")[0].rpartition(":")[0]

    def apart(self) -> Session:
        """Return a copy that goes its own way."""
        other = copy.copy(self)
        other.last, other.tally, other.worst = dict(self.last), dict(self.tally), dict(self.worst)
        other.told, other.wrong = set(self.told), set(self.wrong)
        other.series = {name: deque(series) for name, series in self.series.items()}
        return other

    def open(self, t: float | None, detail: dict[str, Json]) -> None:
        """Hear of the connection; when it was made, where that was seen."""
        self.opened = t
        near, far = detail.get("tls"), detail.get("secc_tls")
        # A tap tells whom it has on either side; of a capture SDP told whether it is to be TLS.
        if ("peer" in detail and not detail.get("untouched")) or detail.get("security") == "none":
            self.tls = {"evcc": _version(near), "secc": _version(far)}

    def muddle(self) -> None:
        """Hear that something is missing, or cannot be read: where the session is, is not known."""
        self.state, self.pending, self.clear = None, None, False

    def once(self, what: str) -> bool:
        """Tell whether something has not been asked for before, so that it is told once a connection."""
        first = what not in self.told
        self.told.add(what)
        return first

    def begins(self, what: str, *, wrong: bool) -> bool:
        """Tell whether something goes wrong that was not wrong before, so that a stretch of it is told once."""
        before = what in self.wrong
        (self.wrong.add if wrong else self.wrong.discard)(what)
        return wrong and not before

    def count(self, what: str, more: float = 1.0) -> float:
        """Count something; return how much of it there is now."""
        self.tally[what] = self.tally.get(what, 0.0) + more
        return self.tally[what]

    def largest(self, name: str, since: float) -> float | None:
        """Return the largest of a number's values from a time on (s), with the one that stood then."""
        return max(self._window(name, since), default=None)

    def smallest(self, name: str, since: float) -> float | None:
        """Return the smallest of a number's values from a time on (s), with the one that stood then."""
        return min(self._window(name, since), default=None)

    def note(self, name: str, t: float, value: float) -> None:
        """Keep a number of the last seconds."""
        series = self.series.setdefault(name, deque())
        series.append((t, value))
        # One from before the window stays: it is what stood when the window began.
        while len(series) > 1 and series[1][0] < t - _WINDOW:
            series.popleft()
        if len(series) > _KEPT:
            series.popleft()

    def latest(self, *names: str) -> float | None:
        """Return the newest of these numbers, which are names of one thing in the editions."""
        found = [self.series[name][-1] for name in names if name in self.series]
        return max(found)[1] if found else None

    def _window(self, name: str, since: float) -> Iterator[float]:
        # From the newest back: what is asked for is seconds ago, and what is kept is minutes.
        for t, value in reversed(self.series.get(name, deque())):
            yield value
            if t < since:
                return

    # Following

    def before(self, said: Said) -> None:
        """Find out what a message is in this session, before it is judged."""
        if said.is_request:
            takes = self.takes()
            said.illegal = (self.state or "") if takes is not None and said.name not in takes else ""
        elif self.clear and self.pending is not None and self.pending.pair == said.pair:
            said.request = self.pending

    def follow(self, said: Said) -> None:
        """Take a message for said and heard."""
        for name, value in said.values.items():
            if isinstance(value.value, float):
                self.note(name, said.t, value.value)
        if said.is_request:
            self._asked(said)
        else:
            self._flowed(said)
            self._answered(said)
        self.last[said.name] = said
        # The chain of what was said before is not kept.
        if said.request is not None:
            said.request.request = None

    def beside(self, said: Said) -> None:
        """Hear what goes beside the charge loop: it does not move the session, but a response that says no ends it."""
        if said.failed:
            self.state = FAILED

    def _flowed(self, said: Said) -> None:
        """Add up what has flowed between two measurements; over longer pauses power is not taken for steady."""
        before = self.last.get(said.name)
        seconds = said.t - before.t if before is not None else 0.0
        if before is None or not 0 < seconds <= _STEADY:
            return
        amperes = [each.number("EVSEPresentCurrent") for each in (before, said)]
        volts = [each.number("EVSEPresentVoltage") for each in (before, said)]
        watts = [a * v for a, v in zip(amperes, volts, strict=True) if a is not None and v is not None]
        if len(watts) == len(amperes):
            energy = sum(watts) / len(watts) * seconds / 3600
            self.in_wh, self.out_wh = self.in_wh + max(0.0, energy), self.out_wh + max(0.0, -energy)

    def takes(self) -> frozenset[str] | None:
        """Return the requests that may come; None where that is not known."""
        if self.state is None:
            return None
        if self.state == NEGOTIATION:
            return frozenset({"supportedAppProtocolReq"})
        if self.state == "SessionSetup":
            # So early it is the same in all editions, and which one it is the first message only shows.
            return frozenset({"SessionSetupReq"})
        if self.state == FAILED or self.edition is None:
            return None
        return sequence_of(self.edition).takes(self.state)

    def _asked(self, said: Said) -> None:
        last = self.said_last
        untold = last is None or not (last.timely and said.timely) or not self.clear or self.pending is not None
        self.waited_for = 0.0 if untold or last is None else said.t - last.t
        self.pending, self.clear = said, True
        if said.edition is not None:
            self.edition = said.edition
        before = self.first_of
        if before is None or before.name != said.name:
            self.first_of = said
        body = said.body
        match said.name:
            case "supportedAppProtocolReq":
                self.offer = body if isinstance(body, supportedAppProtocolReq) else None
            case "SessionSetupReq":
                self.asked_id = said.session_id
            case "ServicePaymentSelectionReq" | "PaymentServiceSelectionReq":
                self.payment = said.text("SelectedPaymentOption")
            case "ChargeParameterDiscoveryReq":
                self.energy = (said.text("RequestedEnergyTransferMode") or said.text("EVRequestedEnergyTransferType"))[:2]
            case "ServiceSelectionReq":
                self._selected(said)
            case "PowerDeliveryReq" if self.edition is Edition.DIN:
                self.progress = "Start" if said.true("ReadyToChargeState") else "Stop"
            case "PowerDeliveryReq":
                self.progress = said.text("ChargeProgress")
        if said.pair in _ENERGY_OF and not self.energy:
            self.energy = _ENERGY_OF[said.pair]

    def _selected(self, said: Said) -> None:
        number = said.number("ServiceID")
        known = number is not None and number in tuple(Service)
        self.service = Service(int(number)) if number is not None and known else None
        self.energy = self.service.energy if self.service is not None else ""
        self.control = None
        chosen, told = said.number("ParameterSetID"), self.last.get("ServiceDetailRes")
        sets = getattr(getattr(told.body, "ServiceParameterList", None), "ParameterSet", ()) if told is not None else ()
        for each in sets:
            values = {parameter.Name: parameter.intValue for parameter in each.Parameter}
            if each.ParameterSetID == chosen and values.get("ControlMode") in tuple(ControlMode):
                self.control = ControlMode(values["ControlMode"])

    def _answered(self, said: Said) -> None:
        request = said.request
        self.pending, self.clear, self.said_last = None, True, said
        if said.name == "supportedAppProtocolRes":
            self.state = FAILED if said.failed else "SessionSetup"
            return
        if said.edition is not None:
            self.edition = said.edition
        if said.name == "SessionSetupRes" and not said.failed:
            self.session_id = said.session_id
        if self.edition is None:
            self.state = None
        elif said.failed:
            self.state = FAILED
        elif self.state is not None or said.name in _SURE:
            self.state = self._next(said, request)

    def _next(self, said: Said, request: Said | None) -> str | None:
        assert self.edition is not None
        if self.edition is Edition.ISO20 and not self.energy and said.name.startswith(("AC_", "DC_")):
            self.energy = said.name[:2]
        if said.name in _BY_ENERGY and not self.energy:
            return None
        if said.name == "AuthorizationRes" and said.code.startswith("WARNING"):
            # Whether it goes on, or is asked for again, depends on the warning.
            return None
        if (
            said.name == "SessionSetupRes"
            and said.code == "OK_OldSessionJoined"
            and self.edition is Edition.ISO20
            and not self.energy
        ):
            # The session goes on where limits are exchanged, of a service that was chosen before the pause.
            return None
        if said.true("ReceiptRequired") and self.payment == "ExternalPayment":
            # Without a contract no receipt can be given: the EVCC has no way that is its own.
            return None
        processing = said.processing or (request.processing if request is not None else "")
        # Of 15118-20 the schedule is exchanged within what PowerDelivery has begun.
        lasting = self.edition is Edition.ISO20 or said.name == "PowerDeliveryRes"
        facts = Facts(
            energy=self.energy,
            payment=self.payment,
            processing=processing,
            progress=self.progress if lasting else "",
            receipt="yes" if said.true("ReceiptRequired") else "",
            stop=request.text("ChargingSession") if request is not None else "",
            joined="yes" if said.code == "OK_OldSessionJoined" else "",
        )
        if said.name == "SessionStopRes" and request is None:
            return END if self.edition is not Edition.ISO20 else None
        try:
            return sequence_of(self.edition).after(said.name, facts)
        except KeyError:
            # A message that the edition's table does not have: of a service that is not followed.
            return None


def _version(tls: Json) -> str:
    found = tls.get("version") if isinstance(tls, dict) else None
    return found if isinstance(found, str) else ""


class Views:
    """A session as both of its parties know it.

    Args:
        session: that begins.
    """

    def __init__(self, session: Session) -> None:
        self._by = {"evcc": session, "secc": session}

    def of(self, role: str) -> Session:
        """Return what a party knows."""
        return self._by.get(role, self._by["secc"])

    def each(self) -> list[Session]:
        """Return what there is to know: once, unless the parties know different things."""
        evcc, secc = self._by["evcc"], self._by["secc"]
        return [evcc] if evcc is secc else [evcc, secc]

    def that_know(self, frame: Frame) -> list[Session]:
        """Return those that know of a frame: who sent it, who has it; who knows nothing of it goes its own way."""
        if frame.fate in ("forwarded", "delayed"):
            return self.each()
        if self._by["evcc"] is self._by["secc"]:
            self._by["secc"] = self._by["evcc"].apart()
        role = frame.to if frame.fate == "injected" else frame.sender
        return [self.of(role)]
