"""Message ids: those that were used, and those that were answered."""

from __future__ import annotations

IDS_KEPT = 4096


class Ids:
    """The message ids a sender has used: at least the last 4096.

    Attributes:
        young: by id, the serial number of the link it was used on.
        old: those before.
    """

    __slots__ = ("old", "young")

    def __init__(self) -> None:
        self.young: dict[str, int] = {}
        self.old: dict[str, int] = {}

    def seen(self, message_id: str) -> int | None:
        """Return the link that an id was used on before."""
        before = self.young.get(message_id)
        return self.old.get(message_id) if before is None else before

    def turn(self) -> None:
        """Make the young ones old, and forget those."""
        self.old, self.young = self.young, {}


class Answered:
    """The calls of a sender that were answered last, by message id, with the frame of the answer.

    Attributes:
        young: at least the last one.
        old: up to 64 before.
    """

    __slots__ = ("old", "young")

    def __init__(self) -> None:
        self.young: dict[str, int] = {}
        self.old: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self.young or self.old)

    def __contains__(self, message_id: str) -> bool:
        return message_id in self.young or message_id in self.old

    def turn(self) -> None:
        """Make the young ones old, and forget those."""
        self.old, self.young = self.young, {}

    def by(self, message_id: str) -> int | None:
        """Return the frame that answered a call, if one did."""
        return self.young.get(message_id, self.old.get(message_id))
