"""What tests of both taps need."""

import asyncio

import pytest
from v2x_harness.events import Header
from v2x_harness.journal import Recorder


@pytest.fixture
async def recorder(journal):
    """What keeps the events of a test in the `journal` of its folder."""
    with Recorder(None, Header(run="r", started=""), asyncio.get_running_loop().time) as made:
        made.subscribe(journal.append)
        yield made
