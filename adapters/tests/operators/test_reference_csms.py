"""The REST API of the reference CSMS speaks the vocabulary of the HTTP operator."""

import httpx
import pytest
from v2x_adapters.operators.http import HttpOperator
from v2x_architecture.ocpp.csms import CsmsConfig, ReferenceCsms
from v2x_architecture.ocpp.csms.rest import application
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.errors import AdapterError, UnsupportedVerb

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio", {"loop_factory": VirtualTimeLoop}


@pytest.fixture
async def operator():
    async with ReferenceCsms(CsmsConfig(rest_token="s3cret")) as csms:
        yield HttpOperator("http://csms/verbs", token="s3cret", transport=httpx.ASGITransport(application(csms)))


async def test_a_verb_is_done(operator):
    assert await operator.do("set_boot", {"station": "CS1", "status": "Pending"}) == {}
    assert await operator.do("stations", {}) == {"stations": []}


async def test_a_verb_that_there_is_not(operator):
    with pytest.raises(UnsupportedVerb):
        await operator.do("dance", {})


@pytest.mark.parametrize("arguments", [{"station": "CS9", "action": "Reset", "payload": {}}, {"platform": "CS1"}])
async def test_a_verb_that_cannot_be_done(operator, arguments):
    with pytest.raises(AdapterError) as failed:
        await operator.do("call", arguments)
    assert not isinstance(failed.value, UnsupportedVerb)
