"""Pods on one machine: each a network namespace with a loopback interface of its own, joined by a bridge in yet another namespace.

Nothing listens in the machine's own network: what runs there (Kafka, PostgreSQL) is on each pod's loopback under the same address by a
forwarder, and a pod's port on the machine's by another. The addresses between the pods are of the network kept for documentation
(RFC 5737), so they are nobody's. Needs root and `ip` (iproute2).
"""

import asyncio
import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from deploy.local.process import Process, start

NETWORK = "192.0.2"
CLONE_NEWNET = 0x40000000  # linux/sched.h
CHUNK_BYTES = 64 * 1024
LOOPBACK = "127.0.0.1"


def why_not() -> str | None:
    """Why no pods can be made here, or None."""
    if not (ip := shutil.which("ip")):
        return "`ip` is missing (apt install iproute2)"
    if os.geteuid() != 0:
        return "network namespaces need root"
    name = f"tocsin-{os.getpid()}-try"
    made = subprocess.run([ip, "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode:
        return f"no network namespace can be made: {made.stderr.strip()}"
    _ip("netns", "del", name)
    return None


class Pod:
    """One network namespace, with the address by which the other pods reach it."""

    def __init__(self, name: str, namespace: str, address: str) -> None:
        self.name = name
        self.namespace = namespace
        self.address = address

    def start(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> Process:
        """Start a program in it; it ends with this process. Main thread only."""
        ip = shutil.which("ip") or "ip"
        return start(name, [ip, "netns", "exec", self.namespace, *command], log=log, environment=environment)

    def socket(self) -> socket.socket:
        """A TCP socket whose network is the pod's, whoever uses it."""
        made: list[socket.socket] = []

        def make() -> None:
            libc = ctypes.CDLL(None, use_errno=True)
            with open(f"/run/netns/{self.namespace}", "rb") as file:  # noqa: PTH123 - its descriptor is what counts
                if libc.setns(file.fileno(), CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), f"setns to {self.namespace}")
            made.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))

        thread = threading.Thread(target=make)  # a namespace is a thread's: ours stays where it is
        thread.start()
        thread.join()
        return made[0]


class Forward:
    """Connections to a loopback port of one network go to a loopback port of another. `None` is the machine's own network."""

    def __init__(self, at: Pod | None, port: int, to: Pod | None, to_port: int) -> None:
        self._to, self._to_port = to, to_port
        listener = at.socket() if at else socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(128)
        listener.setblocking(False)
        self.port: int = listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(listener,), name=f"forward-{port}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more connections, and drop those that are open."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self, listener: socket.socket) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, sock=listener))
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = self._to.socket() if self._to else socket.socket()
        link.setblocking(False)
        try:
            await self._loop.sock_connect(link, (LOOPBACK, self._to_port))
            far_reader, far_writer = await asyncio.open_connection(sock=link)
        except OSError:
            link.close()
            writer.transport.abort()
            return
        with contextlib.suppress(OSError):
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        for end in (writer, far_writer):
            end.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


@contextlib.contextmanager
def make_pods(*names: str) -> Iterator[list[Pod]]:
    """Pods of these names, which reach each other by address; gone at the end."""
    prefix = f"tocsin-{os.getpid()}"
    switch = f"{prefix}-switch"
    spaces = [switch]
    try:
        _ip("netns", "add", switch)
        _ip("-n", switch, "link", "add", "bridge", "type", "bridge")
        _ip("-n", switch, "link", "set", "bridge", "up")
        pods = []
        for number, name in enumerate(names, 1):
            pod = Pod(name, f"{prefix}-{name}", f"{NETWORK}.{number}")
            _ip("netns", "add", pod.namespace)
            spaces.append(pod.namespace)
            port = f"port{number}"
            _ip("-n", pod.namespace, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", switch)
            _ip("-n", switch, "link", "set", port, "master", "bridge", "up")
            _ip("-n", pod.namespace, "address", "add", f"{pod.address}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                _ip("-n", pod.namespace, "link", "set", device, "up")
            pods.append(pod)
        yield pods
    finally:
        for space in spaces:
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], capture_output=True, check=True)
