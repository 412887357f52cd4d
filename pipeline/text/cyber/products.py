"""The flaw that an article says is exploited: its number with the product, as the text words it."""

import re
from collections.abc import Sequence

from pipeline.text.cyber.names import Name

_CVE = r"CVE-\d{4}-\d{4,7}"
_THING = r"(?:the\s)?(?:[A-Z][\w.-]{1,30}(?:\s[A-Z][\w.-]{1,30})?[’'](?:s)?\s)?(?:[A-Z][\w’'.-]{0,30}\w?(?:\s[A-Z0-9][\w.-]{0,30}|\s(?:VPN|mail|file|web|print|access|remote)){0,4}(?:\s(?!to\b|in\b|on\b|by\b|of\b|and\b|since\b|is\b|was\b|as\b|at\b|for\b|that\b|which\b|with\b|after\b|has\b|have\b|are\b|were\b)[a-z][\w-]{2,14}){0,2})"
_WITH_PRODUCT = re.compile(
    rf"{_CVE}(?:\s?,)?\s(?:(?:a|an)\s(?:[a-z-]+\s){{0,3}}(?:flaw|bug|vulnerability|zero-day)\s)?(?:in|of|affecting)\s{_THING}"
)
_ALONE = re.compile(_CVE)
_UNNUMBERED = re.compile(
    rf"\b(?:flaws?|bugs?|vulnerabilit(?:y|ies)|zero-days?)\s(?:in|of|affecting)\s(?P<product>{_THING})"
)


FLAWS_MAX = 3
"""Flaws told in one line."""


def flaws_in(text: str, start: int, exploited: Sequence[str]) -> list[Name]:
    """The flaws that are `exploited` (else the nearest behind `start`), the first with its product; without a number the product alone."""
    numbers = list(dict.fromkeys(exploited))[:FLAWS_MAX]
    if not numbers:
        near = _ALONE.search(text, start) or _ALONE.search(text)
        numbers = [near.group()] if near else []
    product = _UNNUMBERED.search(text, start) or _UNNUMBERED.search(text)
    found: list[Name] = []
    for number in numbers:
        at = text.find(number)
        if at < 0:
            continue
        whole = _WITH_PRODUCT.match(text, at)
        if whole:
            found.append(Name(whole.group(), *whole.span()))
        elif product and not found:
            found.append(Name(f"{number} in {product['product']}", at, at + len(number)))
        else:
            found.append(Name(number, at, at + len(number)))
    if not found and product:
        return [Name(product["product"], *product.span("product"))]
    return found
