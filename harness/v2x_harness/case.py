"""A case is a pytest test with an id, the requirements it verifies, the role under test, and when it applies."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from v2x_harness.errors import RegistryError

CASE_ATTRIBUTE = "__v2x_case__"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What a case is.

    Attributes:
        id: the Open Charge Alliance's (``TC_B_01_CS``) where one exists.
        verifies: ids of the requirements it judges.
        role: the role under test.
        protocol, version: what is spoken.
        title: the first line of its docstring; ``purpose`` the rest.
        applies: an expression over PICS (``AQ-1 and not C-44``); empty for always. See `v2x_harness.pics`.
        source: module and function.
    """

    id: str
    verifies: tuple[str, ...]
    role: str
    protocol: str
    version: str
    title: str = ""
    purpose: str = ""
    applies: str = ""
    source: str = ""


type CaseFunction = Callable[..., Awaitable[None]]


class Suite:
    """The cases of one role in one version of one protocol; calling it makes a test function a `Case`.

    Example:
        ``case = Suite("ocpp", "2.0.1", "station")`` in the folder's ``__init__``, then
        ``@case("TC_B_01_CS", verifies="B01.FR.01 B01.FR.05")`` above each test function.
    """

    def __init__(self, protocol: str, version: str, role: str) -> None:
        self.protocol, self.version, self.role = protocol, version, role

    def __call__(self, id: str, *, verifies: str, applies: str = "") -> Callable[[CaseFunction], CaseFunction]:  # noqa: A002
        """Make a test function a case.

        Args:
            id: the case's id.
            verifies: requirement ids, separated by spaces.
            applies: an expression over PICS.

        Raises:
            RegistryError: the function has no docstring, or the case verifies nothing.
        """

        def decorate(function: CaseFunction) -> CaseFunction:
            title, _, purpose = (inspect.getdoc(function) or "").partition("\n")
            if not title or not verifies.split():
                raise RegistryError(f"case {id} needs a docstring and at least one requirement")
            info = Case(
                id=id,
                verifies=tuple(verifies.split()),
                role=self.role,
                protocol=self.protocol,
                version=self.version,
                title=title,
                purpose=purpose.strip(),
                applies=applies,
                source=f"{function.__module__}:{function.__qualname__}",
            )
            setattr(function, CASE_ATTRIBUTE, info)
            return pytest.mark.anyio(function)

        return decorate
