"""The command line `tocsin`: thin. Each subcommand is found by its dotted name when it is called.

So `tocsin alerts follow` starts without loading Beam or spaCy, and this file imports neither `connectors` nor `deploy`.
"""

import importlib
import os
import sys
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.markup import escape

from pipeline import __version__
from pipeline.errors import ConfigError, TocsinError, UsageError

EXIT_USAGE = 2
EXIT_TRY_AGAIN = 75
"""sysexits.h EX_TEMPFAIL: something outside failed; a supervisor should start the command again."""
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""A process is one core's worth: the model's matrices are so small that more threads of numerical libraries double its processor time and
win nothing. Set before those are loaded; what the operator has set stays."""

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("deploy.local.commands:up", "Start everything on this machine and show what it finds."),
    "down": ("deploy.local.commands:down", "Stop what `tocsin up --detach` started."),
    "status": ("deploy.local.commands:status", "Tell whether tocsin runs on this data directory, and how it does."),
    "top": ("deploy.local.top:top", "Show live how the stream does, wherever it runs."),
    "doctor": ("deploy.doctor.commands:doctor", "Look at everything that tocsin needs, and say what to do."),
    "alerts": ("pipeline.commands.alerts:alerts", "Follow alerts in the terminal or as JSON Lines."),
    "watch": ("pipeline.commands.watch:watch", "Write, check, try and keep watch rules."),
    "score": ("pipeline.commands.score:score", "The table of weights, and what would change an alert."),
    "replay": (
        "pipeline.commands.replay:replay",
        "Stored articles through other weights, rules or models: what differs.",
    ),
    "rejects": ("pipeline.commands.rejects:rejects", "List, show and replay what was refused."),
    "story": ("pipeline.commands.story:story", "Show, merge and split stories and incidents."),
    "explain": ("pipeline.commands.explain:explain", "Tell why an article did, or did not, alert."),
    "feeds": ("connectors.feeds.commands:feeds", "Add, check, watch, pause and remove feeds."),
    "entities": ("pipeline.commands.entities:entities", "Groups, actors and malware: show, import, alias, undo."),
    "config": ("pipeline.commands.config:config", "Check and show the configuration."),
    "samples": ("connectors.samples.commands:samples", "Serve the invented sample feeds."),
    "connectors": ("connectors.commands:connectors", "Run the sources: feeds in, articles to Kafka."),
    "pipeline": ("pipeline.commands.run:pipeline", "Run the Beam pipeline."),
    "relay": ("pipeline.commands.relay:relay", "Publish alerts from the store to Kafka."),
    "sinks": ("connectors.commands:sinks", "Run the sinks: alerts out."),
    "web": ("connectors.web.commands:web", "Serve the screen in the browser."),
    "warnings": (
        "pipeline.commands.warnings:warnings",
        "Import and show lists of names that are usually no indicator.",
    ),
    "store": ("pipeline.commands.store:store", "Create and upgrade the store's tables."),
    "topics": ("pipeline.commands.topics:topics", "Create and list the topics."),
    "backup": ("pipeline.commands.backup:backup", "Back up the store, and what of Kafka belongs to it."),
    "restore": ("deploy.local.restoring:restore", "Restore a backup."),
    "feed": ("connectors.sources.commands:feed", "Offline: parse a feed, find a page's feeds."),
    "url": ("connectors.sources.commands:url", "Offline: clean addresses."),
    "text": ("connectors.sources.commands:text", "Offline: the article text of pages."),
    "dedupe": ("pipeline.commands.offline:dedupe", "Offline: link articles to stories."),
    "extract": ("pipeline.commands.offline:extract", "Offline: entities, indicators, events and claims."),
    "assess": ("pipeline.commands.offline:assess", "Offline: score what `extract` printed."),
}


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tocsin {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),
) -> None:
    """Rings once for each thing that matters: who did what to whom, where, how many, says who."""


def _stand_in() -> None:
    """What stands in the help for a command that is not called."""


def build(wanted: str | None) -> typer.Typer:
    """The command tree with `wanted` imported and a stand-in with its one-line help for every other command."""
    app = typer.Typer(
        name="tocsin",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name, (dotted, line) in COMMANDS.items():
        if name != wanted:
            app.command(name, help=line)(_stand_in)
            continue
        module, _, attribute = dotted.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, help=line)
        else:
            app.command(name)(command)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; expected errors end in one clear message on standard error."""
    for variable in ONE_THREAD:
        os.environ.setdefault(variable, "1")
    words = list(sys.argv[1:] if arguments is None else arguments)
    wanted = next((word for word in words if not word.startswith("-")), None)
    try:
        build(wanted)(args=words)
    except (ConfigError, UsageError) as error:
        _complain(error)
        sys.exit(EXIT_USAGE)
    except TocsinError as error:
        _complain(error)
        sys.exit(EXIT_TRY_AGAIN)


def _complain(error: TocsinError) -> None:
    console = Console(stderr=True, highlight=False)
    # Messages may quote what a feed or a server said.
    words = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in str(error))
    console.print("[bold red]tocsin:[/]", escape(words))


if __name__ == "__main__":
    main()
