"""How long a receiver is left alone."""

import random

from connectors.sinks.pace import ASKED_S_MAX, Rest


def rest(rest_s_max: float = 300) -> Rest:
    return Rest(rest_s_max, random.Random(1))


def test_rests_grow_to_the_longest_and_begin_anew_after_a_success() -> None:
    one = rest()
    waits = [one.failed() for _ in range(40)]
    assert all(0.5 * 2**n <= wait <= 2**n for n, wait in enumerate(waits[:8]))
    assert all(150 <= wait <= 300 for wait in waits[10:])
    assert len(set(waits[10:])) > 20  # spread by chance
    one.succeeded()
    assert one.failed() <= 1


def test_what_the_receiver_asks_for_is_honoured_within_reason() -> None:
    assert rest().failed(42) == 42
    assert rest().failed(10**9) == ASKED_S_MAX
    assert rest().failed(0) >= 0.5


def test_where_only_an_operator_helps_the_first_rest_is_long() -> None:
    assert rest().failed(is_setup=True) >= 30
    assert rest(1).failed(is_setup=True) <= 1
