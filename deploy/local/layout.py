"""Where things stand inside the data directory. Nothing else of tocsin writes there."""

from pathlib import Path

from msgspec import Struct

DIRECTORY_MODE = 0o700
"""Logs and settings may hold addresses and passwords. As root, search permission is added for PostgreSQL's system user."""


class Layout(Struct, frozen=True):
    """The paths under one data directory."""

    root: Path

    @property
    def kafka(self) -> Path:
        """The broker's settings and data."""
        return self.root / "kafka"

    @property
    def postgres(self) -> Path:
        """The database's password and data."""
        return self.root / "postgres"

    @property
    def lock(self) -> Path:
        """Locked as long as a supervisor runs; holds its process id."""
        return self.root / "run" / "lock"

    @property
    def state(self) -> Path:
        """What the supervisor last knew of itself, for `tocsin status`."""
        return self.root / "run" / "state.json"

    @property
    def config(self) -> Path:
        """The effective configuration that the processes are given."""
        return self.root / "run" / "effective.toml"

    @property
    def ports(self) -> Path:
        """The ports used last, so that clients find the same ones after a restart."""
        return self.root / "run" / "ports.json"

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.root / "logs" / f"{name}.log"

    def make(self) -> None:
        """Make the directories that are missing. Raises OSError."""
        for directory in (self.root, self.lock.parent, self.log("").parent):
            directory.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
