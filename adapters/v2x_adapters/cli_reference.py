"""``v2x reference``: the reference actors on their own, as simulators."""

from __future__ import annotations

import typer

from v2x_adapters.cli_reference_csms import csms_command
from v2x_adapters.cli_reference_station import station_command

reference = typer.Typer(no_args_is_help=True, help="The reference actors on their own, as simulators.")
reference.command("csms")(csms_command)
reference.command("station")(station_command)
