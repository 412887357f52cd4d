"""`tocsin top`: the figures of the stream, live, wherever it runs: store and Kafka are asked, no process."""

import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from connectors.sinks.memory import SinkState, states_if_known
from deploy.local.figures import INTERVAL_SECONDS, Reader
from deploy.local.screen import clean, render_alerts, render_figures
from deploy.local.status import Figures
from pipeline.commands.options import ConfigFile, load_config, need_kafka, need_store


def top(
    config: ConfigFile = None,
    once: Annotated[bool, typer.Option("--once", help="Look once, print, and end.")] = False,
) -> None:
    """Show rates, backlog, feeds, sinks and the latest alerts, until Ctrl-C."""
    loaded = load_config(config)
    need_kafka(loaded)
    store = need_store(loaded)
    reader = Reader(loaded)
    console = Console()

    def draw() -> RenderableType:
        return render(reader.read_once(), states_if_known(store), datetime.now(UTC))

    if once or not console.is_terminal:
        console.print(draw())
        return
    with Live(draw(), console=console, screen=True, auto_refresh=False) as live:
        try:
            while True:
                time.sleep(INTERVAL_SECONDS)
                live.update(draw(), refresh=True)
        except KeyboardInterrupt:
            return


def render(figures: Figures, states: list[SinkState], now: datetime) -> RenderableType:
    """The whole view."""
    head = Text.assemble(("tocsin ", "bold"), (f"{now:%Y-%m-%d %H:%M:%S} UTC", "dim"))
    parts: list[RenderableType] = [head, render_figures(figures)]
    parts += [Text(), _render_sinks(states, now)] if states else []
    parts += [Text(), render_alerts(figures)] if figures.latest else []
    return Group(*parts)


def _render_sinks(states: list[SinkState], now: datetime) -> RenderableType:
    table = Table("sink", "state", "delivered", "refused", "last", "why", box=None, pad_edge=False)
    for state in states:
        style = "green" if state.state == "delivering" else "bold yellow"
        last = f"{(now - state.delivered_at).total_seconds():.0f} s ago" if state.delivered_at else "never"
        counts = (str(state.delivered), str(state.refused))
        table.add_row(clean(state.sink), Text(state.state, style=style), *counts, last, clean(state.reason, 80))
    return table
