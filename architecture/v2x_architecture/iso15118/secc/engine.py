"""The SECC as a state machine without sockets: V2GTP messages and time in, V2GTP messages and the end of the connection out.

    secc = Secc(evse, SeccConfig())
    for output in secc.receive(event, now):
        ...

A subclass that overrides one of the small methods is an SECC with one fault.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import ClassVar

from v2x_architecture.iso15118 import v2gtp
from v2x_architecture.iso15118.editions import Application, Edition
from v2x_architecture.iso15118.exi import Decoded, ExiError, Schema, codec
from v2x_architecture.iso15118.exi.messages.app_protocol import supportedAppProtocolReq
from v2x_architecture.iso15118.negotiation import Agreement, choose
from v2x_architecture.iso15118.secc.config import Memory, SeccConfig
from v2x_architecture.iso15118.secc.dialogue import Answer, Dialogue, Later, NoAnswer
from v2x_architecture.iso15118.secc.din import DinDialogue
from v2x_architecture.iso15118.secc.evse import Evse
from v2x_architecture.iso15118.secc.iso2 import Iso2Dialogue
from v2x_architecture.iso15118.secc.iso20 import Iso20Dialogue
from v2x_architecture.iso15118.secc.outputs import Close, CloseReason, Output
from v2x_architecture.iso15118.sending import Said, Send, Watcher, name_of
from v2x_architecture.iso15118.sequences import INITIAL
from v2x_architecture.iso15118.timers import timers
from v2x_architecture.iso15118.v2gtp import SIDE_STREAMS, PayloadType, Received


class Secc:
    """One connection of an EV.

    Args:
        evse: that energy comes from.
        config: how it behaves.
        memory: what it remembers between connections; shared by all of an EVSE.
        now: when the connection was made (s of a clock that never goes back).
        tls_version: of the connection; None without TLS.
        watcher: is told of every message that could be read, and of every answer.
        peer: digest of the certificate that the EV showed in TLS; empty where it showed none.
    """

    dialogues: ClassVar[Mapping[Edition, type[Dialogue]]] = {
        Edition.DIN: DinDialogue,
        Edition.ISO2: Iso2Dialogue,
        Edition.ISO20: Iso20Dialogue,
    }
    """The sessions it can hold, by edition; a subclass for one with a fault in its session."""

    def __init__(
        self,
        evse: Evse,
        config: SeccConfig | None = None,
        memory: Memory | None = None,
        *,
        now: float = 0.0,
        tls_version: str | None = None,
        watcher: Watcher | None = None,
        peer: bytes = b"",
    ) -> None:
        self.evse = evse
        self.config = config or SeccConfig()
        self.memory = memory or Memory()
        self.tls_version = tls_version
        self.watcher = watcher
        self.peer = peer
        self.dialogue: Dialogue | None = None
        self.closed: Close | None = None
        """How it ended; None while it goes on."""
        self._setup_until = now + self.setup_time() * self.config.patience
        self._deadline: float | None = self._setup_until
        self._postponed: deque[Decoded] = deque()
        """A request whose answer waits for something, and what came after it."""

    @property
    def state(self) -> str:
        """What it waits for: a state of the edition's table, ``supportedAppProtocol`` before, ``End`` after."""
        if self.closed is not None:
            return "End"
        return self.dialogue.state if self.dialogue is not None else "supportedAppProtocol"

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.closed is not None

    @property
    def setting_up(self) -> bool:
        """Whether there is no session yet: SessionSetupRes is still to come."""
        return self.dialogue is None or self.dialogue.state == INITIAL

    @property
    def next_deadline(self) -> float | None:
        """When `handle_timeout` is to be called; None when nothing is waited for."""
        return self._deadline

    def receive(self, event: v2gtp.Event, now: float) -> list[Output]:
        """Take what V2GTP brought; what V2GTP discards, or what comes after the end, is not answered."""
        if self.closed is not None or not isinstance(event, Received):
            return []
        schema = self.schema_of(event.payload_type)
        if schema is None:
            return self.wrong_payload_type(event, now)
        try:
            decoded = codec(schema).decode(event.payload)
        except ExiError as error:
            return self.malformed(error, now)
        if self.watcher is not None:
            name = name_of(decoded.message, decoded.name)
            self.watcher(Said("evcc", name, decoded.name, decoded.message, schema, now))
        return (
            self.take_aside(decoded, event.payload_type, now) if event.payload_type in SIDE_STREAMS else self.take(decoded, now)
        )

    def handle_timeout(self, now: float) -> list[Output]:
        """End the session when the EV has not set one up, or has not gone on with it, in time ([V2G2-716], [V2G2-443])."""
        if self._deadline is None or now < self._deadline or self.closed is not None:
            return []
        if self._postponed:
            return self._again(now)
        if self.setting_up and now >= self._setup_until:
            return self.end(CloseReason.SETUP_TIMEOUT, f"it was waited for in state {self.state}", now)
        return self.end(CloseReason.SEQUENCE_TIMEOUT, f"it was waited for in state {self.state}", now)

    def lost(self, now: float) -> None:
        """Hear that the EV has ended the connection, or that it broke."""
        if self.closed is None:
            self.end(CloseReason.LOST, f"in state {self.state}", now)

    # Decisions

    def schema_of(self, payload_type: int) -> Schema | None:
        """Return the grammar that a payload of this type is in at this point; None for one that does not belong here."""
        if self.dialogue is None:
            return Schema.SAP if payload_type == PayloadType.EXI else None
        return self.dialogue.application.schemas.get(payload_type)

    def wrong_payload_type(self, event: Received, now: float) -> list[Output]:
        """Do nothing about a message of a type that does not belong here: V2GTP has it ignored."""
        return []

    def malformed(self, error: ExiError, now: float) -> list[Output]:
        """End the session over a message that cannot be read: no response can be made to what is not known."""
        return self.end(CloseReason.MALFORMED, str(error), now)

    def negotiate(self, request: supportedAppProtocolReq) -> Agreement:
        """Choose a protocol."""
        return choose(request, self.spoken())

    def spoken(self) -> list[Application]:
        """Return the protocols that there are for what the EVSE gives, over this connection."""
        energies = {mode[:2] for mode in self.evse.modes}
        allowed = self.tls_version == "TLSv1.3" or not self.config.iso20_needs_tls
        usable = [each for each in self.config.applications if each.energy & energies]
        return [each for each in usable if allowed or each.edition is not Edition.ISO20]

    def start_dialogue(self, application: Application) -> Dialogue:
        """Return the session of a protocol."""
        return self.dialogues[application.edition](application, self.evse, self.config, self.memory)

    def setup_time(self) -> float:
        """Return how long after the connection a session may still be set up (s)."""
        return timers(Edition.ISO2).session["V2G_SECC_CommunicationSetup_Performance_Time"]

    def sequence_timeout(self) -> float:
        """Return how long the EV may take for its next request (s)."""
        if self.dialogue is not None:
            return self.dialogue.sequence_timeout()
        return timers(Edition.ISO2).session["V2G_SECC_Sequence_Timeout"]

    def pace(self, response: str) -> float:
        """Return how long it takes for a response (s)."""
        return self.config.pace_s

    # How it works

    def take(self, decoded: Decoded, now: float) -> list[Output]:
        """Take a message that could be read."""
        if self.dialogue is None:
            return self._negotiate(decoded, now)
        self._postponed.append(decoded)
        return self._again(now) if len(self._postponed) == 1 else []

    def take_aside(self, decoded: Decoded, payload_type: int, now: float) -> list[Output]:
        """Take a message of a side stream, for which neither the main one nor its time is held up."""
        assert self.dialogue is not None
        answer = self.dialogue.aside(decoded.message, payload_type, now)
        if answer is None:
            return []
        waiting = self._deadline
        outputs = self._say(answer, now)
        if self.closed is None:
            self._deadline = waiting
        return outputs

    def end(self, reason: CloseReason, text: str, now: float, after: float = 0.0) -> list[Output]:
        """Let no more energy flow and end the connection."""
        if self.dialogue is not None:
            self.dialogue.halt(now)
        self._deadline = None
        self.closed = Close(reason, text, after)
        return [self.closed]

    def _again(self, now: float) -> list[Output]:
        """Answer what has come, as far as it can be answered now."""
        outputs: list[Output] = []
        while self._postponed and self.closed is None:
            assert self.dialogue is not None
            try:
                answer = self.dialogue.answer(self._postponed[0].message, now)
            except NoAnswer as error:
                return outputs + self.end(CloseReason.UNEXPECTED, str(error), now)
            if isinstance(answer, Later):
                self._deadline = now + answer.after
                break
            self._postponed.popleft()
            outputs += self._say(answer, now)
        return outputs

    def _negotiate(self, decoded: Decoded, now: float) -> list[Output]:
        if not isinstance(decoded.message, supportedAppProtocolReq):
            return self.end(CloseReason.UNEXPECTED, f"{decoded.name} came before a protocol was agreed on", now)
        agreement = self.negotiate(decoded.message)
        if agreement.application is not None:
            self.dialogue = self.start_dialogue(agreement.application)
            self.dialogue.peer = self.peer
        end = CloseReason.NO_AGREEMENT if agreement.application is None else None
        message = agreement.response()
        answer = Answer(name="supportedAppProtocolRes", message=message, payload_type=PayloadType.EXI, end=end)
        return self._say(answer, now, Schema.SAP)

    def _say(self, answer: Answer, now: float, schema: Schema | None = None) -> list[Output]:
        schema = schema or self.schema_of(answer.payload_type)
        assert schema is not None
        sent = self.encode(answer, schema)
        if self.watcher is not None:
            root = "V2G_Message" if hasattr(sent.message, "Body") else sent.name
            self.watcher(Said("secc", sent.name, root, sent.message, schema, now))
        outputs: list[Output] = [sent]
        if answer.end is None:
            self._deadline = now + self.sequence_timeout() * self.config.patience
            if self.setting_up:
                self._deadline = min(self._deadline, self._setup_until)
            return outputs
        return outputs + self.end(answer.end, answer.text, now, self.config.close_wait_s)

    def encode(self, answer: Answer, schema: Schema) -> Send:
        """Return the message as it goes out."""
        payload = codec(schema).encode(answer.message)
        return Send(answer.name, answer.message, answer.payload_type, payload, self.pace(answer.name))
