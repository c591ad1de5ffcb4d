"""The operator that asks the person who stands at the product."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from v2x_harness.errors import AdapterError, UnsupportedVerb
from v2x_harness.events import Json

# What a person is told, by verb; the arguments stand in braces.
_TELL: Mapping[str, str] = {
    "power_cycle": "Switch the station off and on again.",
    "plug_in": "Plug a vehicle in at EVSE {evse}, connector {connector}.",
    "unplug": "Unplug the vehicle from EVSE {evse}.",
    "present_token": "Present the token {id_token} (type {type}) at EVSE {evse}.",
    "press_stop": "Press the stop button of EVSE {evse}.",
    "ev_suspend": "Have the vehicle at EVSE {evse} stop drawing energy.",
    "ev_resume": "Have the vehicle at EVSE {evse} draw energy again.",
    "ev_renegotiate": "Have the vehicle at EVSE {evse} ask for a charging schedule anew, over ISO 15118.",
    "set_fault": "Put connector {connector} of EVSE {evse} into the fault {error_code}.",
    "clear_fault": "Clear the fault.",
    "network_down": "Cut the station's network.",
    "network_up": "Connect the station's network again.",
    "occupy_bay": "Park a vehicle at EVSE {evse} without plugging it in.",
    "leave_bay": "Have the vehicle leave the bay of EVSE {evse}.",
    "local_reset": "Reset the station at the station itself.",
    "security_event": "Bring about the security event {type}.",
    "configure": "Set at the station itself: {key} = {value}.",
    "factory_reset": "Put the station back to its factory settings.",
    "call": "Have the CSMS send {action} to the station {station}, with the payload {payload}.",
    "set_token": "Make the token {id_token} known to the CSMS with the status {status}.",
    "set_boot": "Have the CSMS answer the next BootNotification with {status}, interval {interval} s.",
    "disconnect": "Have the CSMS close the connection of the station {station}.",
    "forget": "Delete the station {station} from the CSMS.",
}
_SPEAKING = "Plug a vehicle that speaks ISO 15118 in at EVSE {evse}, connector {connector}."
_DEFAULTS: Mapping[str, Json] = {"evse": 1, "connector": 1, "type": "ISO14443", "error_code": "OtherError", "status": "Accepted"}
_ANSWERS = "[bold]d[/]one, [bold]c[/]annot be done, or [bold]f[/]ailed and why"


class ConsoleOperator:
    """Tells a person what to do, and waits until they say that it is done.

    Where nobody can answer (standard input is no terminal) every verb is unsupported.

    Args:
        console: where it is said.
        source: where the answers come from; standard input when None.
        interactive: whether somebody is there; asks the terminal when None.
    """

    def __init__(self, console: Console | None = None, source: TextIO | None = None, *, interactive: bool | None = None) -> None:
        self._console = console or Console(stderr=True, emoji=False)
        self._source = source or sys.stdin
        self._interactive = self._source.isatty() if interactive is None else interactive
        self._typed = b""
        self._turn = asyncio.Lock()

    async def do(self, verb: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Ask the person; one thing at a time.

        Raises:
            UnsupportedVerb: it cannot be done, or nobody is there.
            AdapterError: the person says that it failed, or leaves.
        """
        if not self._interactive:
            raise UnsupportedVerb(
                f"nobody is at the terminal to {verb}",
                "run it in a terminal (pytest itself needs -s), or give the subject another [operator]",
            )
        async with self._turn:
            self._console.print(Panel(escape(instruction(verb, arguments)), title="please", subtitle=_ANSWERS, expand=False))
            while True:
                answer = (await self._line()).strip()
                word, _, why = answer.partition(" ")
                match word.lower():
                    case "d" | "done":
                        return {}
                    case "c" | "cannot":
                        raise UnsupportedVerb(f"the person at the product cannot {verb}" + (f": {why}" if why else ""))
                    case "f" | "failed":
                        raise AdapterError(f"{verb} failed, says the person at the product" + (f": {why}" if why else ""))
                self._console.print(f"Say {_ANSWERS}.")

    async def _line(self) -> str:
        """Wait for a line without holding up anything else."""
        descriptor = self._source.fileno()
        while b"\n" not in self._typed:
            await _readable(descriptor)
            data = os.read(descriptor, 4096)
            if not data:
                raise AdapterError("the person at the terminal has gone (end of input)")
            self._typed += data
        line, _, self._typed = self._typed.partition(b"\n")
        return line.decode("utf-8", "replace")


async def _readable(descriptor: int) -> None:
    """Wait until there is something to read."""
    loop = asyncio.get_running_loop()
    come = asyncio.Event()
    loop.add_reader(descriptor, come.set)
    try:
        await come.wait()
    finally:
        loop.remove_reader(descriptor)


def instruction(verb: str, arguments: Mapping[str, Json]) -> str:
    """Say in words what a person is to do."""
    # What has parts is shown as JSON: it can be copied into a form.
    arguments = {name: json.dumps(each) if isinstance(each, dict | list) else each for name, each in arguments.items()}
    values = {**_DEFAULTS, **arguments}
    if verb == "configure" and "key" not in values:
        values["key"] = ".".join(str(values[part]) for part in ("component", "variable") if part in values)
    template = _SPEAKING if verb == "plug_in" and "evcc" in arguments else _TELL.get(verb)
    told = set(arguments)
    text = f"{verb.replace('_', ' ').capitalize()}."
    if template:
        text = template.format_map(_Plain(values))
        told = {name for name in arguments if f"{{{name}}}" not in template and name not in ("component", "variable")}
    if told:
        text += "\n" + "\n".join(f"{name}: {arguments[name]}" for name in arguments if name in told)
    return text


class _Plain(dict[str, Json]):
    """Values of a template; one that is not there is shown as a dash."""

    def __missing__(self, key: str) -> str:
        return "-"
