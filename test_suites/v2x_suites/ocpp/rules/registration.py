"""Registration: what a station may say before it is accepted, and what its CSMS may (1.6: 4.2; 2.0.1: B01 to B03)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from v2x_harness.finding import Axis, Layer

from v2x_suites.ocpp.rules.problem import FINE, Problem
from v2x_suites.ocpp.rules.rule import rule

if TYPE_CHECKING:
    from v2x_suites.ocpp.rules.knowledge import Station
    from v2x_suites.ocpp.rules.stream import OcppMessage, Session
    from v2x_suites.ocpp.rules.table import Lesson

# Commands that ask for calls of the station, and the calls they ask for.
ASKS_FOR = {
    "GetBaseReport": ("NotifyReport",),
    "GetReport": ("NotifyReport",),
    "GetMonitoringReport": ("NotifyMonitoringReport",),
    "GetLog": ("LogStatusNotification",),
    "GetDiagnostics": ("DiagnosticsStatusNotification",),
    "UpdateFirmware": ("FirmwareStatusNotification",),
    "SignedUpdateFirmware": ("SignedFirmwareStatusNotification", "FirmwareStatusNotification"),
    "CustomerInformation": ("NotifyCustomerInformation",),
    "GetDisplayMessages": ("NotifyDisplayMessages",),
    "GetChargingProfiles": ("ReportChargingProfiles",),
}
_TRIGGERED = {
    "SignChargingStationCertificate": "SignCertificate",
    "SignChargePointCertificate": "SignCertificate",
    "SignV2GCertificate": "SignCertificate",
    "SignCombinedCertificate": "SignCertificate",
}
# Messages that begin a link and precede a BootNotification by more than this are of a station that was registered before (s).
_EARLY = 120.0
_EARLY_KEPT = 3
_ASKED_KEPT = 64
_CLOCK_GRAIN = 1.0


def requested_action(payload: dict[str, Any]) -> str:
    """Return the action that a TriggerMessage asks for."""
    requested = payload.get("requestedMessage")
    return _TRIGGERED.get(requested, requested) if isinstance(requested, str) else ""


@rule(
    "sequence.boot-first",
    Layer.SEQUENCE,
    on="CALL *",
    v16="OCPP-1.6#4.2",
    v201="B01.FR.08 B02.FR.02",
    parties=("station",),
    unsettled=True,
)
def boot_first(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """After it starts, a station sends nothing before its BootNotification has been answered."""
    known = station.registration
    if message.sender != "station" or message.action == "BootNotification" or known.status not in ("booting", "refused"):
        return None
    if not message.session.shows_answers("station"):
        return None
    waiting = "its BootNotification has no answer yet" if known.status == "booting" else "its BootNotification was refused"
    words = f"{message.action} is sent while {waiting}"
    return (Problem("/2", words, "nothing but BootNotification", message.action),)


@rule(
    "sequence.boot-not-first",
    Layer.SEQUENCE,
    on="CALL BootNotification",
    v16="OCPP-1.6#4.2",
    v201="B01.FR.08",
    parties=("station",),
)
def boot_not_first(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """The first message of a station that has started is its BootNotification."""
    session = message.session
    if session.early is None or _asked_to_boot(message, station):
        return None
    return tuple(
        Problem("/2", f"{action} is sent before the BootNotification of this start", "BootNotification first", action, frame=n)
        for n, action in session.early
    )


def _asked_to_boot(message: OcppMessage, station: Station) -> bool:
    return "BootNotification" in station.registration.asked or message.payload.get("reason") == "Triggered"


@rule(
    "sequence.pending-silence",
    Layer.SEQUENCE,
    on="CALL *",
    v16="OCPP-1.6#4.2",
    v201="B02.FR.02",
    parties=("station",),
    unsettled=True,
)
def pending_silence(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A station whose registration is pending sends only what its CSMS asks for."""
    known = station.registration
    if message.sender != "station" or known.status != "Pending" or message.action == "BootNotification":
        return None
    if message.action in known.asked:
        return FINE
    words = f"{message.action} is sent while the registration is pending, and nobody asked for it"
    return (Problem("/2", words, "BootNotification, or what the CSMS asked for", message.action),)


@rule(
    "sequence.rejected-silence",
    Layer.SEQUENCE,
    on="CALL *",
    v16="OCPP-1.6#4.2",
    v201="B03.FR.02 B02.FR.02",
    parties=("station",),
    unsettled=True,
)
def rejected_silence(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A station that was rejected sends nothing but its next BootNotification."""
    known = station.registration
    if message.sender != "station" or known.status != "Rejected" or message.action == "BootNotification":
        return None
    words = f"{message.action} is sent although the registration was rejected"
    return (Problem("/2", words, "nothing but BootNotification", message.action),)


@rule(
    "sequence.rejected-answer",
    Layer.SEQUENCE,
    on="CALLRESULT *",
    v16="OCPP-1.6#4.2",
    v201="B03.FR.08",
    parties=("station",),
    unsettled=True,
)
def rejected_answer(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A station that was rejected carries out no call of its CSMS."""
    if message.sender != "station" or station.registration.status != "Rejected":
        return None
    expected = "no answer" if message.version == "1.6" else "CALLERROR SecurityError"
    words = f"the {message.action} is answered as if the station were registered"
    return (Problem("", words, expected, "CALLRESULT"),)


@rule(
    "sequence.csms-before-accept",
    Layer.SEQUENCE,
    on="CALL *",
    v16="OCPP-1.6#4.2",
    v201="B03.FR.03",
    parties=("csms",),
    unsettled=True,
)
def csms_before_accept(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A CSMS sends nothing to a station that it rejected, nor before it has answered the BootNotification."""
    known = station.registration
    if message.sender != "csms" or known.status not in ("booting", "Rejected") or not message.session.shows_answers("station"):
        return None
    if known.status == "booting":
        words = f"{message.action} is sent before the BootNotification was answered; known stations hang up or hang on it"
        return (Problem("/2", words, "the answer to BootNotification first", message.action, axis=Axis.COMPATIBILITY),)
    axis = Axis.COMPATIBILITY if message.version == "1.6" else None
    words = f"{message.action} is sent to a station that was rejected"
    return (Problem("/2", words, "no calls", message.action, axis=axis),)


_REMOTE = ["RemoteStartTransaction", "RemoteStopTransaction", "RequestStartTransaction", "RequestStopTransaction"]


@rule(
    "sequence.pending-remote",
    Layer.SEQUENCE,
    on=", ".join(f"{kind} {action}" for action in _REMOTE for kind in ("CALL", "CALLRESULT")),
    v16="OCPP-1.6#4.2",
    v201="B02.FR.05",
    unsettled=True,
)
def pending_remote(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """While a registration is pending, no transaction is started or stopped from afar."""
    if station.registration.status != "Pending":
        return None
    if message.sender == "csms":
        words = f"{message.action} is sent while the registration is pending"
        return (Problem("/2", words, "first accept the station", message.action),)
    if message.payload.get("status") == "Rejected" or message.version == "1.6":
        return FINE
    words = f"{message.action} is accepted while the registration is pending"
    return (Problem("/2/status", words, "Rejected", str(message.payload.get("status"))),)


@rule(
    "security.unregistered-call",
    Layer.SECURITY,
    on="CALLRESULT *",
    v16="OCPP-J-1.6-errata#3.10",
    v201="B01.FR.10 B02.FR.09 B03.FR.07 FR.04",
    parties=("csms",),
    unsettled=True,
)
def unregistered_call(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A CSMS refuses the calls of a station that it has not accepted, with SecurityError."""
    known, call = station.registration, message.call
    if message.sender != "csms" or message.action == "BootNotification" or call is None or call.t < known.since:
        return None
    if known.status not in ("Pending", "Rejected") or message.action in known.asked:
        return None
    axis = Axis.COMPATIBILITY if message.version == "1.6" else None
    words = f"the {message.action} of a station that is not accepted ({known.status}) is answered"
    cite = {"Pending": "B02.FR.09", "Rejected": "B03.FR.07"}[known.status] if axis is None else ""
    return (Problem("", words, "CALLERROR SecurityError", "CALLRESULT", axis=axis, cite=cite),)


@rule(
    "timing.boot-retry",
    Layer.TIMING,
    on="CALL BootNotification",
    v16="OCPP-1.6#4.2",
    v201="B02.FR.04 B03.FR.02",
    parties=("station",),
)
def boot_retry(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A station that is not accepted waits the given interval before its next BootNotification."""
    known = station.registration
    if known.status not in ("Pending", "Rejected") or known.interval <= 0 or known.session is not message.session:
        return None
    if not station.timed or _asked_to_boot(message, station):
        return None
    waited = message.t - known.since
    if waited + _CLOCK_GRAIN >= known.interval:
        return FINE
    axis = Axis.COMPATIBILITY if message.version == "1.6" else None
    cite = "" if message.version == "1.6" else {"Pending": "B02.FR.04", "Rejected": "B03.FR.02"}[known.status]
    words = "the next BootNotification comes before the interval of the answer has passed"
    return (Problem("/2", words, f"at least {known.interval} s", f"{waited:.1f} s", axis=axis, cite=cite),)


@rule(
    "semantics.boot-interval",
    Layer.SEMANTICS,
    on="CALLRESULT BootNotification",
    v16="OCPP-1.6#6.4",
    v201="OCPP-2.0.1#BootNotificationResponse",
    parties=("csms",),
)
def boot_interval(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """The interval of a BootNotification's answer is a number of seconds from 0 on."""
    interval = message.payload.get("interval")
    if not isinstance(interval, int):
        return None
    if interval >= 0:
        return FINE
    return (Problem("/2/interval", "the interval is negative", "0 or more", str(interval)),)


@rule(
    "semantics.boot-refused",
    Layer.SEMANTICS,
    on="CALLERROR BootNotification",
    v16="OCPP-1.6#4.2",
    v201="B01.FR.02",
    parties=("csms",),
)
def boot_refused(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A valid BootNotification is answered with a registration status, not with an error."""
    if message.call is None or not message.call.clean:
        return None
    words = "a valid BootNotification is refused with an error; known stations never come out of that"
    return (Problem("/2", words, "CALLRESULT with Accepted, Pending or Rejected", message.code),)


@rule(
    "semantics.boot-identity",
    Layer.SEMANTICS,
    on="CALL BootNotification",
    v16="OCPP-1.6#6.3",
    v201="OCPP-2.0.1#ChargingStationType",
    parties=("station",),
    axis=Axis.COMPATIBILITY,
)
def boot_identity(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A station says its serial number when it boots, by which many CSMSs tell stations apart."""
    payload = message.payload
    if message.version == "1.6":
        known, at = payload.get("chargePointSerialNumber") or payload.get("chargeBoxSerialNumber"), "/3/chargePointSerialNumber"
    else:
        described = payload.get("chargingStation")
        known, at = isinstance(described, dict) and described.get("serialNumber"), "/3/chargingStation/serialNumber"
    if known:
        return FINE
    return (
        Problem(at, "the station does not say its serial number; some CSMSs cannot tell it apart", "a serial number", "nothing"),
    )


@rule(
    "sequence.trigger-boot",
    Layer.SEQUENCE,
    on="CALL TriggerMessage, CALLRESULT TriggerMessage",
    v16="OCPP-1.6-errata#3.40",
    v201="F06.FR.17",
)
def trigger_boot(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """Once a station is accepted, nobody has it send another BootNotification."""
    call = message.call or message
    if requested_action(call.payload) != "BootNotification" or station.registration.status != "Accepted":
        return None
    if message.version == "1.6":
        if message.call:
            return None
        words = "a BootNotification is asked for although the station is accepted"
        return (Problem("/3/requestedMessage", words, "no such trigger", "BootNotification"),)
    if not message.call or message.payload.get("status") == "Rejected":
        return FINE
    words = "the station agrees to send another BootNotification although it is accepted"
    return (Problem("/2/status", words, "Rejected", str(message.payload.get("status")), party="station"),)


RULES = (
    boot_first,
    boot_not_first,
    pending_silence,
    rejected_silence,
    rejected_answer,
    csms_before_accept,
    pending_remote,
    unregistered_call,
    boot_retry,
    boot_interval,
    boot_refused,
    boot_identity,
    trigger_boot,
)


def _learn_boot(message: OcppMessage, station: Station) -> None:
    known = station.registration
    known.triggered = _asked_to_boot(message, station)
    if known.status != "booting":
        known.before = known.status
    known.session, known.n = message.session, message.n
    known.become("booting", message.t)
    message.session.booted = True
    message.session.early = None


def _learn_boot_result(message: OcppMessage, station: Station) -> None:
    known = station.registration
    status, interval = message.payload.get("status"), message.payload.get("interval")
    known.interval = interval if isinstance(interval, int) else 0
    known.become(status if isinstance(status, str) else "refused", message.t)
    known.asked.clear()


def _learn_boot_error(message: OcppMessage, station: Station) -> None:
    station.registration.status = "refused"


def _learn_trigger(message: OcppMessage, station: Station) -> None:
    asked = station.registration.asked
    if message.payload.get("status") != "Rejected" and message.call and len(asked) < _ASKED_KEPT:
        asked.add(requested_action(message.call.payload))


def _learn_command(message: OcppMessage, station: Station) -> None:
    station.registration.asked.update(ASKS_FOR.get(message.action, ()))


def note_early(session: Session, message: OcppMessage) -> None:
    """Remember what a station sends first on a link, in case its BootNotification follows."""
    if session.early is None or message.action == "BootNotification":
        return
    if session.opened is None or message.t - session.opened > _EARLY:
        session.early = None
    elif len(session.early) < _EARLY_KEPT:
        session.early.append((message.n, message.action))


LEARN: tuple[Lesson, ...] = (
    ("CALL", "BootNotification", _learn_boot),
    ("CALLRESULT", "BootNotification", _learn_boot_result),
    ("CALLERROR", "BootNotification", _learn_boot_error),
    ("CALLRESULT", "TriggerMessage", _learn_trigger),
    ("CALLRESULT", "ExtendedTriggerMessage", _learn_trigger),
    *(("CALL", action, _learn_command) for action in ASKS_FOR),
)
