"""SECCs of ISO 15118-20 with one thing wrong each, until energy transfer is chosen."""

from __future__ import annotations

import msgspec
from v2x_architecture.iso15118.editions import ISO20_AC, Application
from v2x_architecture.iso15118.exi import ExiError, Schema
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages.app_protocol import supportedAppProtocolReq
from v2x_architecture.iso15118.negotiation import Agreement, choose
from v2x_architecture.iso15118.secc import Output, Secc
from v2x_architecture.iso15118.secc.dialogue import NO_SESSION, Answer, Later, NoAnswer, Objection
from v2x_architecture.iso15118.secc.evse import Authorization
from v2x_architecture.iso15118.secc.iso20 import Iso20Dialogue
from v2x_architecture.iso15118.secc.outputs import CloseReason
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.services20 import ControlMode, ParameterSet, Service
from v2x_architecture.iso15118.v2gtp import Discarded, Event, Received

# Agreeing on a protocol; V2GTP; EXI


class LowestPriorityFirst(Secc):
    """Takes the protocol that the EV likes least."""

    def spoken(self) -> list[Application]:
        """Speak AC, too."""
        return [*super().spoken(), ISO20_AC]

    def negotiate(self, request: supportedAppProtocolReq) -> Agreement:
        """Read priorities the wrong way round."""
        turned = [msgspec.structs.replace(each, Priority=21 - each.Priority) for each in request.AppProtocol]
        return choose(supportedAppProtocolReq(AppProtocol=turned), self.spoken())


class AnyPayloadType(Secc):
    """Reads requests whatever their payload type."""

    def schema_of(self, payload_type: int) -> Schema | None:
        """Take what it does not know for common messages."""
        return super().schema_of(payload_type) or Schema.CM


class _Repeats(Secc):
    """Keeps what it said last."""

    last: Send | None = None

    def encode(self, answer: Answer, schema: Schema) -> Send:
        """Keep it."""
        self.last = super().encode(answer, schema)
        return self.last


class AnswersWrongPayloadType(_Repeats):
    """Answers a message of a wrong payload type with what it said last."""

    def wrong_payload_type(self, event: Received, now: float) -> list[Output]:
        """Say something."""
        return [self.last] if self.last is not None else []


class AnyVersion(_Repeats):
    """Answers messages of any V2GTP version."""

    def receive(self, event: Event, now: float) -> list[Output]:
        """Say something to what is no V2GTP."""
        if isinstance(event, Discarded) and self.last is not None:
            return [self.last]
        return super().receive(event, now)


class TakesTheUnreadable(Secc):
    """Takes a request that it cannot read for the one it waits for."""

    def malformed(self, error: ExiError, now: float) -> list[Output]:
        """Let the customer in, or offer services."""
        dialogue = self.dialogue
        assert isinstance(dialogue, Iso20Dialogue)
        header = ct.MessageHeaderType(SessionID=dialogue.session_id, TimeStamp=dialogue.parts.stamp(now))
        request: ct.V2GRequestType = cm.ServiceDiscoveryReqType(Header=header)
        if dialogue.state == "Authorization":
            request = cm.AuthorizationReqType(
                Header=header, SelectedAuthorizationService="EIM", EIM_AReqAuthorizationMode=cm.EIM_AReqAuthorizationModeType()
            )
        answer = dialogue.answer(request, now)
        assert isinstance(answer, Answer)
        return self._say(answer, now)


class _Deaf(Secc):
    """Serves nobody any more once it has been hurt."""

    def hurt(self) -> None:
        """Never recover."""
        vars(self.memory)["hurt"] = True

    def receive(self, event: Event, now: float) -> list[Output]:
        """Hear nothing, once hurt."""
        return [] if vars(self.memory).get("hurt") else super().receive(event, now)


class DeadAfterUnreadable(_Deaf):
    """Serves nobody any more after a message that it could not read."""

    def malformed(self, error: ExiError, now: float) -> list[Output]:
        """Crash."""
        self.hurt()
        return super().malformed(error, now)


class DeadAfterOtherVersion(_Deaf):
    """Serves nobody any more after a message of a V2GTP version that there is not."""

    def receive(self, event: Event, now: float) -> list[Output]:
        """Crash on what V2GTP discards."""
        if isinstance(event, Discarded):
            self.hurt()
        return super().receive(event, now)


# Session and authorization


class SessionIdZero(Secc):
    """Gives new sessions the id zero."""

    def start_dialogue(self, application: Application) -> Iso20Dialogue:
        """Have ids made of nothing."""
        self.memory.new_id = lambda: NO_SESSION
        dialogue = super().start_dialogue(application)
        assert isinstance(dialogue, Iso20Dialogue)
        return dialogue


class ContractParameters(Iso20Dialogue):
    """Offers EIM only, with the parameters of a contract."""

    def respond(self, request: ct.V2GRequestType, now: float) -> ct.V2GResponseType | Later:
        """Tell the wrong ones."""
        response = super().respond(request, now)
        if isinstance(response, cm.AuthorizationSetupResType):
            response.EIM_ASResAuthorizationMode = None
            response.PnC_ASResAuthorizationMode = cm.PnC_ASResAuthorizationModeType(GenChallenge=bytes(range(16)))
        return response


class NeverAuthorized(Iso20Dialogue):
    """Keeps an EV waiting for authorization that has been given."""

    def authorization(self, request: cm.AuthorizationReqType, now: float) -> ct.V2GResponseType:
        """Say that it goes on."""
        return cm.AuthorizationResType(Header=self.parts.header(now), ResponseCode="OK", EVSEProcessing="Ongoing")


class AuthorizedAtOnce(Iso20Dialogue):
    """Says that authorization is finished while it is being found out."""

    def authorization(self, request: cm.AuthorizationReqType, now: float) -> ct.V2GResponseType:
        """Say that it is."""
        return self.parts.minimal(request, "OK", now)


class PendingLetsOn(Iso20Dialogue):
    """Takes ServiceDiscoveryReq while authorization is being found out."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Have nothing against it."""
        if request == "ServiceDiscoveryReq" and self.state == "Authorization":
            return None
        return super().objection(request, session_id)


class RefusedLetsOn(PendingLetsOn):
    """Takes ServiceDiscoveryReq of a customer who was refused."""


class RefusalNotTold(Iso20Dialogue):
    """Answers OK and Ongoing without end when the customer is refused."""

    def authorization(self, request: cm.AuthorizationReqType, now: float) -> ct.V2GResponseType:
        """Keep it to itself."""
        answer = super().authorization(request, now)
        if self.evse.authorization(now) is Authorization.REJECTED:
            return cm.AuthorizationResType(Header=answer.Header, ResponseCode="OK", EVSEProcessing="Ongoing")
        return answer


class WarningEnds(Iso20Dialogue):
    """Ends the session with the warning that authorization has failed."""

    def answer(self, message: object, now: float) -> Answer | Later:
        """Take a warning for a failure."""
        answer = super().answer(message, now)
        if isinstance(answer, Answer) and getattr(answer.message, "ResponseCode", "").startswith("WARNING"):
            return msgspec.structs.replace(answer, end=CloseReason.REFUSED)
        return answer


class RefusedForEver(Iso20Dialogue):
    """Goes on refusing a customer who has been authorized since."""

    def authorization(self, request: cm.AuthorizationReqType, now: float) -> ct.V2GResponseType:
        """Keep to the first answer."""
        kept: ct.V2GResponseType = vars(self).setdefault("kept", super().authorization(request, now))
        return kept


class ContractTaken(Iso20Dialogue):
    """Lets a customer in by a contract that it does not offer, and does not look at."""

    def authorization(self, request: cm.AuthorizationReqType, now: float) -> ct.V2GResponseType:
        """Take it."""
        return self.parts.minimal(request, "OK", now)


class ContractFails(Iso20Dialogue):
    """Ends the session over a contract that it does not offer."""

    def authorization(self, request: cm.AuthorizationReqType, now: float) -> ct.V2GResponseType:
        """Fail it."""
        if request.SelectedAuthorizationService == "PnC":
            return self.refuse(request, "FAILED", now)
        return super().authorization(request, now)


# Sequence and session id


class AnswersWhatItWaitsFor(Iso20Dialogue):
    """Answers a request out of place with the response to the one that it waits for."""

    def refuse(self, request: ct.V2GRequestType, code: ct.responseCodeType, now: float) -> ct.V2GResponseType:
        """Take the request for another one."""
        header = ct.MessageHeaderType(SessionID=self.session_id, TimeStamp=self.parts.stamp(now))
        others: dict[str, ct.V2GRequestType] = {
            "SessionSetup": cm.SessionSetupReqType(Header=header, EVCCID=""),
            "AuthorizationSetup": cm.AuthorizationSetupReqType(Header=header),
            "ServiceDiscovery": cm.ServiceDiscoveryReqType(Header=header),
        }
        waited = others.get(self.state, request) if code == "FAILED_SequenceError" else request
        return super().refuse(waited, code, now)


class EndsInSilence(Iso20Dialogue):
    """Ends the connection without a word when a request is out of place."""

    def refuse(self, request: ct.V2GRequestType, code: ct.responseCodeType, now: float) -> ct.V2GResponseType:
        """Say nothing."""
        if code == "FAILED_SequenceError":
            raise NoAnswer("it is out of place")
        return super().refuse(request, code, now)


class SessionWithinSession(Iso20Dialogue):
    """Begins a new session in the middle of one."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Have nothing against it."""
        return None if request == "SessionSetupReq" else super().objection(request, session_id)


class FailedGoesOn(Iso20Dialogue):
    """Leaves the connection open after it has failed a request."""

    def answer(self, message: object, now: float) -> Answer | Later:
        """Never end over a failure."""
        answer = super().answer(message, now)
        if isinstance(answer, Answer) and answer.end is CloseReason.REFUSED:
            return msgspec.structs.replace(answer, end=None)
        return answer


class ComparedInPart(Iso20Dialogue):
    """Compares the first four octets of SessionIDs only."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Look at half of it."""
        return super().objection(request, session_id[:4] + self.session_id[4:])


# Services


class InsistsOnServiceIds(Iso20Dialogue):
    """Fails a ServiceDiscoveryReq without SupportedServiceIDs, which are optional."""

    def service_discovery(self, request: cm.ServiceDiscoveryReqType, now: float) -> ct.V2GResponseType:
        """Insist."""
        if request.SupportedServiceIDs is None:
            return self.refuse(request, "FAILED", now)
        return super().service_discovery(request, now)


class OffersWhatIsAskedFor(Iso20Dialogue):
    """Offers every service that the EV knows."""

    def service_discovery(self, request: cm.ServiceDiscoveryReqType, now: float) -> ct.V2GResponseType:
        """Offer what is named."""
        answer = super().service_discovery(request, now)
        assert isinstance(answer, cm.ServiceDiscoveryResType)
        if request.SupportedServiceIDs is not None:
            named = [cm.ServiceType(ServiceID=each, FreeService=False) for each in request.SupportedServiceIDs.ServiceID]
            answer.EnergyTransferServiceList = cm.ServiceListType(Service=named)
        return answer


class BothWaysWhenAskedFor(Iso20Dialogue):
    """Offers services for both ways only to an EV that says it knows them."""

    def service_discovery(self, request: cm.ServiceDiscoveryReqType, now: float) -> ct.V2GResponseType:
        """Leave them out otherwise."""
        answer = super().service_discovery(request, now)
        assert isinstance(answer, cm.ServiceDiscoveryResType)
        if request.SupportedServiceIDs is None:
            answer.EnergyTransferServiceList.Service[1:] = []
        return answer


class RenegotiationNowAndThen(Iso20Dialogue):
    """Says that services can be renegotiated in every other session."""

    def service_discovery(self, request: cm.ServiceDiscoveryReqType, now: float) -> ct.V2GResponseType:
        """Say the other thing than last time."""
        answer = super().service_discovery(request, now)
        assert isinstance(answer, cm.ServiceDiscoveryResType)
        said = vars(self.memory)
        said["renegotiation"] = not said.get("renegotiation", False)
        answer.ServiceRenegotiationSupported = said["renegotiation"]
        return answer


class ScheduledOnly(Iso20Dialogue):
    """Offers scheduled control only."""

    def parameter_sets(self, service: Service, now: float) -> list[ParameterSet]:
        """Leave dynamic control out."""
        return [each for each in super().parameter_sets(service, now) if each.control is ControlMode.SCHEDULED]


class PlansWithSchedules(Iso20Dialogue):
    """Offers to plan for the EV with scheduled control."""

    def service_detail(self, request: cm.ServiceDetailReqType, now: float) -> ct.V2GResponseType:
        """Tell mobility needs of both sides in each set."""
        answer = super().service_detail(request, now)
        assert isinstance(answer, cm.ServiceDetailResType)
        for each in answer.ServiceParameterList.ParameterSet:
            for parameter in each.Parameter:
                if parameter.Name == "MobilityNeedsMode":
                    parameter.intValue = 2
        return answer


class DetailOfAnotherService(Iso20Dialogue):
    """Tells the parameter sets of its first service, whichever is asked for."""

    def service_detail(self, request: cm.ServiceDetailReqType, now: float) -> ct.V2GResponseType:
        """Tell of the first."""
        asked = cm.ServiceDetailReqType(Header=request.Header, ServiceID=int(self.services(now)[0]))
        return super().service_detail(asked, now)


class AnyServiceHasDetails(Iso20Dialogue):
    """Tells parameter sets of services that it does not offer."""

    def service_detail(self, request: cm.ServiceDetailReqType, now: float) -> ct.V2GResponseType:
        """Tell those of the first in their place."""
        known = request.ServiceID in self.services(now)
        asked = cm.ServiceDetailReqType(Header=request.Header, ServiceID=int(self.services(now)[0]))
        answer = super().service_detail(request if known else asked, now)
        assert isinstance(answer, cm.ServiceDetailResType)
        answer.ServiceID = request.ServiceID
        return answer


class AnyParameterSet(Iso20Dialogue):
    """Takes the choice of a parameter set that it does not offer."""

    def service_selection(self, request: cm.ServiceSelectionReqType, now: float) -> ct.V2GResponseType:
        """Do not look at it."""
        return self.parts.minimal(request, "OK", now)


class AnyValueAddedService(Iso20Dialogue):
    """Takes the choice of value added services that it does not offer."""

    def service_selection(self, request: cm.ServiceSelectionReqType, now: float) -> ct.V2GResponseType:
        """Look at the energy transfer service only."""
        return super().service_selection(msgspec.structs.replace(request, SelectedVASList=None), now)
