"""A bundle from beginning to end, with everything installed taken into account: what it is judged by, and every report."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from importlib.metadata import entry_points, version
from pathlib import Path

from v2x_harness.bundle import Bundle
from v2x_harness.manifest import Catalogue, suite_hash
from v2x_harness.protocol import ProtocolSuite
from v2x_harness.subject import Subject


def begin_bundle(folder: Path, run: str, subject: Subject, suites: Mapping[str, ProtocolSuite]) -> Bundle:
    """Begin a bundle that is judged by what is installed for the protocols that the subject speaks.

    Args:
        folder: must not exist, or be empty.
        run: id of the run, as in the journals' headers.
        subject: the product.
        suites: the installed protocols.

    Raises:
        BundleError: the folder holds something already, or cannot be written.
    """
    spoken = {role.protocol for role in subject.roles}
    judging = [suite for name, suite in suites.items() if name in spoken]
    return Bundle.create(
        folder,
        run=run,
        subject=subject,
        suite=suite_hash(*(resources.files(name) for name in ("v2x_suites", "v2x_harness"))),
        catalogue=Catalogue.of(
            [case for suite in judging for case in suite.cases()],
            [rule for suite in judging for rule in suite.rules()],
            [registry for suite in judging for registry in suite.registries()],
            [each for suite in judging if (each := suite.quantities()) is not None],
        ),
        versions={"v2x-conformance": version("v2x-conformance")},
    )


def write_reports(bundle: Bundle, folder: Path) -> list[Path]:
    """Write every installed report of a sealed bundle beside it; return where they are."""
    opened = Bundle.open(bundle.path)
    return [entry.load()(opened, folder) for entry in sorted(entry_points(group="v2x.reports"), key=lambda e: e.name)]
