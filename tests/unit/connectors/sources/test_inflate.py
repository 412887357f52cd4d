"""Compressed bodies under a cap."""

import gzip
import zlib

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from connectors.sources.inflate import BadEncodingError, TooLargeError, inflate

BODY = b"<rss>" + b"news " * 1000
CAP = 100_000
RAW_DEFLATE = zlib.compressobj(wbits=-15)
PACKED = {
    "gzip": gzip.compress(BODY),
    "x-gzip": gzip.compress(BODY),
    "deflate": zlib.compress(BODY),
    "br": brotli.compress(BODY),
    "zstd": zstandard.compress(BODY),
    "identity": BODY,
    "": BODY,
}


@pytest.mark.parametrize("encoding", PACKED)
def test_every_encoding(encoding: str) -> None:
    assert inflate(PACKED[encoding], encoding, CAP) == BODY


def test_what_servers_do_wrong() -> None:
    assert inflate(RAW_DEFLATE.compress(BODY) + RAW_DEFLATE.flush(), "deflate", CAP) == BODY  # without zlib's frame
    assert inflate(BODY, "gzip", CAP) == BODY  # said to be gzip, but isn't
    assert inflate(gzip.compress(BODY), "", CAP) == BODY  # is gzip, but not said to be
    assert inflate(gzip.compress(BODY) + b"\0\0", "gzip", CAP) == BODY
    assert inflate(gzip.compress(BODY[:100]) + gzip.compress(BODY[100:]), "gzip", CAP) == BODY
    assert BODY.startswith(inflate(gzip.compress(BODY)[:-20], "gzip", CAP))  # cut short
    assert inflate(brotli.compress(gzip.compress(BODY)), "gzip, br", CAP) == BODY


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_costs_the_cap(encoding: str) -> None:
    bomb = b"\0" * 50_000_000
    packed = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": lambda body: brotli.compress(body, quality=5),
        "zstd": zstandard.compress,
    }[encoding](bomb)
    with pytest.raises(TooLargeError):
        inflate(packed, encoding, CAP)


def test_a_bomb_in_a_bomb_and_one_of_many_members() -> None:
    with pytest.raises(TooLargeError):
        inflate(gzip.compress(gzip.compress(b"\0" * 5_000_000)), "gzip, gzip", CAP)
    with pytest.raises(TooLargeError):
        inflate(gzip.compress(b"x" * 60_000) * 2, "gzip", CAP)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"nonsense", "br"),
        (b"nonsense", "zstd"),
        (b"\x1f\x8bnonsense", "gzip"),
        (b"\x1f\x9d\x90x", "compress"),
        (b"x", "gzip, gzip, gzip"),
    ],
)
def test_what_cannot_be_read_says_so(body: bytes, encoding: str) -> None:
    with pytest.raises(BadEncodingError):
        inflate(body, encoding, CAP)
