"""A backup as it lies on disk: a directory with a manifest, the store's dump and the messages.

It is written beside its final name and renamed when whole, so what has the name of a backup is one. For its owner only: articles
and feed addresses may be nobody else's business. Failure: `UsageError` naming the file that is missing, cut or altered.
"""

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import zstandard
from msgspec import Struct

from pipeline.errors import UsageError

FORMAT = 1
MANIFEST = "manifest.json"
STORE = "store.dump"
MESSAGES = "messages.jsonl.zst"
DIRECTORY_MODE = 0o700
FILE_MODE = 0o600
PARTIAL = ".partial"

Offsets = dict[int, int]
"""Partition to offset."""
Positions = dict[str, Offsets]
"""Topic to offsets."""


class Message(Struct, frozen=True):
    """A message of a topic; bytes are base64 in the file."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, str] = {}


class File(Struct, frozen=True):
    """What a file of the backup must be."""

    bytes: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """What a backup is, and where Kafka stood."""

    format: int = FORMAT
    made_at: datetime
    version: str  # of tocsin
    revision: str  # of the store's tables
    store: str  # the store's id
    cluster: str  # Kafka's
    articles: Offsets  # the pipeline's position before the snapshot: what is below is written in it
    alerts: Positions  # of each alert topic: the slowest reader's position before the snapshot, or the end
    rejects: Offsets  # the end before the snapshot
    ends: Positions  # where each topic ended after the snapshot
    groups: dict[str, Positions]  # the readers of alerts
    messages: dict[str, int]  # how many of each topic are in the backup
    files: dict[str, File]


def begin(folder: Path, name: str) -> Path:
    """A fresh directory to write a backup into. Raises `UsageError`."""
    final, partial = folder / name, folder / f"{name}{PARTIAL}"
    if final.exists() or partial.exists():
        raise UsageError(f"{final} (or {partial.name}) is there already")
    try:
        folder.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        partial.mkdir(mode=DIRECTORY_MODE)
    except OSError as error:
        raise UsageError(f"{folder}: a backup can't be written there: {error.strerror}") from error
    return partial


def write_messages(path: Path, messages: Iterable[Message]) -> dict[str, int]:
    """Write the messages; how many of each topic."""
    counts: dict[str, int] = {}
    encoder = msgspec.json.Encoder()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file, zstandard.ZstdCompressor().stream_writer(file) as out:
        for message in messages:
            out.write(encoder.encode(message) + b"\n")
            counts[message.topic] = counts.get(message.topic, 0) + 1
    return counts


def read_messages(folder: Path) -> Iterator[Message]:
    """The messages of a backup, in order per partition."""
    decoder = msgspec.json.Decoder(Message)
    with (folder / MESSAGES).open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as plain:
        for line in io.BufferedReader(plain):
            yield decoder.decode(line)


def describe(path: Path) -> File:
    """The file as the manifest has it, once it is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return File(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def finish(partial: Path, manifest: Manifest) -> Path:
    """Write the manifest and give the backup its name."""
    path = partial / MANIFEST
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        file.flush()
        os.fsync(file.fileno())
    return partial.rename(partial.with_name(partial.name.removesuffix(PARTIAL)))


def read(folder: Path) -> Manifest:
    """The manifest, after every file was found to be as it says. Raises `UsageError`."""
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise UsageError(f"{folder} is no backup: {MANIFEST}: {error.strerror}") from error
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except msgspec.DecodeError as error:
        raise UsageError(f"{folder / MANIFEST} can't be read: {error}") from error
    if manifest.format > FORMAT:
        raise UsageError(
            f"{folder} was made by tocsin {manifest.version}, in a format this one does not know: upgrade it"
        )
    for name, due in manifest.files.items():
        try:
            found = describe(folder / name)
        except OSError as error:
            raise UsageError(f"{folder / name} can't be read: {error.strerror}") from error
        if found != due:
            raise UsageError(f"{folder / name} is not the file that was backed up: cut short, or altered")
    return manifest
