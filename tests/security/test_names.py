"""Names from outside name nothing of ours: no topic, no file, no listening address."""

import ast
import json
import re
from pathlib import Path

import pytest

from deploy.local import kafka, ports, postgres
from pipeline import config
from pipeline.errors import ConfigError
from pipeline.records import topics
from pipeline.watch.rules import read_rules

ROOT = Path(__file__).parents[2]
LEGAL = re.compile(r"[A-Za-z0-9._-]{1,249}")
"""Kafka's own rule for topics."""


@pytest.mark.parametrize("rule", ["a b", "../x", "x\n", "naïve", "", "a/b", "x" * 300, "a\x00b", "*"])
def test_a_topic_is_named_by_us_or_by_a_plain_rule(rule: str) -> None:
    for topic in topics.TOPICS:
        assert LEGAL.fullmatch(topic.name)
    with pytest.raises(ConfigError):
        read_rules(f"[watch.{json.dumps(rule)}]\nseverity = 'high'\n", "rules.toml")


WRITERS = {
    "feeds/lists.py",  # the list of feeds that an operator exports, where the operator says
    "samples/commands.py",  # the port of the sample feeds, where the operator says
    "sinks/appending.py",  # a sink's file, where the configuration says
    "sinks/files.py",
}


def test_no_file_is_named_by_a_feed() -> None:
    """Whatever of the connectors opens a file for writing is known here, and no source does."""
    writers = set()
    for path in sorted((ROOT / "connectors").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _writes(node, node.func.attr):
                writers.add(str(path.relative_to(ROOT / "connectors")))
    assert writers == WRITERS


def _writes(call: ast.Call, name: str) -> bool:
    if name == "open":
        return any(isinstance(a, ast.Constant) and str(a.value)[:1] in {"w", "a", "x"} for a in call.args)
    return name in {"write_bytes", "write_text", "FileIO"}


def test_the_embedded_servers_listen_on_loopback_only() -> None:
    assert ports.LOOPBACK == "127.0.0.1"
    assert postgres.SETTINGS["listen_addresses"] == ports.LOOPBACK
    assert postgres.SETTINGS["unix_socket_directories"] == ""
    source = (ROOT / "deploy" / "local" / "kafka.py").read_text(encoding="utf-8")
    assert "0.0.0.0" not in source
    assert kafka.Kafka(Path("x"), log=Path("x.log"), port=1, controller_port=2).bootstrap_servers.startswith(
        ports.LOOPBACK
    )
    assert config.Metrics().listen == ""
