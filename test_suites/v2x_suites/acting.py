"""Making the actors of a cast act, so that the journal says who was made to do what."""

from __future__ import annotations

from collections.abc import Mapping

from v2x_harness.errors import HarnessError, UnsupportedVerb
from v2x_harness.events import Json, OperatorEvent
from v2x_harness.journal import Recorder
from v2x_harness.operator import Operator


class Actor:
    """Makes one actor of the cast act, and records that it was made to.

    Args:
        role: whom it makes act.
        operator: how it is made to act.
    """

    def __init__(self, role: str, operator: Operator, recorder: Recorder) -> None:
        self.role, self._operator, self._recorder = role, operator, recorder

    async def do(self, verb: str, **arguments: Json) -> Mapping[str, Json]:
        """Perform a verb of this role's vocabulary.

        Raises:
            UnsupportedVerb: the operator cannot.
            AdapterError: it failed.
        """
        given: dict[str, Json] = {name: value for name, value in arguments.items() if value is not None}
        try:
            result = await self._operator.do(verb, given)
        except HarnessError as error:
            kind = "unsupported" if isinstance(error, UnsupportedVerb) else "failed"
            self._note(verb, given, f"{kind}: {error}")
            raise
        self._note(verb, given, "done")
        return result

    def _note(self, verb: str, arguments: dict[str, Json], outcome: str) -> None:
        self._recorder.record(OperatorEvent(role=self.role, verb=verb, arguments=arguments, outcome=outcome))
