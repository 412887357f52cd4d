"""Back-tests over the stored incidents: each is read once for all rules that are tried."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from pipeline.store import history
from pipeline.store.connection import Connection
from pipeline.watch.backtest import Forecast, Step, forecast, steps
from pipeline.watch.compiled import CompiledRule

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""


def forecasts(
    connection: Connection, rules: Sequence[CompiledRule], since: datetime, until: datetime, progress: Progress
) -> dict[str, Forecast]:
    """What each rule would have done. Articles are kept for a time only: a forecast's `since` says how far back it went."""
    kept = history.oldest(connection)
    begin = max(since, kept) if kept is not None else since
    wanted = history.incidents_since(connection, begin)
    taken: dict[str, list[Step]] = {rule.name: [] for rule in rules}
    for count, (incident, members) in enumerate(history.grown(connection, wanted), 1):
        for rule in rules:
            taken[rule.name] += steps(rule, incident, members)
        progress(count, len(wanted))
    return {rule.name: forecast(rule, taken[rule.name], begin, until, len(wanted)) for rule in rules}


def would_ring(told: Mapping[str, Forecast]) -> list[tuple[str, str, datetime]]:
    """The alerts that the rules of these back-tests would have rung for: rule, alert, time."""
    return [(name, bell.alert_id, bell.at) for name, forecast in told.items() for bell in forecast.new]
