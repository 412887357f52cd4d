"""What the sinks share that make one request an alert: webhook and chats."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import msgspec

from connectors.sinks.http import Answer, Http, HttpConfig
from connectors.sinks.sink import BATCH_SINGLE_MAX, Memory, Refusal, Remembered, write_each
from pipeline.errors import RetryableError
from pipeline.records import Alert


class PostingSink(ABC):
    """One receiver: alerts go there one by one, in order, over one connection. A sink says in `deliver` how."""

    batch_max = BATCH_SINGLE_MAX

    def __init__(self, name: str, config: HttpConfig) -> None:
        """Raises `ConfigError`."""
        config.check()
        self.name = name
        self._http = Http(config)
        self._memory: Memory | None = None

    @abstractmethod
    def deliver(self, alert: Alert) -> None:
        """Deliver it. Raises `RejectedError` when it is refused for good, `RetryableError` when it is to be tried again."""

    def open(self, memory: Memory) -> None:
        """Nothing to do: the receiver is met with the first alert."""
        self._memory = memory

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Deliver one by one."""
        return write_each(alerts, self.deliver)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    @property
    def memory(self) -> Memory:
        """What it remembers. Raises `RetryableError` when it is not open."""
        if self._memory is None:
            raise RetryableError(f"sinks.{self.name}: not open")
        return self._memory

    def known(self, alert: Alert) -> Remembered | None:
        """What was delivered of the alert before, with the id of the message; None without such a message."""
        found = self.memory.know([alert.alert_id]).get(alert.alert_id)
        return found if found and found.note else None

    def send_json(self, method: str, url: str, body: object, *, token: str = "", scheme: str = "Bearer") -> Answer:
        """The receiver's answer, whatever it says. Raises `AwayError`."""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if token:
            headers["Authorization"] = f"{scheme} {token}"
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return self._http.send(method, url, raw, headers)
