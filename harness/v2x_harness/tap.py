"""The port through which frames are seen, delayed, dropped, changed and injected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from v2x_harness.steer import Steer, Toxic


class Tap(Protocol):
    """A point of control and observation between two actors.

    A tap listens where one actor connects, connects on to the other, and records every link event and frame with the
    recorder it was made with. Its stages, from the subject's side: *disguise* (seeded faults), record, *steer* (the case).
    """

    @property
    def url(self) -> str:
        """Where the connecting actor must connect to."""
        ...

    async def start(self) -> None:
        """Listen.

        Raises:
            AdapterError: the address cannot be listened on.
        """
        ...

    async def stop(self) -> None:
        """Close every link and stop listening."""
        ...

    def install(self, stage: Literal["steer", "disguise"], steps: Sequence[Steer]) -> None:
        """Replace what the stage does; occurrence counts begin anew."""
        ...

    def poison(self, toxics: Sequence[Toxic]) -> None:
        """Replace the conditions of the network."""
        ...

    async def inject(self, to: str, data: str | bytes, *, link: str = "") -> None:
        """Send a frame to a role on the newest open link (or the one named); the journal marks it ``injected``."""
        ...

    async def cut(self, *, refuse: bool = True) -> None:
        """Abort every open link; while cut, refuse (or accept and keep silent to) new connections."""
        ...

    async def mend(self) -> None:
        """Let connections through again."""
        ...
