"""SECCs of ISO 15118-2 with one thing wrong each: sessions as they should not be held."""

from __future__ import annotations

from v2x_architecture.iso15118.secc.dialogue import Objection
from v2x_architecture.iso15118.secc.iso2 import Iso2Dialogue


class AnySessionTaken(Iso2Dialogue):
    """Takes requests of any session."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Look at the place of the request only."""
        return super().objection(request, self.session_id)
