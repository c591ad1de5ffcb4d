"""What a case sees of a link: the OCPP messages in the journal's frames, in the order of the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from v2x_harness.events import Frame, Json, LinkEvent
from v2x_harness.field import Field
from v2x_harness.journal import Recorder

from v2x_suites import watching

type Kind = Literal["CALL", "CALLRESULT", "CALLERROR", "SEND", "CALLRESULTERROR", "malformed"]

_KINDS: dict[Json, Kind] = {2: "CALL", 3: "CALLRESULT", 4: "CALLERROR", 5: "CALLRESULTERROR", 6: "SEND"}


class Message:
    """One OCPP-J message as the tap saw it.

    Fields of the payload are attributes (``boot.reason``, ``boot.chargingStation.model``): see `v2x_harness.field.Field`.

    Attributes:
        kind: of the frame; ``malformed`` for what is no OCPP-J frame.
        sender: role that sent it.
        action: of the CALL, or of the CALL that this answers; empty when there is none.
        message_id: as it stands in the frame.
        code: the error code of a CALLERROR; empty else.
        n: number of the frame in the journal; ``t`` its monotonic stamp (s); ``at`` the wall time, RFC 3339.
        link: id of the connection; ``forged`` whether the harness made the frame itself.
    """

    __slots__ = ("action", "at", "code", "forged", "kind", "link", "message_id", "n", "payload", "sender", "t")

    def __init__(self, frame: Frame, kind: Kind, array: list[Json], action: str) -> None:
        self.kind, self.action, self.sender = kind, action, frame.sender
        self.n, self.t, self.at = frame.n, frame.t, frame.at
        self.link, self.forged = frame.link, frame.fate == "injected"
        self.message_id = array[1] if len(array) > 1 and isinstance(array[1], str) else ""
        place = {"CALL": 3, "SEND": 3, "CALLRESULT": 2, "CALLERROR": 4, "CALLRESULTERROR": 4}.get(kind, 0)
        has = 0 < place < len(array)
        self.payload = Field(array[place] if has else None, frame.n, f"/{place}", exists=has)
        self.code = str(array[2]) if place == 4 and len(array) > 2 else ""

    def __getattr__(self, name: str) -> Field:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.payload[name]

    def has(self, fields: Mapping[str, Json]) -> bool:
        """Whether the payload has these fields with these values."""
        plain = self.payload.peek()
        return isinstance(plain, dict) and all(plain.get(name) == value for name, value in fields.items()) if fields else True

    @property
    def is_error(self) -> bool:
        """Whether it is a CALLERROR or CALLRESULTERROR."""
        return bool(self.code)

    def __repr__(self) -> str:
        what = self.action or self.message_id
        return f"<{self.kind} {what}{f' {self.code}' if self.code else ''} from {self.sender}, frame {self.n}>"

    @property
    def brief(self) -> str:
        """What it is and whose, in a few words."""
        return f"{self.kind} {self.action}{f' {self.code}' if self.code else ''} from {self.sender}"


class Watch(watching.Watch[Message]):
    """Follows a recorder and keeps the messages and link events of one case.

    Args:
        recorder: whose events are followed until `close`.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._actions: dict[tuple[str, str], str] = {}
        super().__init__(recorder)

    def read(self, frame: Frame) -> Message:
        """Return the message in a frame."""
        try:
            array = frame.form() if frame.media == "json" else None
        except msgspec.DecodeError:
            array = None
        if not isinstance(array, list) or not array or not isinstance(array[0], int) or array[0] not in _KINDS:
            return Message(frame, "malformed", [], "")
        kind = _KINDS[array[0]]
        message_id = str(array[1]) if len(array) > 1 else ""
        if kind in ("CALL", "SEND"):
            action = str(array[2]) if len(array) > 2 else ""
            self._actions[frame.sender, message_id] = action
        else:
            # An answer goes against the direction of its CALL; a CALLRESULTERROR goes with it.
            caller = frame.sender if kind == "CALLRESULTERROR" else frame.to
            action = self._actions.get((caller, message_id), "")
        return Message(frame, kind, array, action)


async def answer_to(watch: Watch, call: Message, within: float) -> Message:
    """Wait for the answer to a CALL.

    Raises:
        NotSeen: there was none in time.
    """

    def is_answer(item: Message | LinkEvent) -> Message | None:
        if isinstance(item, Message) and item.kind in ("CALLRESULT", "CALLERROR") and item.message_id == call.message_id:
            return item if item.sender != call.sender else None
        return None

    start = next(i for i, item in enumerate(watch.items) if item is call)
    return (await watch.wait(is_answer, start, within, f"an answer to {call.action}"))[1]
