"""A TCP proxy between the processes and a server, which can cut, stall and slow what goes through it."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable

CHUNK_BYTES = 64 * 1024


class Proxy:
    """Forwards a port to one on this machine's loopback interface, in a thread of its own."""

    def __init__(self, upstream: int, listener: socket.socket | None = None) -> None:
        """Listens on `listener`, which may be of another network namespace; on a free loopback port without one."""
        self.upstream = upstream
        self.port = 0
        self.connections = 0
        self._delay_s = 0.0
        self._cut = False
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(started, listener), name=f"proxy-{upstream}", daemon=True
        )
        self._thread.start()
        started.wait()

    def cut(self) -> None:
        """Reset every connection and accept no other."""
        self._do(self._begin_cut)

    def stall(self) -> None:
        """Keep the connections and let nothing through, as a network does that swallows packets."""
        self._do(self._flowing.clear)

    def slow(self, seconds: float) -> None:
        """Hold every chunk for so long, in each direction."""
        self._delay_s = seconds

    def heal(self) -> None:
        """Let everything through again."""
        self._delay_s = 0.0
        self._cut = False
        self._do(self._flowing.set)

    def close(self) -> None:
        """End."""
        self._do(self._loop.stop)
        self._thread.join()

    def _do(self, call: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(call)

    def _run(self, started: threading.Event, listener: socket.socket | None) -> None:
        asyncio.set_event_loop(self._loop)
        self._flowing.set()
        listener = listener or socket.create_server(("127.0.0.1", 0))
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, sock=listener))
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        server.close()

    def _begin_cut(self) -> None:
        self._cut = True
        for pair in self._pairs:
            for writer in pair:
                writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.transport.abort()
            return
        self.connections += 1
        pair = (writer, server_writer)
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._pump(reader, server_writer), self._pump(server_reader, writer))
        finally:
            self._pairs.discard(pair)
            for each in pair:
                each.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK_BYTES):
                if self._delay_s:
                    await asyncio.sleep(self._delay_s)
                await self._flowing.wait()
                writer.write(chunk)
                await writer.drain()
        writer.close()  # one side has ended: so does the other
