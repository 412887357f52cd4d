"""What a feed that isn't public asks for: a name and password, a token, or headers of its own.

They are read from files or the environment, shown to nobody (their `repr` is masked), and sent to the feed's own origin alone: a redirect
to another scheme, host or port goes without them.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from pipeline.errors import ConfigError

SECRET_BYTES_MAX = 16_384
MASK = "********"
NOT_TO_SET = frozenset(
    {
        "host",
        "content-length",
        "connection",
        "transfer-encoding",
        "accept-encoding",
        "if-none-match",
        "if-modified-since",
    }
)
"""Headers that belong to the fetcher."""


class Credentials(Struct, frozen=True):
    """Headers for one origin."""

    headers: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        """The names alone."""
        return (
            f"Credentials({', '.join(name for name, _ in self.headers)}: {MASK})" if self.headers else "Credentials()"
        )

    def for_hop(self, first: str, url: str) -> Mapping[str, str]:
        """The headers for a request to `url` on behalf of the feed at `first`."""
        return dict(self.headers) if self.headers and origin_of(first) == origin_of(url) else {}


NO_CREDENTIALS = Credentials()


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port (RFC 6454)."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").rstrip("."), parts.port or (443 if scheme == "https" else 80)


class Access(Struct, frozen=True, kw_only=True):
    """The keys of a source that say how it is let in."""

    username: str = ""
    password: str = ""
    password_file: str = ""
    token: str = ""
    token_file: str = ""
    headers: dict[str, str] = {}
    header_files: dict[str, str] = {}

    def credentials(self) -> Credentials:
        """Read them. Raises `ConfigError`."""
        found = dict(self.headers)
        found |= {name: read_secret(path) for name, path in self.header_files.items()}
        if self.username or self.password or self.password_file:
            if self.token or self.token_file:
                raise ConfigError("a password and a token: name one of them")
            password = self.password or (read_secret(self.password_file) if self.password_file else "")
            raw = base64.b64encode(f"{self.username}:{password}".encode()).decode()
            found["Authorization"] = f"Basic {raw}"  # RFC 7617, UTF-8
        elif token := self.token or (read_secret(self.token_file) if self.token_file else ""):
            found["Authorization"] = f"Bearer {token}"  # RFC 6750
        for name, value in found.items():
            if name.lower() in NOT_TO_SET or not name.isascii() or any(c in "\r\n\0: " for c in name):
                raise ConfigError(f"headers: {name!r} can't be set")
            if any(c in "\r\n\0" for c in value):
                raise ConfigError(f"headers: the value of {name!r} has a line break in it")
        return Credentials(tuple(found.items()))


def read_secret(path: str) -> str:
    """The secret in a file, without the white space around it. Raises `ConfigError`."""
    try:
        with Path(path).open("rb") as file:
            raw = file.read(SECRET_BYTES_MAX + 1)
        if len(raw) > SECRET_BYTES_MAX:
            raise ConfigError(f"{path}: no secret: more than {SECRET_BYTES_MAX} bytes")
        return raw.decode("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the secret can't be read: {error}") from error
