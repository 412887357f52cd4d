"""Which tests run beside which: `make test` shares them out among processes (pytest-xdist), and this says how.

A unit is what one process runs in one go: a file as a rule, so that what a module sets up is set up once. Each process has a
broker and a database of its own, started when first asked for, on ports and in folders of their own. So some processes, the lane
of servers, take the units that need them first, and the others what needs a processor only; who has nothing left helps. Of each lane
what takes longest comes first, so that nothing long is left for the end.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xdist.scheduler.loadscope import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

MACHINE = "one machine"
TOGETHER = {
    "tests/integration/test_readme.py": MACHINE,
    "tests/integration/test_local_supervisor.py": MACHINE,
    "tests/integration/test_doctor.py": MACHINE,
}
"""Files that are one unit: each runs `tocsin up` on the usual ports of a machine."""
APART = ("tests/chaos/test_kill.py", "tests/unit/test_style.py", "tests/security/test_redos.py")
"""Files whose tests set up nothing together and take long: each test is a unit."""
SERVERS = ("tests/browser/", "tests/chaos/", "tests/deploy/", "tests/flink/", "tests/integration/")
"""Folders whose tests start servers, and mostly wait."""
SECONDS = {
    "tests/flink/test_flink.py": 480,
    "tests/deploy/test_chart.py": 420,  # in an empty home, where helm is built
    MACHINE: 240,
    "tests/chaos/test_variants.py": 200,
    "tests/integration/test_backup.py": 150,
    "tests/security/test_kafka_access.py": 130,
    "tests/chaos/test_run.py": 120,
    "tests/integration/test_runbook.py": 120,
    "tests/deploy/test_booted.py": 100,
    "tests/integration/test_outages.py": 90,
    "tests/integration/test_connectors.py": 90,
    "tests/contract/test_sinks_contract.py": 80,
    "tests/browser/test_browser.py": 60,
    "tests/unit/text/test_indicators_linear.py": 60,
    "tests/integration/test_feeds_by_people.py": 60,
    "tests/security/test_hostile_text.py": 40,
    "tests/security/test_store_access.py": 40,
    "tests/contract/test_sources_contract.py": 30,
}
"""About how long the longest units take on a quiet machine. A wrong one costs time and nothing else."""
SECONDS_USUAL = 5


def unit_of(nodeid: str) -> str:
    """The name of the unit that a test belongs to."""
    path = nodeid.partition("::")[0]
    return nodeid if path in APART else TOGETHER.get(path, path)


def needs_servers(unit: str) -> bool:
    """Whether it is for the lane of servers."""
    return unit == MACHINE or unit.startswith(SERVERS)


def in_order(nodeids: Sequence[str]) -> list[str]:
    """The longest units first, each in one piece and in its own order."""
    units: dict[str, list[str]] = {}
    for nodeid in nodeids:
        units.setdefault(unit_of(nodeid), []).append(nodeid)
    ordered = sorted(units, key=lambda unit: -SECONDS.get(unit, SECONDS_USUAL))
    return [nodeid for unit in ordered for nodeid in units[unit]]


class Lanes(LoadScopeScheduling):
    """Hands units to processes: those of its own lane first."""

    def schedule(self) -> None:
        """Share out the units in the order in which they were collected."""
        self.config.option.loadscopereorder = False
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def _assign_work_unit(self, node: "WorkerController") -> None:
        mine = [unit for unit in self.workqueue if needs_servers(unit) == self._has_servers(node)]
        if mine:
            self.workqueue.move_to_end(mine[0], last=False)
        super()._assign_work_unit(node)

    def _has_servers(self, node: "WorkerController") -> bool:
        """Of two processes one, of four three: tests with servers wait for them more than they compute."""
        number = int(node.gateway.id.removeprefix("gw"))
        return number > 0
