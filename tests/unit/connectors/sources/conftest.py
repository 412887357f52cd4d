"""The server that misbehaves, for the tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.unit.connectors.sources.badserver import BadServer


@pytest.fixture(scope="module")
def bad_server() -> Iterator[BadServer]:
    """The server, shared by the tests of a module."""
    server = BadServer()
    yield server
    server.close()
