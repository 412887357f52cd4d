"""What the sinks share that ring somebody's telephone: the words that fit, and hours at which they keep quiet.

    quiet = "22:00-06:30"                # in these hours only what is critical rings at once
    quiet_zone = "Europe/Oslo"           # of the hours; UTC without
    quiet_breaks = "critical"            # from this severity on it rings all the same

What waits is kept in the store, the latest revision of each alert, and rings when the hours are over. What takes an alert back that rang
comes at once, whatever the hour.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from connectors.sinks.card import Card, make_card
from connectors.sinks.chat import facts_of, lists_of
from connectors.sinks.http import HttpConfig
from connectors.sinks.posting import PostingSink
from connectors.sinks.sink import Refusal, write_each
from pipeline.errors import ConfigError, RejectedError
from pipeline.records import SEVERITIES, Alert, Severity

ENDS = frozenset({"retracted", "closed", "merged"})
"""Changes with which an alert asks for nobody any more."""
HELD_MAX = 500
log = structlog.get_logger()


class PushConfig(HttpConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of every sink that rings."""

    quiet: str = ""  # "22:00-06:30"; empty: never quiet
    quiet_zone: str = "UTC"
    quiet_breaks: Severity = "critical"

    def check(self) -> None:
        """Raises `ConfigError` when the values can't be meant so."""
        super().check()
        try:
            ZoneInfo(self.quiet_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ConfigError(f"quiet_zone: there is no time zone {self.quiet_zone!r}") from error
        self.hours()

    def hours(self) -> tuple[time, time] | None:
        """Beginning and end of the quiet hours, on the wall's clock. Raises `ConfigError`."""
        if not self.quiet:
            return None
        begin, dash, end = self.quiet.partition("-")
        try:
            hours = time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())
        except ValueError as error:
            raise ConfigError(f'quiet: {self.quiet!r} must be hours such as "22:00-06:30"') from error
        if not dash or hours[0] == hours[1]:
            raise ConfigError(f'quiet: {self.quiet!r} must be hours such as "22:00-06:30"')
        return hours

    def is_quiet(self, now: datetime) -> bool:
        """Whether it is a quiet hour."""
        hours = self.hours()
        if hours is None:
            return False
        at = now.astimezone(ZoneInfo(self.quiet_zone)).time()
        begin, end = hours
        return begin <= at < end if begin < end else at >= begin or at < end


class PushSink(PostingSink):
    """One receiver that rings."""

    config: PushConfig

    def __init__(
        self, name: str, config: PushConfig, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(name, config)
        self.config = config
        self._clock = clock

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Ring one by one, in order; what has to wait is kept."""
        return write_each(alerts, self._ring_or_hold)

    def tick(self, now: datetime) -> None:
        """Ring for what waited, when the quiet hours are over."""
        if not self.config.quiet or self.config.is_quiet(now):
            return
        for alert in self.memory.held(HELD_MAX):
            known = self.memory.know([alert.alert_id]).get(alert.alert_id)
            if known is None or known.revision <= alert.revision:
                try:
                    self.deliver(alert)
                except RejectedError as error:
                    log.error("held_alert_refused", sink=self.name, alert=alert.alert_id, reason=str(error))
            self.memory.let_go([alert])

    def _ring_or_hold(self, alert: Alert) -> None:
        if self.config.is_quiet(self._clock()) and not self._rings_now(alert):
            self.memory.hold([alert])
        else:
            self.deliver(alert)

    def _rings_now(self, alert: Alert) -> bool:
        if alert.change in ENDS and self.known(alert):
            return True
        return SEVERITIES.index(alert.severity) >= SEVERITIES.index(self.config.quiet_breaks)


def make_lines(alert: Alert) -> list[str]:
    """What happened, as plain lines: the title first, the key to drop repeats last."""
    card = make_card(alert)
    return [card.title, *body_lines(card), f"{card.foot} revision {alert.revision}"]


def body_lines(card: Card) -> list[str]:
    """Facts and lists, without title and foot."""
    lines = [f"{name}: {value}" for name, value in facts_of(card)]
    for head, items in lists_of(card):
        lines += [head, *[f"- {item.text}" + (f" {item.url}" if item.url else "") for item in items]]
    return lines


def fit_bytes(lines: Sequence[str], last: str, most: int) -> str:
    """As many whole lines as fit into so many bytes, an ellipsis where some do not, and the last line always."""
    kept: list[str] = []
    left = most - len(last.encode()) - len("…\n\n".encode())
    for line in lines:
        left -= len(line.encode()) + 1
        if left < 0:
            return "\n".join([*kept, "…", last])
        kept.append(line)
    return "\n".join([*kept, last])


def first_url(alert: Alert) -> str | None:
    """The address of the first source that has one that may be followed."""
    return next((line.url for line in make_card(alert).sources if line.url), None)
