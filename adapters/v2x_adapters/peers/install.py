"""Make the environment of a third-party product, once, and say how its adapter is started in it.

The environments live in one folder: what ``V2X_PEERS`` names, else ``.peers`` in a checkout of this project, else in the user's
cache. What is installed is written down there with a digest of what was asked for; it is made anew only when that changes, and
needs no network after that.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path

import msgspec
from v2x_harness.errors import ProductBlocked

from v2x_adapters.peers import interpreters
from v2x_adapters.peers.catalogue import PeerProduct

type Progress = Callable[[str], None]

_STAMP = "installed.json"
_PROGRAMS = Path(str(resources.files(__package__).joinpath("programs")))
_KIT = Path(str(resources.files("v2x_adapters").joinpath("process/kit")))


class PeerBlocked(ProductBlocked):
    """A product cannot be had on this machine; what depends on it is blocked, by its name and for this reason."""

    def __init__(self, product: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{product} cannot be had: {reason}", hint)
        self.product = product
        self.reason = reason


def home() -> Path:
    """Return the folder of all environments."""
    if named := os.environ.get("V2X_PEERS"):
        return Path(named).resolve()
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").is_file() and (checkout / "adapters/v2x_adapters").is_dir():
        return checkout / ".peers"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "v2x-conformance/peers"


def why_not_ready(product: PeerProduct) -> str:
    """Say why the product cannot be started as it is; empty when it can."""
    try:
        stamp = json.loads((home() / product.place / _STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "it is not installed"
    if stamp.get("digest") != _digest(product):
        return "another version of it is installed"
    if not Path(stamp["interpreter"]).exists():
        return f"its interpreter {stamp['interpreter']} is gone"
    return _lacks(product)


def _lacks(product: PeerProduct) -> str:
    """Say which programs it needs that this machine does not have; empty when there are all."""
    missing = [tool for tool in product.tools if shutil.which(tool) is None]
    return f"it needs {' and '.join(missing)}, not found on the path" if missing else ""


def install(product: PeerProduct, progress: Progress = lambda _: None, *, within: float = 600.0) -> Path:
    """Make the product's environment unless it stands already.

    Args:
        product: what to install.
        progress: called with a line for each step.
        within: seconds for all of it.

    Raises:
        PeerBlocked: it cannot be had here; says what is missing or what went wrong.
    """
    if lacks := _lacks(product):
        raise PeerBlocked(product.name, lacks, f"install what is missing, then: v2x adapter install {product.name}")
    place = home() / product.place
    with _alone(product, place, within):
        if not (reason := why_not_ready(product)):
            progress(f"{product.name}: stands ready")
            return place
        progress(f"{product.name}: {reason}")
        interpreter, words = _interpreter(product)
        if interpreter is None:
            raise PeerBlocked(product.name, words, "install what is missing, then: v2x adapter install " + product.name)
        _Installer(product, place, interpreter, progress, time.monotonic() + within).run(words)
    return place


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """How a product's adapter is started.

    Attributes:
        name: of the product.
        command: program and arguments.
        environment: variables to set.
        start: seconds it may take.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    start: float


def launch(product: PeerProduct) -> Launch:
    """Say how the product's adapter is started.

    Raises:
        PeerBlocked: it is not installed.
    """
    if reason := why_not_ready(product):
        raise PeerBlocked(product.name, reason, f"v2x adapter install {product.name}")
    place = home() / product.place
    stamp = json.loads((place / _STAMP).read_text(encoding="utf-8"))
    return Launch(
        name=product.name,
        command=(stamp["interpreter"], str(_PROGRAMS / product.program)),
        environment=_environment(product, place),
        start=product.start,
    )


def _interpreter(product: PeerProduct) -> tuple[Path | None, str]:
    if product.runtime == "python":
        return interpreters.python(product.interpreters)
    return interpreters.node(product.interpreters[0])


def _digest(product: PeerProduct) -> str:
    made_of = (product.runtime, product.requirements, product.pins, product.prepare, product.environment)
    return hashlib.sha256(msgspec.json.encode(made_of)).hexdigest()


def _environment(product: PeerProduct, place: Path) -> dict[str, str]:
    """Return the variables of the product's programs; nothing of this process's own Python reaches them."""
    own = {name: _fill(value, place) for name, value in product.environment.items()}
    if product.runtime == "node":
        return {"NODE_PATH": os.pathsep.join([str(place / "node_modules"), str(_KIT)]), **own}
    return {"PYTHONPATH": str(_KIT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", **own}


def _fill(text: str, place: Path) -> str:
    return text.replace("{home}", str(place)).replace("{bin}", str(place / "venv/bin"))


@contextlib.contextmanager
def _alone(product: PeerProduct, place: Path, within: float) -> Iterator[None]:
    """Hold the product's lock, so that two runs do not install it at once."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = (place.parent / f".{product.place}.lock").open("w")
    except OSError as error:
        raise PeerBlocked(
            product.name, f"cannot write to {place}: {error.strerror}", "set V2X_PEERS to a folder of yours"
        ) from error
    with lock:
        deadline = time.monotonic() + within
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise PeerBlocked(product.name, "another run has been installing it all this time") from None
                time.sleep(0.05)
        yield


class _Installer:
    """One installation."""

    def __init__(self, product: PeerProduct, place: Path, interpreter: Path, progress: Progress, deadline: float) -> None:
        self.product, self.place, self.interpreter, self.progress, self.deadline = product, place, interpreter, progress, deadline
        self.environment = {**_outer_environment(), **_environment(product, place)}

    def run(self, words: str) -> None:
        """Make everything, and write the stamp last."""
        began = time.monotonic()
        shutil.rmtree(self.place)
        self.place.mkdir()
        program = self.make_python(words) if self.product.runtime == "python" else self.make_node(words)
        for command in self.product.prepare:
            self.step(
                "prepare: " + Path(_fill(command[0], self.place)).name + " " + " ".join(command[1:]),
                [_fill(word, self.place) for word in command],
            )
        stamp = {"digest": _digest(self.product), "interpreter": str(program), "made_with": words}
        (self.place / _STAMP).write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
        self.progress(f"{self.product.name}: installed in {time.monotonic() - began:.0f} s")

    def make_python(self, words: str) -> Path:
        self.step(f"environment with {words}", [str(self.interpreter), "-m", "venv", str(self.place / "venv")])
        constraints = self.place / "constraints.txt"
        constraints.write_text("\n".join(self.product.pins) + "\n", encoding="utf-8")
        program = self.place / "venv/bin/python"
        pip = [str(program), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet", "--prefer-binary"]
        self.step(
            "pip install " + " ".join(self.product.requirements), [*pip, "-c", str(constraints), *self.product.requirements]
        )
        return program

    def make_node(self, words: str) -> Path:
        wanted = dict(each.split("==") for each in (*self.product.requirements, *self.product.pins))
        (self.place / "package.json").write_text(json.dumps({"private": True, "dependencies": wanted}), encoding="utf-8")
        npm = shutil.which("npm") or "npm"
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--no-progress", "--loglevel=error"]
        self.step(f"npm install {' '.join(self.product.requirements)} for {words}", [npm, "install", *options])
        return self.interpreter

    def step(self, what: str, command: Sequence[str]) -> None:
        self.progress(f"{self.product.name}: {what}")
        left = max(1.0, self.deadline - time.monotonic())
        try:
            subprocess.run(  # noqa: S603 - commands of products.toml
                command,
                cwd=self.place,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=True,
                timeout=left,
            )
        except subprocess.TimeoutExpired as error:
            raise PeerBlocked(self.product.name, f"{what}: not done within {left:.0f} s") from error
        except (OSError, subprocess.CalledProcessError) as error:
            reason = str(error)
            if isinstance(error, subprocess.CalledProcessError):
                said: bytes = error.stderr or error.stdout
                reason = said.decode("utf-8", "replace").strip()[-1500:] or reason
            raise PeerBlocked(
                self.product.name, f"{what}: {reason}", "is a package registry within reach? Then again: v2x adapter install"
            ) from error


def _outer_environment() -> Mapping[str, str]:
    """Return this process's environment without what would lead another Python to our packages."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}
