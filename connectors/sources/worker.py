"""Parsing in processes of its own, so that a hostile document costs a bounded time and memory, and no other feed anything.

A worker is this module run as a program: it reads one task at a time on standard input and answers on standard output, each as a length
and a msgpack body. It lives under limits of its own making: CPU per task (`RLIMIT_CPU`; the kernel kills it), memory above what it
started with (`RLIMIT_AS`; allocation fails). The parent notices a dead worker, reports the task as too costly, and starts another.
"""

import asyncio
import os
import resource
import sys
from typing import BinaryIO, Literal, TypeVar

import msgspec
import structlog
from msgspec import Struct

from connectors.sources.document import NotAFeedError, Page
from connectors.sources.drafts import Reading, read_feed

CPU_S_MAX = 5
"""Per task."""
MEMORY_BYTES_MAX = 512 * 1024 * 1024
"""Above what the worker takes when it starts."""
WALL_S_MAX = 60.0
"""Per task, for a machine under load; CPU is what is bounded above."""
FRAME_BYTES_MAX = 256 * 1024 * 1024
TASKS_MAX = 2_000
"""A worker is replaced after so many tasks: parsers leak (feedparser issue 287)."""

_LENGTH_BYTES = 8
log = structlog.get_logger()


class Task(Struct, frozen=True):
    """One document to read."""

    kind: Literal["feed", "page", "file"]
    body: bytes
    url: str | None = None
    content_type: str | None = None
    name: str = ""  # of a file, and what it is
    file_kind: str = ""


class Answer(Struct, frozen=True, omit_defaults=True):
    """Exactly one field is set."""

    reading: Reading | None = None
    page: Page | None = None
    refused: str | None = None  # not a feed
    failed: str | None = None  # the parser fell over


class TooCostlyError(Exception):
    """The document took more time or memory than any feed may."""


R = TypeVar("R")
_task_encoder, _task_decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Task)
_answer_encoder, _answer_decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Answer)


def perform(task: Task) -> Answer:
    """Do the task here. Never raises but `MemoryError`."""
    try:
        if task.kind == "feed":
            return Answer(reading=read_feed(task.body, url=task.url, content_type=task.content_type))
        if task.kind == "file":
            from connectors.sources.filedrafts import read_file

            return Answer(reading=read_file(task.body, name=task.name, kind=task.file_kind))
        from connectors.sources.charset import decode
        from connectors.sources.page import extract_page  # takes a second to import, and not every feed needs it

        return Answer(page=extract_page(decode(task.body, task.content_type).text, url=task.url))
    except NotAFeedError as error:
        return Answer(refused=str(error))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - documents of strangers: whatever they do to the parsers is their failure, not ours
        return Answer(failed=f"{type(error).__name__}: {error}"[:300])


class ParserPool:
    """A few workers; a task waits for one that is free."""

    def __init__(self, workers: int = 1) -> None:
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        self._workers = [_Worker() for _ in range(workers)]
        for worker in self._workers:
            self._idle.put_nowait(worker)

    async def start(self) -> None:
        """Start the workers before there is work: importing the parsers takes a while."""
        for worker in self._workers:
            await worker.start()

    async def read_feed(self, body: bytes, *, url: str | None, content_type: str | None) -> Reading:
        """As `drafts.read_feed`. Raises `NotAFeedError`, `TooCostlyError`."""
        answer = await self._ask(Task("feed", body, url, content_type))
        if answer.reading is None:
            raise NotAFeedError(answer.failed or answer.refused or "no answer")
        return answer.reading

    async def extract_page(self, body: bytes, *, url: str | None, content_type: str | None) -> Page:
        """As `page.extract_page`, of bytes; an unreadable page is an empty one. Raises `TooCostlyError`."""
        return (await self._ask(Task("page", body, url, content_type))).page or Page()

    async def read_file(self, body: bytes, *, name: str, kind: str) -> Reading:
        """As `filedrafts.read_file`. Raises `NotAFeedError`, `TooCostlyError`."""
        answer = await self._ask(Task("file", body, name=name, file_kind=kind))
        if answer.reading is None:
            raise NotAFeedError(answer.failed or answer.refused or "no answer")
        return answer.reading

    async def _ask(self, task: Task) -> Answer:
        worker = await self._idle.get()
        try:
            return await worker.ask(task)
        finally:
            self._idle.put_nowait(worker)

    async def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            await worker.stop()


class _Worker:
    """One process, started when first needed and again after every death."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._tasks = 0

    async def ask(self, task: Task) -> Answer:
        process = await self._running()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        body = _task_encoder.encode(task)
        try:
            async with asyncio.timeout(WALL_S_MAX):
                process.stdin.write(len(body).to_bytes(_LENGTH_BYTES, "big") + body)
                await process.stdin.drain()
                length = int.from_bytes(await process.stdout.readexactly(_LENGTH_BYTES), "big")
                answer = _answer_decoder.decode(await process.stdout.readexactly(length))
        except (asyncio.IncompleteReadError, BrokenPipeError, ConnectionResetError) as error:
            code = await process.wait()
            self._process = None
            raise TooCostlyError(_why(code)) from error
        except BaseException as error:  # a time-out, or the daemon stops: the worker is in the middle of something
            await self.stop()
            if isinstance(error, TimeoutError):
                raise TooCostlyError(f"not parsed within {WALL_S_MAX:g} s") from error
            raise
        self._tasks += 1
        if self._tasks >= TASKS_MAX:
            await self.stop()
        return answer

    async def start(self) -> None:
        await self._running()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                __name__,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is the parent's to handle
            )
            self._tasks = 0
        return self._process

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()


def _why(code: int) -> str:
    if code in (-24, -9):  # SIGXCPU, SIGKILL
        return f"took more than {CPU_S_MAX} s of CPU to parse"
    if code == EXIT_MEMORY:
        return f"took more than {MEMORY_BYTES_MAX // 2**20} MB to parse"
    return f"the parser died of it (exit {code})"


EXIT_MEMORY = 77


def main() -> None:
    """The worker's own loop: until standard input ends."""
    tasks, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to the log, never between the answers
    _limit_memory()
    while (header := tasks.read(_LENGTH_BYTES)) and len(header) == _LENGTH_BYTES:
        body = _read_exactly(tasks, int.from_bytes(header, "big"))
        _limit_cpu()
        try:
            raw = _answer_encoder.encode(perform(_task_decoder.decode(body)))
        except MemoryError:
            os._exit(EXIT_MEMORY)
        answers.write(len(raw).to_bytes(_LENGTH_BYTES, "big") + raw)
        answers.flush()


def _read_exactly(stream: BinaryIO, length: int) -> bytes:
    if length > FRAME_BYTES_MAX:
        raise ValueError(length)
    return stream.read(length)


def _limit_cpu() -> None:
    """Allow the next task its seconds above what has been used; whole seconds, rounded up."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_S_MAX - 1, hard))


def _limit_memory() -> None:
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - no path of ours
        pages = int(file.read().split()[0])
    wanted = pages * resource.getpagesize() + MEMORY_BYTES_MAX
    resource.setrlimit(resource.RLIMIT_AS, (wanted, wanted))


if __name__ == "__main__":
    main()
