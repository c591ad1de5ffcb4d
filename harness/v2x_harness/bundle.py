"""A bundle is a run as a folder or zip: everything that a report, an auditor or a later run needs, and nothing else.

It is begun before the first case and sealed after the last one. What was never sealed, or holds a journal without a footer, can
still be read, and says that it is incomplete.

| part | what it is |
|---|---|
| ``manifest.json`` | what ran, on what, with what; the SHA-256 of every other part |
| ``journal/*.ndjson`` | what was seen, done and concluded; one journal a lane |
| ``verdicts.json`` | what that comes to (`v2x_harness.results`) |
| ``catalogue.json`` | the cases, rules and requirements it was judged by |
| ``subject.json`` | the product, its declared and effective PICS, and PIXIT, without credentials |
| ``redaction.json`` | what was removed, and where |
| ``statement.dsse.json`` | the in-toto statement over the manifest, signed or not |
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from v2x_harness import attestation
from v2x_harness.attestation import Envelope, ResourceDescriptor, SigningKey, Statement, TestResult
from v2x_harness.bundle_store import FolderStore, Store, open_store, write_zip
from v2x_harness.errors import BundleError, JournalError
from v2x_harness.events import Event
from v2x_harness.journal import Journal, utc_now
from v2x_harness.manifest import FORMAT, Catalogue, Identity, Manifest, Part, SubjectDocument, without_credentials
from v2x_harness.redaction import MarkCounter, RedactionReport
from v2x_harness.results import Tally, Verdicts
from v2x_harness.subject import Subject
from v2x_harness.verdict import Verdict
from v2x_harness.waiver import Waiver

MANIFEST, STATEMENT = "manifest.json", "statement.dsse.json"


class Bundle:
    """A run as a folder or zip. See `create`, for writing one, and `open`."""

    def __init__(self, path: Path, store: Store, manifest: Manifest) -> None:
        self.path, self._store, self.manifest = path, store, manifest

    # -- writing

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        run: str,
        subject: Subject,
        suite: str,
        catalogue: Catalogue,
        versions: Mapping[str, str] | None = None,
        created: str = "",
    ) -> Bundle:
        """Begin a bundle: a folder that says what is going to run. Journals go to `journal_path`, then comes `seal`.

        Args:
            folder: must not exist, or be empty.
            run: id of the run, as in the journals' headers.
            subject: the product; its credentials are left out.
            suite: see `suite_hash`.
            catalogue: what it will be judged by.
            versions: names and versions of what takes part.
            created: RFC 3339 UTC; empty for now.

        Raises:
            BundleError: the folder holds something already, or cannot be written.
        """
        try:
            if folder.exists() and any(folder.iterdir()):
                raise BundleError(f"{folder} is not empty: a run never writes over another", "choose another --out folder")
            (folder / "journal").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BundleError(f"cannot write {folder}: {error.strerror}", "choose another --out folder") from error
        manifest = Manifest(
            run=run,
            created=created or utc_now(),
            product=Identity(name=subject.name, vendor=subject.vendor, version=subject.product_version),
            suite=suite,
            versions=dict(versions or {}),
            pics=dict(subject.pics),
        )
        bundle = cls(folder, FolderStore(folder), manifest)
        bundle._write("catalogue.json", catalogue)
        bundle._write(
            "subject.json",
            SubjectDocument(name=subject.name, declared=without_credentials(subject), effective_pics=dict(subject.pics)),
        )
        bundle._write(MANIFEST, manifest)
        return bundle

    def journal_path(self, lane: str) -> Path:
        """Return where the journal of a lane is to be written."""
        return self.path / "journal" / f"{lane}.ndjson"

    def seal(
        self,
        *,
        product: Identity | None = None,
        pics: Mapping[str, bool] | None = None,
        waivers: Sequence[Waiver] = (),
        today: date | None = None,
        keys: Sequence[SigningKey] = (),
    ) -> Verdicts:
        """End a bundle: derive the verdicts and the redaction report from the journals, hash every part, sign.

        Args:
            product: what the run learned of the product's identity.
            pics: the effective PICS.
            waivers: to apply.
            today: the day they are judged on.
            keys: to sign with; none leaves the statement unsigned.

        Raises:
            BundleError: it is a zip, or cannot be written.
        """
        if not isinstance(self._store, FolderStore):
            raise BundleError(f"{self.path} is a zip: it cannot be sealed again")
        if pics is not None:
            document = msgspec.structs.replace(self.subject, effective_pics=dict(pics))
            self._write("subject.json", document)
        self.manifest = msgspec.structs.replace(
            self.manifest,
            product=product or self.manifest.product,
            pics=dict(self.manifest.pics if pics is None else pics),
            waivers=tuple(waivers),
            judged=today,
        )
        verdicts, redaction, seeds = self._read_journals()
        self._write("verdicts.json", verdicts)
        self._write("redaction.json", redaction)
        self.manifest = msgspec.structs.replace(
            self.manifest,
            seeds=seeds,
            journals=tuple(self._store.journals()),
            files={name: self.part(name) for name in self._store.names() if name not in (MANIFEST, STATEMENT)},
            complete=verdicts.complete,
            problems=verdicts.problems,
        )
        self._write(MANIFEST, self.manifest)
        self._write(STATEMENT, attestation.envelope(self.state(verdicts), keys))
        return verdicts

    def discard(self) -> None:
        """Take a bundle back that nothing was recorded in, so that its folder can be used again."""
        if isinstance(self._store, FolderStore) and not self.journals:
            for name in self.names:
                (self.path / name).unlink()
            with suppress(OSError):  # what somebody else has put there stays
                for folder in (self.path / "journal", self.path, self.path.parent):
                    folder.rmdir()

    def pack(self, target: Path) -> Path:
        """Write the bundle as a zip; the same bundle always gives the same bytes.

        Raises:
            BundleError: the file cannot be written.
        """
        return write_zip(self._store, target)

    def _write(self, name: str, document: msgspec.Struct) -> None:
        text = msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
        target = self.path / name
        try:
            # A reader, or a run that is killed here, finds the old part or the new one whole.
            draft = target.with_name(f".{target.name}.draft")
            draft.write_bytes(text)
            draft.replace(target)
        except OSError as error:
            raise BundleError(f"cannot write {target}: {error.strerror}") from error

    # -- reading

    @classmethod
    def open(cls, path: Path) -> Bundle:
        """Open a bundle, folder or zip; or the folder of a run, whose bundle is in ``bundle``.

        Raises:
            BundleError: there is none, or its manifest cannot be read.
        """
        if not (path / MANIFEST).exists() and (path / "bundle" / MANIFEST).exists():
            path = path / "bundle"
        store = open_store(path)
        manifest = _decode(store, MANIFEST, Manifest)
        if manifest.format != FORMAT:
            raise BundleError(f"{path} is a bundle of format {manifest.format}, and this version reads {FORMAT}")
        return cls(path, store, manifest)

    @property
    def sealed(self) -> bool:
        """Whether the run came to its end and the bundle was sealed."""
        return bool(self.manifest.files)

    @property
    def names(self) -> tuple[str, ...]:
        """Every file in the bundle."""
        return tuple(self._store.names())

    @property
    def journals(self) -> tuple[str, ...]:
        """Names of the lanes that left a journal."""
        return tuple(self._store.journals())

    def journal(self, lane: str) -> Journal:
        """Open the journal of a lane.

        Raises:
            JournalError: it is missing, or no journal.
        """
        return Journal(self._store.member(f"journal/{lane}.ndjson"))

    def events(self, lane: str) -> Iterator[Event]:
        """Give what can be read of a lane's journal; nothing when it is no journal at all."""
        try:
            journal = self.journal(lane)
        except JournalError:
            return
        yield from journal.events()

    @property
    def catalogue(self) -> Catalogue:
        """The cases, rules and requirements.

        Raises:
            BundleError: the part is missing or damaged.
        """
        return _decode(self._store, "catalogue.json", Catalogue)

    @property
    def subject(self) -> SubjectDocument:
        """The product as declared, and its effective PICS.

        Raises:
            BundleError: the part is missing or damaged.
        """
        return _decode(self._store, "subject.json", SubjectDocument)

    @property
    def verdicts(self) -> Verdicts:
        """What the run came to, as it was sealed; derived from the journals when it never was.

        Raises:
            BundleError: the part is missing or damaged.
        """
        return _decode(self._store, "verdicts.json", Verdicts) if self.sealed else self.derive()

    @property
    def redaction(self) -> RedactionReport:
        """What was removed, as it was sealed; read off the journals when it never was.

        Raises:
            BundleError: the part is missing or damaged.
        """
        return _decode(self._store, "redaction.json", RedactionReport) if self.sealed else self._read_journals()[1]

    @property
    def envelope(self) -> Envelope:
        """The statement in its envelope.

        Raises:
            BundleError: the part is missing or damaged.
        """
        return _decode(self._store, STATEMENT, Envelope)

    def part(self, name: str) -> Part:
        """Return the SHA-256 and size of a file as it is now.

        Raises:
            BundleError: it is missing or damaged.
        """
        digest, size = hashlib.sha256(), 0
        for block in self._store.blocks(name):
            digest.update(block)
            size += len(block)
        return Part(digest.hexdigest(), size)

    def derive(self) -> Verdicts:
        """Say what the journals come to, with the waivers in the manifest."""
        return self._read_journals()[0]

    def derive_redaction(self) -> RedactionReport:
        """Read the redaction report off the journals."""
        return self._read_journals()[1]

    def state(self, verdicts: Verdicts) -> Statement:
        """Make the statement that is signed: that this manifest came to these verdicts."""
        names: dict[str, list[str]] = {"PASSED": [], "WARNED": [], "FAILED": []}
        results = [(c.name, c.verdict, c.waived) for c in verdicts.cases]
        results += [(f"rule:{r.rule}", r.verdict, r.waived) for r in verdicts.rules]
        for name, verdict, waived in results:
            if outcome := "WARNED" if waived else _OUTCOME.get(verdict):
                names[outcome].append(name)
        manifest = ResourceDescriptor(name=MANIFEST, digest={"sha256": self.part(MANIFEST).sha256})
        product = self.manifest.product
        subject = [manifest]
        if product.digest:
            subject.append(
                ResourceDescriptor(name=" ".join(filter(None, (product.name, product.version))), digest=product.digest)
            )
        return Statement(
            subject=tuple(subject),
            predicate=TestResult(
                result=_OUTCOME.get(verdicts.verdict, "FAILED"),
                configuration=(
                    ResourceDescriptor(name="suite", digest={"sha256": self.manifest.suite}),
                    ResourceDescriptor(name="subject.json", digest={"sha256": self.part("subject.json").sha256}),
                ),
                passed_tests=tuple(names["PASSED"]),
                warned_tests=tuple(names["WARNED"]),
                failed_tests=tuple(names["FAILED"]),
            ),
        )

    def _read_journals(self) -> tuple[Verdicts, RedactionReport, dict[str, int]]:
        tally, marks, seeds = Tally(self.manifest.product.name), MarkCounter(), dict[str, int]()
        lanes = self._store.journals()
        for lane in sorted({*lanes, *self.manifest.journals}):
            if lane not in lanes:
                tally.incomplete(lane, "the manifest names it, and it is missing")
                continue
            try:
                journal = self.journal(lane)
                seeds[lane] = journal.header.seed
                for event in journal.events():
                    tally.feed(lane, event)
                    marks.feed(lane, event)
            except JournalError as error:
                tally.incomplete(lane, str(error))
                continue
            if journal.problem:
                tally.incomplete(lane, journal.problem)
        if not lanes:
            tally.incomplete("-", "the bundle holds no journal")
        return tally.verdicts(self.manifest.waivers, self.manifest.judged), marks.report(), seeds


_OUTCOME: dict[Verdict, Literal["PASSED", "WARNED", "FAILED"]] = {
    Verdict.PASS: "PASSED",
    Verdict.WARN: "WARNED",
    Verdict.INCONCLUSIVE: "FAILED",
    Verdict.FAIL: "FAILED",
    Verdict.ERROR: "FAILED",
}


def _decode[T](store: Store, name: str, kind: type[T]) -> T:
    """Read a part.

    Raises:
        BundleError: it is missing, damaged, or not of its published schema.
    """
    try:
        return msgspec.json.decode(b"".join(store.blocks(name)), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(f"{name} is damaged: {error}", "v2x verify says what else is") from error
