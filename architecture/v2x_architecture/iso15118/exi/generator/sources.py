"""Finds the XSDs in folders and wheels, by the namespaces they declare and not by their file names."""

from __future__ import annotations

import hashlib
import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from v2x_architecture.iso15118.exi.errors import TableError

XSD = "{http://www.w3.org/2001/XMLSchema}"
XSD_NAMESPACE = XSD[1:-1]


@dataclass(frozen=True)
class Document:
    """One XSD.

    Attributes:
        name: of the file.
        digest: SHA-256 of its bytes.
        root: its ``schema`` element.
        namespace: its target namespace.
        prefixes: namespace by prefix.
        elements_qualified, attributes_qualified: whether local names are in the target namespace.
    """

    name: str
    digest: str
    root: ET.Element
    namespace: str
    prefixes: dict[str, str]
    elements_qualified: bool
    attributes_qualified: bool

    def resolve(self, name: str) -> tuple[str, str]:
        """Return namespace and local name of a prefixed name."""
        prefix, _, local = name.rpartition(":")
        return self.prefixes.get(prefix, ""), local


class Sources:
    """The XSDs of folders and wheels, by target namespace.

    Raises:
        TableError: there is no XSD, one cannot be read, or two that differ declare the same namespace.
    """

    def __init__(self, *paths: Path) -> None:
        self._where = " and ".join(str(path) for path in paths)
        self._documents: dict[str, Document] = {}
        for name, data in (each for path in paths for each in _files(path)):
            document = _read(name, data)
            other = self._documents.setdefault(document.namespace, document)
            if other.digest != document.digest:
                raise TableError(
                    f"{other.name} and {document.name} in {self._where} both declare {document.namespace} and differ; "
                    "leave one of them"
                )
        if not self._documents:
            raise TableError(
                f"there is no XSD in {self._where}; give a folder of XSDs, or the wheel of the PyPI package iso15118"
            )

    def __contains__(self, namespace: object) -> bool:
        return namespace in self._documents

    def document(self, namespace: str) -> Document:
        """Return the XSD of a namespace.

        Raises:
            TableError: there is none.
        """
        try:
            return self._documents[namespace]
        except KeyError:
            raise TableError(f"no XSD in {self._where} declares the namespace {namespace}") from None

    def closure(self, namespace: str) -> list[Document]:
        """Return the XSD of a namespace and all that it imports, in order of discovery."""
        found: dict[str, Document] = {}
        waiting = [namespace]
        while waiting:
            document = self.document(waiting.pop(0))
            if document.namespace in found:
                continue
            found[document.namespace] = document
            waiting += [each.get("namespace", "") for each in document.root.findall(f"{XSD}import")]
            if document.root.find(f"{XSD}include") is not None:
                raise TableError(f"{document.name} includes another XSD, which is not supported")
        return list(found.values())


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        if path.is_dir():
            for file in sorted(path.rglob("*.xsd")):
                yield file.name, file.read_bytes()
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in sorted(archive.namelist()):
                    if name.endswith(".xsd"):
                        yield name.rpartition("/")[2], archive.read(name)
        else:
            raise TableError(f"{path} is neither a folder nor a wheel")
    except OSError as error:
        raise TableError(f"cannot read {path}: {error.strerror}") from error


def _read(name: str, data: bytes) -> Document:
    prefixes: dict[str, str] = {}
    root: ET.Element | None = None
    try:
        # The XSDs are files that the user trusts; expat itself refuses entity bombs.
        for event, what in ET.iterparse(io.BytesIO(data), events=("start-ns", "end")):  # noqa: S314
            if event == "start-ns":
                prefixes.setdefault(what[0], what[1])
            else:
                root = what
    except ET.ParseError as error:
        raise TableError(f"{name} is no XML: {error}") from error
    if root is None or root.tag != f"{XSD}schema":
        raise TableError(f"{name} is no XML Schema")
    return Document(
        name=name,
        digest=hashlib.sha256(data).hexdigest(),
        root=root,
        namespace=root.get("targetNamespace", ""),
        prefixes=prefixes,
        elements_qualified=root.get("elementFormDefault") == "qualified",
        attributes_qualified=root.get("attributeFormDefault") == "qualified",
    )
