"""Lookalikes, the same words about something else, are never one story; edits of one report are. Texts are invented."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from pipeline.records import Article, identity
from pipeline.text.dedupe.index import MemoryIndex
from pipeline.text.dedupe.link import link
from pipeline.text.dedupe.marks import Named, marks_conflict, marks_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEMPLATES = {
    "product": (
        "A flaw in {} lets a remote attacker run code without logging in. The maker has published an update, and users should install it at once.",
        ("Lantern Router", "Quayside Mail", "Ternbox OS"),
    ),
    "number": (
        "Bulletin {}. Several holes in products of the maker were closed this month. Administrators should plan the update for the next window.",
        ("2026/14", "2026/15", "2026/19"),
    ),
    "code": (
        "After the update {} some machines do not start any more. The maker advises to remove it from the recovery console for now.",
        ("KB5034441", "KB5035853", "KB5036893"),
    ),
    "address": (
        "A command and control server of the botnet was found at {} on Monday. It is reachable on port 443 and should be blocked by operators.",
        ("198.51.100.7", "198.51.100.23", "203.0.113.9"),
    ),
    "site": (
        "The operator of {} has told the authority that strangers had access to accounts of customers. Names and addresses were taken.",
        ("shop.kell.example", "tickets.tarn.example", "haven-books.example"),
    ),
    "victim": (
        "The ransomware group has added {} to its leak site. It will publish what it took within seven days unless a ransom is paid.",
        ("Acme Shipping", "Tarn Dental Care", "Kell School Board"),
    ),
    "place": (
        "Air raid alert in {} region. Residents are asked to go to the nearest shelter and to stay there until the all-clear is given.",
        ("Kell", "Tarn", "Ostmark"),
    ),
    "German": (
        "Eine Schwachstelle in {} erlaubt es einem entfernten Angreifer, Dateien zu lesen. Betreiber sollten das Update sofort einspielen.",
        ("Lantern Server", "Quay Manager", "Ternbox OS"),
    ),
    "Russian": (
        "В {} объявлена воздушная тревога. Жителей просят пройти в укрытия и оставаться там до отбоя, не игнорируйте сигнал.",
        ("Келле", "Тарне", "Остмарке"),
    ),
}
TEXT = "Police closed the road between Kell and Tarn on Monday after two blasts. Nine people were hurt, the mayor said. A detour leads past Haven."
EDITS = {
    "more": TEXT + " Experts of the Ost Institute agreed.",
    "less": TEXT.rpartition(" A detour")[0],
    "other words": TEXT.replace("closed", "shut").replace("were hurt", "were injured"),
    "numbers": TEXT.replace("two", "three").replace("Nine", "Ten"),
    "day": TEXT.replace("Monday", "Sunday"),
    "spelling": TEXT.replace("Haven", "Havn").replace("Tarn", "Taarn"),
    "capitals": TEXT.upper(),
    "credit": TEXT + " (Quay Press)",
    "dateline": "KELL, March 2 (AFP) - " + TEXT,
    "new lead": "Blasts shook the north. " + TEXT,
    "footer": TEXT + " Write to news@pier.example. Copyright Pier Ltd.",
}


def article(text: str, number: int, feed: str, title: str | None = "Notice of the centre") -> Article:
    key = identity.article_id(feed=feed, url=f"https://{feed}.example/{number}")
    version = identity.version_id(key, title, text)
    at = NOW + timedelta(minutes=number)
    return Article(
        article_id=key,
        version_id=version,
        feed=feed,
        title=title,
        text=text,
        url=f"https://{feed}.example/{number}",
        published=at,
        fetched=at,
    )


def are_one(a: Article, b: Article) -> bool:
    index = MemoryIndex()
    return link(a, index).story == link(b, index).story


@pytest.mark.parametrize("feed", ["cert", "paper"])
@pytest.mark.parametrize("title", ["Notice of the centre", None])
@pytest.mark.parametrize("kind", TEMPLATES)
def test_lookalikes_are_never_merged(kind: str, title: str | None, feed: str) -> None:
    template, names = TEMPLATES[kind]
    for one, other in combinations(names, 2):
        assert not are_one(
            article(template.format(one), 1, "cert", title), article(template.format(other), 2, feed, title)
        )


@pytest.mark.parametrize("kind", EDITS)
def test_edits_of_one_report_are(kind: str) -> None:
    assert are_one(article(TEXT, 1, "wire"), article(EDITS[kind], 2, "paper"))


def test_a_name_deep_in_a_long_text_is_no_subject() -> None:
    long = f"{TEXT} " + " ".join(
        f"Sentence number {n} tells of the works on the wall and of the quay." for n in range(40)
    )
    assert are_one(
        article(f"{long} Ida Brandt wrote it.", 1, "wire"), article(f"{long} Olaf Kern wrote it.", 2, "paper")
    )
    assert are_one(article(f"{long} The F-16 left.", 1, "wire"), article(f"{long} The F-18 left.", 2, "paper"))


def test_what_a_text_names() -> None:
    found = marks_of(
        "The Lantern Router at 198.51.100.7 told Ida of KB5034441. On Monday the wall fell; see https://kell.example/a for more."
    )
    assert set(found) == {"lantern", "router", "198511007", "ida", "kb5034441", "kellexample", "a"}


def test_names_that_explain_little_of_the_difference_say_nothing() -> None:
    a, b = Named({"kell": 1}, lambda _: False, 40.0), Named({"tarn": 1}, lambda _: False, 40.0)
    assert marks_conflict(a, b) is None
    assert marks_conflict(Named(a.marks, a.uses, 2.0), Named(b.marks, b.uses, 2.0)) is not None
    assert marks_conflict(Named(a.marks, a.uses, 0.0), Named(b.marks, b.uses, 2.0)) is None
