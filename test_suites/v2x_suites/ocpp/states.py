"""What the reusable states of stations share, whatever the version: tokens, arriving, being offline, leaving in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.errors import HarnessError
from v2x_harness.events import Json, Note
from v2x_harness.journal import Recorder
from v2x_harness.tap import Tap

from v2x_suites.ocpp.peers import CsmsOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.watch import Message

# What is presented where PIXIT names no token of ours, by PIXIT key.
_TOKENS = {
    "id_token": "V2X-VALID",
    "id_token_2": "V2X-SECOND",
    "id_token_refused": "V2X-REFUSED",
    "id_token_master": "V2X-MASTER",
}
# So long a station may need to notice that its connection is gone (s).
_NOTICE = 1.0


class Tokens:
    """The tokens that a case presents: PIXIT ``id_token``, ``id_token_2``, ``id_token_refused`` and ``id_token_master``.

    Args:
        station: whose PIXIT names them.
        csms: made to know them.
    """

    # What the CSMS has to know of each beside its status.
    kind: str | None = None

    def __init__(self, station: StationUnderTest, csms: CsmsOperator) -> None:
        self._station, self._csms = station, csms

    async def known(self, name: str, status: str = "Accepted", **more: Json) -> str:
        """Have the CSMS judge a token so from now on; return the token.

        Args:
            name: its PIXIT key.
            more: ``parent`` of 1.6; ``group``, ``expires``… of 2.0.1.
        """
        token = str(self._station.pixit.values.get(name, _TOKENS[name]))
        await self._csms.set_token(token, status, type=self.kind, **more)
        return token


async def reached(station: StationUnderTest, words: str, fits: Callable[[Message], bool]) -> Message:
    """Wait for the message that shows that a state is reached, and leave what has passed behind.

    Raises:
        CannotJudge: it is not reached.
    """
    try:
        message = await station.expect_where(fits, words)
    except NotSeen as error:
        raise CannotJudge(f"the state is not reached: {error}") from error
    await station.calm()
    return message


@asynccontextmanager
async def offline(station: StationUnderTest, link: Tap) -> AsyncIterator[None]:
    """Keep the station offline within the block, and wait until it is connected again after it.

    Raises:
        NotSeen: it does not come back.
    """
    await link.cut()
    await station.disconnects()
    await station.stays_quiet(for_=_NOTICE)
    yield
    await link.mend()
    await station.reconnects()


@contextmanager
def trying(recorder: Recorder, words: str) -> Iterator[None]:
    """Do what is for the cases after this one: that it fails is noted, and no verdict on this one."""
    try:
        yield
    except (NotSeen, CannotJudge, HarnessError, TimeoutError) as error:
        recorder.record(Note(topic="clean-up", text=f"{words}: {error}"))
