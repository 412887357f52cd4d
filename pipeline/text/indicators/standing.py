"""What a sentence says an address is, other than hostile: a victim's, a vendor's, the researchers' own, a decoy, cleared, supposed.

The sentence is read in its clauses, for "the old server was A; B is legitimate" clears B alone; what is said of "they" in the
next sentence is said of the last. English; nothing here knows names.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.text.indicators.cues import CACHE_ENTRIES, Role

SENTENCE_CHARS_MAX = 300
"""How far behind an address the next sentence is looked for, characters."""

_STOP = re.compile(r"[.!?][\"')”]?\s+(?=[A-Z\"“(])|\n")
_CLAUSE = re.compile(r";\s|,\s(?:but|while|whereas)\s")
_REACHED = re.compile(
    r"\b(?:connect\w*|beacon\w*|exfiltrat\w*|download\w* (?:the|its) (?:payload|malware)|fetch\w*|drops?|dropped|phish\w*|fake|bogus|malicious|attackers?|malware|botnet|payload|stealer|web shell|cryptominer|c2|command.and.control|ransomware note)\b",
    re.IGNORECASE,
)
_CLEARED = re.compile(
    r"\b(?:is|are|was|were|has|have|had|been)(?: (?:all|both|themselves|itself|also))?(?: never|n't| not)(?: (?:been|in any way|themselves|itself|actually|ever))* (?:us\w+|abus\w+|compromis\w+|involv\w+|affect\w+|operat\w+|breach\w+|hack\w+|controlled|infected|malicious|hostile|part of|connected with|linked to|responsible)|"
    r"\b(?:has|have|had) nothing to do with|\bwrongly (?:\w+ )?(?:named|listed|called|blocked|flagged)|\b(?:named|listed|blocked|flagged) (?:by mistake|in error)|\bfalse positives?\b|\b(?:neither|none) of (?:them|these|those|the \w+)\b[^.]{0,40}\b(?:used|affected|involved|malicious)",
    re.IGNORECASE,
)
_NEITHER = re.compile(
    r"\bneither\b[^.]{0,120}\bnor\b[^.]{0,120}\b(?:was|were|is|are|has|have)\b[^.]{0,20}\b(?:breached|used|affected|involved|compromised|hacked|abused)",
    re.IGNORECASE,
)
_ANAPHOR = re.compile(
    r"(?:They|These|Those|Both|All of them|None|Neither|It|The (?:addresses|domains|hosts|servers))\b"
)
_SUPPOSED = re.compile(
    r"^\W*(?:if|should|suppose|imagine|had)\b[^.]{0,200}\b(?:were|was to|would|could|might)\b", re.IGNORECASE
)
_DRILL = re.compile(
    r"\bin (?:an?|the|our) (?:\w+ )?(?:exercise|drill|simulation|demonstration|test|lab)\b", re.IGNORECASE
)
_OWN = re.compile(
    r"\b(?:our|its|their|the) (?:own )?(?:lab(?:oratory)?|honeypots?|sensors?|test (?:server|machine|bed)|sandbox)\b|\bhoneypots? (?:run|operated|set up) by\b|\bbelongs? to (?:us|the (?:firm|researchers|company|university|lab))\b|\bwe (?:host|run|operate|own|set up|registered)\b",
    re.IGNORECASE,
)
_DECOY = re.compile(
    r"\bdecoys?\b|\bto (?:hide|blend in|look normal|mask its traffic)\b|\bcover traffic\b", re.IGNORECASE
)
_LISTED = re.compile(
    r"\b(?:add(?:s|ed|ing)?|lists?|listed|listing|posts?|posted|posting|publish(?:es|ed)|nam(?:es|ed)|claim(?:s|ed)?)\b[^.]{0,80}\b(?:leak (?:site|blog|page)|victims?|organi[sz]ations|companies|firms|hospitals|schools|businesses|targets)\b",
    re.IGNORECASE,
)
_OF_VICTIM = re.compile(
    r"\bvictims?\b,? (?:[^.;]{1,60},|of) [^.;]{0,30}\b(?:uses?|website|site|runs)\b|\b(?:victim|company|firm|hospital|city|district|university|brewer|retailer|institute|bank|operator|agency)(?:'s|’s)? (?:web ?site|site|homepage|portal),? (?:is |at )?\W{0,2}\Z|,? whose (?:web ?)?site is \W{0,2}\Z|\b[Ii]ts (?:web ?)?site,? \W{0,2}\Z",
    re.IGNORECASE,
)
_OFFERED = re.compile(
    r"\b(?:users?|customers?|administrators?|admins|operators|owners)\b[^.;]{0,80}\b(?:can|may|should|must|are advised|are asked|write|get|download|update|contact)\b|\basks (?:its )?(?:users|customers|owners)\b|\b(?:recommend|advis)\w+ (?:updating|upgrading|users|customers|installing|changing|that)|"
    r"\b(?:fix(?:es|ed)?|fixed (?:builds?|versions?|releases?)|patch(?:es)?|updates?|firmware|downloads?|new (?:version|release)s?|advisory|bulletin|guidance|details|documentation)\b[^.;]{0,60}\b(?:at|from|on|via|in)\b|\b(?:update|upgrade)s? to\b[^;]{0,60}\bfrom\b|(?:\A\W*|[,;:]\s|\b(?:and|or|to|please) )(?:register|sign up|try it|download it|subscribe|follow us|join us|write to|contact|contacting|reach us|mail us)\b[^.;]{0,60}\Z|\b(?:vendor|maker|manufacturer|supplier)(?:'s|’s)? (?:page|site|forum|portal|download)|(?:company|vendor|firm|maker)(?:'s|’s) (?:\w+ )?(?:forum|community|support)",
    re.IGNORECASE,
)


class Standing(NamedTuple):
    """What an address is, in words, and its role where there is one."""

    reason: str
    role: Role | None = None


class Sentence(NamedTuple):
    """The sentence around an address, parted at it, and the one behind where that goes on about it ("They were never used")."""

    before: str
    after: str
    following: str

    @property
    def clause(self) -> str:
        """The clause that the address is in."""
        return f"{_CLAUSE.split(self.before)[-1]} URL {_CLAUSE.split(self.after)[0]}"


def sentence_at(text: str, end: int, before: str, after: str) -> Sentence:
    """The sentence that `before` and `after` are of, with the one behind it; the address ends at `end`."""
    rest = text[end : end + SENTENCE_CHARS_MAX]
    stop = _STOP.search(rest)
    behind = rest[stop.end() :] if stop else ""
    return Sentence(before, after, behind if _ANAPHOR.match(behind) else "")


@lru_cache(maxsize=CACHE_ENTRIES)
def cleared(said: Sentence) -> Standing | None:
    """That the text says it is not hostile: also of a defanged address, for some defang all."""
    if _CLEARED.search(said.clause) or _NEITHER.search(f"{said.before} {said.after}"):
        return Standing("said to have no part in it")
    if said.following and _CLEARED.search(_STOP.split(said.following, maxsplit=1)[0]):
        return Standing("said to have no part in it by the next sentence")
    return None


@lru_cache(maxsize=CACHE_ENTRIES)
def harmless(said: Sentence) -> Standing | None:
    """Whose it is, or that it is only supposed: for an address that nothing defangs."""
    whole = f"{said.before} {said.after}"
    if _SUPPOSED.search(whole):
        return Standing("only supposed")
    if _DRILL.search(whole) or _OWN.search(said.clause):
        return Standing("the researchers' own, or of an exercise", "decoy")
    if _DECOY.search(whole):
        return Standing("a decoy", "decoy")
    if _LISTED.search(said.before) or _OF_VICTIM.search(said.before):
        return Standing("named as a victim", "victim")
    if _OFFERED.search(said.before) and not _REACHED.search(said.clause):
        return Standing("offered to readers by whoever makes or sells something", "vendor")
    return None
