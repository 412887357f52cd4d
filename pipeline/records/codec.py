"""Records to bytes and back: JSON in UTF-8, one record a message.

Decoding refuses what it does not know with `RejectedError`: bytes that are no JSON, a record of a later version, a missing
or mistyped field. Unknown fields are ignored, so that a newer producer may add fields within a version.
"""

from typing import TypeVar, cast

import msgspec

from pipeline.errors import RejectedError
from pipeline.records import (
    ALERT_VERSION,
    ARTICLE_VERSION,
    HEALTH_VERSION,
    REJECT_VERSION,
    Alert,
    Article,
    Health,
    Reject,
)

MESSAGE_BYTES_MAX = 4 * 1024 * 1024
"""Largest message on any topic, bytes; also set on the topics (`max.message.bytes`)."""

Record = Article | Alert | Reject | Health
T = TypeVar("T", Article, Alert, Reject, Health)

VERSIONS: dict[type, int] = {
    Article: ARTICLE_VERSION,
    Alert: ALERT_VERSION,
    Reject: REJECT_VERSION,
    Health: HEALTH_VERSION,
}

_encoder = msgspec.json.Encoder()
_decoders: dict[type, msgspec.json.Decoder[Record]] = {kind: msgspec.json.Decoder(kind) for kind in VERSIONS}


class _Versioned(msgspec.Struct):
    v: int = 1


_version = msgspec.json.Decoder(_Versioned)


def encode(record: Record) -> bytes:
    """The record as it stands on its topic."""
    return _encoder.encode(record)


def decode(raw: bytes, kind: type[T], *, step: str = "read") -> T:
    """The record of this kind in `raw`; `RejectedError` (naming `step`) when it is none."""
    if len(raw) > MESSAGE_BYTES_MAX:
        raise RejectedError(step, f"the message has {len(raw)} bytes, more than {MESSAGE_BYTES_MAX}")
    try:
        version = _version.decode(raw).v
        if version > VERSIONS[kind]:
            raise RejectedError(
                step,
                f"{kind.__name__.lower()} of version {version}; this tocsin reads up to {VERSIONS[kind]}: upgrade it",
            )
        return cast("T", _decoders[kind].decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RejectedError(step, f"not a readable {kind.__name__.lower()}: {error}") from error
