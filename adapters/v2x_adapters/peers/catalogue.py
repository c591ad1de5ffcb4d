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
        interpreters: for Python the minor versions it runs on, best first; for node the least version.
        requirements: packages asked for; ``pins`` the exact versions of all that they bring. Written ``name==version``.
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
    prepare: tuple[tuple[str, ...], ...] = ()
    environment: dict[str, str] = {}


@cache
def catalogue() -> dict[str, PeerProduct]:
    """Return every product by name."""
    text = resources.files(__package__).joinpath("products.toml").read_text(encoding="utf-8")
    products = msgspec.convert(tomllib.loads(text)["product"], list[PeerProduct])
    return {product.name: product for product in products}


def peer(name: str) -> PeerProduct:
    """Return the product of that name.

    Raises:
        Misnamed: there is none; the hint lists those there are.
    """
    if name not in catalogue():
        raise Misnamed(f"no third-party product is called {name}", f"known are: {', '.join(catalogue())}")
    return catalogue()[name]
