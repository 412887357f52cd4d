"""Which entries are wanted."""

import pytest

from connectors.sources.drafts import Draft
from connectors.sources.rules import Rules
from pipeline.errors import ConfigError

ENTRY = Draft(
    title="Attackers hit the port",
    text="A drill was held. The sportsman left.",
    url="https://n.example/world/1",
    categories=("Security",),
    authors=("R. Vale",),
)


@pytest.mark.parametrize(
    ("include", "exclude", "refused"),
    [
        ((), (), None),
        (("attack*",), (), None),
        (("attack",), (), "not-included"),  # whole words
        (("the PORT",), (), None),
        (("category:security",), (), None),
        (("title:drill",), (), "not-included"),
        (("text:drill",), (), None),
        (("author:vale",), (), None),
        (("url:/world/",), (), None),
        ((), ("sport",), None),
        ((), ("sport*",), "excluded"),
        (("attack*",), ("text:drill",), "excluded"),  # what is excluded stays out
        (("hit: the",), (), "not-included"),  # a colon in plain words is one
    ],
)
def test_rules(include: tuple[str, ...], exclude: tuple[str, ...], refused: str | None) -> None:
    assert Rules(include, exclude).refuse(ENTRY) == refused


@pytest.mark.parametrize("rule", ["", "  ", "*", "title:", "body:drill"])
def test_a_rule_that_means_nothing_is_refused(rule: str) -> None:
    with pytest.raises(ConfigError):
        Rules(include=(rule,))


def test_a_rule_is_no_pattern() -> None:
    assert Rules(include=("(a+)+$",)).refuse(Draft(title="a" * 40 + "!", text="")) == "not-included"
