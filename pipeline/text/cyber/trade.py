"""Whether an article is of the cyber trade: its words in the headline and the lead, a known actor, a hostile indicator or a flaw's number."""

import re
from collections.abc import Sequence
from typing import Literal

from pipeline.records import Entity, Indicator

LEAD_CHARS = 400
"""How much of the text is its lead, characters."""
_STRONG = re.compile(
    r"\b(?:ransomware|malware|hack(?:ed|ers?|ing|s)|hacktivis\w+|cyber[\w-]*|(?:spear-?)?phish\w*|smishing|ddos|denial[- ]of[- ]service|botnets?|data (?:breach|leak)|CVE-\d{4}|vulnerabilit(?:y|ies)|zero[- ]days?|leak site|"
    r"backdoor\w*|trojans?|spyware|stealer|wiper|firmware|web ?shells?|defac(?:ed|ement|ing)|command[- ]and[- ]control|exploit(?:s|ed|ing|ation)? (?:CVE|a (?:flaw|bug)|the (?:flaw|bug)|in the wild)|infostealer|keylogger|"
    r"npm|pypi|typosquat\w*|loader|credential\w*|locker|dark ?web|exfiltrat\w*|proof-of-concept|C2|domains?|mailbox(?:es)?|virtual machines?|login pages?|web ?sites? (?:of|were|was)|the sites? of|installer|patches?|remote code)\b",
    re.IGNORECASE,
)
_WEAK = re.compile(
    r"\b(?:breach(?:ed|es)?|servers?|databases?|records|data|accounts|online|forum|wallets?|crypto\w*|ether|bitcoin|software|network|websites?|sites?|attackers|intruders?|e-?mails?|users?|customers|leaked|gang|link|packages?|module|extension|versions?|exchange|stole|stolen|emails)\b",
    re.IGNORECASE,
)
WEAK_MIN = 4
"""So many weaker words in headline and lead speak as loud as a strong one."""
HALF_MIN = 2
"""So many make an article one of the trade where an amount is said to have been taken in it."""
_RANSOM = re.compile(
    r"\b(?:ransomware|lockers?|leak (?:site|blog|page)|double extortion|extortion (?:gang|group|site)|name-and-shame|(?:paid|demand\w*|pay) (?:a |the )?(?:[\w,.$€£]+ ){0,4}ransom)\b",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"\b(?:listed|named|posted|added)\b[^.]{0,80}\b(?:as (?:a|its|their) (?:\w+ )?victims?|victims?)\b", re.IGNORECASE
)
_SHUT = re.compile(
    r"\b(?:stops?|stopping|protects?|against|detects?|prevents?|abuse|such as|takedown|seized|arrested|taken down)\b[^.]{0,40}\Z",
    re.IGNORECASE,
)


Trade = Literal["yes", "perhaps", "no"]


def is_of_the_trade(
    text: str, title: str | None, entities: Sequence[Entity], indicators: Sequence[Indicator], *, hurt: bool
) -> Trade:
    """ "perhaps" asks for an amount taken. Where people were hurt the answer is no: a war report may tell of hackers too."""
    if hurt:
        return "no"
    lead = f"{title or ''}\n{text[:LEAD_CHARS]}"
    if _STRONG.search(lead):
        return "yes"
    if any(one.verdict in ("malicious", "suspicious") or one.defanged or one.type == "cve" for one in indicators):
        return "yes"
    if any(
        e.label == "GROUP" and e.start < LEAD_CHARS and (e.id or "").startswith(("attack:", "actor:")) for e in entities
    ):
        return "yes"
    weak = len({match.lower() for match in _WEAK.findall(lead)})
    return "yes" if weak >= WEAK_MIN else "perhaps" if weak >= HALF_MIN else "no"


def is_ransom(text: str) -> bool:
    """Whether what is told is a case of ransomware or extortion: its words, and not as what something stops."""
    return any(not _SHUT.search(text[max(0, m.start() - 60) : m.start()]) for m in _RANSOM.finditer(text)) or bool(
        _LISTED.search(text)
    )
