"""What carries out each kind of job that somebody may ask for: `replay` and `back-test`.

Asked for and answered in JSON, by whoever can write a row into the store: the dashboard, a script. The commands
`tocsin replay` and `tocsin watch test` do the same at once.
"""

from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from pipeline.config import Config
from pipeline.store.connection import connect
from pipeline.upkeep.backtests import forecasts
from pipeline.upkeep.lifecycle import Handlers, Progress
from pipeline.watch.compiled import compile_rules
from pipeline.watch.rules import read_rules


class BackTest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A back-test: rules as TOML, and how far back."""

    rules: str
    since: datetime


def handlers(config: Config) -> Handlers:
    """The kinds of jobs there are. A handler raises `TocsinError` with what is wrong with what was asked."""

    def replay(raw: str, progress: Progress) -> str:
        from pipeline.upkeep.replay import decode_asked
        from pipeline.upkeep.replay import replay as run

        with connect(config.store.url, application="replay", autocommit=True, limits=False) as connection:
            return msgspec.json.encode(run(connection, decode_asked(raw), config, progress)).decode()

    def back_test(raw: str, progress: Progress) -> str:
        from pipeline.store.current_knowledge import knowledge_in_force

        asked = msgspec.json.decode(raw, type=BackTest)
        read = read_rules(asked.rules, "the rules")
        with connect(config.store.url, application="back-test", autocommit=True) as connection:
            rules = compile_rules(read, knowledge_in_force(connection), text=asked.rules).rules
            found = forecasts(connection, rules, asked.since, datetime.now(UTC), progress)
        return msgspec.json.encode(found).decode()

    return {"replay": replay, "back-test": back_test}
