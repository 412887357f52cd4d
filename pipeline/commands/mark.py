"""`tocsin alerts mark`: say that an alert is wrong or right, and see what a change would do before it is accepted."""

from typing import Annotated, Literal

import typer

from pipeline.commands.options import ConfigFile, load_config


def mark(  # noqa: PLR0913 - one parameter an option
    alert_id: Annotated[str, typer.Argument(help="The alert's id, or the first characters of it.")],
    verdict: Annotated[Literal["wrong", "right"], typer.Argument(help="wrong or right.")],
    because: Annotated[str, typer.Option(help="Why, in your words; kept with the mark.")],
    config: ConfigFile = None,
    indicator: Annotated[str | None, typer.Option(help="This value is no sign of an attack.")] = None,
    actor: Annotated[str | None, typer.Option(help="This name, as written, does not mean that actor.")] = None,
    alias: Annotated[str | None, typer.Option(help="NAME=ID: this name means that actor.")] = None,
    rule: Annotated[str | None, typer.Option(help="A watch rule; with --without.")] = None,
    without: Annotated[str | None, typer.Option(help="A word: the rule passes over reports that have it.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Accept without asking.")] = False,
    no: Annotated[bool, typer.Option("--no", help="Show the effect only.")] = False,
) -> None:
    """Keep the mark; with one of the options, propose a change, show its effect on all marks and on the last month, and ask."""
    from pipeline.commands.marking import Wish, mark_alert  # loads what a replay needs; `follow` does not

    wish = Wish(because, indicator, actor, alias, rule, without)
    mark_alert(load_config(config), alert_id, verdict, wish, answer=True if yes else False if no else None)
