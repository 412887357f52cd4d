"""What an indicator is doing in an article: malicious, suspicious, benign or unknown, with the reason; and its role.

Offline and by rules in a fixed order, the first that holds decides: what can't be hostile at all (documentation and private
addresses, the empty file); whose it is (the reporter's own site, an imitated brand, a victim, a sinkhole); what the sentence,
the table column or the section says it does; that it was defanged (one defangs what is not to be clicked); the warning list;
and that it is only linked to. Nothing of it knows names of malware.
"""

import ipaddress
import re
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from msgspec import structs

from pipeline.records import Indicator, IndicatorVerdict
from pipeline.text.indicators.context import Context
from pipeline.text.indicators.warnings import Warnings, same_site

Role = Literal["c2", "download", "phishing", "exfiltration", "payload", "victim"]

CACHE_ENTRIES = 4096
"""Sentences remembered: the lines of a list differ little around their indicators."""
SOCIAL_SITES = {"telegram": "t.me", "discord": "discord.com", "twitter": "x.com", "facebook": "facebook.com", "instagram": "instagram.com", "youtube": "youtube.com", "tiktok": "tiktok.com", "linkedin": "linkedin.com", "vk": "vk.com", "github": "github.com"}  # fmt: skip
"""Kinds of handles, and the site that each belongs to."""
NETWORK = frozenset({"ipv4", "ipv6", "cidr", "domain", "url", "email", "onion", *SOCIAL_SITES})
DIGESTS = frozenset(
    {
        "md5",
        "sha1",
        "sha224",
        "sha256",
        "sha384",
        "sha512",
        "sha3-224",
        "sha3-256",
        "sha3-384",
        "sha3-512",
        "imphash",
        "authentihash",
        "ssdeep",
        "tlsh",
    }
)
WALLETS = frozenset({"btc", "eth", "xmr", "tron", "ltc", "doge", "dash", "zec", "xrp", "bch", "ada", "atom", "bnb", "osmo", "zil", "xlm", "xtz", "sol"})  # fmt: skip
HOSTSIDE = frozenset(
    {
        "file-path",
        "file-name",
        "registry-key",
        "mutex",
        "service",
        "user-agent",
        "ja3",
        "jarm",
        "certificate-serial",
        "mac",
        "iban",
        "phone",
        "purl",
    }
)
FINGERPRINTS = frozenset({"ja3", "jarm", "user-agent", "mutex", "service"})
RULES = frozenset({"yara-rule", "sigma-rule"})
_CATALOGUE = {
    "cve": "names a vulnerability", "cwe": "names a weakness", "ghsa": "names an advisory", "advisory": "names an advisory", "cvss": "rates a vulnerability",
    "attack-technique": "names a technique", "attack-tactic": "names a tactic", "attack-software": "names a program", "attack-group": "names a group",
    "attack-mitigation": "names a mitigation", "attack-campaign": "names a campaign", "attack-data-source": "names a data source", "cpe": "names a product", "asn": "names a network operator", "port": "a port alone is nobody's", "arn": "names a cloud resource",
}  # fmt: skip

_DOCUMENTATION = tuple(
    ipaddress.ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
)
_EXAMPLE_HOST = re.compile(r"(?:^|\.)(?:example\.(?:com|net|org|edu)|(?:test|example|invalid|localhost|local|lan))$")

_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("exfiltration", re.compile(r"\bexfil\w*|\bupload(?:s|ed|ing)?\b|\bsen(?:d|ds|t|ding) (?:the |all )?(?:stolen|collected|harvested|victim)?\s?(?:data|files|information|credentials)|\bstolen data\b|\b(?:data|credentials|passwords|information|files|keys|keystrokes|screenshots|codes|cookies)\b[^.]{0,24}\b(?:sent|posted|forwarded|copied) to|\bposts? (?:\w+ ){0,3}(?:data|information) to|\bdrop ?site", re.IGNORECASE)),
    ("c2", re.compile(r"\bC2s?\b|\bC&C\b|\bC&amp;C\b|\bCnC\b|\bcommand[- ](?:and|&)[- ]control|\bbeacon\w*|\bcall(?:s|ed|ing)? (?:back|home)|\bphones? home|\bcommunicat(?:e|es|ed|ing) with|\bconnect(?:s|ed|ing)? (?:back |out )?(?:to|with)|\bconnections? to|\bcontact(?:s|ed|ing) (?!us\b)|\bchecks? in\b|\breverse shell|\bcallback|\bcontrol servers?|\bcontroller\b|\bbot(?:net|master)", re.IGNORECASE)),
    ("phishing", re.compile(r"\bphish\w*|\bcredential[- ](?:harvest|steal|theft)\w*|\bfake\b|\blures?\b|\blogin pages?|\btyposquat\w*|\blook-?alike|\bspoof\w*|\bimpersonat\w*|\bscam\w*|\bspam\w*|\bsender\b|\bsent (?:by|from)\b", re.IGNORECASE)),
    ("download", re.compile(r"\bdownload(?:s|ed|ing|er)?\b|\bdropped from|\bfetch(?:es|ed|ing)?\b|\bretriev\w+|\bdeliver(?:y|ed|ing|s)\b|\bstag(?:ed|ing)\b|\bpull(?:s|ed)\b|\bdistribut\w+|\bcurl\b|\bwget\b", re.IGNORECASE)),
    ("payload", re.compile(r"\bpayloads?\b|\bdropp(?:er|ed|s)\b|\bdrops\b|\bloaders?\b|\bmalware\b|\btrojan\w*|\bransomware\b|\bsamples?\b|\bbackdoors?\b|\bstealers?\b|\bimplants?\b|\binfected\b|\bweb ?shells?\b|\bexecutables?\b|\brootkit|\bworm\b|\bmalicious (?:file|dll|document|attachment|binary|executable|apk|script)", re.IGNORECASE)),
)  # fmt: skip
_WEAK_DOWNLOAD = re.compile(r"\bhost(?:ed|ing|s)\b|\bserv(?:es|ed|ing)\b|\bredirect\w*", re.IGNORECASE)
_EXTORTED = re.compile(
    r"\bpa(?:y|id|ying|yments?)\b|\bransom\w*|\bextort\w*|\bscam\w*|\bstolen\b|\blaunder\w*|\bvictims?\b", re.IGNORECASE
)
_HOSTILE = re.compile(
    r"\bmalicious\b|\battacker|\bthreat actors?\b|\badversar\w+|\bintruders?\b|\bhackers?\b|\binfrastructure\b|\bindicators? of|\bIOCs?\b|\brogue\b|\bexploit(?:ed|ing|ation)\b(?! database)|"
    r"\bscann(?:ed|ing) from|\bbrute[- ]forc\w+|\battacks? (?:came )?from|\boriginat\w+ from|\bransom(?:s|ed)?\b|\bextort\w*|\bfraud\w*|\bblock(?:ed|list|ing)?\b|\bcompromised\b|\bbotnet\b|\bpersist\w*\b|\bweaponi[sz]ed\b|\bthreat group\b|\bwallet\b.{0,40}\bpay",
    re.IGNORECASE,
)
_DIRECT_HOSTILE = re.compile(
    r"\b(?:malicious|attacker[- ](?:controlled|owned)|rogue|hostile|brute[- ]forc\w*|bulletproof)\b|\b(?:logged|logging) (?:in|on) from\b|\b(?:attacks?|exploitation|logins|scans) (?:\w+ ){0,3}from\b|"
    r"\bscann(?:ed|ing) (?:for it )?from\b|\bblock (?:traffic|access|connections|the (?:domain|address|ip))|\bby the attackers?\b",
    re.IGNORECASE,
)
_CLEARED = re.compile(
    r"\bnot malicious|\bbenign\b|\bharmless\b|\bfalse positives?|\bclean (?:file|sample|version|copy)|\ballow-?list\w*|\bwhite-?list\w*|\bdo not block|\bunrelated to|\bfor (?:example|instance) only|\blegitimate(?:ly)?\b|\bgenuine\b|\bofficial(?:ly)?\b|\bsigned by (?:microsoft|google|apple)",
    re.IGNORECASE,
)
_IMITATED = re.compile(
    r"(?:impersonat\w+|mimic\w*|spoof\w*|imitat\w+|pos(?:e|es|ed|ing) as|pretend\w* to be|masquerad\w+ as|disguised as|similar to|instead of|resembl\w+|look(?:s|ed|ing)? like|copies of|clone of|legitimate|genuine|real|official|brand|cop(?:y|ies|ied)\ (?:the\ )?(?:design|look|pages?|content)\ of)"
    r"\s(?:the\s|a\s)?(?:\w+\s){0,3}[\"'\u201c(]?\Z",
    re.IGNORECASE,
)
_SINKHOLE = re.compile(
    r"\b(?:police|authorities|FBI|Europol|officers|agents|prosecutors) (?:have |had )?(?:seized|took down|shut down|confiscated)\b|\bsinkhol\w+|\bseized by\b|\btaken down by\b|\btakeover by (?:law|police)",
    re.IGNORECASE,
)
_VICTIM_BEFORE = re.compile(
    r"(?:victims?(?:,? (?:such as|includ(?:e|ed|es|ing)|like|named|was|were|is|are)|\b[^.:]{0,30}:)|breach(?:ed|es)?(?: (?:of|at))?|hack(?:ed|s)?(?: of)?|defac(?:ed|ement of|ing)|attack(?:s|ed)? (?:on|against)|target(?:s|ed|ing)?|leaked from|stolen from|belong(?:s|ing) to|customers of|users of|"
    r"took down|knocked offline|DDoS(?:ed)?(?: attack)? (?:on|against)|outage (?:at|of))\s(?:the\s|its\s|their\s)?(?:[\w'\u2019.,-]+\s){0,4}[\"'\u201c(]?\Z",
    re.IGNORECASE,
)
_VICTIM_AFTER = re.compile(
    r"\W{0,3}hit by\b|\W{0,3}(?:was|were|has been|have been|had been|is)\s(?:\w+\s)?(?:breached|hacked|defaced|attacked|targeted|taken offline|knocked offline|offline|down|hit)\b",
    re.IGNORECASE,
)
_CONNECTIVITY = re.compile(
    r"\bconnectivity\b|\bping(?:s|ed|ing)?\b|\binternet connection\b|\bchecks? (?:whether|if|for)\b|\bresolvers?\b|\bDNS servers?\b|\bpublic IP\b|\bexternal IP\b",
    re.IGNORECASE,
)
_REFERRED = re.compile(
    r"(?:\bsee\b|\bvisit|\bsource|\bvia\b|available (?:at|from|on|here)|read (?:more|the)|according to|publish\w+ (?:at|on|by|in)|blog ?posts?|\bmore (?:info|information|details)|contact(?: us)?\b|e-?mail\b|follow|subscribe|report\w*(?: \w+){0,3} (?:to|at|via|on)|advisor(?:y|ies)|documentation|"
    r"website|web site|home ?page|write to|reach|told|said|article|interview with|statement (?:on|to)|spokes\w+|help(?:line)?|register at|apply at|donat\w+|tickets?|book|our (?:own )?(?:\w+ )?(?:rules?|reports?|code|repository|tools?|analysis|page|github|list))\b[^.]{0,60}\Z",
    re.IGNORECASE,
)
_CYBER = re.compile(
    r"\b(?:malware|malicious|ransomware|phish\w*|smish\w*|scam\w*|trojan\w*|botnet|backdoor\w*|c2\b|c&c|command.and.control|threat actors?|hack(?:ers?|ed|ing)|exploit\w*|vulnerabilit\w+|"
    r"brute[- ]forc\w*|intruders?|rogue|wip(?:er|ing)|leak site|infected|ransom\w*|dark ?(?:net|web)|tor browser|user agents?|web ?shells?|spear|zero-day|spoof\w*|steal(?:s|ing)? (?:passwords|credentials|data|codes)|stolen (?:passwords|credentials|cards|codes)|"
    r"cyber\w*|indicators? of compromise|iocs?\b|spyware|payloads?|(?:info)?stealers?|compromised|web ?shells?|beacon\w*|exfiltrat\w*|intrusion|adversar\w+|loader|dropper|implant)|^\W{0,6}(?:network |host |file )?indicators\b",
    re.IGNORECASE | re.MULTILINE,
)
_OFFICIAL = re.compile(
    r"(?:^|\.)(?:gov|mil|gouv|gob|govt)(?:\.[a-z]{2})?$|(?:^|\.)(?:europa\.eu|un\.org|admin\.ch|bund\.de)$"
)
_DESK = re.compile(
    r"(?:press|media|info|contact|tips?|help|report|abuse|soc|cert|security|editor|newsroom)[@.+-]", re.IGNORECASE
)
_DONATION = re.compile(r"\bdonat\w+|\bsupport (?:us|our)|\bfoundation\b|\bfund ?rais\w+|\btip jar", re.IGNORECASE)


_ANY_ROLE = re.compile("|".join(f"(?P<{role}>{cue.pattern})" for role, cue in _ROLES), re.IGNORECASE)
"""All cues in one pass; the group that matched is the role."""


SILENT, READ_ON, A_CONTACT = "nothing in the text says what it does", "a link to read on", "a contact"
_DEFAULTS = frozenset({SILENT, READ_ON, A_CONTACT})
"""Reasons of verdicts that rest on nothing but silence."""


class Cues(NamedTuple):
    """What a sentence says of the indicator in it."""

    is_cleared: bool
    is_hostile: bool
    is_direct: bool  # called malicious outright


@lru_cache(maxsize=CACHE_ENTRIES)
def _cues(said: str) -> Cues:
    direct = _DIRECT_HOSTILE.search(said) is not None
    return Cues(not direct and _CLEARED.search(said) is not None, _HOSTILE.search(said) is not None, direct)


@lru_cache(maxsize=CACHE_ENTRIES)
def _roles(words: str) -> tuple[Role, Role] | None:
    """The first and the last role that the words name."""
    hits = [match.lastgroup for match in _ANY_ROLE.finditer(words)]
    return (cast("Role", hits[0]), cast("Role", hits[-1])) if hits else None


class Judgement(NamedTuple):
    """Verdict, reason in words, and role."""

    verdict: IndicatorVerdict
    reason: str
    role: Role | None = None


class Judge:
    """Judges the indicators of one article."""

    def __init__(self, context: Context, warnings: Warnings, own_host: str | None, digests: int) -> None:
        self._context = context
        self._warnings = warnings
        self._own_host = own_host
        self._is_cyber = (
            digests > 0 or _CYBER.search(context.text) is not None
        )  # else "download" and "fake" mean nothing
        self._digests = digests  # how many the article lists: one alone may be anything, many are a sample list

    def judge(self, found: Indicator) -> Judgement:
        """The verdict on one indicator of the article."""
        if found.type in _CATALOGUE:
            return Judgement("unknown", _CATALOGUE[found.type])
        if found.type in RULES:
            return Judgement("benign", "a detection rule")
        before, after = self._context.sentence(found.start, found.end)
        if found.type in NETWORK:
            return self._network(found, before, after)
        if found.type in DIGESTS:
            return self._digest(found, before, after)
        return self._other(found, before, after)

    def _network(self, found: Indicator, before: str, after: str) -> Judgement:
        host = host_of(found)
        if reserved := reserved_for(host):
            return Judgement("benign", reserved)
        if self._own_host and same_site(host, self._own_host):
            return Judgement("benign", "the reporter's own site")
        if _SINKHOLE.search(before[-120:]) or _SINKHOLE.search(after[:60]):
            return Judgement("benign", "sinkholed or seized")
        if _IMITATED.search(before):
            return Judgement("benign", "the genuine address that is imitated", "victim")
        listed = self._warnings.find(host) or (("official", "a government's site") if _OFFICIAL.search(host) else None)
        if not (found.defanged or host.endswith(".onion")) and (
            _VICTIM_BEFORE.search(before) or _VICTIM_AFTER.match(after)
        ):
            return Judgement("benign", "named as a victim", "victim")
        return self._by_use(found, before, after, listed)

    def _by_use(self, found: Indicator, before: str, after: str, listed: tuple[str, str] | None) -> Judgement:
        """The verdict on an address by what the text says of it, and by the warning list where it says nothing."""
        said = f"{before} {after}"
        if _cues(said).is_cleared:
            return Judgement("benign", "called legitimate")
        if listed and (not self._is_abusable(found, listed[0]) or _CONNECTIVITY.search(said)):
            return self._listed(found, listed)
        section = self._context.section(found.start)
        in_list = self._context.is_listed(before, after)
        heading = section.heading if in_list or found.defanged else ""
        role = self._role(found, before, after, heading) if self._is_cyber or found.defanged else None
        if host_of(found).endswith(".onion") and self._is_cyber and _EXTORTED.search(said):
            return Judgement("malicious", "a hidden service of extortion", role)
        hostile = role is not None or (self._is_cyber and _cues(said).is_hostile)
        under = f"listed under \u201c{section.heading[:60]}\u201d"
        if section.topic == "indicators" and (found.defanged or hostile or (in_list and self._is_cyber)):
            return Judgement("malicious", under, role)
        if found.defanged:
            return Judgement("malicious", "defanged" + (f" and said to serve as {role}" if role else ""), role)
        if section.topic == "victims":
            return Judgement("benign", under, "victim")
        if section.topic == "references" or self._context.link(found.start, found.end):
            return Judgement("benign", "a link of the article")
        return self._by_words(found, said, _REFERRED.search(before) is not None, role, hostile, listed)

    def _by_words(
        self,
        found: Indicator,
        said: str,
        referred: bool,
        role: Role | None,
        hostile: bool,
        listed: tuple[str, str] | None,
    ) -> Judgement:
        """The verdict on an address in running text that was written to be read or clicked."""
        if hostile and (not referred or _cues(said).is_direct):
            certain = _cues(said).is_direct or (
                role is not None and (found.type != "email" or role in ("phishing", "exfiltration"))
            )
            reason = f"said to serve as {role}" if role else "named with an attack"
            return Judgement("malicious" if certain else "suspicious", reason, role)
        if listed:
            return self._listed(found, listed)
        if referred:
            return Judgement("benign", "a reference")
        if found.type == "url" and found.text.lower().startswith("http") and not _is_bare(host_of(found)):
            return Judgement("benign", READ_ON)
        if found.type == "email" and (not self._is_cyber or _DESK.match(found.value)):
            return Judgement("benign", A_CONTACT)
        return Judgement("unknown", SILENT)

    def _is_abusable(self, found: Indicator, listed: str) -> bool:
        """Whether a listed site can still serve an attack: what strangers put there, a mailbox, a short link."""
        if listed == "hosting":
            return found.type in ("url", "telegram", "discord", "email") or found.defanged or found.value.count(".") > 1
        return (listed in ("mail", "popular") and found.type == "email") or (
            listed == "shorteners" and found.type == "url"
        )

    def _listed(self, found: Indicator, listed: tuple[str, str]) -> Judgement:
        if listed[0] in ("shorteners", "mail") and self._is_abusable(found, listed[0]):
            return Judgement("unknown", listed[1])
        return Judgement("benign", listed[1])

    def _role(self, found: Indicator, before: str, after: str, heading: str) -> Role | None:
        """The role that the nearest words give: before it, behind it, then column header and heading."""
        header = self._context.column_header(found.start, found.end)
        behind = after[:70]
        for words in (before[-110:], behind, header, heading):
            if words and (hits := _roles(words)):
                return hits[0] if words is behind else hits[1]
            if found.type in NETWORK and _WEAK_DOWNLOAD.search(words):
                return "download"
        return None

    def _digest(self, found: Indicator, before: str, after: str) -> Judgement:
        if listed := self._warnings.find(found.value):
            return Judgement("benign", listed[1])
        section, said = self._context.section(found.start), f"{before} {after}"
        if _cues(said).is_cleared:
            return Judgement("benign", "called legitimate")
        role = self._role(found, before, after, section.heading)
        role = "payload" if role in ("download", "c2", "phishing", "exfiltration") else role
        if section.topic == "defence" and role is None and not _cues(said).is_hostile:
            return Judgement("benign", f"listed under \u201c{section.heading[:60]}\u201d")
        if section.topic == "indicators":
            return Judgement("malicious", f"listed under \u201c{section.heading[:60]}\u201d", role or "payload")
        if role or _cues(said).is_hostile:
            return Judgement("malicious", "said to be a sample of an attack", role or "payload")
        if self._digests >= 3 and self._context.is_listed(before, after):
            return Judgement("suspicious", "one of a list of digests")
        return Judgement("unknown", "nothing in the text says what it is of")

    def _other(self, found: Indicator, before: str, after: str) -> Judgement:
        """Wallets, and what lies on a machine."""
        name = re.split(r"[\\/]", found.value)[-1]
        section, said = self._context.section(found.start), f"{before} {after}"
        if found.type in ("file-name", "file-path") and (listed := self._warnings.find(name)):
            return Judgement("benign", listed[1])
        if _cues(said).is_cleared or (found.type in WALLETS and _DONATION.search(said)):
            return Judgement("benign", "called legitimate")
        if not self._is_cyber and not (found.type in WALLETS and _EXTORTED.search(said)):
            return Judgement("unknown", SILENT)
        role = self._role(found, before, after, section.heading)
        if section.topic == "indicators":
            return Judgement("malicious", f"listed under \u201c{section.heading[:60]}\u201d", role)
        if found.type in WALLETS and (role or _cues(said).is_hostile or _EXTORTED.search(said)):
            return Judgement("malicious", "money is to be paid to it", role)
        if role or _cues(said).is_hostile:
            sure = found.type in ("file-name", "mutex") and role is not None
            return Judgement("malicious" if sure else "suspicious", "named with an attack", role)
        if found.type in FINGERPRINTS:
            return Judgement("suspicious", "named in a report on an attack")
        return Judgement("unknown", SILENT)


def _is_bare(host: str) -> bool:
    """Whether a host is an address and no name: nobody links to those for reading on."""
    return host[-1:].isdigit() or ":" in host or host.endswith(".onion")


def spread(judged: list[Indicator], warnings: Warnings) -> list[Indicator]:
    """The same, but what nothing speaks against shares the verdict of its host: a text says once what a site is."""
    hosts = {
        host_of(one)
        for one in judged
        if one.verdict == "malicious" and one.type in ("domain", "url", "ipv4", "ipv6", "onion")
    }
    hosts = {host for host in hosts if warnings.find(host) is None}
    return [
        structs.replace(one, verdict="malicious", reason="on a host that the text calls malicious")
        if one.type in NETWORK and one.reason in _DEFAULTS and host_of(one) in hosts
        else one
        for one in judged
    ]


def host_of(found: Indicator) -> str:
    """The host of a network indicator, lower case and without port, user and brackets."""
    value = found.value.lower()
    if site := SOCIAL_SITES.get(found.type):
        return site
    if found.type == "email":
        return value.rpartition("@")[2].strip("[]")
    if found.type == "cidr":
        return value.partition("/")[0]
    if found.type == "url":
        authority = re.split(r"[/?#]", value.partition("://")[2] or value, maxsplit=1)[0].rpartition("@")[2]
        return authority[1 : authority.find("]")] if authority.startswith("[") else authority.partition(":")[0]
    return value


@lru_cache(maxsize=CACHE_ENTRIES)
def reserved_for(host: str) -> str | None:
    """Why a host can't be anybody's on the internet, or None: RFC 2606, 5737, 3849, 1918, and the special registries."""
    if _EXAMPLE_HOST.search(host):
        return "a name reserved for examples and tests (RFC 2606)"
    if not (host[-1:].isdigit() or ":" in host):
        return None
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if any(address in net for net in _DOCUMENTATION if net.version == address.version):
        return "an address reserved for documentation (RFC 5737, RFC 3849)"
    if (
        address.is_loopback
        or address.is_unspecified
        or address.is_multicast
        or address.is_link_local
        or str(address) == "255.255.255.255"
    ):
        return "an address with a special meaning"
    return "a private address (RFC 1918)" if address.is_private else None
