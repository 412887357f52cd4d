"""One alert to one sink, to see whether it is set up well: `tocsin sinks test`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from connectors.sinks.sink import AwayError, Remembered, Sink, TimedSink
from pipeline.errors import RetryableError, UsageError
from pipeline.records import Alert, AlertId, IncidentId, Indicator
from pipeline.records.identity import digest


def make_trial(sink: str, now: datetime) -> Alert:
    """An alert that says what it is."""
    digits = digest("trial", sink, now.isoformat())
    return Alert(
        alert_id=AlertId(f"alert:{digits}"),
        revision=1,
        change="created",
        incident=IncidentId(f"inc:{digits}"),
        category="other",
        severity="info",
        score=0.0,
        credibility=0.0,
        what=f"This is a test of the sink {sink}. Nothing happened.",
        realis="exercise",
        indicators=(Indicator("domain", "test.example", "test.example", 0, 12, False, "unknown", "part of a test"),),
        first_seen=now,
        last_seen=now,
    )


def try_sink(sink: Sink) -> str:
    """Deliver it; what became of it, in words. Raises `UsageError` when it did not arrive."""
    alert = make_trial(sink.name, datetime.now(UTC))
    memory = _Forgetful()
    try:
        sink.open(memory)
        refused = sink.write([alert])
    except RetryableError as error:
        who = "takes nothing from us" if isinstance(error, AwayError) and error.is_setup else "is away"
        raise UsageError(f"not delivered: the receiver {who}: {error}") from error
    finally:
        sink.close()
    if refused:
        raise UsageError(f"not delivered: {refused[0].reason}")
    if memory.held(1) and isinstance(sink, TimedSink):
        return f"{sink.name} would keep {alert.alert_id} until its time (a digest, the end of quiet hours): nothing was sent"
    return f"Delivered to {sink.name}: {alert.alert_id}"


class _Forgetful:
    """A memory for one delivery."""

    def __init__(self) -> None:
        self._held: list[Alert] = []

    def know(self, _: Sequence[AlertId]) -> dict[AlertId, Remembered]:
        """Nothing was delivered before."""
        return {}

    def remember(self, _: Mapping[AlertId, Remembered]) -> None:
        """Nothing comes after."""

    def hold(self, alerts: Sequence[Alert]) -> None:
        """Until the end of the trial."""
        self._held += alerts

    def held(self, most: int) -> list[Alert]:
        """What is kept."""
        return self._held[-most:]

    def let_go(self, alerts: Sequence[Alert]) -> None:
        """No longer."""
        self._held = [a for a in self._held if a not in alerts]

    def note(self, _: str) -> str:
        """None is there."""
        return ""

    def write_note(self, key: str, text: str) -> None:
        """Nothing comes after."""

    def read_notes(self, _: Sequence[str]) -> dict[str, str]:
        """None are there."""
        return {}

    def write_notes(self, notes: Mapping[str, str]) -> None:
        """Nothing comes after."""

    def installation(self) -> str:
        """One of its own: a trial leaves no objects that later ones would have to agree with."""
        return "trial"
