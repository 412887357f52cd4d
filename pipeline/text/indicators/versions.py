"""Whether four dotted numbers count versions: by the words on both sides, by the shape of the number, by what the sentence is on.

`4.12.1.0` may be both. Nothing is asked of a number that is defanged, has a port, or a path: those are addresses.
"""

import re

SENTENCE_CHARS_MAX = 200
"""How far on either side the sentence is read, characters."""
LIST_MAX = 8
"""How many numbers of one list are gone back over."""
FIRST_MAX, LARGE = 40, 60
"""A version's first number is small, and at most one of the others is large: addresses are rarely both."""

_NOUNS = r"(?:file|product|assembly|app|os|min|max)?[ _-]?versions?|releases?|builds?|firmware|software|revisions?|patch(?:es)?|hotfix(?:es)?|updates?|upgrades?"
_BEFORE = re.compile(
    rf"(?<![A-Za-z])(?:{_NOUNS}|ver\.?|v\.?|rev\.?|(?:{_NOUNS})\b[^.\n]{{0,16}}(?:before|prior\ to|earlier\ than|up\ to|through|since|after|from)|"
    r"player|reader|acrobat|chrome|chromium|firefox|office|java|jre|jdk|framework|android|ios|sdk|driver|plugin|plug-in|component|fixed\ in|openssl|kernel|sections?|chapters?|clauses?|paragraphs?|tables?|figures?|appendix|oid|nessus|suite|edition|agent\ v)"
    r"[\s:(=<>v]{1,4}\Z",
    re.IGNORECASE | re.VERBOSE,
)
_MOVED_TO = re.compile(
    r"\b(?:updat\w+|upgrad\w+|downgrad\w+|mov(?:e|es|ed|ing)|migrat\w+|return\w*|roll\w* back|go back|went back)(?: [\w-]+){0,2} to (?:at least )?\Z|\b(?:install(?:s|ed|ing)?|running|runs|earlier than|older than|prior to|before|until|below|patched (?:in|with|by)|fixed (?:in|with|by)|resolved (?:in|with|by)|released|ships?|shipped) \Z",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[)\]]?,?\s{1,2}(?:(?:and|or) (?:all )?(?:earlier|later|prior|older|newer|below|above|before|up)\b|(?:is|are|was|were) (?:also |not )?(?:affected|vulnerable|unaffected|safe|fixed|patched|released|available)\b|(?:fix(?:es)?|fixed|resolves?|addresses|closes?|corrects?|contains? (?:a |the )?fix)\b)",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s(?:through|up to) \d+(?:\.\d+){2,3}\b", re.IGNORECASE)
_NAMED = re.compile(r"(?:\A|\s|[(\"'“])(?P<name>[A-Za-z][\w+-]*(?:\s[A-Z0-9][\w+-]*){0,3})\s(?:v\.?\s?)?\Z")
_TOPIC = re.compile(
    rf"\b(?:{_NOUNS}|vulnerab\w+|affected|patched|fix(?:es|ed)?|upgrad\w+|install)\b|\bCVE-\d{{4}}-\d", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"\b(?:(?i:ips?|ipv4|address(?:es)?|servers?|hosts?|c2s?|traffic|dns|url|proxy|https?)|hosted|connect(?:s|ed|ing|ions?)|contact(?:s|ed|ing)?|beacon\w*|scann?\w*|requests?|resolv\w+|port|ping\w*|comes? from|came from|originat\w+|sends?|sent|downloads? from|fetch\w*|block\w*|sinkhol\w*|controlled|logged|relay|node|gateway at)\b|\b(?:from|at|by)\s\Z"
)
"""Verbs in small letters only: "Ivanti Connect Secure" connects to nothing."""
_EARLIER = re.compile(
    r"(?P<number>\d{1,5}(?:\.\d{1,5}){1,3})(?:[\s,/;()<>=\u2013-]|and|or|to|through|before|prior|earlier|later){1,12}\Z"
)
_WORDS_OF_ADDRESSES = re.compile(
    r"(?i:ips?|ipv4|address|servers?|hosts?|c2|c&c|from|at|on|via|to|by|with|is|was|dns|node|proxy|attacker|source|destination|dst|src|the|a|and|or|of|in|for|not|see)\Z"
)


def looks_like_version(quad: str) -> bool:
    """Whether the numbers are as small as those of versions mostly are."""
    first, *others = (int(number) for number in quad.split("."))
    return first <= FIRST_MAX and sum(number >= LARGE for number in others) <= 1


def is_version(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]`, four dotted numbers as written, counts versions, also as one of a list of several."""
    shaped = looks_like_version(text[start:end])
    after = text[end : end + SENTENCE_CHARS_MAX]
    if _AFTER.match(after) or (shaped and _RANGE.match(after)):
        return True
    at = start
    for _ in range(LIST_MAX):
        before = text[max(0, at - 48) : at]
        if _BEFORE.search(before) or (shaped and (_MOVED_TO.search(before) or _is_named(text, at))):
            return True
        earlier = _EARLIER.search(before)
        if earlier is None:
            break
        at -= len(before) - earlier.start()
    return shaped and _is_of_versions(text, start, after)


def _sentence_before(text: str, start: int) -> str:
    before = text[max(0, start - SENTENCE_CHARS_MAX) : start]
    return re.split(r"[.!?]\s+(?=[A-Z\"“(])|\n", before)[-1]


def _is_named(text: str, start: int) -> bool:
    """Whether a name of a product stands right before: "FlowGuard 310 4.12.1.0", and the sentence is on no address."""
    sentence = _sentence_before(text, start)
    named = _NAMED.search(sentence[-64:])
    if named is None or _ADDRESS.search(sentence):
        return False
    words = named["name"].split()
    last = words[-1]
    if _WORDS_OF_ADDRESSES.match(last) or last.islower():
        # "libfoam 1.2.3.4": one word in small letters is a product only where versions are the matter
        return last.islower() and not _WORDS_OF_ADDRESSES.match(last) and _TOPIC.search(sentence) is not None
    return last[0].isupper() or last[0].isdigit() or any(letter.isupper() for letter in last)


def _is_of_versions(text: str, start: int, after: str) -> bool:
    """Whether the sentence speaks of releases and fixes, and of no server or traffic."""
    rest = re.split(r"[.!?]\s+(?=[A-Z\"“(])|\n", after)[0]
    before = _sentence_before(text, start)
    return _TOPIC.search(f"{before} {rest}") is not None and not (_ADDRESS.search(before) or _ADDRESS.search(rest))
