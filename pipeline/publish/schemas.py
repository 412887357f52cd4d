"""JSON Schemas of the records and an AsyncAPI document of the topics, generated from the code.

    python -m pipeline.publish.schemas docs/schemas

They are checked in, and a test fails when they are not current.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from pipeline import __version__
from pipeline.incidents.routing import CLOUDEVENT_HEADERS
from pipeline.records import Alert, Article, Health, Reject
from pipeline.records.codec import MESSAGE_BYTES_MAX
from pipeline.records.topics import TOPICS, WATCH_PREFIX, watch_topic

RECORDS = {"article": Article, "alert": Alert, "reject": Reject, "health": Health}
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ASYNCAPI_VERSION = "3.0.0"
ASYNCAPI = "asyncapi.json"

CLOUDEVENT = {
    "alert": (*CLOUDEVENT_HEADERS, "ce_severity", "ce_category"),
    "reject": CLOUDEVENT_HEADERS,
}
"""Which headers each published record travels with."""

Json = dict[str, Any]


def schema_of(name: str) -> Json:
    """The JSON Schema of one record, self-contained."""
    (root,), definitions = msgspec.json.schema_components([RECORDS[name]], ref_template="#/$defs/{name}")
    return {"$schema": DIALECT, "title": name, **root, "$defs": definitions}


def asyncapi() -> Json:
    """The topics, as an AsyncAPI document that refers to the schemas beside it."""
    public = [topic for topic in TOPICS if topic.record]
    channels = {
        topic.name: {
            "address": topic.name,
            "description": f"{topic.what} Kafka key: {topic.key}.",
            "messages": {topic.record: {"$ref": f"#/components/messages/{topic.record}"}},
            "bindings": {"kafka": {"topicConfiguration": _kafka_settings(topic.settings())}},
        }
        for topic in public
    }
    channels["watch"] = {
        "address": f"{WATCH_PREFIX}{{rule}}",
        "description": f"{watch_topic('{rule}').what} Kafka key: alert_id.",
        "parameters": {"rule": {"description": "The name of a watch rule."}},
        "messages": {"alert": {"$ref": "#/components/messages/alert"}},
        "bindings": {"kafka": {"topicConfiguration": _kafka_settings(watch_topic("rule").settings())}},
    }
    operations = {f"receive.{name}": {"action": "send", "channel": {"$ref": f"#/channels/{name}"}} for name in channels}
    messages = {
        name: {
            "name": name,
            "contentType": "application/json",
            "payload": {"$ref": f"{name}.schema.json"},
            **({"headers": _headers(CLOUDEVENT[name])} if name in CLOUDEVENT else {}),
        }
        for name in RECORDS
    }
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "info": {"title": "tocsin", "version": __version__, "description": _about()},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


def _about() -> str:
    return (
        "Read the alert topics with isolation.level=read_committed. Each alert revision stands there once, in order per alert. "
        f"Messages have at most {MESSAGE_BYTES_MAX} bytes."
    )


def _headers(names: Sequence[str]) -> Json:
    """CloudEvents headers; each is a string in UTF-8."""
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": list(names)}


def _kafka_settings(settings: dict[str, str]) -> Json:
    keep: Json = {"cleanup.policy": settings["cleanup.policy"].split(",")}
    if "retention.ms" in settings:
        keep["retention.ms"] = int(settings["retention.ms"])
    return keep


def files() -> dict[str, bytes]:
    """Every generated file by name."""
    documents = {f"{name}.schema.json": schema_of(name) for name in RECORDS} | {ASYNCAPI: asyncapi()}
    return {
        name: msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=2) + b"\n"
        for name, document in documents.items()
    }


def write(folder: Path) -> None:
    """Write them all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, raw in files().items():
        (folder / name).write_bytes(raw)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
