"""The pace of hosts."""

from connectors.sources.hosts import BUSY_S, HOSTS_MAX, REQUESTS_PER_HOST_MAX, Hosts


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_at_most_so_many_at_once_and_other_hosts_do_not_wait() -> None:
    hosts = Hosts(start_gap_s=0.0, clock=Clock())
    assert [hosts.enter("a") for _ in range(REQUESTS_PER_HOST_MAX + 1)] == [0.0] * REQUESTS_PER_HOST_MAX + [BUSY_S]
    assert hosts.enter("b") == 0.0
    hosts.leave("a")
    assert hosts.enter("a") == 0.0


def test_starts_are_spaced_unless_the_host_is_the_operators_own() -> None:
    clock = Clock()
    hosts = Hosts(start_gap_s=5.0, clock=clock)
    assert [hosts.enter("a"), hosts.enter("a")] == [0.0, 5.0]
    clock.now += 4.0
    assert hosts.enter("a") == 1.0
    clock.now += 1.0
    assert hosts.enter("a") == 0.0
    assert [hosts.enter("own", is_spaced=False), hosts.enter("own", is_spaced=False)] == [0.0, 0.0]


def test_rest_is_for_every_feed_of_the_host() -> None:
    clock = Clock()
    hosts = Hosts(clock=clock)
    hosts.rest("a", 60)
    hosts.rest("a", 10)  # a shorter one does not end a longer one
    assert (hosts.enter("a", is_spaced=False), hosts.enter("b")) == (60, 0)
    clock.now += 61
    assert hosts.enter("a") == 0


def test_memory_is_bounded_and_keeps_what_matters() -> None:
    clock = Clock()
    hosts = Hosts(clock=clock)
    hosts.rest("resting", 1e6)
    for n in range(HOSTS_MAX + 10):
        hosts.enter(f"h{n}")
        hosts.leave(f"h{n}")
        clock.now += 1
    assert hosts.enter("resting") > 0
    assert len(hosts._hosts) < HOSTS_MAX
