"""The configuration says what is wrong with it, and where."""

from pathlib import Path

import pytest

from pipeline import config
from pipeline.config import Config, Kafka, Store
from pipeline.errors import ConfigError

GOOD = """
[kafka]
bootstrap_servers = "a:1, b:2"

[sources.voices]
type = "rss"
urls = ["https://voices.example/feed"]
"""


def test_a_good_file_is_read() -> None:
    loaded = config.parse(GOOD, "t.toml")
    assert loaded.kafka.client_options()["bootstrap_servers"] == ["a:1", "b:2"]
    assert loaded.sources["voices"]["type"] == "rss"


def test_users_have_names_of_their_own_and_keys_that_are_checked() -> None:
    users = '[web.users.ann]\npassword = "scrypt$"\nrole = "admin"\n[web.users."bob@x"]\npassword = "h"\n'
    loaded = config.parse(users, "t.toml")
    assert {name: user.role for name, user in loaded.web.users.items()} == {"ann": "admin", "bob@x": "viewer"}
    assert config.parse(config.dump_toml(loaded), "t.toml") == loaded
    assert "scrypt$" not in repr(loaded)
    with pytest.raises(ConfigError, match=r"t\.toml:2: unknown key 'web\.users\.ann\.rol'; did you mean 'role'"):
        config.parse('[web.users.ann]\nrol = "admin"\npassword = ""\n', "t.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[kafka]\nbootstrp_servers = 'x'\n",
            "t.toml:2: unknown key 'kafka.bootstrp_servers'; did you mean 'bootstrap_servers'?",
        ),
        ("\n[kafca]\n", "t.toml:2: unknown key 'kafca'; did you mean 'kafka'?"),
        ("[store]\nkeep_days = 'long'\n", "t.toml:2: store.keep_days: Expected `int`, got `str`"),
        ("store.keep_days = 'long'\n", "t.toml:1: store.keep_days: Expected `int`, got `str`"),
        ("[kafka\n", "t.toml: not TOML"),
        (
            "[store]\nurl = '${NOT_SET_ANYWHERE}'\n",
            "t.toml:2: store.url: the environment variable NOT_SET_ANYWHERE is not set",
        ),
        ("[extract]\nzzz = 1\n", "valid keys: model"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse(text, "t.toml")
    assert said in str(caught.value)


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.toml"):
        config.load(tmp_path / "gone.toml")


def test_variables_are_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_STORE_PASSWORD", "s3cret")
    loaded = config.parse("[store]\nurl = 'postgresql://u:${TEST_STORE_PASSWORD}@h/d'\n", "t")
    assert loaded.store.url == "postgresql://u:s3cret@h/d"


def test_secrets_are_masked_when_shown() -> None:
    loaded = Config(kafka=Kafka(sasl_password="s3cret"), store=Store(url="postgresql://u:s3cret@h/d"))
    assert "s3cret" not in repr(loaded)
    assert "h/d" in repr(loaded)


def test_what_is_dumped_reads_back() -> None:
    loaded = config.parse(GOOD + '\n[sinks."odd name"]\ntype = "jsonl"\npath = "a\\\\b \\u007f"\n', "t")
    assert config.parse(config.dump_toml(loaded), "t") == loaded


def test_a_password_file_that_is_gone_is_an_error() -> None:
    kafka = Kafka(
        bootstrap_servers="a:1",
        security_protocol="SASL_SSL",
        sasl_mechanism="PLAIN",
        sasl_username="u",
        sasl_password_file="/nowhere/at/all",
    )
    with pytest.raises(ConfigError, match="secret"):
        kafka.client_options()


def test_every_header_is_masked_whatever_it_is_called() -> None:
    loaded = config.parse('[sources.x]\ntype = "rss"\nheaders = { Cookie = "session=abc", Accept = "" }\n', "t.toml")
    shown = repr(loaded)
    assert "abc" not in shown
    assert "Cookie" in shown
