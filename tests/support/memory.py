"""A sink's memory without a store: behaves as `StoreMemory`, which `tests/integration/test_sinks.py` holds it to."""

from collections.abc import Mapping, Sequence

from connectors.sinks.sink import Remembered
from pipeline.records import Alert, AlertId


class DictMemory:
    def __init__(self) -> None:
        self.delivered: dict[AlertId, Remembered] = {}
        self.keeping: dict[AlertId, Alert] = {}
        self.notes: dict[str, str] = {}
        self.told: list[tuple[str, str]] = []
        self.counts = {"delivered": 0, "refused": 0}

    def know(self, alert_ids: Sequence[AlertId]) -> dict[AlertId, Remembered]:
        return {a: self.delivered[a] for a in alert_ids if a in self.delivered}

    def remember(self, delivered: Mapping[AlertId, Remembered]) -> None:
        for alert_id, new in delivered.items():
            old = self.delivered.get(alert_id, Remembered(0))
            self.delivered[alert_id] = Remembered(max(old.revision, new.revision), new.note or old.note)

    def hold(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            self.keeping.pop(alert.alert_id, None)
            self.keeping[alert.alert_id] = alert
            self.delivered.setdefault(alert.alert_id, Remembered(0))

    def held(self, most: int) -> list[Alert]:
        return list(self.keeping.values())[-most:]

    def let_go(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            if self.keeping.get(alert.alert_id) == alert:
                del self.keeping[alert.alert_id]

    def note(self, key: str) -> str:
        return self.notes.get(key, "")

    def write_note(self, key: str, text: str) -> None:
        self.notes[key] = text

    def read_notes(self, keys: Sequence[str]) -> dict[str, str]:
        return {key: self.notes[key] for key in keys if key in self.notes}

    def write_notes(self, notes: Mapping[str, str]) -> None:
        self.notes |= notes

    def installation(self) -> str:
        return "of the tests"

    def tell(self, state: str, reason: str = "", *, delivered: int = 0, refused: int = 0) -> None:
        self.told.append((state, reason))
        self.counts["delivered"] += delivered
        self.counts["refused"] += refused

    def close(self) -> None:
        pass
