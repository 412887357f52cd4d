"""Pods on one machine: each a network namespace with a loopback interface of its own, joined by a bridge in yet another namespace.

Nothing of them listens in the machine's own network: what runs there (Kafka, PostgreSQL) is on each pod's loopback under the same address, by a
`tests.chaos.proxy.Proxy` on `Pod.listen`. The addresses between the pods are of the network kept for documentation (RFC 5737), so they
are nobody's. Needs root and `ip` (iproute2).
"""

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from deploy.local.process import Process, start

NETWORK = "192.0.2"
CLONE_NEWNET = 0x40000000  # linux/sched.h
LOOPBACK = "127.0.0.1"


@cache
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

    def make_socket(self) -> socket.socket:
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

    def listen(self, port: int) -> socket.socket:
        """A socket that listens on the pod's loopback interface."""
        listener = self.make_socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen()
        return listener


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
