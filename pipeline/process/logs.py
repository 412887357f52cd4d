"""Log lines: one line an event, the same keys everywhere (`feed`, `article_id`, `step`), to standard error.

In a terminal they are coloured and short, without any control character that a feed may have brought; elsewhere they are JSON,
one object a line, with control characters escaped: no feed can forge a line, or steer a terminal.
"""

import logging
import os
import sys

import structlog

LEVEL_VARIABLE = "TOCSIN_LOG"
NOISY = ("kafka", "apache_beam", "urllib3", "asyncio", "alembic", "trafilatura", "root")


def _tame(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Every value as text that a terminal only shows."""
    return {key: _shown(value) if isinstance(value, str) else _shown(repr(value)) for key, value in event.items()}


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def ensure_logging(service: str) -> None:
    """Set up logging unless that is done. On a cluster our steps run in a process that Beam starts: its standard output is read by nobody,
    and a worker that writes there stands still once the pipe is full."""
    if not structlog.is_configured():
        start_logging(service)


def start_logging(service: str) -> None:
    """Set up logging for this process; the level is `$TOCSIN_LOG` (debug, info, warning, error), info without one."""
    level = getattr(logging, os.environ.get(LEVEL_VARIABLE, "info").upper(), logging.INFO)
    in_terminal = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, _tame, structlog.dev.ConsoleRenderer()]
        if in_terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=True)]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(level, logging.ERROR if name != "root" else logging.WARNING))
