"""Files to drafts: JSON Lines, saved pages, mails. Runs in a parsing process, under its limits."""

import email
import email.policy
from collections import Counter
from datetime import datetime
from email.message import EmailMessage, MIMEPart
from email.utils import getaddresses
from typing import Any

import msgspec

from connectors.sources.charset import decode
from connectors.sources.dates import parse_date
from connectors.sources.document import NotAFeedError
from connectors.sources.drafts import (
    AUTHORS_MAX,
    CATEGORIES_MAX,
    GUID_CHARS_MAX,
    LABEL_CHARS_MAX,
    Draft,
    Reading,
    primary_language,
)
from connectors.sources.markup import clean_text, markup_lines, plain_title
from connectors.sources.pagelines import join_lines
from connectors.sources.urls import clean_url, is_web_address

LINES_MAX = 20_000
"""Of one file; more are counted as skipped."""
WARNINGS_MAX = 5
SKIPPED_BEYOND_LIMIT = "beyond-limit"
SKIPPED_EMPTY = "empty"
SKIPPED_UNREADABLE = "unreadable"


def read_file(raw: bytes, *, name: str, kind: str) -> Reading:
    """The drafts in a file; `kind` is lines, page or mail. Raises `NotAFeedError`."""
    if kind == "lines":
        return _read_lines(raw, name)
    draft = _read_mail(raw, name) if kind == "mail" else _read_page(raw, name)
    if draft is None:
        return Reading(entries=1, skipped={SKIPPED_EMPTY: 1})
    return Reading(entries=1, drafts=(draft,))


def _read_lines(raw: bytes, name: str) -> Reading:
    lines = [(number, line) for number, line in enumerate(raw.split(b"\n"), 1) if line.strip()]
    drafts: list[Draft] = []
    skipped: Counter[str] = Counter()
    warnings: list[str] = []
    for number, line in lines[:LINES_MAX]:
        try:
            draft = _draft_of(msgspec.json.decode(line), f"{name}:{number}")
        except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError) as error:
            skipped[SKIPPED_UNREADABLE] += 1
            warnings.append(f"{name}:{number}: {error}")
            continue
        if draft is None:
            skipped[SKIPPED_EMPTY] += 1
        else:
            drafts.append(draft)
    if len(lines) > LINES_MAX:
        skipped[SKIPPED_BEYOND_LIMIT] = len(lines) - LINES_MAX
    # The last line is the newest, and a feed has the newest first.
    return Reading(
        entries=len(lines),
        drafts=tuple(reversed(drafts)),
        skipped=dict(skipped),
        warnings=tuple(warnings[:WARNINGS_MAX]),
    )


def _draft_of(line: Any, place: str) -> Draft | None:
    """Raises `ValueError` for what is no article."""
    if not isinstance(line, dict):
        raise ValueError("no object")
    text = clean_text(_string(line, "text") or "").strip()
    title = plain_title(_string(line, "title"))
    if not text and not title:
        return None
    url = clean_url(_string(line, "url") or "")
    guid = line.get("id")
    return Draft(
        guid=str(guid)[:GUID_CHARS_MAX]
        if isinstance(guid, str | int) and not isinstance(guid, bool)
        else place
        if not url
        else None,
        url=url if is_web_address(url) else None,
        title=title,
        text=text or title or "",
        published=_moment(line, "published"),
        updated=_moment(line, "updated"),
        authors=_strings(line, "authors")[:AUTHORS_MAX],
        categories=_strings(line, "categories")[:CATEGORIES_MAX],
        language=primary_language(_string(line, "language")),
    )


def _string(line: dict[str, Any], key: str) -> str | None:
    value = line.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key} is no string")
    return value


def _strings(line: dict[str, Any], key: str) -> tuple[str, ...]:
    value = line.get(key) or []
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError(f"{key} is no list of strings")
    return tuple(clean_text(v)[:LABEL_CHARS_MAX] for v in value)


def _moment(line: dict[str, Any], key: str) -> datetime | None:
    return parse_date(_string(line, key))


def _read_page(raw: bytes, name: str) -> Draft | None:
    from connectors.sources.page import extract_page  # takes a second to import

    page = extract_page(decode(raw, None).text)
    if not page.text and not page.title:
        return None
    return Draft(
        guid=name,
        url=page.url if is_web_address(page.url) else None,
        title=page.title,
        text=page.text or page.title or "",
        blocks=page.blocks if page.text else (),
        published=page.published,
        authors=page.authors[:AUTHORS_MAX],
        language=page.language,
    )


def _read_mail(raw: bytes, name: str) -> Draft | None:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not (
        message.keys() and (message["From"] or message["Subject"] or message["Date"])
    ):
        raise NotAFeedError("no mail: it has no headers")
    body = message.get_body(("plain", "html"))
    lines = markup_lines(_content(body)) if body is not None else []
    text, blocks = join_lines(lines)
    title = plain_title(str(message["Subject"] or ""))
    if not text and not title:
        return None
    senders = getaddresses([str(message["From"])]) if message["From"] else []
    return Draft(
        guid=str(message["Message-ID"] or "").strip(" <>")[:GUID_CHARS_MAX] or name,
        title=title,
        text=text or title or "",
        blocks=blocks if text else (),
        published=parse_date(str(message["Date"])) if message["Date"] else None,
        authors=tuple(clean_text(shown or address)[:LABEL_CHARS_MAX] for shown, address in senders if shown or address)[
            :AUTHORS_MAX
        ],
    )


def _content(part: MIMEPart) -> str:
    """The part's words; its charset is decided as for feeds, because mails lie about it too."""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset()
    return decode(raw, f"text/plain; charset={charset}" if charset else None).text
