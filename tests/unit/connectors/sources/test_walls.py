"""Pages that stand in place of an article are told by kind; articles with a banner or an appeal stay articles."""

import pytest

from connectors.sources.page import extract_page

ARTICLE = "".join(
    f"<p>Invented report, part {n}: the convoy left the valley before noon and reached the pass by evening, officials said on Monday.</p>"
    for n in range(20)
)


def page(body: str, title: str = "A page", head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("html", "url", "expected"),
    [
        (page("<main><p>We value your privacy. We and our 512 partners store cookies.</p><button>Accept all</button></main>"), None, "consent"),
        (page("<main><p>Wir verwenden Cookies und ähnliche Technologien.</p><p>Alle akzeptieren</p></main>"), None, "consent"),
        (page("<main><p>Continue</p></main>"), "https://consent.news.example/collect?continue=x", "consent"),
        (page("<article><p>The first lines of the story stand here.</p><p>Subscribe to continue reading.</p><p>Already a subscriber?</p></article>"), None, "paywall"),
        (page("<article><p>Die ersten Zeilen.</p><p>Nur für Abonnenten. Jetzt Artikel freischalten.</p></article>"), None, "paywall"),
        (
            page("<article><p>Its beginning alone.</p></article>", head='<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False"}</script>'),
            None,
            "paywall",
        ),
        (page("<main><p>Please log in to read this page.</p></main>"), None, "login"),
        (page("<main><p>Enable JavaScript and cookies to continue</p></main>", title="Just a moment..."), None, "challenge"),
        (page(f"<article>{ARTICLE}</article>"), None, None),
        (page(f"<div>We value your privacy. Our partners use cookies. Accept all</div><article>{ARTICLE}</article>"), None, None),
        (page(f"<article>{ARTICLE}<p>Subscribe to continue reading our work.</p></article>"), None, None),
        (page(f"<article>{ARTICLE}</article>", title="Just a moment: how the ceasefire came about"), None, None),
        (page("<article><p>A short note, that is all: the bridge is open again, the ministry said in one sentence on Monday.</p></article>"), None, None),
        (page("<article><p>Regulators fined the network because it uses cookies without asking, the office said on Monday.</p></article>"), None, None),
    ],
)  # fmt: skip
def test_walls(html: str, url: str | None, expected: str | None) -> None:
    assert extract_page(html, url=url).wall == expected
