"""What carries out each kind of job that somebody may ask for: back-tests of watch rules."""

from pipeline.config import Config
from pipeline.tending import Handlers


def handlers(config: Config) -> Handlers:  # noqa: ARG001 - what jobs need of the configuration
    """The kinds of jobs there are."""
    return {}
