"""What this package contributes to ``v2x docs``."""

from __future__ import annotations

from v2x_architecture.actors import drawing


def documents() -> dict[str, str]:
    """Return the drawing of the architecture for its README."""
    return {"architecture/README.md": drawing()}
