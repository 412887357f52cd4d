"""Compressed bodies, inflated under a cap: what a bomb costs is the cap, never what it would have become."""

import re
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import zstandard

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
LAYERS_MAX = 2
"""A body compressed more often than this is an attack or a mistake."""
ZSTD_WINDOW_BYTES_MAX = 8 * 1024 * 1024
"""RFC 9659: what a decoder of HTTP content has to support, and need not exceed."""

HEAD_BYTES = 256
"""How much of a body is looked at to tell words from what is compressed."""
SHOWN_BYTES = 12

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class TooLargeError(ValueError):
    """More bytes than the cap."""


class BadEncodingError(ValueError):
    """The body is not what its Content-Encoding says."""


def inflate(body: bytes, encoding: str, bytes_max: int) -> bytes:
    """The body without its Content-Encoding. Raises `TooLargeError`, `BadEncodingError`.

    A name that is no compression (`none`, `UTF-8`, `aws-chunked`) changes nothing, as in browsers. A body that was served as
    compressed but isn't, one that is gzip but wasn't said to be, and one under another coding's name are met and read as they are.
    """
    said = [name for part in encoding.lower().split(",") if (name := part.strip(' \t"'))]
    layers = [name for name in said if name in _DECODERS]
    if said and not layers and not body.startswith(_GZIP_MAGIC) and _CONTROL.search(body[:HEAD_BYTES]):
        raise BadEncodingError(f"unknown Content-Encoding {encoding!r}; the body begins with {body[:SHOWN_BYTES]!r}")
    if len(layers) > LAYERS_MAX:
        raise BadEncodingError(f"compressed {len(layers)} times over")
    for name in reversed(layers):
        if _is_plain(body):
            continue
        try:
            body = _open(body, name, bytes_max)
        except BadEncodingError as error:
            raise BadEncodingError(f"said to be {name}: {error}; it begins with {body[:SHOWN_BYTES]!r}") from error
    if not layers and body.startswith(_GZIP_MAGIC):
        body = _gzip(body, bytes_max)
    if len(body) > bytes_max:
        raise TooLargeError(f"more than {bytes_max} bytes")
    return body


def _open(body: bytes, name: str, bytes_max: int) -> bytes:
    """One layer off: by the mark that the bytes begin with, else by the name; what is said to be gzip and has no mark is left or is another."""
    if body.startswith(_GZIP_MAGIC):
        return _gzip(body, bytes_max)
    if body.startswith(_ZSTD_MAGIC):
        return _zstd(body, bytes_max)
    if name not in ("gzip", "x-gzip"):
        return _DECODERS[name](body, bytes_max)
    for other in (_brotli, _deflate):
        try:
            opened = other(body, bytes_max)
        except BadEncodingError:
            continue
        if _is_plain(opened):
            return opened
    return body


def _is_plain(body: bytes) -> bool:
    """Whether this is the beginning of XML or JSON; what was compressed has control bytes soon."""
    head = body[:HEAD_BYTES]
    if head.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<")):
        return True
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return len(head) > SHOWN_BYTES and head[:1] in b"<{[" and _CONTROL.search(head) is None


def _gzip(body: bytes, bytes_max: int) -> bytes:
    """All members of a gzip file; garbage behind the last one is ignored, as gunzip does."""
    out = bytearray()
    while body.startswith(_GZIP_MAGIC):
        decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
        out += _zlib(decoder, body, bytes_max - len(out))
        if not decoder.eof:
            break  # cut short: what is there is handed on, and the parser judges it
        body = decoder.unused_data
    return bytes(out)


def _deflate(body: bytes, bytes_max: int) -> bytes:
    """zlib's format as RFC 9110 says, or the raw stream that some servers send."""
    is_zlib = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _zlib(zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS), body, bytes_max)


def _zlib(decoder: "zlib._Decompress", body: bytes, bytes_max: int) -> bytes:
    try:
        out = decoder.decompress(body, bytes_max + 1)
    except zlib.error as error:
        raise BadEncodingError(f"not readable as compressed: {error}") from error
    if len(out) > bytes_max:
        raise TooLargeError(f"more than {bytes_max} bytes when inflated")
    return out


def _brotli(body: bytes, bytes_max: int) -> bytes:
    decoder = brotli.Decompressor()
    try:
        out = bytearray(decoder.process(body, output_buffer_limit=bytes_max + 1))
        while not decoder.is_finished() and len(out) <= bytes_max:
            more = decoder.process(b"", output_buffer_limit=bytes_max + 1)
            if not more:
                break
            out += more
    except brotli.error as error:
        raise BadEncodingError(f"not readable as brotli: {error}") from error
    if len(out) > bytes_max:
        raise TooLargeError(f"more than {bytes_max} bytes when inflated")
    return bytes(out)


def _zstd(body: bytes, bytes_max: int) -> bytes:
    reader = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES_MAX).stream_reader(
        body, read_across_frames=True
    )
    try:
        out = reader.read(bytes_max + 1)
    except zstandard.ZstdError as error:
        raise BadEncodingError(f"not readable as zstd: {error}") from error
    if len(out) > bytes_max:
        raise TooLargeError(f"more than {bytes_max} bytes when inflated")
    return bytes(out)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
