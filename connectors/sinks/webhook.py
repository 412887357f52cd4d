"""The sink `webhook`: each revision of an alert as a POST to your address, signed as Standard Webhooks has it.

    [sinks.soc]
    type = "webhook"
    url = "https://soc.example.org/hooks/tocsin"
    secrets = ["${TOCSIN_HOOK_SECRET}"]  # whsec_…; several while you change it, the first is the new one

The body is `{"type": "alert.created", "timestamp": …, "data": {the alert}}`. `webhook-id` is the same on every try and tells a repetition;
it is made of `alert_id` and `revision`. The receiver verifies `webhook-signature` (HMAC-SHA256 over id, timestamp and body, base64) with
any library of the standard. One request at a time, in order.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Sequence

import msgspec
from msgspec import field

from connectors.sinks.http import HttpConfig, check_url, judge
from connectors.sinks.posting import PostingSink
from connectors.sinks.shorten import Cuts, shorten
from connectors.sinks.sink import Revisions
from pipeline.config import read_secret
from pipeline.errors import ConfigError
from pipeline.records import Alert

SECRET_PREFIX = "whsec_"  # noqa: S105 - the standard's mark of a symmetric secret
SECRET_BYTES_MIN, SECRET_BYTES_MAX = 24, 64
"""As the standard has it."""
BODY_BYTES_MAX = 20_000
"""The standard asks senders to stay below 20 kB."""


class Config(HttpConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "webhook"
    url: str
    secrets: tuple[str, ...] = ()
    secrets_file: str = ""  # the secrets, one a line
    headers: dict[str, str] = field(default_factory=dict)  # sent along
    body_bytes_max: int = BODY_BYTES_MAX


class WebhookSink(PostingSink):
    """One address."""

    revisions: Revisions = "append"

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config)
        self.config = config
        self._url = check_url(config.url, "url")
        if config.secrets and config.secrets_file:
            raise ConfigError("secrets: give either secrets or secrets_file")
        self._keys = [read_key(s) for s in config.secrets or read_secret(config.secrets_file).split()]
        if not self._keys:
            raise ConfigError(
                f"secrets: none given; make one with: echo {SECRET_PREFIX}$(head -c 32 /dev/urandom | base64)"
            )

    def deliver(self, alert: Alert) -> None:
        """One signed request."""
        body = shorten(alert, make_body, self.config.body_bytes_max)
        message_id, timestamp = make_id(alert), int(time.time())
        headers = {
            **self.config.headers,
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self._keys, message_id, timestamp, body),
        }
        judge(self._http.send("POST", self._url, body, headers), self.name)


def read_key(secret: str) -> bytes:
    """The bytes of a secret as the standard writes it. Raises `ConfigError`."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(SECRET_PREFIX) or not SECRET_BYTES_MIN <= len(key) <= SECRET_BYTES_MAX:
        raise ConfigError(
            f"secrets: a secret is {SECRET_PREFIX} and the base64 of {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes"
        )
    return key


def make_id(alert: Alert) -> str:
    """The key by which a receiver drops repeats."""
    return f"msg_{alert.alert_id.removeprefix('alert:')}_{alert.revision}"


def make_body(alert: Alert, cuts: Cuts) -> bytes:
    """What is sent; `shortened` tells which lists of the alert were cut."""
    body = {"type": f"alert.{alert.change}", "timestamp": alert.last_seen, "data": alert}
    return msgspec.json.encode(body | ({"shortened": cuts} if cuts else {}))


def sign(keys: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """One signature for each key, as the header has them."""
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    digests = [hmac.new(key, signed, hashlib.sha256).digest() for key in keys]
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
