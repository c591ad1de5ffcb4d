"""What a station was asked to send."""

from __future__ import annotations


class Promise:
    """A message that a station was asked to send.

    Attributes:
        n, t: frame in which it was asked for, and when.
        boot: frame of the BootNotification before.
        sent: whether it has come.
    """

    __slots__ = ("boot", "n", "sent", "t")

    def __init__(self, n: int, t: float, boot: int) -> None:
        self.n, self.t, self.boot = n, t, boot
        self.sent = False
