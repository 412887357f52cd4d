"""Invented feeds, served on loopback: a living stream to try tocsin on, and a gold for its tests.

Every outlet, person and event in `data/` was made up for this project; places and some armed groups have real names.
`make_sources` is what `tocsin up --samples` reads them by; `tocsin samples serve` publishes them.
"""

from connectors.samples.sources import make_sources, write_sources

__all__ = ["make_sources", "write_sources"]
