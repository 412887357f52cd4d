"""200 feeds over 100 polls each, as publishers keep them: every article once, every edit a revision, no false alarm of missed entries.

Each feed is a model that knows what is true (which article an entry is, what its wording is); a poll shows a window of it, with the links, guids, order
and dates of the feed's habit. Most polls give drafts; of some feeds the document is written out and goes through the parser as well. Texts are invented.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

import pytest

from connectors.sources.articles import Harvest, Origin, Seen, harvest, remember
from connectors.sources.drafts import Draft, Reading, read_feed

FEEDS = 200
POLLS = 100
PARSED_FEEDS = 8
PARSED_POLLS = 25
START = datetime(2026, 3, 2, 6, 10, tzinfo=UTC)
WORDS = "wall quay ferry storm council bridge harbour mayor lorry strike police road fire crew night coast port train school market".split()
PLACES = "Kell Tarn Ost Haven Pier Lund Ostmark Quay".split()

HABITS = (
    "stable", "guids anew", "all anew", "all anew, days only", "all anew, undated", "no guids", "no links", "words alone", "guid is link",
    "fragments", "parameters", "sirens", "alike titles",
)  # fmt: skip
TITLES_CHANGE = ("stable", "no links", "parameters")
"""Habits under which something of an entry stays when its title, its text and its host change between two polls."""


@dataclass
class Item:
    number: int
    title: str
    text: str
    published: datetime | None
    is_edited: bool = False  # since it was last shown


@dataclass
class Publisher:
    """One feed as it really is."""

    own: random.Random
    habit: str
    size: int
    order: str
    host: str = "n.example"
    items: list[Item] = field(default_factory=list)
    fetches: int = 0

    def goes_on(self, now: datetime) -> None:
        """New entries, edits and a move, between two polls."""
        for _ in range(self.own.randint(0, self.size // 3) if self.items else self.size):
            self._publish(now)
        if self.own.random() < 0.3 and len(self.items) > 1 and "undated" not in self.habit and self.habit != "sirens":
            item = self.own.choice(self.items[-self.size :])
            item.text = f"{item.text.split(' Update')[0]} Update {self.own.random():.9f}."
            if self.own.random() < 0.3 and self.habit in TITLES_CHANGE:
                item.title = f"{item.title.removesuffix(' (updated)')} (updated)"
            item.is_edited = True
        if self.own.random() < 0.02 and self.habit != "no links":
            self.host = f"h{self.own.randint(1, 999)}.example"

    def _publish(self, now: datetime) -> None:
        number = len(self.items) + 1
        words = " ".join(self.own.choices(WORDS, k=5))
        title = {"sirens": "Siren in Kell", "alike titles": f"Release {number} of the router"}.get(
            self.habit, f"{self.own.choice(PLACES)}: {words}"
        )
        text = (
            "Siren in Kell."
            if self.habit == "sirens"
            else f"{title}. {' '.join(self.own.choices(WORDS, k=25))} {number}."
        )
        at = now + timedelta(seconds=7 * (number % 150))
        at = at.replace(hour=0, minute=0, second=0) if "days" in self.habit else at
        self.items.append(Item(number, title, text, None if "undated" in self.habit else at))

    def window(self) -> list[Item]:
        shown = self.items[-self.size :]
        if self.order == "shuffled":
            return self.own.sample(shown, len(shown))
        return shown if self.order == "oldest first" else shown[::-1]

    def draft(self, item: Item) -> Draft:
        anew = f"{self.own.getrandbits(60):x}x"
        link: str | None = f"https://{self.host}/a/{item.number}"
        guid: str | None = f"tag:{item.number}"
        if self.habit.startswith("all anew"):
            link, guid = f"https://{self.host}/r/{anew}", anew
        elif self.habit == "guids anew":
            guid = anew
        elif self.habit in ("no guids", "words alone"):
            guid = None
        elif self.habit == "guid is link":
            guid = link
        elif self.habit == "fragments":
            link, guid = f"https://{self.host}/live#post-{item.number}", None
        elif self.habit == "parameters":
            link = f"https://{self.host}/a?id={item.number}&s={self.fetches}"
        if self.habit in ("no links", "words alone"):
            link = None
        return Draft(guid=guid, url=link, title=item.title, text=item.text, published=item.published)


def document(publisher: Publisher, drafts: list[Draft]) -> bytes:
    """The drafts as an RSS document."""
    parts = []
    for one in drafts:
        link = f"<link>{escape(one.url)}</link>" if one.url else ""
        guid = f"<guid isPermaLink='false'>{escape(one.guid)}</guid>" if one.guid else ""
        date = f"<pubDate>{one.published.isoformat()}</pubDate>" if one.published else ""
        parts.append(
            f"<item><title>{escape(one.title or '')}</title>{link}{guid}{date}<description>{escape(one.text)}</description></item>"
        )
    return f"<rss version='2.0'><channel><title>F</title><link>https://{publisher.host}/</link>{''.join(parts)}</channel></rss>".encode()


@dataclass
class Followed:
    """What the connector made of a feed, against what is true."""

    name: str
    ids: dict[int, str] = field(default_factory=dict)
    told: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    due: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    rows: dict[str, Seen] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def poll(self, publisher: Publisher, at: datetime, *, is_parsed: bool) -> None:
        shown = publisher.window()
        drafts = [publisher.draft(item) for item in shown]
        publisher.fetches += 1
        reading = Reading(link=f"https://{publisher.host}/", entries=len(drafts), drafts=tuple(drafts))
        if is_parsed:
            reading = read_feed(document(publisher, drafts), url="https://feeds.example/f", content_type=None)
        known = [item for item in shown if item.number in self.ids]
        crop = harvest(reading, Origin(feed=self.name), remember(list(self.rows.values())), at)
        for item in shown:
            if item.number not in self.ids or item.is_edited:
                self.due[item.number] += 1
                item.is_edited = False
        self._take(crop, shown)
        if crop.is_gap and known:
            self.faults.append(f"false gap with {len(known)} of {len(shown)} known")
        for seen in crop.seen:
            self.rows.pop(seen.wording, None)
            self.rows[seen.wording] = seen

    def _take(self, crop: Harvest, shown: list[Item]) -> None:
        numbers = {(item.title, item.text, item.published): item.number for item in shown}
        for article in crop.articles:
            number = numbers[(article.title, article.text, article.published)]
            self.told[number] += 1
            if self.ids.setdefault(number, article.article_id) != article.article_id:
                self.faults.append(f"entry {number} under another id")


def follow(number: int, polls: int, *, is_parsed: bool) -> Followed:
    own = random.Random(number)
    publisher = Publisher(
        own, HABITS[number % len(HABITS)], own.randint(8, 20), own.choice(("newest first", "oldest first", "shuffled"))
    )
    followed = Followed(f"f{number}")
    now = START
    for _ in range(polls):
        publisher.goes_on(now)
        followed.poll(publisher, now, is_parsed=is_parsed)
        now += timedelta(minutes=20)
    if len(set(followed.ids.values())) != len(followed.ids):
        followed.faults.append("two entries under one id")
    wrong = {n: (followed.told[n], due) for n, due in followed.due.items() if followed.told[n] != due}
    if wrong:
        followed.faults.append(f"told and due: {dict(list(wrong.items())[:5])}")
    return followed


@pytest.mark.parametrize("habit", HABITS)
def test_every_article_once_and_every_edit_a_revision(habit: str) -> None:
    numbers = [n for n in range(FEEDS) if HABITS[n % len(HABITS)] == habit]
    faults = {n: found.faults for n in numbers if (found := follow(n, POLLS, is_parsed=False)).faults}
    assert not faults


def test_the_same_through_the_parser() -> None:
    numbers = range(FEEDS, FEEDS + PARSED_FEEDS)
    faults = {n: found.faults for n in numbers if (found := follow(n, PARSED_POLLS, is_parsed=True)).faults}
    assert not faults
