"""Passwords as they stand in the configuration: salted and made slow to guess (scrypt, RFC 7914)."""

import base64
import hashlib
import hmac
import os

from pipeline.errors import ConfigError

LOG_N, R, P = 15, 8, 2
"""2^15 blocks of 1 kB: 32 MB and about a tenth of a second for each guess (OWASP, Password Storage, of equal strength)."""
SALT_BYTES, KEY_BYTES = 16, 32
MEMORY_BYTES_MAX = 64 * 1024 * 1024
PASSWORD_BYTES_MAX = 1024
PREFIX = "scrypt"


def make_hash(password: str) -> str:
    """`scrypt$15$8$2$salt$key`, for `[web.users.NAME] password`."""
    salt = os.urandom(SALT_BYTES)
    return "$".join([PREFIX, str(LOG_N), str(R), str(P), _text(salt), _text(_derive(password, salt, LOG_N, R, P))])


def is_right(password: str, kept: str) -> bool:
    """Whether it is the password of that hash."""
    log_n, r, p, salt, key = read_hash(kept)
    return hmac.compare_digest(_derive(password, salt, log_n, r, p), key)


def read_hash(kept: str) -> tuple[int, int, int, bytes, bytes]:
    """The parts of a hash. Raises `ConfigError` when it is none of ours."""
    prefix, *rest = kept.split("$")
    try:
        log_n, r, p, salt, key = rest
        found = int(log_n), int(r), int(p), base64.b64decode(salt, validate=True), base64.b64decode(key, validate=True)
    except ValueError:
        found = None
    if prefix != PREFIX or found is None or not 10 <= found[0] <= 17 or not found[3] or len(found[4]) != KEY_BYTES:
        raise ConfigError("a user's password must be a hash: `tocsin web password` makes one")
    return found


def _derive(password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    raw = password.encode("utf-8", "surrogatepass")[:PASSWORD_BYTES_MAX]
    return hashlib.scrypt(raw, salt=salt, n=2**log_n, r=r, p=p, maxmem=MEMORY_BYTES_MAX * 4, dklen=KEY_BYTES)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
