"""Reports with the incident that each belongs to, as files hold them: our own text format, and JSON Lines of a gold set."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from pipeline.records import Article, identity

REPORTS = Path(__file__).parents[1] / "reports" / "incidents"
"""Invented reports, written for learning from."""

_BLOCK = re.compile(r"(?m)^(?=== |# )")


class Report(Struct, frozen=True):
    """One report; `incident` None: of none. `group`: incidents that are easily confused stand in one."""

    group: str
    incident: str | None
    relation: str
    article: Article


def read_folder(folder: Path = REPORTS) -> list[Report]:
    """All reports of a folder, in order of publication."""
    found = [r for path in sorted(folder.glob("*.told")) for r in read_text(path)]
    found += [r for path in sorted(folder.glob("*.jsonl")) for r in read_lines(path)]
    return sorted(found, key=lambda r: (r.article.fetched, r.article.article_id))


def read_text(path: Path) -> Iterator[Report]:
    """Blocks `== incident | relation | feed | time | title` with the text below, under `# group` headings.

    Raises ValueError naming the file and the block's first line.
    """
    group = ""
    for number, block in enumerate(_BLOCK.split(path.read_text(encoding="utf-8"))):
        head, _, text = block.partition("\n")
        if head.startswith("# "):
            group = f"{path.stem}:{head[2:].strip()}"
        elif head.startswith("== "):
            fields = [field.strip() for field in head[3:].split("|", 4)]
            if len(fields) != 5 or not text.strip():
                raise ValueError(
                    f"{path.name}: {head!r} is not `== incident | relation | feed | time | title` with a text"
                )
            incident, relation, feed, at, title = fields
            told = article(f"{path.stem}:{number}", feed, title, text.strip(), at)
            yield Report(group, None if incident == "none" else f"{path.stem}:{incident}", relation, told)


def read_lines(path: Path) -> Iterator[Report]:
    """A gold set in JSON Lines: id, title, text, published, feed, incident, and group and relation where given."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        if not line.strip() or line.startswith("#"):
            continue
        row = json.loads(line)
        told = article(
            str(row.get("id", number)), row.get("feed") or "", row.get("title"), row["text"], row["published"]
        )
        incident = row.get("incident")
        group = f"{path.stem}:{row.get('group') or incident or 'none'}"
        yield Report(group, f"{path.stem}:{incident}" if incident else None, row.get("relation") or "report", told)


def article(name: str, feed: str, title: str | None, text: str, at: str) -> Article:
    """The article as a connector would make it; `at`: ISO 8601, UTC where it says no zone."""
    when = datetime.fromisoformat(at)
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    article_id = identity.article_id(feed=feed, url=None, guid=name)
    version = identity.version_id(article_id, title, text)
    return Article(
        article_id=article_id,
        version_id=version,
        feed=feed,
        title=title,
        text=text,
        guid=name,
        published=when,
        fetched=when,
    )
