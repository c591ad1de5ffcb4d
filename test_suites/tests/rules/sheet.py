"""Collects plays with one thing wrong each, and what must be found in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from play import Play

type Scene = Callable[[Play], None]


@dataclass(frozen=True)
class Defect:
    """A play, and what must be found in it.

    Attributes:
        rule: id without the protocol.
        scene: the play.
        version: it is played in.
        pointer: where the finding must point.
        party: who must be at fault.
        axis: of the finding.
        opened: whether the connection is open before the play begins.
    """

    rule: str
    scene: Scene
    version: str
    pointer: str
    party: str
    axis: str
    opened: bool

    @property
    def name(self) -> str:
        return f"{self.rule}-{self.version}-{self.scene.__name__}"


class Sheet:
    """The defects of one module."""

    def __init__(self) -> None:
        self.defects: list[Defect] = []

    def defect(
        self,
        rule: str,
        *,
        pointer: str,
        party: str = "station",
        axis: str | dict[str, str] = "conformance",
        versions: str = "1.6 2.0.1",
        opened: bool = True,
    ) -> Callable[[Scene], Scene]:
        """Add a play, for each version."""

        def decorate(scene: Scene) -> Scene:
            for version in versions.split():
                its_axis = axis if isinstance(axis, str) else axis.get(version, "conformance")
                self.defects.append(Defect(rule, scene, version, pointer, party, its_axis, opened))
            return scene

        return decorate
