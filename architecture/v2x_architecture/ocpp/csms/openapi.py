"""The OpenAPI document of the REST API."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from v2x_architecture.ocpp.csms.operation import Operation

_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_REFERENCE = "#/components/schemas/{name}"


def document(operations: Sequence[Operation[Any]], problem: type, *, secured: bool) -> dict[str, Any]:
    """Return the document (OpenAPI 3.1).

    Args:
        operations: of the API.
        problem: type of the body of errors.
        secured: whether a bearer token is asked for.
    """
    types = [type_ for operation in operations for type_ in (operation.takes, operation.gives) if type_ is not None]
    schemas, components = msgspec.json.schema_components([*types, problem], ref_template=_REFERENCE)
    schema_of = dict(zip(map(repr, [*types, problem]), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = _PARAMETER.sub(r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _described(operation, schema_of, problem)
    described: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Reference CSMS", "version": _version(), "summary": "Operates the reference CSMS of v2x-conformance."},
        "paths": paths,
        "components": {"schemas": components},
    }
    if secured:
        described["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        described["security"] = [{"token": []}]
    return described


def _described(operation: Operation[Any], schema_of: dict[str, Any], problem: type) -> dict[str, Any]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer" if kind == "int" else "string"}}
        for name, kind in _PARAMETER.findall(operation.path)
    ]
    in_query = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in operation.query]
    error = schema_of[repr(problem)]
    described: dict[str, Any] = {
        "operationId": "_".join([operation.method.lower(), *re.findall(r"\w+", _PARAMETER.sub(r"\1", operation.path))]),
        "summary": operation.summary,
        "parameters": [*in_path, *in_query],
        "responses": {"default": {"description": "What went wrong", "content": {"application/problem+json": {"schema": error}}}},
    }
    if operation.takes is not None:
        content = {"application/json": {"schema": schema_of[repr(operation.takes)]}}
        described["requestBody"] = {"required": True, "content": content}
    if operation.gives is None:
        described["responses"]["204"] = {"description": "Done"}
    else:
        content = {"application/json": {"schema": schema_of[repr(operation.gives)]}}
        described["responses"]["200"] = {"description": "Done", "content": content}
    return described


def _version() -> str:
    try:
        return version("v2x-conformance")
    except PackageNotFoundError:
        return "0"
