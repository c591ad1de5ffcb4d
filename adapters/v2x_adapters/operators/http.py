"""The operator that makes a product act over HTTP.

``POST {url}/{verb}`` with the arguments as a JSON object. An answer 2xx has the result as a JSON object, or nothing. 501 says
that the verb is not supported, so do 404 and 405; anything else is a failure, and its body, as text or as
``{"message", "hint"}``, says why.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from urllib.parse import quote

import httpx
from v2x_harness.errors import AdapterError, UnsupportedVerb
from v2x_harness.events import Json

_LARGEST = 4 * 1024 * 1024
_UNSUPPORTED = (404, 405, 501)


class HttpOperator:
    """Posts each verb to a URL.

    Args:
        url: to which ``/verb`` is added.
        token: sent as a bearer token; never logged.
        ca: PEM file of the CA to trust; the system's when empty.
        within: seconds from the request to the whole answer.
        transport: takes the place of the network in tests.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        ca: str = "",
        within: float = 30.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url, self._within, self._transport = url.rstrip("/"), within, transport
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._ca = ca

    async def do(self, verb: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Post a verb.

        Raises:
            UnsupportedVerb: the server answers 404, 405 or 501.
            AdapterError: it cannot be reached, takes too long, fails, or answers what is no JSON object.
        """
        where = f"{self._url}/{quote(verb, safe='')}"
        try:
            status, body = await self._post(where, arguments)
        except httpx.TimeoutException as error:
            raise AdapterError(f"the operator at {where} did not answer within {self._within:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise AdapterError(
                f"the operator at {where} cannot be reached: {error or type(error).__name__}",
                "check operator.url in the subject file",
            ) from error
        if status in _UNSUPPORTED:
            raise UnsupportedVerb(f"the operator at {self._url} cannot {verb}: it answers {status}{_why(body)[0]}")
        if not 200 <= status < 300:
            why, hint = _why(body)
            raise AdapterError(f"the operator at {where} answers {status}{why}", hint)
        if not body.strip():
            return {}
        try:
            result = json.loads(body)
        except ValueError as error:
            raise AdapterError(f"the operator at {where} answers {status} with what is no JSON: {body[:120]!r}") from error
        if not isinstance(result, dict):
            raise AdapterError(f"the operator at {where} answers with JSON that is no object: {body[:120]!r}")
        return result

    async def _post(self, where: str, arguments: Mapping[str, Json]) -> tuple[int, bytes]:
        verify = ssl.create_default_context(cafile=self._ca) if self._ca else True
        # Its own timeouts are those of single reads; the whole exchange is bounded below.
        async with httpx.AsyncClient(
            headers=self._headers, verify=verify, transport=self._transport, timeout=self._within, trust_env=False
        ) as client:
            try:
                async with asyncio.timeout(self._within), client.stream("POST", where, json=dict(arguments)) as answer:
                    body = b""
                    async for piece in answer.aiter_bytes():
                        body += piece
                        if len(body) > _LARGEST:
                            raise AdapterError(f"the operator at {where} answers with more than {_LARGEST} bytes")
                    return answer.status_code, body
            except TimeoutError as error:
                raise httpx.ReadTimeout(str(error)) from error


def _why(body: bytes) -> tuple[str, str]:
    """Read the reason for a failure: ``{"message", "hint"}``, or text."""
    text = body.decode("utf-8", "replace").strip()
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if isinstance(told, dict) and isinstance(told.get("message"), str):
        return f": {told['message']}", str(told.get("hint") or "")
    return (f": {text[:300]}" if text else ""), ""
