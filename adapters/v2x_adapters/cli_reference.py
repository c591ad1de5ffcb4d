"""``v2x reference``: the reference actors on their own, as simulators."""

from __future__ import annotations

import typer

from v2x_adapters.cli_reference_csms import csms_command
from v2x_adapters.cli_reference_evcc import evcc_command
from v2x_adapters.cli_reference_secc import secc_command
from v2x_adapters.cli_reference_station import station_command

reference = typer.Typer(no_args_is_help=True, help="The reference actors on their own, as simulators.")
reference.command("csms")(csms_command)
reference.command("evcc")(evcc_command)
reference.command("secc")(secc_command)
reference.command("station")(station_command)
