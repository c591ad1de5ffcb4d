from __future__ import annotations

from pathlib import Path

from v2x_harness.schemas import write

write(Path(__file__).parent)
