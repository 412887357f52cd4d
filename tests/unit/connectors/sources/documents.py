"""Feed documents for tests, as they come and as they should not."""

ATOM = (
    b"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><id>urn:x</id><updated>2024-05-06T10:00:00Z</updated><entry>"
    b"<title>One</title><id>tag:n.example,2024:1</id><updated>2024-05-06T10:00:00Z</updated><content>Text.</content></entry></feed>"
)
JSON_FEED = b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": 1, "content_text": "Text.", "url": "https://n.example/1"}]}'
RUSSIAN = (
    "<?xml version='1.0'?><rss version='2.0'><channel><title>Новости</title><item><title>Взрыв на рынке</title>"
    "<link>https://n.example/1</link><description>Пострадали люди, сообщили власти города.</description></item></channel></rss>"
)
LAUGHS = (
    b"<!DOCTYPE rss [<!ENTITY a 'ha'>" + b"".join(
        b"<!ENTITY %c '%b'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
    ) + b"]><rss version='2.0'><channel><item><title>&m;</title></item></channel></rss>"
)  # fmt: skip
EXTERNAL = (
    b"<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss version='2.0'><channel><item><title>One &x;</title>"
    b"<description>Text.</description></item></channel></rss>"
)


def item(number: int, *, guid: str | None = None, link: str | None = None, day: int | None = None) -> str:
    """One entry."""
    date = f"<pubDate>Mon, {day:02} Apr 2024 {number % 24:02}:00:00 GMT</pubDate>" if day is not None else ""
    return (
        f"<item><title>Report {number}</title><link>{link or f'https://n.example/{number}'}</link>"
        f"<guid>{guid or number}</guid>{date}<description>Text {number}.</description></item>"
    )


def rss(*items: str) -> bytes:
    """A feed of these entries."""
    return f"<rss version='2.0'><channel><title>T</title><link>https://n.example/</link>{''.join(items)}</channel></rss>".encode()
