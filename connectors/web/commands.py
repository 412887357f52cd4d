"""`tocsin web`: the screen in the browser."""

import asyncio
import contextlib
import signal

import structlog
import typer

from pipeline.commands.options import ConfigFile, load_config
from pipeline.config import Config
from pipeline.errors import ConfigError, RetryableError
from pipeline.process import probes
from pipeline.process.logs import start_logging

BEAT_S = 5.0
CLOSE_S_MAX = 2.0
"""Open pages are cut off after it: they come again by themselves."""

web = typer.Typer(no_args_is_help=True, help="The screen in the browser.")
log = structlog.get_logger()


@web.command()
def run(config: ConfigFile = None) -> None:
    """Serve the screen until stopped."""
    start_logging("web")
    asyncio.run(_run(load_config(config)))


@web.command()
def password() -> None:
    """Ask for a password and print its hash, for `[web.users.NAME] password`."""
    from connectors.web.passwords import make_hash

    typer.echo(make_hash(typer.prompt("password", hide_input=True, confirmation_prompt=True, err=True)))


async def _run(config: Config) -> None:
    from aiohttp import web as server

    from connectors.web.app import make_app

    if not config.web.listen:
        raise ConfigError('web.listen is empty: give it an address, such as "127.0.0.1:8080"')
    probes.serve(config.metrics.listen)
    host, port = probes.parse_address(config.web.listen)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    runner = server.AppRunner(make_app(config), access_log=None, shutdown_timeout=CLOSE_S_MAX)
    await runner.setup()
    try:
        try:
            await server.TCPSite(runner, host, port).start()
        except OSError as error:
            raise RetryableError(f"web.listen: {config.web.listen}: {error}") from error
        log.info("web", address=f"http://{config.web.listen}/", users=len(config.web.users))
        while not stopping.is_set():
            probes.beat()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), BEAT_S)
    finally:
        await runner.cleanup()
