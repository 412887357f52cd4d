"""The web pages of an outlet: articles among the menus, banners and forms that real ones have, and front pages."""

from collections.abc import Sequence
from html import escape

from connectors.samples.blocks import html_text
from connectors.samples.documents import CONTENT_TYPES, Site
from connectors.samples.stream import Publication

RELATED_MAX = 4
"""Headlines of other articles beside an article: what an extractor has to leave out."""

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title} | {outlet}</title>
<link rel="alternate" type="{feed_type}" title="{outlet}" href="{feed}">
{head}</head>
<body>
<div class="cookie-banner" role="dialog"><p>We use cookies to improve your experience. Read our privacy policy.</p>
<button>Accept all</button> <button>Settings</button></div>
<header><a href="{home}">{outlet}</a>
<nav><ul><li><a href="{home}">Home</a></li><li><a href="{home}#world">World</a></li><li><a href="{home}#business">Business</a></li>
<li><a href="{home}#sport">Sport</a></li><li><a href="{home}#weather">Weather</a></li></ul></nav></header>
<main>
{main}
</main>
<footer><p>{outlet} is invented, and so is everything it reports: sample data of tocsin.</p>
<p><a href="{home}#about">About</a> <a href="{home}#contact">Contact</a> <a href="{home}#terms">Terms of use</a></p></footer>
</body>
</html>
"""


def render_article(site: Site, publication: Publication, others: Sequence[Publication]) -> bytes:
    """The article's page."""
    published = publication.published.isoformat()
    byline = f'<p class="byline">By {escape(", ".join(publication.authors))}</p>\n' if publication.authors else ""
    head = (
        f'<link rel="canonical" href="{escape(site.link(publication))}">\n'
        f'<meta property="og:title" content="{escape(publication.title)}">\n<meta property="og:type" content="article">\n'
        f'<meta property="article:published_time" content="{published}">\n'
    )
    related = "".join(_headline(site, other) for other in others[:RELATED_MAX] if other.slug != publication.slug)
    main = (
        f"<article>\n<h1>{escape(publication.title, quote=False)}</h1>\n{byline}"
        f'<time datetime="{published}">{publication.published:%d.%m.%Y %H:%M}</time>\n'
        f'<div class="article-body">\n{html_text(publication.blocks)}\n</div>\n</article>\n'
        '<div class="share"><a href="#share">Share</a> <a href="#print">Print</a></div>\n'
        f'<aside class="related"><h3>More stories</h3><ul>{related}</ul></aside>\n'
        '<section class="newsletter"><h3>Newsletter</h3><form><label>Your e-mail address <input type="email"></label>'
        "<button>Subscribe</button></form></section>"
    )
    return _page(site, publication.title, head, main)


def render_front(site: Site, shown: Sequence[Publication]) -> bytes:
    """The outlet's front page: what it is, and its headlines."""
    headlines = "".join(_headline(site, publication) for publication in shown)
    main = f"<h1>{escape(site.outlet.title)}</h1>\n<p>{escape(site.outlet.description)}</p>\n<ul>{headlines}</ul>"
    return _page(site, site.outlet.title, "", main)


def render_index(sites: Sequence[Site]) -> bytes:
    """The server's own page: all outlets and feeds."""
    rows = "".join(
        f'<li><a href="{s.home}">{escape(s.outlet.title)}</a> (<a href="{s.feed}">feed</a>): {escape(s.outlet.description)}</li>'
        for s in sites
    )
    links = "".join(
        f'<link rel="alternate" type="{CONTENT_TYPES[s.outlet.format]}" title="{escape(s.outlet.title)}" href="{s.feed}">'
        for s in sites
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Sample feeds of tocsin</title>{links}</head>'
        f"<body><h1>Sample feeds of tocsin</h1><p>All of this is invented.</p><ul>{rows}</ul></body></html>"
    ).encode()


def _headline(site: Site, publication: Publication) -> str:
    if publication.malformed:
        return ""
    return f'<li><a href="{site.link(publication)}">{escape(publication.title, quote=False)}</a></li>'


def _page(site: Site, title: str, head: str, main: str) -> bytes:
    return _PAGE.format(
        language=site.outlet.language,
        title=escape(title, quote=False),
        outlet=escape(site.outlet.title, quote=False),
        feed=site.feed,
        feed_type=CONTENT_TYPES[site.outlet.format],
        home=site.home,
        head=head,
        main=main,
    ).encode()
