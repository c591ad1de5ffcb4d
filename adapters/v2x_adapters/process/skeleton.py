"""Write the skeleton of an adapter: a folder that runs as it is, and says what is still to be filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from string import Template
from typing import Literal

from v2x_harness.errors import AdapterError, Misnamed

type Language = Literal["python", "javascript"]

# What a product of a role can be made to do, and the arguments.
VERBS = {
    "station": {
        "power_cycle": "cause",
        "plug_in": "evse, connector, vehicle, evcc",
        "unplug": "evse",
        "present_token": "id_token, type, evse",
        "press_stop": "evse",
        "ev_suspend": "evse",
        "ev_resume": "evse",
        "ev_renegotiate": "evse, target_soc, departure_s",
        "set_fault": "evse, connector, error_code",
        "clear_fault": "evse, connector",
        "network_down": "",
        "network_up": "",
        "occupy_bay": "evse",
        "leave_bay": "evse",
        "local_reset": "",
        "security_event": "type",
        "configure": "key (or component and variable), value",
        "factory_reset": "",
        "send": "action, payload",
        "observe": "evse",
    },
    "csms": {
        "call": "station, action, payload",
        "set_token": "id_token, type, status, group, parent, expires",
        "set_boot": "station, status, interval",
        "disconnect": "station",
        "stations": "",
        "forget": "station",
    },
    "secc": {
        "reset": "",
        "set_authorization": "status, seconds",
        "notify": "notification, max_delay_s",
        "set_limits": "max_voltage_v, max_current_a, max_power_w",
        "set_schedules": "schedules, seconds",
        "set_target_power": "power_w",
        "set_status": "status",
        "set_insulation": "ohm",
        "set_contactor": "stuck",
        "set_rcd": "tripped",
        "observe": "",
    },
    "evcc": {
        "plug_in": "loops, pause_s",
        "unplug": "",
        "stop_charging": "",
        "pause": "",
        "renegotiate": "",
        "set_driver": "target_soc, departure_s and whatever else the driver can say",
        "reset": "",
        "observe": "",
    },
}
PROTOCOL = {"station": "ocpp", "csms": "ocpp", "secc": "iso15118", "evcc": "iso15118"}
# What a product speaks when nothing is said.
VERSION = {"station": "2.0.1", "csms": "2.0.1", "secc": "2", "evcc": "2"}
_PLACEMENT = {
    "station": "connect_to (URL), identity and password",
    "csms": "listen (HOST:PORT) and identities (station to password)",
    "secc": "settings with the interface to answer SDP on, and the network namespace that it is in",
    "evcc": "settings with the interface to ask on over SDP, and the network namespace that it is in",
}
_PROGRAM = {"python": "adapter.py", "javascript": "adapter.js"}
_KIT = {"python": "adapter_kit.py", "javascript": "adapter_kit.js"}
_ENDPOINT = {
    ("python", "csms"): ', endpoint="ws://127.0.0.1:9000/ocpp"',
    ("javascript", "csms"): ", endpoint: 'ws://127.0.0.1:9000/ocpp'",
}


def write(name: str, folder: Path, *, role: str, versions: Sequence[str], language: Language) -> list[Path]:
    """Write the skeleton.

    Args:
        name: of the adapter; letters, digits, ``-``, ``_`` and ``.``.
        folder: where it goes; must not exist, or be empty.
        role: one of `VERBS`.
        versions: of the protocol that the product speaks.
        language: of the program.

    Returns:
        The files written.

    Raises:
        Misnamed: the name is no name, the role none that we know, or the folder is in use.
        AdapterError: the folder cannot be written.
    """
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,63}", name):
        raise Misnamed(
            f"{name!r} is no name for an adapter", "letters, digits, '-', '_' and '.', beginning with a letter or digit"
        )
    if role not in VERBS:
        raise Misnamed(f"no role is called {role!r}", f"one of: {', '.join(VERBS)}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Misnamed(f"the folder {folder} is not empty", "choose another with --into")
        files = _files(name, folder, role, versions, language)
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AdapterError(f"cannot write {error.filename or folder}: {error.strerror}") from error
    return list(files)


def _files(name: str, folder: Path, role: str, versions: Sequence[str], language: Language) -> dict[Path, str]:
    data = resources.files("v2x_adapters.process")
    program, kit = _PROGRAM[language], _KIT[language]
    words = {
        "name": name,
        "title": name,
        "folder": folder.as_posix(),
        "role": role,
        "protocol": PROTOCOL[role],
        "versions": ", ".join(f'"{version}"' for version in versions),
        "command": f'"python3", "{program}"' if language == "python" else f'"node", "{program}"',
        "program": program,
        "kit": kit,
        "placement_words": _PLACEMENT[role],
        "endpoint_example": _ENDPOINT.get((language, role), ""),
        "verbs": _verbs(role, language),
    }

    def filled(name: str) -> str:
        return Template(data.joinpath("skeleton", f"{name}.tmpl").read_text(encoding="utf-8")).substitute(words)

    return {
        folder / program: filled(program),
        folder / kit: data.joinpath("kit", kit).read_text(encoding="utf-8"),
        folder / "adapter.toml": filled("adapter.toml"),
        folder / "subject.toml": filled("subject.toml"),
        folder / "README.md": filled("README.md"),
    }


def _verbs(role: str, language: Language) -> str:
    """Write one verb out, and the others as a list of what could be there."""
    lines = [f"{verb}: {arguments}" if arguments else verb for verb, arguments in VERBS[role].items()]
    if language == "python":
        return "".join(f"    #   {line}\n" for line in lines) + (
            "    #\n"
            "    # @adapter_kit.verb\n"
            f"    # async def {next(iter(VERBS[role]))}(self, arguments):\n"
            "    #     return {}\n"
        )
    return "".join(f"    //   {line}\n" for line in lines) + (
        f"    //\n    // async {next(iter(VERBS[role]))}(given) {{\n    //   return {{}};\n    // }},"
    )
