"""OCPP's contribution to the harness."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import msgspec
from v2x_harness.journal import Recorder
from v2x_harness.protocol import Cast, Lane, Probed
from v2x_harness.rule import Judge
from v2x_harness.subject import Endpoint

from v2x_suites.suites import Suite

VERSIONS = {"1.6": "v16", "2.0.1": "v201"}
ROLES = ("station", "csms")


class OcppSuite(Suite):
    """Requirements, cases, rules, faults, controls and lanes of OCPP 1.6J and 2.0.1."""

    name = "ocpp"
    title = "OCPP"
    package = "v2x_suites.ocpp"
    rooms = VERSIONS
    files = VERSIONS
    roles = ROLES

    def judge(self, version: str | None = None) -> Judge:
        """Return a new judge with all rules."""
        from v2x_suites.ocpp.rules import judge

        return judge(version)

    def lane(self, cast: Cast, recorder: Recorder, workdir: Path) -> Lane:
        """Return a lane for a station or a CSMS under test."""
        from v2x_suites.ocpp.lane import CsmsLane, StationLane

        return (StationLane if cast.role == "station" else CsmsLane)(cast, recorder, workdir)

    async def probe(self, role: str, endpoint: Endpoint, timeout: float) -> Probed:
        """Look at a CSMS, or wait for a station."""
        from v2x_suites.ocpp.probe import probe_csms, probe_station

        if role == "csms":
            return await probe_csms(endpoint.url, endpoint.identity, endpoint.password, timeout)
        return await probe_station(endpoint.listen, timeout)

    def quantities(self) -> None:
        """Return that nothing is drawn: meter values name what they measure themselves."""

    def secrets(self) -> Sequence[str]:
        """Return where OCPP's frames carry secrets."""
        table = tomllib.loads(resources.files("v2x_suites.ocpp").joinpath("secrets.toml").read_text(encoding="utf-8"))
        return msgspec.convert(table["places"], tuple[str, ...])


PROTOCOL = OcppSuite()
