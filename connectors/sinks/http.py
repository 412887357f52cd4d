"""One HTTP receiver: a whole answer within a time limit, and what that answer means for the alerts.

| the receiver says | means |
|---|---|
| 2xx, whole | taken |
| 400, 406, 409, 411, 413, 414, 415, 422, 431 | refuses this request for good |
| 408, 425, 429, 5xx, nothing in time, half an answer, no connection | is away: tried again, after `Retry-After` if it says so (RFC 9110, 10.2.3) |
| every other | does not know us or this address: an operator must look; tried again, slowly |

Redirects are not followed: an alert goes where the configuration says and nowhere else.
"""

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from msgspec import Struct

from connectors.sinks.sink import TIMEOUT_S, AwayError, SinkConfig
from pipeline import __version__
from pipeline.errors import ConfigError, RejectedError

ANSWER_BYTES_MAX = 8 * 1024 * 1024
"""The answer to a bulk of 500 is about 100 kB."""
ANSWER_CHARS_TOLD = 200
REFUSED = frozenset({400, 406, 409, 411, 413, 414, 415, 422, 431})
AWAY = frozenset({408, 425, 429})
USER_AGENT = f"tocsin/{__version__}"


class HttpConfig(SinkConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of every sink that speaks HTTP."""

    timeout_s: float = TIMEOUT_S  # the receiver's time for one answer, whole
    ca_file: str = ""  # certificates to trust instead of the system's

    def check(self) -> None:
        """Raises `ConfigError` when the values can't be meant so."""
        super().check()
        if self.timeout_s <= 0:
            raise ConfigError("timeout_s: must be more than 0 seconds")
        if self.ca_file and not Path(self.ca_file).is_file():
            raise ConfigError(f"ca_file: {self.ca_file} can't be read")


class Answer(Struct, frozen=True):
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def tell(self) -> str:
        """Status and the beginning of the body, for people."""
        text = self.body[: ANSWER_CHARS_TOLD * 4].decode("utf-8", "replace")[:ANSWER_CHARS_TOLD]
        return f"HTTP {self.status} {' '.join(text.split())}".strip()


def check_url(url: str, key: str) -> str:
    """The address, if it is one of http or https with a host. Raises `ConfigError`."""
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_ok = urlsplit(""), False
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_ok:
        raise ConfigError(f"{key}: must be an address such as https://host/path")
    return url


class Http:
    """One client, with an event loop of its own: for one thread."""

    def __init__(self, config: HttpConfig) -> None:
        self._timeout_s = config.timeout_s
        self._ca_file = config.ca_file
        self._runner: asyncio.Runner | None = None
        self._session: aiohttp.ClientSession | None = None

    def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        runner, self._runner = self._runner, None
        if runner is not None:
            if session is not None:
                runner.run(session.close())
            runner.close()

    def send(self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """The receiver's answer, whatever it says. Raises `AwayError` when there is no whole one in time."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(self._send(method, url, body, dict(headers or {})))

    async def _send(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        where = urlsplit(url).hostname
        try:
            session = self._session = self._session or self._connect()
            async with session.request(method, url, data=body, headers=headers, allow_redirects=False) as answer:
                read = await answer.content.read(ANSWER_BYTES_MAX)
                while chunk := await answer.content.read(ANSWER_BYTES_MAX - len(read) + 1):
                    read += chunk
                    if len(read) > ANSWER_BYTES_MAX:
                        raise AwayError(f"{where}: its answer has more than {ANSWER_BYTES_MAX} bytes")
                return Answer(answer.status, dict(answer.headers), read)
        except TimeoutError as error:
            raise AwayError(f"{where}: no whole answer within {self._timeout_s:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            # Nothing mends a certificate by itself.
            is_setup = isinstance(error, aiohttp.ClientConnectorCertificateError)
            raise AwayError(f"{where}: {type(error).__name__}: {error}", is_setup=is_setup) from error

    def _connect(self) -> aiohttp.ClientSession:
        trusted = ssl.create_default_context(cafile=self._ca_file or None)
        return aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._timeout_s),
            connector=aiohttp.TCPConnector(ssl=trusted),
            headers={"User-Agent": USER_AGENT},
            trust_env=False,
            auto_decompress=True,
        )


def judge(answer: Answer, sink: str) -> None:
    """Nothing when the request was taken. Raises `RejectedError` when it is refused for good, else `AwayError`."""
    if 200 <= answer.status < 300:
        return
    if answer.status in REFUSED:
        raise RejectedError(f"sink {sink}", f"the receiver refuses it: {answer.tell()}")
    if answer.status in AWAY or answer.status >= 500:
        raise AwayError(answer.tell(), asked_s=retry_after(answer, datetime.now(UTC)))
    raise AwayError(f"the receiver does not take anything from us: {answer.tell()}", is_setup=True)


def retry_after(answer: Answer, now: datetime) -> float | None:
    """Seconds that the receiver asks to be left alone for; both forms of RFC 9110; None without."""
    raw = next((v.strip() for k, v in answer.headers.items() if k.lower() == "retry-after"), "")
    if not raw:
        return None
    try:
        return max(0.0, float(raw))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(raw)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())
