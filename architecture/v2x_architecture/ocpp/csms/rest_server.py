"""uvicorn inside an event loop that is somebody else's: no signal handlers, no exit of the process, any free port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import uvicorn
from starlette.applications import Starlette


class RestServer:
    """An HTTP server. It looks at its clock ten times a second, so it is nothing for virtual time.

    Attributes:
        url: where it listens.
    """

    def __init__(self, server: uvicorn.Server, task: asyncio.Task[None], url: str) -> None:
        self._server = server
        self._task = task
        self.url = url

    @classmethod
    async def start(cls, application: Starlette, host: str, port: int) -> Self:
        """Listen.

        Args:
            application: what answers.
            host: name or address to listen on.
            port: 0 for any.

        Raises:
            OSError: the port is taken.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
        server = _Server(uvicorn.Config(application, log_config=None, lifespan="off", access_log=False, ws="none"))
        task = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]), name="rest")
        await server.ready.wait()
        name = f"[{host}]" if ":" in host else host
        return cls(server, task, f"http://{name}:{listener.getsockname()[1]}")

    async def stop(self) -> None:
        """Answer what has come, and stop listening."""
        self._server.should_exit = True
        await self._task


class _Server(uvicorn.Server):
    """uvicorn that leaves signals to the program."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.ready.set()
