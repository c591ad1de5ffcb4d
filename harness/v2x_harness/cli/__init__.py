"""The command ``v2x``: the composition root. It finds the subcommands of the other packages through entry points.

Exit codes: 0 pass, 1 findings, 2 the user's mistake, 3 the harness's own.
"""

from __future__ import annotations

import sys
import traceback
from importlib.metadata import entry_points, version
from typing import Any

import typer

from v2x_harness.cli import catalogue, docs, initialise, proving, run
from v2x_harness.cli.console import stderr
from v2x_harness.errors import AdapterError, HarnessError, Misnamed, RegistryError, RunFailed

OK, FINDINGS, USAGE, HARNESS = 0, 1, 2, 3

# Recent versions of typer carry their own copy of click: the base of usage errors is asked of typer itself.
_USAGE_ERROR: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")


def build() -> typer.Typer:
    """Return the command with every subcommand that is installed.

    An entry point of group ``v2x.commands`` names a subcommand and gives a function, or a `typer.Typer` for a group of them.
    """
    app = typer.Typer(
        name="v2x",
        help="Judge charging products over OCPP and ISO 15118: on the wire, by the clause, with evidence.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_version)
    app.command("run")(run.run)
    app.command("list")(catalogue.list_)
    app.command("explain")(catalogue.explain)
    app.add_typer(catalogue.requirements, name="requirements")
    app.command("prove")(proving.prove)
    app.command("init")(initialise.init)
    app.command("docs")(docs.docs)
    for entry in sorted(entry_points(group="v2x.commands"), key=lambda e: e.name):
        command = entry.load()
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=entry.name)
        else:
            app.command(entry.name)(command)
    return app


def _version(show: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    if show:
        print(f"v2x-conformance {version('v2x-conformance')}")  # noqa: T201  (the command's own output)
        raise typer.Exit


def main() -> None:
    """Run the command, and turn every error into a message and an exit code."""
    sys.exit(invoke(sys.argv[1:]))


def invoke(arguments: list[str]) -> int:
    """Run the command with these arguments and return its exit code.

    No stack trace for a user's mistake; one for a defect of ours, so that it can be reported.
    """
    try:
        result = build()(arguments, standalone_mode=False)
    except _USAGE_ERROR as error:
        error.show()
        return USAGE
    except (typer.Abort, KeyboardInterrupt):
        stderr.print("stopped")
        return 130
    except HarnessError as error:
        stderr.print(f"[bold red]error:[/] {_plain(str(error))}", highlight=False)
        if error.hint:
            stderr.print(f"[dim]hint:[/] {_plain(error.hint)}", highlight=False)
        ours = isinstance(error, AdapterError | RegistryError | RunFailed) and not isinstance(error, Misnamed)
        return HARNESS if ours else USAGE
    except Exception:  # noqa: BLE001  (the last resort: a defect of ours)
        stderr.print("[bold red]v2x itself failed.[/] Please report this with what stands below.")
        stderr.print(traceback.format_exc(), markup=False, highlight=False)
        return HARNESS
    return result if isinstance(result, int) else OK


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
