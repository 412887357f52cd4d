"""Which processes `tocsin up` runs, by name and in the order in which they are stopped."""

from msgspec import Struct
from msgspec.structs import replace

from pipeline.config import Config
from pipeline.process import probes

Words = tuple[str, ...]

STOP_SECONDS: dict[str, float] = {
    "sources": 2.5,  # no new articles
    "pipeline": 3.0,  # a batch under way is finished or given back
    "relay": 3.0,  # a Kafka transaction ends
    "sinks": 1.5,
    "kafka": 2.5,
    "postgres": 2.0,
}
"""The stages of a stop, in order, and how long each may take before it is killed: 14.5 s of the 15 s promised."""


class Member(Struct, frozen=True):
    """One process of ours: its name, its stage in the stop, the `tocsin` subcommand it runs."""

    name: str
    stage: str
    words: Words
    is_configured: bool = True  # whether it takes --config
    metrics: str = ""  # "host:port" where it tells how it does


def make(config: Config, *, samples_port: int | None) -> tuple[Member, ...]:
    """The processes for an effective configuration, in the order in which they are started."""
    count = config.pipeline.workers
    members = [
        *([Member("samples", "sources", _serve_samples(samples_port), is_configured=False)] if samples_port else []),
        Member("relay", "relay", ("relay", "run")),
        *[Member(f"pipeline-{k}", "pipeline", ("pipeline", "run", "--worker", f"{k}/{count}")) for k in range(count)],
        Member("jobs", "relay", ("pipeline", "jobs")),
        *([Member("sinks", "sinks", ("sinks", "run"))] if config.sinks else []),
        Member("connectors", "sources", ("connectors", "run")),
        *([Member("web", "sinks", ("web", "run"))] if config.web.listen else []),
    ]
    return tuple(replace(m, metrics=_next_to(config.metrics.listen, n)) for n, m in enumerate(members))


def _next_to(listen: str, n: int) -> str:
    """The address `n` ports further: the processes of one machine can't share one. Raises `ConfigError`."""
    if not listen:
        return ""
    host, port = probes.parse_address(listen)
    return f"{f'[{host}]' if ':' in host else host}:{port + n}"


def _serve_samples(port: int) -> Words:
    return ("samples", "serve", "--port", str(port))
