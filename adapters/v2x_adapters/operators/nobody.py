"""Nobody to make the product act."""

from __future__ import annotations

from collections.abc import Mapping

from v2x_harness.errors import UnsupportedVerb
from v2x_harness.events import Json


class NoOperator:
    """Cannot do anything: what needs a hand on the product is not judged."""

    async def do(self, verb: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Refuse.

        Raises:
            UnsupportedVerb: always.
        """
        said = f" with {dict(arguments)}" if arguments else ""
        raise UnsupportedVerb(f"nobody is there to {verb}{said}", "give the subject an [operator]")
