"""SECCs of ISO 15118-2 with one thing wrong each, in what AC and DC have in common."""

from __future__ import annotations

from v2x_architecture.iso15118 import v2gtp
from v2x_architecture.iso15118.exi import ExiError
from v2x_architecture.iso15118.exi.messages import iso2
from v2x_architecture.iso15118.exi.messages.app_protocol import supportedAppProtocolReq
from v2x_architecture.iso15118.negotiation import Agreement
from v2x_architecture.iso15118.secc import CloseReason, Output, Secc
from v2x_architecture.iso15118.secc.dialogue import NO_SESSION, Answer, NoAnswer
from v2x_architecture.iso15118.secc.iso2 import Iso2Dialogue


class SilentOutOfOrder(Iso2Dialogue):
    """Ends the connection without a word when a request is out of place."""

    def refuse(self, request: iso2.BodyBaseType, code: iso2.responseCodeType, now: float) -> iso2.BodyBaseType:
        """Give no response."""
        if code == "FAILED_SequenceError":
            raise NoAnswer("a request is out of place")
        return super().refuse(request, code, now)


class OneRefusalForAll(Iso2Dialogue):
    """Refuses whatever is out of place in a SessionStopRes."""

    def refuse(self, request: iso2.BodyBaseType, code: iso2.responseCodeType, now: float) -> iso2.BodyBaseType:
        """Give the same response to every request."""
        if code == "FAILED_SequenceError":
            return iso2.SessionStopResType(ResponseCode=code)
        return super().refuse(request, code, now)


class PlainFailed(Iso2Dialogue):
    """Refuses everything with FAILED, whatever the reason."""

    def refuse(self, request: iso2.BodyBaseType, code: iso2.responseCodeType, now: float) -> iso2.BodyBaseType:
        """Leave the reason out."""
        del code
        return super().refuse(request, "FAILED", now)


class GoesOnAfterRefusal(Secc):
    """Keeps the connection open after it has refused a request."""

    def end(self, reason: CloseReason, text: str, now: float, after: float = 0.0) -> list[Output]:
        """Do nothing about it."""
        return [] if reason is CloseReason.REFUSED else super().end(reason, text, now, after)


class EndsBeforeItsRefusal(Secc):
    """Ends the connection in the place of refusing a request."""

    def receive(self, event: v2gtp.Event, now: float) -> list[Output]:
        """Leave the last response out."""
        outputs = super().receive(event, now)
        return outputs[-1:] if self.closed is not None and self.closed.reason is CloseReason.REFUSED else outputs


class WaitsForAnOffer(Secc):
    """Waits for ever for an EV that has connected to say something."""

    @property
    def next_deadline(self) -> float | None:
        """Have none before there is a session."""
        return super().next_deadline if self.dialogue is not None else None


class GivesUpSoon(Secc):
    """Does not wait for as long as an EV may take."""

    def sequence_timeout(self) -> float:
        """Wait for 10 s."""
        return 10.0


class TakesWhatCannotBeRead(Secc):
    """Goes on with the request that would have been in order when it cannot read what came."""

    def malformed(self, error: ExiError, now: float) -> list[Output]:
        """Say OK to a request that was never made."""
        if self.dialogue is None:
            return super().malformed(error, now)
        selected = iso2.SelectedServiceListType(SelectedService=[iso2.SelectedServiceType(ServiceID=1)])
        requests: dict[str, iso2.BodyBaseType] = {
            "ServiceDiscoveryReq": iso2.ServiceDiscoveryReqType(),
            "PaymentServiceSelectionReq": iso2.PaymentServiceSelectionReqType(
                SelectedPaymentOption="ExternalPayment", SelectedServiceList=selected
            ),
            "ChargingStatusReq": iso2.ChargingStatusReqType(),
        }
        request = next(requests[name] for name in requests if name in self.dialogue.sequence.takes(self.dialogue.state))
        header = iso2.MessageHeaderType(SessionID=self.dialogue.session_id)
        answer = self.dialogue.answer(iso2.V2G_Message(Header=header, Body=iso2.BodyType(BodyElement=request)), now)
        assert isinstance(answer, Answer)
        return self._say(answer, now)


class DeadAfterWhatCannotBeRead(Secc):
    """Serves nobody any more once it has been sent what it cannot read."""

    def malformed(self, error: ExiError, now: float) -> list[Output]:
        """Fall silent, for ever."""
        vars(self.memory)["dead"] = True
        return super().malformed(error, now)

    def receive(self, event: v2gtp.Event, now: float) -> list[Output]:
        """Say nothing any more."""
        return [] if vars(self.memory).get("dead") else super().receive(event, now)


class DeadAfterBadHeader(Secc):
    """Serves nobody any more once it has been sent a bad V2GTP header."""

    def receive(self, event: v2gtp.Event, now: float) -> list[Output]:
        """Fall silent, for ever."""
        if isinstance(event, v2gtp.Discarded):
            vars(self.memory)["dead"] = True
        return [] if vars(self.memory).get("dead") else super().receive(event, now)


class TakesTheFirstEntry(Secc):
    """Takes the first entry of an offer for its protocol."""

    def negotiate(self, request: supportedAppProtocolReq) -> Agreement:
        """Agree to whatever stands there."""
        return Agreement(application=self.spoken()[0], schema_id=request.AppProtocol[0].SchemaID)


class TakesTheDearest(Secc):
    """Agrees to the EV's dearest protocol, whether it has it or not."""

    def negotiate(self, request: supportedAppProtocolReq) -> Agreement:
        """Agree to whatever has the highest priority."""
        dearest = min(request.AppProtocol, key=lambda each: each.Priority)
        return Agreement(application=self.spoken()[0], schema_id=dearest.SchemaID)


class ReadsHalfAnOffer(Secc):
    """Looks at no more than ten entries of an offer."""

    def negotiate(self, request: supportedAppProtocolReq) -> Agreement:
        """Leave the rest out."""
        return super().negotiate(supportedAppProtocolReq(AppProtocol=request.AppProtocol[:10]))


class AnyMajorVersion(Secc):
    """Takes its namespace in every version."""

    def negotiate(self, request: supportedAppProtocolReq) -> Agreement:
        """Look at the namespace only."""
        known = {each.namespace: each for each in self.spoken()}
        for entry in request.AppProtocol:
            if entry.ProtocolNamespace in known:
                return Agreement(application=known[entry.ProtocolNamespace], schema_id=entry.SchemaID)
        return Agreement()


class ExactVersionOnly(Secc):
    """Agrees to no other minor version."""

    def negotiate(self, request: supportedAppProtocolReq) -> Agreement:
        """Take a deviation for nothing in common."""
        agreement = super().negotiate(request)
        return Agreement() if agreement.minor_deviation else agreement


class GoesOnWithoutAgreement(Secc):
    """Keeps the connection open when there is no protocol that both have."""

    def end(self, reason: CloseReason, text: str, now: float, after: float = 0.0) -> list[Output]:
        """Do nothing about it."""
        return [] if reason is CloseReason.NO_AGREEMENT else super().end(reason, text, now, after)


class AnyService(Iso2Dialogue):
    """Has details of every service that it is asked for."""

    def service_detail(self, request: iso2.ServiceDetailReqType, now: float) -> iso2.BodyBaseType:
        """Say OK."""
        return iso2.ServiceDetailResType(ResponseCode="OK", ServiceID=request.ServiceID)


class AnySelection(Iso2Dialogue):
    """Takes every choice of services and payment."""

    def payment_service_selection(self, request: iso2.PaymentServiceSelectionReqType, now: float) -> iso2.BodyBaseType:
        """Say OK."""
        return iso2.PaymentServiceSelectionResType(ResponseCode="OK")


class CategoriesMixed(Iso2Dialogue):
    """Lists all its services, whichever category it is asked for."""

    def service_discovery(self, request: iso2.ServiceDiscoveryReqType, now: float) -> iso2.BodyBaseType:
        """Leave the category out."""
        return self.parts.services("OK")


class ChargingOnly(Iso2Dialogue):
    """Refuses the choice of anything but charging."""

    def payment_service_selection(self, request: iso2.PaymentServiceSelectionReqType, now: float) -> iso2.BodyBaseType:
        """Look at how much was chosen."""
        if len(request.SelectedServiceList.SelectedService) > 1:
            return self.refuse(request, "FAILED_ServiceSelectionInvalid", now)
        return super().payment_service_selection(request, now)


class AnybodyAuthorized(Iso2Dialogue):
    """Asks nobody whether energy may flow."""

    def authorization(self, request: iso2.AuthorizationReqType, now: float) -> iso2.BodyBaseType:
        """Say that it may."""
        return iso2.AuthorizationResType(ResponseCode="OK", EVSEProcessing="Finished")


class NobodyAuthorized(Iso2Dialogue):
    """Waits for its customer for ever, whoever that is."""

    def authorization(self, request: iso2.AuthorizationReqType, now: float) -> iso2.BodyBaseType:
        """Say that it waits."""
        return iso2.AuthorizationResType(ResponseCode="OK", EVSEProcessing="Ongoing_WaitingForCustomerInteraction")


class JoinsAnySession(Iso2Dialogue):
    """Joins every session that it is asked for, paused or not."""

    def session_setup(self, request: iso2.SessionSetupReqType, session_id: bytes, now: float) -> iso2.BodyBaseType:
        """Take the id that the EV has told."""
        if session_id == NO_SESSION:
            return super().session_setup(request, session_id, now)
        self.session_id = session_id
        return iso2.SessionSetupResType(ResponseCode="OK_OldSessionJoined", EVSEID=self.evse.evse_id)


class KeepsTheEvsId(Iso2Dialogue):
    """Begins a new session with the id that the EV came with."""

    def session_setup(self, request: iso2.SessionSetupReqType, session_id: bytes, now: float) -> iso2.BodyBaseType:
        """Take the id that the EV has told."""
        response = super().session_setup(request, session_id, now)
        self.session_id = session_id if session_id != NO_SESSION else self.session_id
        return response


class OneCarOnly(Iso2Dialogue):
    """Refuses cars whose EVCCID is no MAC address of a single device."""

    def session_setup(self, request: iso2.SessionSetupReqType, session_id: bytes, now: float) -> iso2.BodyBaseType:
        """Look at the group bit."""
        if request.EVCCID[0] & 1:
            return self.refuse(request, "FAILED", now)
        return super().session_setup(request, session_id, now)
