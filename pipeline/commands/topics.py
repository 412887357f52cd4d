"""`tocsin topics`: create the topics on a broker of one's own, and show what they are for."""

import typer
from rich.console import Console
from rich.table import Table

from pipeline.commands.options import ConfigFile, load_config, need_kafka

topics = typer.Typer(no_args_is_help=True, help="Create and list the topics.")


@topics.command()
def create(config: ConfigFile = None) -> None:
    """Create the topics that are missing; those that exist stay as they are. Safe to run at any time."""
    from pipeline.records.topics import TOPICS, ensure

    loaded = load_config(config)
    created = ensure(need_kafka(loaded), partitions=loaded.kafka.partitions, replication=loaded.kafka.replication)
    typer.echo(f"Created {', '.join(created)}." if created else f"All {len(TOPICS)} topics are there.", err=True)


@topics.command("list")
def list_topics() -> None:
    """Print each topic with what is on it, its key and how long it is kept."""
    from pipeline.records.topics import TOPICS

    table = Table("topic", "what", "key", "kept", box=None, pad_edge=False)
    for topic in TOPICS:
        kept = f"{topic.keep_days} days" if topic.keep_days else "the latest of each key"
        table.add_row(topic.name, topic.what, topic.key, kept)
    Console().print(table)
