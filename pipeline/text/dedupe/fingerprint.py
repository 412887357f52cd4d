"""What is kept of an article for comparing it with later ones: about 2.5 KB, whatever its length.

Guarantee: the fingerprint is a function of title and text alone (and of ids, publisher and time, which are only carried), the
same in every process and release of Python; `FINGERPRINT_VERSION` changes when that function does, and other versions are not compared.
"""

import re
from collections import Counter
from hashlib import blake2b

from msgspec import Struct

from pipeline.records import Article, ArticleId, VersionId
from pipeline.records.identity import canonical_link
from pipeline.text.dedupe.identifiers import Identifiers, identifiers_of
from pipeline.text.dedupe.marks import marks_of
from pipeline.text.dedupe.sketch import Sketch, key_of, sketch_of
from pipeline.text.dedupe.titles import Subject, title_words
from pipeline.text.dedupe.vocabulary import uses, vocabulary_of
from pipeline.text.dedupe.words import body_of, words_of

FINGERPRINT_VERSION = 1
SALIENT_WORDS_MAX = 48
"""How many of a text's most frequent words are kept with their counts."""
IDENTIFIER_KEYS_MAX = 16
"""How many identifiers serve as look-up keys beside the shingles."""

_LETTER = re.compile(r"[^\W\d_]")


class Fingerprint(Struct, frozen=True, kw_only=True, array_like=True):
    """One version of one article, as the index keeps it."""

    v: int = FINGERPRINT_VERSION
    article_id: ArticleId
    version_id: VersionId
    title: str | None
    text_hash: bytes  # 16 bytes over the normalised words
    length: int  # words
    sketch: Sketch
    identifiers: Identifiers
    salient: dict[str, int]  # how often the most frequent words, and the title's, stand in the text
    vocabulary: bytes  # which words it uses
    publisher: str | None = None  # feed and host: who gave it this address; None in rows written before this was kept
    published: int | None = None  # as claimed, seconds since 1970
    marks: dict[str, int] | None = None  # what it names, and how often; None in rows written before this was kept

    @property
    def subject(self) -> Subject:
        """What its title and text are about."""
        return Subject(title_words(self.title), self.salient, self.length, self.vocabulary)

    def uses(self, word: str) -> bool:
        """Whether the text uses the word; of a short text all words are known, of others it may seem so where it does not."""
        return word in self.salient if len(self.salient) < SALIENT_WORDS_MAX else uses(self.vocabulary, word)

    @property
    def lookup_keys(self) -> tuple[int, ...]:
        """The keys under which the index knows it: its shingles, and its identifiers."""
        names = (
            sorted(self.identifiers.own)[:IDENTIFIER_KEYS_MAX] + sorted(self.identifiers.named)[:IDENTIFIER_KEYS_MAX]
        )
        return self.sketch.keys + tuple(key_of(f"id {name}") for name in names)


def fingerprint_of(article: Article) -> Fingerprint:
    """The fingerprint of an article."""
    words = words_of(body_of(article.text))
    frequent = Counter(word for word in words if _LETTER.search(word) or len(word) > 1)
    wanted = title_words(article.title).words
    salient = dict(frequent.most_common(SALIENT_WORDS_MAX)) | {
        word: frequent[word] for word in wanted if word in frequent
    }
    return Fingerprint(
        article_id=article.article_id,
        version_id=article.version_id,
        title=article.title,
        text_hash=blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=16).digest(),
        length=len(words),
        sketch=sketch_of(words),
        identifiers=identifiers_of(article.title, article.text, article.url, article.guid),
        salient=salient,
        vocabulary=vocabulary_of(words),
        publisher=publisher_of(article),
        published=int(article.published.timestamp()) if article.published else None,
        marks=marks_of(body_of(article.text)),
    )


def publisher_of(article: Article) -> str:
    """Who gave an article its address: the feed and the host. An aggregator's feed carries many hosts, each a publisher."""
    host = canonical_link(article.url).partition("/")[0] if article.url else ""
    return f"{article.feed} {host}"
