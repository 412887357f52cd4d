"""Invented stories with the reprints that a wire sees: cut, with a footer, in other case, of an other extractor, revised."""

import random
from datetime import UTC, datetime

from pipeline.records import Article
from pipeline.records.identity import article_id, version_id


def make_text(seed: int, sentences: int = 12) -> str:
    """Sentences of invented words, the same for the same seed; common words between them, as in any language."""
    own = random.Random(seed)
    names = ["".join(own.choice("bdfgklmnprstv") + own.choice("aeiou") for _ in range(3)) for _ in range(80)]
    plain = ["the", "of", "and", "to", "in", "a", "that", "on", "with", "for", "was", "by", "at", "from"]
    return " ".join(
        " ".join(own.choice(plain if own.random() < 0.4 else names) for _ in range(14)).capitalize() + "."
        for _ in range(sentences)
    )


def make(number: int, text: str, title: str | None = None) -> Article:
    article = article_id(feed="", url=f"https://paper-{number}.example/story")
    version = version_id(article, title, text)
    return Article(
        article_id=article,
        version_id=version,
        feed=f"paper-{number}",
        title=title,
        text=text,
        fetched=datetime(2026, 3, 2, tzinfo=UTC),
    )


def make_stream(stories: int, seed: int) -> list[Article]:
    """Stories, each with a cut copy, a copy with a footer, a copy of other case, a revision; shuffled."""
    footer = " Sign up for our daily letter. All rights reserved by the paper that you are reading now."
    stream = []
    for story in range(stories):
        text = make_text(story)
        number = story * 10
        copies = (
            text,
            text[: len(text) // 3],
            text + footer,
            text.upper(),
            text.replace(".", " ;"),
            make_text(story, 14),
        )
        stream += [make(number + place, copy) for place, copy in enumerate(copies)]
        stream.append(make(number, text + " It was corrected later to say that nobody was hurt."))
    random.Random(seed).shuffle(stream)
    return stream
