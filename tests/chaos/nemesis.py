"""Does to a system what the schedule says, and undoes it."""

import heapq
import signal
import time
from collections.abc import Callable
from itertools import count

from tests.chaos.schedule import RELAYS, Fault
from tests.chaos.system import System

Act = Callable[[], None]


class Nemesis:
    """Call `step` often, from the main thread."""

    def __init__(self, system: System, faults: list[Fault], began: float) -> None:
        """`began`: monotonic seconds of the run's start."""
        self.done: list[Fault] = []
        self._system = system
        self._numbers = count()
        self._due: list[tuple[float, int, str, Act]] = []
        for fault in faults:
            self._at(began + fault.at_s, str(fault), lambda fault=fault: self._begin(fault))  # type: ignore[misc]

    def step(self) -> None:
        """Do what is due."""
        while self._due and self._due[0][0] <= time.monotonic():
            _, _, what, act = heapq.heappop(self._due)
            self._system.tell(what)
            act()

    @property
    def is_done(self) -> bool:
        """Nothing is due any more."""
        return not self._due

    def _at(self, when: float, what: str, act: Act) -> None:
        heapq.heappush(self._due, (when, next(self._numbers), what, act))

    def _begin(self, fault: Fault) -> None:
        undo = self._do(fault)
        self.done.append(fault)
        if undo is not None:
            self._at(time.monotonic() + fault.seconds, f"end of: {fault}", undo)

    def _do(self, fault: Fault) -> Act | None:
        """Begin the fault; what ends it."""
        system, target = self._system, fault.target
        match fault.kind:
            case "kill":
                system.kill(target)
                return lambda: system.start(target)
            case "stop":
                system.stop(target)
                return lambda: system.start(target)
            case "pause":
                system.signal_all(target, signal.SIGSTOP)
                return lambda: system.signal_all(target, signal.SIGCONT)
            case "fail-point":
                return self._fail_at(fault)
            case "skew":
                system.kill(target)
                system.start_skewed(target, fault.detail.removesuffix(" s"))
                return lambda: self._restart(target)
            case "disk-full":
                system.fill_disk(target)
                return lambda: system.clear_disk(target)
            case "cut":
                system.proxies[target].cut()
            case "stall":
                system.proxies[target].stall()
            case "slow":
                system.proxies[target].slow(float(fault.detail.removesuffix(" ms")) / 1000)
        return system.proxies[target].heal

    def _fail_at(self, fault: Fault) -> Act | None:
        """Start the part so that it kills itself there. The other relay is taken away first, or it would stand by for ever."""
        self._system.kill(fault.target)
        self._system.start_to_fail(fault.target, fault.detail)
        others = [relay for relay in RELAYS if fault.target in RELAYS and relay != fault.target]
        for other in others:
            self._system.kill(other)
        return (lambda: self._system.start(others[0])) if others else None

    def _restart(self, target: str) -> None:
        self._system.kill(target)
        self._system.start(target)
