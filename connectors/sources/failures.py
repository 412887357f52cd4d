"""What it means that an address could not be fetched, and what is said of it."""

import ssl
from datetime import datetime
from typing import Literal

import aiohttp
from msgspec import Struct

from connectors.sources.freshness import retry_after_s
from connectors.sources.guard import BlockedAddressError
from connectors.sources.inflate import BadEncodingError, TooLargeError

FailureReason = Literal[
    "dns", "connect", "tls", "timeout", "blocked-address", "too-large", "bad-redirect", "bad-encoding", "protocol", "bad-url",
    "status", "gone", "rate-limited", "challenge", "not-a-feed", "too-costly",
]  # fmt: skip


class Failed(Struct, frozen=True, kw_only=True):
    """No body, and why."""

    reason: FailureReason
    message: str
    status: int | None = None
    retry_after_s: int | None = None


_LATER = frozenset({429, 503})


def refused(response: aiohttp.ClientResponse, now: datetime) -> Failed:
    status = response.status
    reason: FailureReason = "status"
    if response.headers.get("cf-mitigated", "").lower() == "challenge":
        reason = "challenge"
    elif status == 410:
        reason = "gone"
    elif status in _LATER:
        reason = "rate-limited"
    message = f"HTTP {status} {response.reason or ''}".strip()
    return Failed(reason=reason, message=message, status=status, retry_after_s=retry_after_s(response.headers, now))


def failed_by(error: BaseException) -> Failed:
    """The reason behind an error: the guard's own word first, wherever in the chain it stands."""
    if blocked := _find(error, BlockedAddressError):
        return Failed(reason="blocked-address", message=str(blocked))
    reasons: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], FailureReason], ...] = (
        (TooLargeError, "too-large"),
        (BadEncodingError, "bad-encoding"),
        (aiohttp.ClientConnectorDNSError, "dns"),
        ((aiohttp.ClientSSLError, ssl.SSLError, aiohttp.ServerFingerprintMismatch), "tls"),
        ((aiohttp.ServerTimeoutError, TimeoutError), "timeout"),
        (aiohttp.ClientConnectorError, "connect"),
        ((aiohttp.InvalidURL, ValueError), "bad-url"),
        (aiohttp.ClientError, "protocol"),
    )
    reason: FailureReason = "connect"
    for kinds, name in reasons:
        if isinstance(error, kinds):
            reason = name
            break
    return Failed(reason=reason, message=_describe(error)[:300])


def _describe(error: BaseException) -> str:
    """The error in words for an operator, without the library's own."""
    if isinstance(error, aiohttp.ClientConnectorError):
        words = error.os_error.strerror or str(error.os_error)
        return f"{error.host}:{error.port}: {words}"
    return " ".join(str(error).split()) or type(error).__name__


def _find(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    """The first error of this kind among an error, its causes, and the errors gathered in it."""
    seen = 0
    waiting = [error]
    while waiting and seen < 50:
        current = waiting.pop(0)
        seen += 1
        if current is None or isinstance(current, kind):
            if current is not None:
                return current
            continue
        waiting += [current.__cause__, current.__context__, getattr(current, "os_error", None)]
        waiting += list(getattr(current, "exceptions", ()))
    return None
