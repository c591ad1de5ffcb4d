"""The EVCC as a state machine without sockets: it runs a session's script, and keeps its time.

evcc = Evcc(ev, EvccConfig())
outputs = evcc.start(now)
outputs = evcc.receive(event, now)
evcc.outcome
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from v2x_architecture.iso15118 import v2gtp
from v2x_architecture.iso15118.editions import Application, Edition
from v2x_architecture.iso15118.evcc.dialogue import Dialogue
from v2x_architecture.iso15118.evcc.din import DinDialogue
from v2x_architecture.iso15118.evcc.iso2 import Iso2Dialogue
from v2x_architecture.iso15118.evcc.iso20 import Iso20Dialogue
from v2x_architecture.iso15118.evcc.script import Ask, Ended, Ending, EvccConfig, Outcome, Paused, Reply, Steps
from v2x_architecture.iso15118.evcc.vehicle import Ev
from v2x_architecture.iso15118.exi import ExiError, Schema, codec
from v2x_architecture.iso15118.exi.messages.app_protocol import supportedAppProtocolRes
from v2x_architecture.iso15118.negotiation import chosen, offer
from v2x_architecture.iso15118.sending import Said, Send, Watcher, name_of
from v2x_architecture.iso15118.timers import NEGOTIATION, timers
from v2x_architecture.iso15118.v2gtp import PayloadType, Received


class Evcc:
    """One connection to an SECC.

    Args:
        ev: that energy goes to.
        config: how it behaves.
        now: when the EV was plugged in (s of a clock that never goes back).
        tls_version: of the connection; None without TLS.
        watcher: is told of every request, and of every message that could be read.
    """

    dialogues: ClassVar[Mapping[Edition, type[Dialogue]]] = {
        Edition.DIN: DinDialogue,
        Edition.ISO2: Iso2Dialogue,
        Edition.ISO20: Iso20Dialogue,
    }
    """The sessions it can hold, by edition; a subclass for one with a fault in its session."""

    def __init__(
        self,
        ev: Ev,
        config: EvccConfig | None = None,
        *,
        now: float = 0.0,
        tls_version: str | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self.ev = ev
        self.config = config or EvccConfig()
        self.tls_version = tls_version
        self.watcher = watcher
        self.dialogue: Dialogue | None = None
        self.outcome: Outcome | None = None
        """What became of the session; None while it goes on."""
        self.asked: Ask | None = None
        """The request that waits for its response."""
        self._setup_until = now + timers(Edition.ISO2).session["V2G_EVCC_CommunicationSetup_Timeout"]
        self._now = now
        self._script = self.script()
        self._deadline: float | None = None

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.outcome is not None

    @property
    def next_deadline(self) -> float | None:
        """When `handle_timeout` is to be called; None when nothing is waited for."""
        return self._deadline

    @property
    def paused(self) -> Paused | None:
        """What is to be kept of the session, when it was paused."""
        was = self.outcome is not None and self.outcome.ending is Ending.PAUSED
        return self.dialogue.paused if was and self.dialogue is not None else None

    def start(self, now: float) -> list[Send]:
        """Begin, now that the connection stands; return what is to be sent."""
        self._now = now
        return self._go_on(None)

    def receive(self, event: v2gtp.Event, now: float) -> list[Send]:
        """Take what V2GTP brought; what V2GTP discards, and what nobody asked for, is left aside."""
        self._now = now
        asked = self.asked
        if self.outcome is not None or asked is None or not isinstance(event, Received):
            return []
        if event.payload_type != asked.payload_type:
            return []
        try:
            decoded = codec(asked.schema).decode(event.payload)
        except ExiError as error:
            return self._fail(Outcome(ending=Ending.MALFORMED, message=asked.name, text=str(error)))
        if self.watcher is not None:
            name = name_of(decoded.message, decoded.name)
            self.watcher(Said("secc", name, decoded.name, decoded.message, asked.schema, now))
        return self._go_on(Reply(now, decoded.message))

    def handle_timeout(self, now: float) -> list[Send]:
        """Go on after a pause, or end the session for a response that has not come."""
        if self.outcome is not None or self._deadline is None or now < self._deadline:
            return []
        self._now = now
        if self.asked is None:
            return self._go_on(Reply(now))
        text = f"{self.asked.name}Res did not come within {self.asked.timeout * self.config.patience:g} s"
        return self._fail(Outcome(ending=Ending.MESSAGE_TIMEOUT, message=self.asked.name, text=text))

    def lost(self, now: float, text: str = "") -> None:
        """Hear that the SECC has ended the connection, or that it broke."""
        self._now = now
        if self.outcome is None:
            name = self.asked.name if self.asked is not None else ""
            self._fail(Outcome(ending=Ending.LOST, message=name, text=text or f"while {name or 'nothing'}Res was waited for"))

    # The script

    def script(self) -> Steps[Outcome]:
        """Agree on a protocol, then hold its session."""
        application = yield from self.negotiate()
        self.dialogue = self.start_dialogue(application)
        return (yield from self.dialogue.run())

    def negotiate(self) -> Steps[Application]:
        """Offer all protocols; return the one that the SECC has chosen."""
        offered = self.offered()
        if not offered:
            text = "15118-20 needs TLS 1.3, and the EV speaks nothing else"
            raise Ended(Outcome(ending=Ending.NO_AGREEMENT, message=NEGOTIATION, text=text))
        request = offer(offered, self.config.first_schema_id)
        timeout = timers(Edition.ISO2).timeout(NEGOTIATION)
        reply = yield Ask(NEGOTIATION, request, Schema.SAP, PayloadType.EXI, timeout)
        response = reply.message
        if not isinstance(response, supportedAppProtocolRes):
            raise Ended(Outcome(ending=Ending.UNEXPECTED, message=NEGOTIATION, text=f"{type(response).__name__} came"))
        application = chosen(response, request, offered)
        if application is None:
            text = f"{response.ResponseCode}, SchemaID {response.SchemaID}"
            raise Ended(Outcome(ending=Ending.NO_AGREEMENT, message=NEGOTIATION, text=text))
        return application

    def offered(self) -> list[Application]:
        """Return the protocols that may be offered over this connection."""
        allowed = self.tls_version == "TLSv1.3" or not self.config.iso20_needs_tls
        return [each for each in self.config.applications if allowed or each.edition is not Edition.ISO20]

    def start_dialogue(self, application: Application) -> Dialogue:
        """Return the session of a protocol."""
        return self.dialogues[application.edition](application, self.ev, self.config, self._now)

    # How it works

    def _go_on(self, reply: Reply | None) -> list[Send]:
        """Let the script go on until it asks or waits."""
        self.asked, self._deadline = None, None
        try:
            step = next(self._script) if reply is None else self._script.send(reply)
        except StopIteration as end:
            return self._end(end.value)
        except Ended as error:
            return self._fail(error.outcome)
        if not isinstance(step, Ask):
            self._deadline = self._now + step.seconds
            return []
        self.asked = step
        self._deadline = self._now + step.timeout * self.config.patience
        if step.name in (NEGOTIATION, "SessionSetup"):
            self._deadline = min(self._deadline, self._setup_until)
        payload = codec(step.schema).encode(step.message)
        if self.watcher is not None:
            root = "V2G_Message" if hasattr(step.message, "Body") else f"{step.name}Req"
            self.watcher(Said("evcc", f"{step.name}Req", root, step.message, step.schema, self._now))
        return [Send(f"{step.name}Req", step.message, step.payload_type, payload)]

    def _fail(self, outcome: Outcome) -> list[Send]:
        """End the session without another word; the vehicle takes no more energy."""
        self._script.close()
        return self._end(outcome)

    def _end(self, outcome: Outcome) -> list[Send]:
        self.asked, self._deadline = None, None
        self.outcome = outcome
        if self.dialogue is not None:
            self.dialogue.now = self._now
            self.dialogue.let_go()
        return []
