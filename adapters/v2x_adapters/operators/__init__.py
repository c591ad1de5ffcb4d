"""How a product that runs by itself is made to act: an HTTP call, a command, a person at a prompt, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from v2x_harness.errors import SubjectError
from v2x_harness.events import Json
from v2x_harness.operator import Operator
from v2x_harness.subject import OperatorSpec

from v2x_adapters.operators.command import CommandOperator
from v2x_adapters.operators.console import ConsoleOperator
from v2x_adapters.operators.http import HttpOperator
from v2x_adapters.operators.nobody import NoOperator

__all__ = ["CommandOperator", "ConsoleOperator", "HttpOperator", "NoOperator", "operator_from"]


def operator_from(spec: OperatorSpec, folder: Path | None = None) -> Operator:
    """Return the operator that a subject file asks for.

    Args:
        spec: the ``[operator]`` table.
        folder: of the subject file; commands run there.

    Raises:
        SubjectError: a setting is missing or wrong, or the kind is one that starts the product itself (`AdapterProduct`).
    """
    match spec.kind:
        case "http":
            return _http(spec.settings)
        case "command":
            return _command(spec.settings, folder or Path())
        case "console":
            return ConsoleOperator()
        case "none":
            return NoOperator()
    raise SubjectError(f"operator.kind: {spec.kind!r} starts the product itself", "allowed here: http, command, console, none")


def _http(settings: Mapping[str, Json]) -> Operator:
    url, token = settings.get("url"), settings.get("token", "")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise SubjectError(
            "operator.url: needs an http:// or https:// URL", 'for example: url = "http://127.0.0.1:8080/operator"'
        )
    ca = settings.get("ca", "")
    return HttpOperator(url, token=str(token or ""), ca=str(ca or ""), within=_seconds(settings, 30.0))


def _command(settings: Mapping[str, Json], folder: Path) -> Operator:
    match settings.get("command"):
        case [str(), *_] as words:
            return CommandOperator([str(word) for word in words], folder=folder, within=_seconds(settings, 60.0))
    raise SubjectError("operator.command: needs a list of program and arguments", 'for example: command = ["./op.sh", "{verb}"]')


def _seconds(settings: Mapping[str, Json], default: float) -> float:
    within = settings.get("within", default)
    if isinstance(within, bool) or not isinstance(within, int | float) or within <= 0:
        raise SubjectError("operator.within: needs seconds, more than 0", f"for example: within = {default:g}")
    return float(within)
