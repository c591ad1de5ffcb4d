"""What a protocol contributes to the harness; found through the entry point group ``v2x.protocols``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

import msgspec

from v2x_harness.case import Case
from v2x_harness.errors import HarnessError, SubjectError
from v2x_harness.fault import Control, Fault, GoodPeer
from v2x_harness.finding import Finding
from v2x_harness.journal import Recorder
from v2x_harness.quantities import Quantities
from v2x_harness.requirement import Registry
from v2x_harness.rule import Judge, RuleInfo
from v2x_harness.subject import REFERENCE, Endpoint, Subject, load


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Who plays which role in one lane.

    Attributes:
        subject: the product under test; ``role`` and ``version`` what it plays here.
        peers: products that stand in other roles; a role that is missing is played by our reference actor.
        bad: the seeded fault or control that takes the subject's place, in a proof.
        good: the legal variation of the reference actor that takes the subject's place, in a proof.
        seed: of every random choice in the lane.
    """

    subject: Subject
    role: str
    protocol: str
    version: str
    peers: dict[str, Subject] = {}
    bad: Fault | Control | None = None
    good: GoodPeer | None = None
    seed: int = 0

    @property
    def judged(self) -> frozenset[str]:
        """The roles that products play; what our own actors do at a case's wish is held against nobody."""
        return frozenset((self.role, *self.peers))

    @property
    def virtual(self) -> bool:
        """Whether only reference actors are in it, so that time may be virtual."""
        return all(s.operator.kind == "reference" for s in (self.subject, *self.peers.values()))


class Lane(Protocol):
    """One subject with its counterpart and the tap between them.

    A lane of reference actors is opened afresh for each case; a lane with a product in it stays open for the whole run.
    """

    fresh: bool
    judge: Judge

    async def open(self) -> None:
        """Start the counterpart, the tap, and the subject where the harness starts it.

        Raises:
            AdapterError: an actor or the tap cannot be started.
        """
        ...

    async def prepare(self) -> None:
        """Bring the lane back to where a case may begin.

        Raises:
            CannotJudge: the subject cannot be brought there.
        """
        ...

    async def alive(self) -> Finding | None:
        """Check after a case that the subject still lives; return what is wrong if it does not."""
        ...

    def check(self) -> None:
        """Make sure that our own side still works.

        Raises:
            AdapterError: the adapter of a product has failed.
        """
        ...

    @property
    def silent(self) -> bool:
        """Whether the subject was asked something since `prepare`, or is gone, and has answered nothing at all."""
        ...

    async def close(self) -> None:
        """Stop everything the lane started."""
        ...


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at an endpoint found out; empty where it could not be told.

    Attributes:
        versions: those that it speaks.
        needs_password: it asked for one, or brought one.
        notes: what else was seen, for people.
    """

    versions: tuple[str, ...] = ()
    identity: str = ""
    vendor: str = ""
    name: str = ""
    product_version: str = ""
    needs_password: bool = False
    notes: tuple[str, ...] = ()


class ProtocolSuite(Protocol):
    """Requirements, cases, rules, faults and lanes of one protocol."""

    name: str
    roles: Sequence[str]
    packages: Sequence[str]

    def packages_for(self, role: str, version: str) -> Sequence[str]:
        """Return the packages of cases with this role under test in this version."""
        ...

    def registries(self) -> Sequence[Registry]:
        """Return the requirement registries, one a version."""
        ...

    def cases(self) -> Sequence[Case]:
        """Return every case, without running pytest."""
        ...

    def rules(self) -> Sequence[RuleInfo]:
        """Return every rule."""
        ...

    def judge(self, version: str | None = None) -> Judge:
        """Return a new judge with all rules; the version is read off the link when None."""
        ...

    def faults(self) -> Sequence[Fault]:
        """Return every seeded fault."""
        ...

    def controls(self) -> Sequence[Control]:
        """Return every control."""
        ...

    def good_peers(self) -> Sequence[GoodPeer]:
        """Return the legal variations of the reference actors."""
        ...

    def reference(self, role: str, version: str) -> Subject:
        """Return our own reference actor as a subject, with its PICS and PIXIT.

        Raises:
            SubjectError: there is none for this role and version.
        """
        ...

    def lane(self, cast: Cast, recorder: Recorder, workdir: Path) -> Lane:
        """Return a lane, not yet open."""
        ...

    async def probe(self, role: str, endpoint: Endpoint, timeout: float) -> Probed:
        """Look at an endpoint of which only the address is known.

        Raises:
            AdapterError: nobody is there.
        """
        ...

    def quantities(self) -> Quantities | None:
        """Return which fields of its messages reports can draw over time; None for none."""
        ...

    def secrets(self) -> Sequence[str]:
        """Return the patterns of the places in this protocol's frames that carry secrets, for the redactor."""
        ...


def subject_of(source: str, suites: Mapping[str, ProtocolSuite]) -> Subject:
    """Read a subject file, or take one of our own actors by ``reference:station@2.0.1``, ``reference:secc@2``.

    Raises:
        SubjectError: the file cannot be used, or there is no such actor.
    """
    match = REFERENCE.fullmatch(source)
    if match is None and source.startswith("reference:"):
        raise SubjectError(f"{source} names no reference actor", "it is written with a version: reference:station@2.0.1")
    if match is None:
        return load(source)
    protocol = match["protocol"] or next((name for name, suite in suites.items() if match["role"] in suite.roles), "ocpp")
    if protocol not in suites:
        raise SubjectError(f"{source}: there is no protocol {protocol}", f"known are: {', '.join(suites)}")
    return suites[protocol].reference(match["role"], match["version"])


def peers_of(words: Iterable[str], suites: Mapping[str, ProtocolSuite]) -> dict[str, Subject]:
    """Read the products in other roles, each ``role=subject.toml``.

    Raises:
        SubjectError: one is not written so, cannot be used, or does not play that role.
    """
    peers: dict[str, Subject] = {}
    for word in words:
        role, equals, source = word.partition("=")
        if not (role and equals and source):
            raise SubjectError(f"--peer {word}: what plays which role?", "for example: --peer csms=my-csms.toml")
        subject = subject_of(source, suites)
        played = [each.role for each in subject.roles]
        if role not in played:
            raise SubjectError(f"--peer {word}: {subject.name} does not play {role}", f"it plays: {', '.join(played)}")
        peers[role] = subject
    return peers


def protocols() -> dict[str, ProtocolSuite]:
    """Find every installed protocol.

    Raises:
        HarnessError: one of them cannot be loaded.
    """
    found: dict[str, ProtocolSuite] = {}
    for entry in entry_points(group="v2x.protocols"):
        try:
            found[entry.name] = entry.load()
        except ImportError as error:
            raise HarnessError(f"the protocol {entry.name} cannot be loaded: {error}", "install v2x-conformance again") from error
    return found
