"""What is told of things that went wrong: dead letters, and the health of feeds."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from pipeline.records.ids import ArticleId, VersionId

REJECT_VERSION = 1
HEALTH_VERSION = 1
HealthKind = Literal[
    "failing", "gone", "challenge", "not-a-feed", "silent", "shrunk", "certificate", "moving", "adopted", "gap"
]
HealthState = Literal["begun", "ended", "notice"]


class Reject(Struct, frozen=True, tag="reject", kw_only=True, omit_defaults=True):
    """A dead letter: what was refused, at which step, why. Kafka key: `reject_id`."""

    v: int = REJECT_VERSION
    reject_id: str  # `rej:` + 32 hexadecimal digits of SHA-256 over step and position, or over the payload
    step: str  # read, dedupe, extract, score, write
    error: str  # class
    message: str
    crashed: bool = False  # True: an error nobody expected, or a process that died on it
    article_id: ArticleId | None = None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    payload: bytes = b""  # the original bytes; base64 on the wire
    stack: str = ""  # shortened
    code_version: str = ""
    at: datetime
    version_id: VersionId | None = None


class Health(Struct, frozen=True, tag="health", kw_only=True, omit_defaults=True):
    """Something that began or ended being wrong with a feed, or is worth a notice. Kafka key: `feed`."""

    v: int = HEALTH_VERSION
    feed: str
    source: str
    url: str
    kind: HealthKind
    state: HealthState
    message: str
    at: datetime
