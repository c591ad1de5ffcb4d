"""ISO 15118's contribution to the harness."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from v2x_harness.errors import AdapterError
from v2x_harness.journal import Recorder
from v2x_harness.protocol import Cast, Lane, Probed
from v2x_harness.quantities import Quantities
from v2x_harness.rule import Judge
from v2x_harness.subject import Endpoint

from v2x_suites.iso15118.quantities import quantities
from v2x_suites.suites import Suite

ROOMS = {"din": "din", "2": "iso2", "20": "iso20"}
"""Versions, and the packages of their cases."""
FILES = {version: version for version in ROOMS}
ROLES = ("secc", "evcc")


class Iso15118Suite(Suite):
    """Requirements, cases, rules, faults, controls and lanes of DIN SPEC 70121, ISO 15118-2 and ISO 15118-20."""

    name = "iso15118"
    title = "ISO 15118"
    package = "v2x_suites.iso15118"
    rooms = ROOMS
    files = FILES
    roles = ROLES

    def judge(self, version: str | None = None) -> Judge:
        """Return a new judge with all rules; which edition they judge by is read off the link."""
        from v2x_suites.iso15118.rules import Iso15118Judge

        return Iso15118Judge()

    def lane(self, cast: Cast, recorder: Recorder, workdir: Path) -> Lane:
        """Return a lane for an SECC or an EVCC under test."""
        from v2x_suites.iso15118.lane import EvccLane, SeccLane

        return (SeccLane if cast.role == "secc" else EvccLane)(cast, recorder, workdir)

    async def probe(self, role: str, endpoint: Endpoint, timeout: float) -> Probed:
        """Ask an SECC which editions it speaks; of an EVCC only its subject file can tell.

        Raises:
            AdapterError: nobody answers.
        """
        from v2x_suites.iso15118.probe import probe_secc

        if role != "secc":
            raise AdapterError("an EVCC is plugged in, it cannot be looked for", "v2x init --role evcc writes its subject file")
        return await probe_secc(endpoint, timeout)

    def quantities(self) -> Quantities | None:
        """Return which fields hold power, limits and SoC."""
        return quantities()

    def secrets(self) -> Sequence[str]:
        """Return nothing: what a session tells of people is not secret from those who test it, and keys are never sent."""
        return ()


PROTOCOL = Iso15118Suite()
