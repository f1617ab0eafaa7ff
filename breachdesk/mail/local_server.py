"""An SMTP server of our own in a thread, on this machine only: for the catcher and tests."""

import asyncio
import threading
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"


class LocalSmtpServer:
    """Runs aiosmtpd on 127.0.0.1, on a port that the system chooses.

    aiosmtpd's own controller cannot: it calls the port it was given, which is 0.
    """

    def __init__(self, handler: Any, **options: Any) -> None:
        self._handler = handler
        self._options: dict[str, Any] = {"hostname": "breachdesk.localhost"} | options
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._server: asyncio.Server | None = None
        self.host = HOST
        self.port = 0

    def start(self) -> Self:
        """Listen; the port is known when this returns."""
        loop = asyncio.new_event_loop()
        self._loop = loop
        self._server = loop.run_until_complete(
            loop.create_server(lambda: self._protocol(loop), self.host, self.port)
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=loop.run_forever, name="smtp", daemon=True)
        self._thread.start()
        return self

    def _protocol(self, loop: asyncio.AbstractEventLoop) -> asyncio.BaseProtocol:
        protocol: asyncio.BaseProtocol = SMTP(self._handler, loop=loop, **self._options)
        return protocol

    def stop(self) -> None:
        """Close every conversation and free the port. Harmless when not started."""
        if self._loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._wind_down(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()
        self._loop = self._thread = self._server = None

    async def _wind_down(self) -> None:
        if self._server is not None:
            self._server.close()
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.get_running_loop().shutdown_default_executor()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
