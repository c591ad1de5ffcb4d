from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest
from v2x_adapters.operators import HttpOperator
from v2x_harness.errors import AdapterError, UnsupportedVerb

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def operator(answer: Callable[[httpx.Request], httpx.Response], **options: str) -> HttpOperator:
    return HttpOperator("http://product.test/op/", transport=httpx.MockTransport(answer), **options)


async def test_a_verb_is_posted_with_its_arguments_and_the_token() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"meter_wh": 12})

    assert await operator(answer, token="s3cret").do("plug_in", {"evse": 2, "vehicle": {"soc": 20}}) == {"meter_wh": 12}
    assert (seen[0].method, str(seen[0].url)) == ("POST", "http://product.test/op/plug_in")
    assert json.loads(seen[0].content) == {"evse": 2, "vehicle": {"soc": 20}}
    assert seen[0].headers["Authorization"] == "Bearer s3cret"


async def test_an_empty_answer_is_an_empty_result() -> None:
    assert await operator(lambda _: httpx.Response(204)).do("unplug", {}) == {}


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_what_the_server_does_not_know_is_unsupported(status: int) -> None:
    with pytest.raises(UnsupportedVerb, match=f"cannot set_fault: it answers {status}: no such thing"):
        await operator(lambda _: httpx.Response(status, text="no such thing")).do("set_fault", {})


@pytest.mark.parametrize("status", [302, 400, 401, 500, 503])
async def test_a_failure_says_why(status: int) -> None:
    with pytest.raises(AdapterError, match=f"answers {status}: the door is open") as caught:
        await operator(lambda _: httpx.Response(status, json={"message": "the door is open", "hint": "close it"})).do("x", {})
    assert caught.value.hint == "close it"
    assert not isinstance(caught.value, UnsupportedVerb)


@pytest.mark.parametrize(("content", "message"), [(b"<html>", "no JSON: b'<html>'"), (b"[1]", "no object"), (b"\xff", "no JSON")])
async def test_an_answer_that_is_no_object_is_the_operators_fault(content: bytes, message: str) -> None:
    with pytest.raises(AdapterError, match=message):
        await operator(lambda _: httpx.Response(200, content=content)).do("x", {})


async def test_an_answer_without_end_has_an_end() -> None:
    with pytest.raises(AdapterError, match="more than 4194304 bytes"):
        await operator(lambda _: httpx.Response(200, content=b" " * 5_000_000)).do("x", {})


async def test_nobody_there_is_an_adapter_error_that_names_the_setting() -> None:
    async with Listening(None) as port:
        pass
    with pytest.raises(AdapterError, match="cannot be reached") as caught:
        await HttpOperator(f"http://127.0.0.1:{port}").do("x", {})
    assert "operator.url" in caught.value.hint


async def test_silence_has_an_end() -> None:
    async with Listening(b"") as port:
        with pytest.raises(AdapterError, match=r"did not answer within 0\.3 s"):
            await HttpOperator(f"http://127.0.0.1:{port}", within=0.3).do("x", {})


async def test_rubbish_instead_of_http_is_an_adapter_error() -> None:
    async with Listening(b"SSH-2.0-OpenSSH_9.6\r\n\r\n") as port:
        with pytest.raises(AdapterError, match="cannot be reached"):
            await HttpOperator(f"http://127.0.0.1:{port}", within=2).do("x", {})


async def test_a_ca_file_that_does_not_exist_is_an_adapter_error() -> None:
    with pytest.raises(AdapterError, match="cannot be reached"):
        await HttpOperator("https://127.0.0.1:1", ca="/no/such/ca.pem").do("x", {})


class Listening:
    """A server that answers anything with the same octets, or with silence."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer = answer

    async def __aenter__(self) -> int:
        self.writers: list[asyncio.StreamWriter] = []

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.writers.append(writer)
            await reader.read(10)
            if self.answer:
                writer.write(self.answer)

        self.server = await asyncio.start_server(take, "127.0.0.1", 0)
        return int(self.server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        for writer in self.writers:
            writer.close()
        await self.server.wait_closed()
