"""The configuration as the processes are given it: the operator's own, with the embedded servers and the sample feeds filled in."""

from msgspec.structs import replace

from deploy.local.files import write_private
from deploy.local.layout import Layout
from pipeline.config import Config, Table, Web, dump_toml


def make(
    config: Config, layout: Layout, *, kafka: str, store: str, web: str, workers: int, samples: dict[str, Table]
) -> Config:
    """`config` with the addresses in use. An operator's own servers and feeds stand; `samples` are added beside them.

    So does an address of the screen that is not the usual one.
    """
    listen = web if config.web.listen == Web().listen else config.web.listen
    return replace(
        config,
        data_dir=str(layout.root),
        kafka=replace(config.kafka, bootstrap_servers=kafka),
        store=replace(config.store, url=store),
        web=replace(config.web, listen=listen),
        pipeline=replace(config.pipeline, workers=workers),
        sources={**samples, **config.sources},
    )


def write(config: Config, layout: Layout) -> None:
    """Write it where the processes read it; it holds the store's password, so for the owner only."""
    head = "# Written by `tocsin up` at every start: change your own configuration instead.\n"
    write_private(layout.config, (head + dump_toml(config)).encode())
