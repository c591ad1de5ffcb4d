"""``python -m v2x_harness.cli`` is the command ``v2x``."""

from v2x_harness.cli import main

main()
