"""The sink `matrix`: alerts as messages of a Matrix room; revisions answer in the thread of the first.

    [sinks.room]
    type = "matrix"
    url = "https://matrix.example.org"   # the homeserver
    token_file = "/run/secrets/matrix"   # of the account that writes
    room = "!abcdefgh:example.org"       # its id; the account must be in it; rooms with encryption are not written to in the clear by choice

Limit held: 65,536 bytes an event (client-server API, size limits). The transaction id is made of alert and revision, so the homeserver itself drops
repeats. Nothing from an article is markup, and `m.mentions` is empty, so nobody is called.
"""

from html import escape
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.sinks.card import make_card
from connectors.sinks.chat import facts_of, lists_of, unmention
from connectors.sinks.http import check_url, judge
from connectors.sinks.pushing import PushConfig, PushSink, fit_bytes, make_lines
from connectors.sinks.sink import AwayError, Remembered, Revisions, need_secret
from pipeline.errors import ConfigError
from pipeline.records import Alert

BODY_BYTES_MAX = 15_000
"""Twice in an event, plain and as HTML, where escapes take more."""
HTML_BYTES_MAX = 30_000


class Config(PushConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "matrix"
    url: str
    token: str = ""
    token_file: str = ""
    room: str


class _Said(msgspec.Struct):
    event_id: str = ""


class MatrixSink(PushSink):
    """One room."""

    revisions: Revisions = "thread"

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config)
        if not config.room.startswith("!"):
            raise ConfigError(
                f"room: {config.room!r} is no room's id, which begins with '!' (an alias begins with '#')"
            )
        self._token = need_secret(config.token, config.token_file, "token")
        base = check_url(config.url, "url").rstrip("/")
        self._url = f"{base}/_matrix/client/v3/rooms/{quote(config.room, safe='')}/send/m.room.message"

    def deliver(self, alert: Alert) -> None:
        """One message, in the thread of the alert's first."""
        known = self.known(alert)
        message = make_message(alert)
        if known:
            message["m.relates_to"] = {
                "rel_type": "m.thread", "event_id": known.note, "is_falling_back": True,
                "m.in_reply_to": {"event_id": known.note},
            }  # fmt: skip
        transaction = f"tocsin-{alert.alert_id.removeprefix('alert:')}-{alert.revision}"
        answer = self.send_json("PUT", f"{self._url}/{transaction}", message, token=self._token)
        judge(answer, self.name)
        try:
            said = msgspec.json.decode(answer.body, type=_Said)
        except msgspec.DecodeError as error:
            raise AwayError(f"the homeserver's answer can't be read: {answer.tell()}") from error
        if not known and said.event_id:
            self.memory.remember({alert.alert_id: Remembered(alert.revision, said.event_id)})


def make_message(alert: Alert) -> dict[str, Any]:
    """The message, plain and as HTML; `tocsin` carries the key to drop repeats."""
    card = make_card(alert)
    *lines, key = make_lines(alert)
    html = [f"<b>{_safe(card.mark)}</b>, {_safe(card.news)}<br>{_safe(card.title)}"]
    html += [f"<br><i>{_safe(name)}</i>: {_safe(value)}" for name, value in facts_of(card)]
    for head, items in lists_of(card):
        told = "".join(
            f'<li><a href="{escape(i.url)}">{_safe(i.text)}</a></li>' if i.url else f"<li>{_safe(i.text)}</li>"
            for i in items
        )
        html.append(f"<br><b>{_safe(head)}</b><ul>{told}</ul>")
    plain = [unmention(line) for line in (f"{card.mark}, {card.news}", *lines)]
    return {
        "msgtype": "m.text",
        "body": fit_bytes(plain, key, BODY_BYTES_MAX),
        "format": "org.matrix.custom.html",
        "formatted_body": fit_bytes(html, f"<br><small>{_safe(key)}</small>", HTML_BYTES_MAX),
        "m.mentions": {},
        "tocsin": {"alert_id": alert.alert_id, "revision": alert.revision},
    }


def _safe(text: str) -> str:
    return escape(unmention(text), quote=False)
