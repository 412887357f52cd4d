"""What `tocsin sinks status` and `tocsin sinks dead-letters` print."""

from collections.abc import Collection, Sequence

from rich.console import Console
from rich.table import Table

from connectors.sinks.memory import SinkState
from pipeline.errors import RejectedError
from pipeline.incidents.wording import clean
from pipeline.records import Alert, Reject
from pipeline.records.codec import decode

REASON_CHARS_SHOWN = 120
WORDS = {"delivering": "delivering", "away": "receiver away", "setup": "needs you", "stopped": "stopped"}
"""`needs you`: the receiver answers, and does not take anything from us."""


def show_states(states: Sequence[SinkState], configured: Collection[str]) -> None:
    """One line a sink; those that are configured and never ran, too."""
    table = Table("sink", "state", "since (UTC)", "delivered", "refused", "reason", box=None, pad_edge=False)
    for s in states:
        what = WORDS[s.state] if s.sink in configured else "no longer configured"
        since, reason = f"{s.since:%m-%d %H:%M:%S}", clean(s.reason)[:REASON_CHARS_SHOWN]
        table.add_row(s.sink, what, since, str(s.delivered), str(s.refused), reason)
    for name in sorted(set(configured) - {s.sink for s in states}):
        table.add_row(name, "never ran", "", "0", "0", "")
    _console().print(table if table.row_count else "no sink is configured")


def show_letters(letters: Sequence[Reject]) -> None:
    """One line a dead letter, never broken: ids are there to be copied."""
    console = _console()
    for letter in letters:
        reason = clean(letter.message)[:REASON_CHARS_SHOWN]
        head = f"{letter.reject_id[:16]}  {letter.at:%m-%d %H:%M:%S}  {_name_alert(letter)}"
        console.print(f"{head}  {reason}", soft_wrap=True)
    console.print(f"{len(letters)} dead letters")


def _name_alert(letter: Reject) -> str:
    try:
        alert = decode(letter.payload, Alert, step="sinks")
    except RejectedError:
        return "(no alert)"
    return f"{alert.alert_id} revision {alert.revision}"


def _console() -> Console:
    return Console(highlight=False, markup=False)
