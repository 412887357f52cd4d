"""JSON Lines in, JSON Lines out: what every offline command shares.

One input line gives one output line, in input order. A line that can't be handled gives
`{"id": …, "error": {"type": …, "message": …}}` in its place and makes the exit code 1; the others are still handled.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from pipeline.errors import TocsinError

Line = dict[str, Any]
"""One decoded JSON object; `Any` ends where the command decodes it into a record."""

LINE_BYTES_MAX = 64 * 1024 * 1024
"""Longest input line, bytes; a longer one is refused."""
BATCH_LINES = 64
"""How many lines are handed to a batch handler at a time."""

_encoder = msgspec.json.Encoder()


def error_line(line_id: object, error: BaseException) -> Line:
    """The output line of an input line that was refused."""
    return {"id": line_id, "error": {"type": type(error).__name__, "message": str(error)}}


def _read(streams: Iterable[BinaryIO]) -> Iterator[Line | ValueError]:
    number = 0
    for stream in streams:
        while raw := stream.readline(LINE_BYTES_MAX + 1):
            number += 1
            if not raw.strip():
                continue
            if len(raw) > LINE_BYTES_MAX:
                while raw and not raw.endswith(b"\n"):
                    raw = stream.readline(LINE_BYTES_MAX)
                yield ValueError(f"line {number} is longer than {LINE_BYTES_MAX} bytes")
                continue
            try:
                line = msgspec.json.decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                yield ValueError(f"line {number} is not JSON: {error}")
                continue
            yield line if isinstance(line, dict) else ValueError(f"line {number} is not a JSON object")


def run_batches(handle: Callable[[list[Line]], list[Line]], files: list[Path]) -> int:
    """Feed lines in batches to `handle` and write what it returns; the exit code.

    `handle` answers one output line per input line, in order; when it raises on a batch, the lines of that batch are
    handed over one by one, so that a bad line costs no other.
    """
    code = 0

    def answer(batch: list[Line | ValueError]) -> None:
        nonlocal code
        good = [line for line in batch if not isinstance(line, ValueError)]
        done = iter(_handle_batch(handle, good))
        for line in batch:
            out = error_line(None, line) if isinstance(line, ValueError) else next(done)
            code = 1 if out.get("error") is not None else code
            sys.stdout.buffer.write(_encoder.encode(out) + b"\n")
        sys.stdout.buffer.flush()

    with ExitStack() as stack:
        streams: list[BinaryIO] = [stack.enter_context(file.open("rb")) for file in files] or [sys.stdin.buffer]
        lines = _read(streams)
        while batch := list(islice(lines, BATCH_LINES)):
            answer(batch)
    return code


def run_lines(handle: Callable[[Line], Line], files: list[Path]) -> int:
    """Feed lines one by one to `handle` and write what it returns; the exit code."""
    return run_batches(lambda lines: [_handle_one(handle, line) for line in lines], files)


def run_whole(handle: Callable[[Line], Line], finish: Callable[[list[Line]], list[Line]], files: list[Path]) -> int:
    """As `run_lines`, but nothing is written before the last input line: `finish` sees all answers in order and may complete them."""
    with ExitStack() as stack:
        streams: list[BinaryIO] = [stack.enter_context(file.open("rb")) for file in files] or [sys.stdin.buffer]
        answers = [
            error_line(None, line) if isinstance(line, ValueError) else _handle_one(handle, line)
            for line in _read(streams)
        ]
    for out in finish(answers):
        sys.stdout.buffer.write(_encoder.encode(out) + b"\n")
    sys.stdout.buffer.flush()
    return 1 if any(out.get("error") is not None for out in answers) else 0


def _handle_batch(handle: Callable[[list[Line]], list[Line]], lines: list[Line]) -> list[Line]:
    try:
        return handle(lines) if lines else []
    except Exception:  # noqa: BLE001 - the outermost place of an offline command: one bad line must not cost the others
        return [_handle_one(lambda line: handle([line])[0], line) for line in lines]


def _handle_one(handle: Callable[[Line], Line], line: Line) -> Line:
    try:
        return handle(line)
    except (TocsinError, ValueError, msgspec.ValidationError) as error:
        return error_line(line.get("id"), error)
    except Exception as error:  # noqa: BLE001 - as above
        return error_line(line.get("id"), error)
