"""The products we know, as `products.toml` lists them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

import msgspec
from v2x_harness.errors import Misnamed


class PeerProduct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A third-party product, and what its environment is made of.

    Attributes:
        name: what it is called on the command line; ``title`` in reports.
        role, protocol, versions: what it plays.
        shares: name of the product whose environment it has, too; what an environment is made of is then taken from there.
        interpreters: for Python the minor versions it runs on, best first; for node the least version.
        requirements: packages asked for; ``pins`` the exact versions of all that they bring. Written ``name==version``.
        tools: further programs that must be on the path.
        prepare: commands run once after the installation; ``{home}`` and ``{bin}`` stand for its folders.
        environment: variables of those commands and of the adapter.
        program: its adapter, a file of `programs`.
        start: seconds it may take to start.
    """

    name: str
    title: str
    homepage: str
    licence: str
    role: str
    protocol: str
    versions: tuple[str, ...]
    runtime: Literal["python", "node"]
    interpreters: tuple[str, ...]
    requirements: tuple[str, ...]
    pins: tuple[str, ...]
    program: str
    start: float
    shares: str = ""
    tools: tuple[str, ...] = ()
    prepare: tuple[tuple[str, ...], ...] = ()
    environment: dict[str, str] = {}

    @property
    def place(self) -> str:
        """Name of its environment's folder."""
        return self.shares or self.name


_OF_ENVIRONMENT = ("runtime", "interpreters", "requirements", "pins", "tools", "prepare", "environment")


@cache
def catalogue() -> dict[str, PeerProduct]:
    """Return every product by name."""
    text = resources.files(__package__).joinpath("products.toml").read_text(encoding="utf-8")
    raw = {each["name"]: each for each in tomllib.loads(text)["product"]}
    for each in raw.values():
        if shared := each.get("shares"):
            each.update({key: raw[shared][key] for key in _OF_ENVIRONMENT if key in raw[shared]})
    return msgspec.convert(raw, dict[str, PeerProduct])


def peer(name: str) -> PeerProduct:
    """Return the product of that name.

    Raises:
        Misnamed: there is none; the hint lists those there are.
    """
    if name not in catalogue():
        raise Misnamed(f"no third-party product is called {name}", f"known are: {', '.join(catalogue())}")
    return catalogue()[name]
