"""The source `folder`: files that something else drops into a directory.

    [sources.drop]
    type = "folder"
    path = "/var/spool/tocsin"
    tags = ["partner"]

`*.jsonl` (one article a line: `text`, and any of `id`, `title`, `url`, `published`, `authors`, `language`, `categories`), `*.html` (a saved page)
and `*.eml` (a mail). Files are read, never changed; a name that begins with a dot is passed over, so write there first and rename.
A file is read again when its size or time changed.

Delivery: at least once, as for feeds. A file that can't be read costs no other; it is counted, and named in the warnings.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from connectors.sources.articles import Known, Origin, harvest
from connectors.sources.document import NotAFeedError
from connectors.sources.drafts import Draft, Reading
from connectors.sources.polls import failed, planned
from connectors.sources.rules import Rules
from connectors.sources.schedule import Pace, Told
from connectors.sources.source import Feed, FeedState, Grade, Poll, Tools
from connectors.sources.worker import TooCostlyError
from pipeline.errors import ConfigError
from pipeline.records.codec import MESSAGE_BYTES_MAX, encode

FILES_MAX = 2_000
"""Read in one poll, the latest; more are counted as skipped."""
FILE_BYTES_MAX = 15 * 1024 * 1024
POLL_S_MIN = 2.0
POLL_S_MAX = 30.0
KINDS = {".jsonl": "lines", ".html": "page", ".htm": "page", ".eml": "mail"}
SKIPPED_BEYOND_LIMIT = "beyond-limit"
SKIPPED_TOO_LARGE = "too-large"
SKIPPED_UNREADABLE = "unreadable"


class Config(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a source of this type."""

    type: str = "folder"
    path: str
    tags: tuple[str, ...] = ()
    grade: Grade | None = None
    owner: str | None = None
    poll_s_min: float = POLL_S_MIN  # seconds
    poll_s_max: float = POLL_S_MAX  # seconds
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    enabled: bool = True


class FolderSource:
    """One directory."""

    def __init__(self, name: str, config: Config) -> None:
        self.name = name
        self.config = config
        self._rules = Rules(config.include, config.exclude)
        if not 0 < config.poll_s_min <= config.poll_s_max:
            raise ConfigError(f"sources.{name}: poll_s_min must be above 0 and not above poll_s_max")
        if not config.path:
            raise ConfigError(f"sources.{name}: name the directory with path")

    def feeds(self) -> Sequence[Feed]:
        """The directory is the one feed."""
        if not self.config.enabled:
            return ()
        feed = Feed(
            name=self.name,
            source=self.name,
            url=Path(self.config.path).absolute().as_uri(),
            pace=Pace(self.config.poll_s_min, self.config.poll_s_max),
            tags=self.config.tags,
            grade=self.config.grade,
            owner=self.config.owner,
            is_spaced=False,
        )
        return (feed,)

    async def poll(self, feed: Feed, state: FeedState, known: Callable[[], Awaitable[Known]], tools: Tools) -> Poll:
        """Read what changed since the last poll. Never raises for what is in the files."""
        try:
            files = await asyncio.to_thread(_list, Path(self.config.path))
        except OSError as error:
            return failed(feed, state, "unreadable", str(error), tools.now())
        mark = hashlib.sha256(repr(files).encode("utf-8", "surrogateescape")).hexdigest()
        if mark == state.body_hash:
            after = planned(feed, replace(state, failures=0), Told(outcome="not-modified"), tools.now())
            return Poll(outcome="not-modified", state=after)
        reading = await self._read(files, tools)
        origin = Origin(feed=feed.name, tags=feed.tags, grade=feed.grade, owner=feed.owner, rules=self._rules)
        crop = harvest(reading, origin, await known(), tools.now())
        articles = tuple(article for article in crop.articles if len(encode(article)) <= MESSAGE_BYTES_MAX)
        skipped = Counter(crop.skipped)
        skipped[SKIPPED_TOO_LARGE] += len(crop.articles) - len(articles)
        told = Told(outcome="ok", entries=reading.entries, new=len(articles))
        return Poll(
            outcome="ok",
            entries=reading.entries,
            articles=articles,
            skipped={reason: count for reason, count in skipped.items() if count},
            seen=crop.seen,
            warnings=reading.warnings,
            state=planned(feed, replace(state, failures=0, body_hash=mark), told, tools.now()),
        )

    async def _read(self, files: list[tuple[str, int, int]], tools: Tools) -> Reading:
        """All files, each in a parsing process of its own limits; drafts newest first, as feeds have them."""
        drafts: list[Draft] = []
        skipped: Counter[str] = Counter()
        warnings: list[str] = []
        entries = 0
        beyond = max(0, len(files) - FILES_MAX)
        for path, size, _ in files[:FILES_MAX]:
            if size > FILE_BYTES_MAX:
                entries += 1
                skipped[SKIPPED_TOO_LARGE] += 1
                continue
            try:
                raw = await asyncio.to_thread(Path(path).read_bytes)
                read = await tools.parser.read_file(raw, name=Path(path).name, kind=KINDS[Path(path).suffix.lower()])
            except (OSError, NotAFeedError, TooCostlyError) as error:
                entries += 1
                skipped[SKIPPED_UNREADABLE] += 1
                warnings.append(f"{Path(path).name}: {error}")
                continue
            entries += read.entries
            drafts += read.drafts
            skipped.update(read.skipped)
            warnings += read.warnings
        if beyond:
            entries += beyond
            skipped[SKIPPED_BEYOND_LIMIT] += beyond
        return Reading(entries=entries, drafts=tuple(drafts), skipped=dict(skipped), warnings=tuple(warnings))


def _list(folder: Path) -> list[tuple[str, int, int]]:
    """Path, size and time of the files that are read, the latest first."""
    found = []
    for path in folder.iterdir():
        if path.suffix.lower() in KINDS and not path.name.startswith(".") and path.is_file():
            told = path.stat()
            found.append((str(path), told.st_size, told.st_mtime_ns))
    return sorted(found, key=lambda file: (-file[2], file[0]))
