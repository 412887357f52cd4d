"""Names as news of the trade writes them: of victims after "an attack on the shipping line", of gangs, and of institutions.

A name is a run of capitalised words, joined by "of", "of the", "de", "&" and the like. What only looks like one is left out: days, months,
words that open a sentence, abbreviations of the trade. "the Norlandish parliament" is a name too: a people or country before an institution.
All patterns take linear time.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

NAME_WORDS_MAX = 8
"""Longest name, words."""
_WORD = r"(?:\d{1,3})?[A-Z][\w&’'’+-]{0,40}(?:\.[A-Za-z][\w-]{0,20}){0,2}(?:\(\d{1,4}\))?"
_JOINED = (
    r"(?:\s(?:(?:of|for)(?:\sthe)?|de(?:\sla|\slos)?|del|di|du|des|von|van(?:\sder)?|&|der|y|la)(?=\s[A-Z])){0,1}\s"
)
NAME = rf"{_WORD}(?:(?:{_JOINED}(?:{_WORD}))|\s\d{{1,4}}(?![\d.,]\d)){{0,{NAME_WORDS_MAX}}}"
"""Pattern of a run of capitalised words."""
_NAME = re.compile(rf"(?<![\w.@/-]){NAME}")
_CLITIC = re.compile(r"[’'](?:s)?\Z")
_OPENERS = frozenset(
    "the a an in on at it its this that these those two three four five six seven eight nine ten eleven twelve after before when while as if for from with by of and but or no not "
    "there they he she we our their his her who which what both more most many some several all another other according one personal digital stolen leaked malicious successful "
    "never since until during under over about against between however meanwhile neither nor only also yesterday today last earlier later attention users' customers' new about".split()
)
"""Words that open a sentence and are no part of a name."""
_PLAIN = frozenset(
    "data hackers hacker attackers attacker criminals cybercriminals intruders police authorities officials researchers investigators spies hacktivists thieves scammers "
    "prosecutors someone users customers clients patients staff employees servers websites sites files records emails details customer user access systems computers victims "
    "experts agents security law ransomware malware phishing cyber read update version versions news company companies group gang agency government bank city hospital post "
    "seller exploitation exploit attacks attack breach operators members affiliates insiders visitors flights production indicators references type value university ministry".split()
)
"""Words that open a sentence and are no name when they stand alone."""
_TIMES = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december christmas easter".split()
)
_TRADE = re.compile(
    r"(?:CVE-.*|VPNs?|DDoS|API|PLCs?|SCADA|ICS|OT|IT|IP|DNS|URL|PDF|CEO|CISO|GB|TB|MB|PB|TTPs?|IOCs?|C2|Tor|SQL|RDP|SSH|USB|Telegram|Twitter|Linux|Windows|Android|iOS|AI|EU|US|U\.S|UK|UN|npm|PyPI|GitHub|[A-Z]\d{4})\Z"
)
_INSTITUTION = re.compile(
    r"\s(?:(?:[a-z]{3,14}\s){0,2})(?:parliament|ministry|ministries|office|army|police|bank|university|government|railways?|airline|airport|court|agency|council|company|hospital|utility|operator|retailer|port|"
    r"telecom|grid|embassy|senate|newspaper|broadcaster|institute|election commission|post|navy|firm|carrier|insurer|manufacturer)\b"
)
_OF_A_PEOPLE = re.compile(r"\w+(?:ian|ean|ish|ese|an|ch|ic|ek|i)\Z")


class Name(NamedTuple):
    """A name at `start`..`end` of the text."""

    text: str
    start: int
    end: int


def names_in(text: str, start: int, end: int, *, opens: int) -> Iterator[Name]:
    """The names within `start`..`end`, in order. `opens`: where the sentence begins, whose first word is capitalised anyway."""
    for match in _NAME.finditer(text, start, end):
        found = trim(text, match.start(), match.end(), opens=opens)
        if found is not None:
            yield found


def trim(text: str, start: int, end: int, *, opens: int) -> Name | None:
    """The name without what only stands before or behind it; None where nothing is left."""
    words = text[start:end].split(" ")
    while words and (words[0].casefold() in _OPENERS or words[0].casefold() in _TIMES):
        start += len(words[0]) + 1
        words = words[1:]
        if words and words[0] in ("of", "for", "de", "the"):
            start += len(words[0]) + 1
            words = words[1:]
    while words and words[-1].casefold() in _TIMES:
        words = words[:-1]
        while words and words[-1] in ("of", "for", "on"):
            words = words[:-1]
    if not words or (len(words) == 1 and words[0].casefold() in _PLAIN):
        return None
    if start == opens and len(words) == 1 and f" {words[0].casefold()} " in text:
        return None  # a plain word, capitalised for opening the sentence
    end = start + len(" ".join(words))
    if clitic := _CLITIC.search(text[start:end]):
        end = start + clitic.start()
    name = text[start:end].rstrip(".,'’-")
    end = start + len(name)
    if len(name) < 2 or all(_TRADE.match(word) or word.islower() or word.isdigit() for word in name.split()):
        return None
    if " " not in name and _OF_A_PEOPLE.match(name) and (more := _INSTITUTION.match(text, end)):
        if text[more.end() : more.end() + 2][:1] == " " and text[more.end() + 1 : more.end() + 2].isupper():
            return None  # "the Norlandish operator Viatone" is Viatone
        end = more.end()
        name = text[start:end]
    return Name(name, start, end)
