"""Writes tables and modules, and tells which committed ones are stale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from v2x_architecture.iso15118.exi.generator.modules import write_modules
from v2x_architecture.iso15118.exi.generator.sources import Sources
from v2x_architecture.iso15118.exi.generator.xsd import read_table
from v2x_architecture.iso15118.exi.model import Table
from v2x_architecture.iso15118.exi.schemas import AMENDMENTS, Schema

PACKAGE = Path(__file__).parent.parent


def generated(sources: Sequence[Path]) -> dict[str, str]:
    """Return the text of every generated file by its name in the package.

    The XSDs of amendments come apart from the others; where they are not at hand, their files are left as they are.

    Args:
        sources: folders and wheels with the XSDs.

    Raises:
        TableError: the XSDs cannot be used.
    """
    found = Sources(*sources)
    wanted = [schema for schema in Schema if schema not in AMENDMENTS or schema.namespace in found]
    tables = [read_table(found, schema.value, schema.namespace) for schema in wanted]
    written = {f"tables/{table.schema}.json": table_text(table) for table in tables}
    written |= {f"messages/{name}.py": text for name, text in write_modules(tables).items()}
    return written


def table_text(table: Table) -> str:
    """Return a table as JSON, a line for each type and element, so that changes can be read."""
    parts = []
    for name, value in msgspec.to_builtins(table).items():
        if name in ("types", "elements", "names"):
            lines = ",\n".join(msgspec.json.encode(each).decode() for each in value)
            parts.append(f'"{name}":[\n{lines}]')
        else:
            parts.append(f'"{name}":{msgspec.json.encode(value).decode()}')
    return "{" + ",\n".join(parts) + "}\n"


def stale(sources: Sequence[Path], package: Path = PACKAGE) -> list[str]:
    """Return the generated files that are not as the XSDs would make them.

    Raises:
        TableError: the XSDs cannot be used.
    """
    return [
        name
        for name, text in generated(sources).items()
        if not (package / name).exists() or (package / name).read_text(encoding="utf-8") != text
    ]


def write(sources: Sequence[Path], package: Path = PACKAGE) -> list[str]:
    """Write the generated files that are stale, and return their names.

    Raises:
        TableError: the XSDs cannot be used.
    """
    changed = stale(sources, package)
    for name, text in generated(sources).items():
        if name in changed:
            path = package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return changed
