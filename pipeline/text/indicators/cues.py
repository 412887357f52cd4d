"""The words that tell what an indicator is doing in its sentence: roles, hostility, references, victims, the genuine and the fake.

Expressions only, each with bounded repeats. They read English. Nothing of it knows names of malware or of actors.
"""

import re
from functools import lru_cache
from typing import Literal, NamedTuple, cast

Role = Literal["c2", "download", "phishing", "exfiltration", "payload", "victim", "vendor", "decoy"]

CACHE_ENTRIES = 4096
"""Sentences remembered: the lines of a list differ little around their indicators."""

_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("exfiltration", re.compile(r"\bexfil\w*|\bupload(?:s|ed|ing)?\b|\bsen(?:d|ds|t|ding) (?:the |all )?(?:stolen|collected|harvested|victim)?\s?(?:data|files|information|credentials)|\bstolen data\b|\b(?:data|credentials|passwords|information|files|keys|keystrokes|screenshots|codes|cookies)\b[^.]{0,24}\b(?:sent|posted|forwarded|copied) to|\bposts? (?:\w+ ){0,3}(?:data|information) to|\bdrop ?site|\b(?:data|GB|MB|passwords|credentials|keystrokes|screenshots|files|archives?|messages|contacts|location)\b[^.]{0,48}\b(?:go(?:es)?|went|are sent|is sent|sent|posted|copied) (?:out )?(?:to|over)|\bends? up (?:in|at|on)|\bposts? (?:it|them) to|\bsends? (?:contacts|messages|everything|it|them|what)\b[^.]{0,60} to", re.IGNORECASE)),
    ("c2", re.compile(r"\bC2s?\b|\bC&C\b|\bC&amp;C\b|\bCnC\b|\bcommand[- ](?:and|&)[- ]control|\bbeacon\w*|\bcall(?:s|ed|ing)? (?:back|home)|\bphones? home|\bcommunicat(?:e|es|ed|ing) with|\bconnect(?:s|ed|ing)? (?:back |out )?(?:to|with)|\bconnections? to|\bcontact(?:s|ed|ing) (?!us\b)|\bchecks? in\b|\breverse shell|\bcallback|\bcontrol servers?|\bcontroller\b|\bbot(?:net|master)|\btalk(?:s|ed|ing)? (?:[\w ]{1,20} )?to|\bspeaks?\b|\bregisters? (?:itself )?(?:at|with)|\b(?:takes?|took|taken) (?:its|their) orders|\b(?:get|receiv)\w+ (?:its |their )?(?:orders|commands|tasks)|\btunnel(?:s|led|ling)?\b|\bpanel\b|\bfalls? back (?:to|on)|\bresolves ns|\bmining pool|\bimplant resolves|\b(?:bots?|implants?|samples?|it|they|agents?) reports? (?:back |in )?to\b|\bopens? an? (?:\w+ )?shell (?:to|on)\b|\banswers? with (?:commands|orders|tasks)|\bfor (?:orders|commands|tasks|instructions)\b|\b(?:intruders?|attackers?|hackers?|actors?|gang|group|spies) (?:kept|rented|ran|operated) an? (?:\w+ )?server", re.IGNORECASE)),
    ("phishing", re.compile(r"\bphish\w*|\bcredential[- ](?:harvest|steal|theft)\w*|\bfake\b|\blures?\b|\blogin pages?|\btyposquat\w*|\blook-?alike|\bspoof\w*|\bimpersonat\w*|\bscam\w*|\bspam\w*|\bsender\b|\bsent (?:by|from)\b|\b(?:received|got|opened) (?:\w+ ){0,3}(?:e-?mails?|messages?|texts?|invitations?) from\b|\bfraud\w*|\b(?:button|message|mail|e-mail|text|sms|advert\w*|link)s? (?:\w+ )?(?:leads?|points?|go(?:es)?|link(?:s|ed)?) to|\basks? (?:for|people|users|visitors|victims)\b|\bcaptcha|\b(?:passwords|credentials|codes|card details) (?:is|are|were) (?:stolen|harvested|collected)|\b(?:invitations?|mails?|messages?|texts?|posts?|adverts?) links? to\b|\b(?:mails?|messages?|runs?|waves?|campaigns?) (?:\w+ )?c[ao]me from", re.IGNORECASE)),
    ("download", re.compile(r"\bdownload(?:s|ed|ing|er)?\b|\bdropped from|\bfetch(?:es|ed|ing)?\b|\bretriev\w+|\bdeliver(?:y|ed|ing|s)\b|\bstag(?:ed|ing)\b|\bpull(?:s|ed)\b|\bdistribut\w+|\bcurl\b|\bwget\b|\binstaller\b|\bserv(?:es|ed|ing) (?:a |an |the )?(?:script|payload|file|malware|update|archive|dropper)|\bpush(?:es|ed)? (?:a |an |the )?\w+|\bwatering hole|\bdrive-by", re.IGNORECASE)),
    ("payload", re.compile(r"\bpayloads?\b|\bdropp(?:er|ed|s)\b|\bdrops\b|\bloaders?\b|\bmalware\b|\btrojan\w*|\bransomware\b|\bsamples?\b|\bbackdoors?\b|\bstealers?\b|\bimplants?\b|\binfected\b|\bweb ?shells?\b|\bexecutables?\b|\brootkit|\bworm\b|\bmalicious (?:file|dll|document|attachment|binary|executable|apk|script)", re.IGNORECASE)),
)  # fmt: skip
WEAK_DOWNLOAD = re.compile(r"\bhost(?:ed|ing|s)\b|\bserv(?:es|ed|ing)\b|\bredirect\w*", re.IGNORECASE)
EXTORTED = re.compile(
    r"\bpa(?:y|id|ying|yments?)\b|\bransom\w*|\bextort\w*|\bscam\w*|\bstolen\b|\blaunder\w*|\bvictims?\b", re.IGNORECASE
)
_HOSTILE = re.compile(
    r"\bmalicious\b|\battacker|\bthreat actors?\b|\badversar\w+|\bintruders?\b|\bhackers?\b|\binfrastructure\b|\bindicators? of|\bIOCs?\b|\brogue\b|\bexploit(?:ed|ing|ation)\b(?! database)|"
    r"\bscann(?:ed|ing) from|\bbrute[- ]forc\w+|\battacks? (?:came )?from|\boriginat\w+ from|\bransom(?:s|ed)?\b|\bextort\w*|\bfraud\w*|\bblock(?:ed|list|ing)?\b|\bcompromised\b|\bbotnet\b|\bpersist\w*\b|\bweaponi[sz]ed\b|\bthreat group\b|\bwallet\b.{0,40}\bpay|\bthie(?:f|ves)\b|\bstole\b|\bstolen\b|\bleak site|\bgang\b|\bboast\w*|\bclaimed responsibility|\btr(?:y|ies|ied) to exploit|\battempts\b|\bconfig(?:uration)? (?:held|holds|contains?|had|has|names?)\b|\bwiper\b|\bspam\b",
    re.IGNORECASE,
)
_DIRECT_HOSTILE = re.compile(
    r"\b(?:malicious|attacker[- ](?:controlled|owned)|rogue|hostile|brute[- ]forc\w*|bulletproof)\b|\b(?:logged|logging) (?:in|on) from\b|\b(?:attacks?|exploitation|logins|scans) (?:\w+ ){0,3}from\b|"
    r"\bscann(?:ed|ing) (?:for it )?from\b|\bblock (?:traffic|access|connections|the (?:domain|address|ip))|\bby the attackers?\b|\bransom note\b|\bnotes? (?:told|tells|asks?|says|said|demands?|names?)\b|\bis (?:a )?(?:fraud|fake|scam)\b|\b(?:logged|logging) in\b[^.]{0,24}\bfrom\b|\bwe (?:have )?block(?:ed)?\b|\bfilters? (?:now )?(?:drop|block)\w*",
    re.IGNORECASE,
)
_CLEARED = re.compile(
    r"\bnot malicious|\bbenign\b|\bharmless\b|\bfalse positives?|\bclean (?:file|sample|version|copy)|\ballow-?list\w*|\bwhite-?list\w*|\bdo not block|\bunrelated to|\bfor (?:example|instance) only|\blegitimate(?:ly)?\b|\bgenuine\b|(?<!not in the )(?<!not on the )(?<!outside the )(?<!from the )\bofficial(?:ly)?\b|\bsigned by (?:microsoft|google|apple)|\b(?:honest|harmless|benign) (?:programs|software|use)|\bcan'?t be blocked\b|\bis not affected\b|\bare not affected\b|\bwhich is (?:google|microsoft|amazon|cloudflare|apple)'s|\bnot affected",
    re.IGNORECASE,
)
IMITATED = re.compile(
    r"(?:impersonat\w+|mimic\w*|spoof\w*|imitat\w+|pos(?:e|es|ed|ing) as|pretend\w* to be|masquerad\w+ as|disguised as|similar to|instead of|resembl\w+|look(?:s|ed|ing)? like|copies of|clone of|exactly like|just like|a copy of|copy(?:ing|ies) the name of|legitimate|genuine|real|official|brand|cop(?:y|ies|ied)\ (?:the\ )?(?:design|look|pages?|content)\ of)"
    r"\s(?:the\s|a\s)?(?:\w+\s){0,3}[\"'\u201c(]?\Z",
    re.IGNORECASE,
)
SINKHOLE = re.compile(
    r"\b(?:police|authorities|FBI|Europol|officers|agents|prosecutors) (?:have |had )?(?:seized|took down|shut down|confiscated)\b|\bsinkhol\w+|\bseized by\b|\btaken down by\b|\b(?:were|was|been) seized\b|\bdomains? [^.]{0,60}\bseized\b|\bnow shows? a notice|\btakeover by (?:law|police)",
    re.IGNORECASE,
)
VICTIM_BEFORE = re.compile(
    r"(?:victims?(?:,? (?:such as|includ(?:e|ed|es|ing)|like|named|was|were|is|are)|\b[^.:]{0,30}:)|(?:targets?|victims?)\s*:|had (?:earlier |also |already )?hit|listed|breach(?:ed|es)?(?: (?:of|at))?|the (?:web ?)?site of (?:a|an|the)(?: [\w-]+){1,4},|\b(?:its|their|whose) (?:\w+ )?(?:site|portal|shop|store),|of a (?:supplier|customer|client|partner),|hack(?:ed|s)?(?: of)?|defac(?:ed|ement of|ing)|attack(?:s|ed)? (?:on|against)|target(?:s|ed|ing)?|leaked from|stolen from|belong(?:s|ing) to|customers of|users of|"
    r"took down|knocked offline|DDoS(?:ed)?(?: attack)? (?:on|against)|outage (?:at|of))\s(?:the\s|its\s|their\s)?(?:[\w'\u2019.,-]+\s){0,4}[\"'\u201c(]?\Z",
    re.IGNORECASE,
)
VICTIM_AFTER = re.compile(
    r"\W{0,3}(?:on|from) its leak site|\W{0,3}hit by\b|\W{0,3}would be next\b|\W{0,3}(?:was|were|has been|have been|had been|is)\s(?:\w+\s)?(?:breached|compromised|injected|unreachable|infected|encrypted|hacked|defaced|attacked|targeted|taken offline|knocked offline|offline|down|hit)\b",
    re.IGNORECASE,
)
CONNECTIVITY = re.compile(
    r"\bconnectivity\b|\bping(?:s|ed|ing)?\b|\binternet connection\b|\bchecks? (?:whether|if|for)\b|\bresolvers?\b|\bDNS servers?\b|\bpublic IP\b|\bexternal IP\b",
    re.IGNORECASE,
)
REFERRED = re.compile(
    r"(?:^\W*see\b|\b(?:please|also) see\b|\(\Z|\bvisit|\bsource|\bvia\b|available (?:at|from|on|here)|read (?:more|the)|according to|publish\w+ (?:at|on|by|in)|blog ?posts?|\bmore (?:info|information|details)|contact(?: us)?\b|e-?mail\b|follow|subscribe|report\w*(?: \w+){0,3} (?:to|at|via|on)|advisor(?:y|ies)|documentation|"
    r"website|web site|home ?page|write to|reach|told|said|article|interview with|statement (?:on|to)|spokes\w+|help(?:line)?|register at|apply at|donat\w+|tickets?|book|our (?:own )?(?:\w+ )?(?:rules?|reports?|code|repository|tools?|analysis|page|github|list))\b(?:[^.]|\.(?=\w)){0,60}\Z",
    re.IGNORECASE,
)
REFERRED_SURELY = re.compile(
    r"(?:^\W*see\b|\b(?:please|also) see\b|available (?:at|from|on|here)|read (?:more|the|our)|according to|\bpublish\w+ (?:at|on|by|in)|blog ?posts?|\bmore (?:info|information|details)|contact us\b|report\w*(?: \w+){0,3} (?:to|at)\b|"
    r"forward (?:\w+ ){0,3}to\b|advisor(?:y|ies)|documentation|\b(?:explained|described|documented|analy[sz]ed) (?:in|at|by)|wrote about|\bstudy\b|interview|our (?:only |own )?(?:\w+ )?(?:rules?|reports?|code|repository|tools?|analysis|page|github|list|address(?:es)?|sites?|domains?|hotline)|"
    r"\b(?:tool|script|rule|report|write-up|paper|slides|talk|raw data|figures|appeal|source|vendor'?s page|notice|library|patch|advice)\b[^.]{0,40}\b(?:is|are|was|were|stands?|lives?|can be (?:found|fetched|read|had)) (?:[\w ]{0,20} )?(?:at|on|in|from)\b|(?:only )?trust (?:news|mail|messages|links)? ?(?:on|from)|"
    r"\b(?:can|could|may|should) (?:[\w']+ ){1,6}(?:at|on|via)\b|thanks to|subscribe|\bsign up|\bfollow\b|citizens|customers (?:can|should)|questions\?|reached (?:at|on|under)|hotline|helpline|call\b|citizens)(?:[^.]|\.(?=\w)){0,60}\Z",
    re.IGNORECASE,
)
"""Words that only refer, also in a report on an attack."""
SERVICE_BEFORE = re.compile(
    r"(?:\b(?:bought|registered|hosted|ordered|rented)\b[\w ,]{0,30} (?:at|with|from|through|via)|\bregistrar,?|\bhosting (?:company|provider),?)\s\W{0,2}\Z",
    re.IGNORECASE,
)
"""A business that an attacker used like any customer."""
LOOKED_UP = re.compile(
    r"\b(?:asks?|looks? up|learns?|finds? out|gets?|queries|obtains?)\b[^.]{0,50}\b(?:public|external|own|victim'?s?)\b[^.]{0,20}\b(?:address|country|ip|location)|push (?:commands|messages|notifications) arrive",
    re.IGNORECASE,
)
OWN_WALLET = re.compile(
    r"\b(?:its|their|his|her|the (?:exchange|company|victim|customer)'?s?)\s(?:own\s)?(?:hot |cold )?wallet\s\W{0,2}\Z",
    re.IGNORECASE,
)
TOLD_TO_CALL = re.compile(r"\b(?:call|phone|tel|hotline|helpline|reached|contact|fax|ring|whatsapp)\b|@", re.IGNORECASE)
SOUND_FILE = re.compile(
    r"\b(?:archive|source (?:code )?(?:archive|package|tarball)|tarball|installer of|official|clean|checksum|release)\b[^.]{0,40}\Z",
    re.IGNORECASE,
)
CORE = re.compile(
    r"\b(?:malware|malicious|ransomware|phish\w*|smish\w*|trojan\w*|botnets?|backdoor\w*|c2s?|c&c|command.and.control|threat actors?|web ?shells?|spear.?phish\w*|infected|iocs?|indicators? of compromise|spyware|"
    r"payloads?|(?:info)?stealers?|beacon\w*|exfiltrat\w*|loaders?|droppers?|implants?|wipers?|typosquat\w*|honeypots?|cobalt strike|keylog\w*|keystrokes|watering holes?|ransom notes?|leak site|rootkits?|skimmers?|"
    r"lottery mails|once installed|after installation|sends (?:contacts|messages|texts|sms|location)|tr(?:y|ies|ied) to exploit|exploitation attempts|exploited in the wild|same actor|cop(?:y|ies) the name of|"
    r"cron job that|lateral movement|encrypted (?:the |its |their )?files|hidden service|rogue|brute.forc\w*|ddos|sinkhol\w*|injected|maldoc|macros?|command injection attacks|mutex(?:es)?|imphash|sha-?256|yara|cve-\d{4}-\d{4,7}[^.]{0,60}exploit\w*)\b|@[\w]{2,28}bot\b",
    re.IGNORECASE,
)
"""Words of attacks that hardly stand in texts on anything else."""
ACTS = re.compile(
    r"\b(?:fetch\w*|download\w*|sen[dt]s?|posts?|posted|connect\w*|regist\w+|redirect\w*|loads?|loaded|serv\w+|resolv\w+|talk\w*|beacon\w*|goes|went|points?|leads?|comes?|came|wrote|answer\w*|call\w*|contact\w*|"
    r"pull\w*|push\w*|drop\w*|tunnel\w*|logged|login|attempts?|requests?|scan\w*|impersonat\w*|fake|copy|posing|pretend\w*|exploit\w*|asks?|asked|runs?|ran|used|uses|using|blocked|hosted|hosts|found|known|besides|targets?|through|resolved|tried|tries)\b",
    re.IGNORECASE,
)
"""Verbs with which a report tells what an address did."""
HINTS = re.compile(
    r"\b(?:attackers?|exploit\w*|intruders?|hack(?:ers?|ed|ing)|adversar\w+|intrusions?|compromised|fraud\w*|scam\w*|spam|thie(?:f|ves)|gangs?|cyber\w*|dark ?web|tor browser|lures?|zero-day|vulnerabilit\w+|steals?|victims?|samples?|scanners?|sensors?|attempts|probes|actors?|blocked|infect\w*|stolen|stole|credentials?|passwords?|suspicious|permissions|keylog\w*|screenshots|persistence|registers itself|"
    r"imitat\w*|impersonat\w*|copy the name|traffic|unpack\w*|obfuscat\w*|encrypt\w*|decrypt\w*|script|macro|remote(?:ly)?|servers?|hash|patched|investigators|analysts|researchers|cron job|official store|sources|connections)\b",
    re.IGNORECASE,
)
"""Words that mean little alone, and something in the company of those in `CYBER`."""
CYBER = re.compile(
    r"\b(?:malware|malicious|ransomware|phish\w*|smish\w*|scam\w*|trojan\w*|botnet|backdoor\w*|c2\b|c&c|command.and.control|threat actors?|hack(?:ers?|ed|ing)|exploit\w*|vulnerabilit\w+|"
    r"brute[- ]forc\w*|intruders?|rogue|wip(?:er|ing)|leak site|infected|ransom\w*|dark ?(?:net|web)|tor browser|user agents?|web ?shells?|spear|zero-day|spoof\w*|steal(?:s|ing)? (?:passwords|credentials|data|codes)|stolen (?:passwords|credentials|cards|codes)|"
    r"cyber\w*|indicators? of compromise|iocs?\b|spyware|payloads?|(?:info)?stealers?|compromised|web ?shells?|beacon\w*|exfiltrat\w*|intrusion|adversar\w+|loader|dropper|implant|wipers?|attackers?|rats?\b(?=[ ,.]\w)|apt\b|thie(?:f|ves)|fraud\w*|gangs?|leak site|typosquat\w*|honeypots?|spam|cobalt strike|keystrokes|flood of traffic|ddos|denial of service|hacktivis\w*|watering holes?|lures?|encrypted files|ransom note)|^\W{0,6}(?:network |host |file )?indicators\b",
    re.IGNORECASE | re.MULTILINE,
)
OFFICIAL = re.compile(
    r"(?:^|\.)(?:gov|mil|gouv|gob|govt)(?:\.[a-z]{2})?$|(?:^|\.)(?:europa\.eu|un\.org|admin\.ch|bund\.de)$"
)
DESK = re.compile(
    r"(?:press|media|info|contact|tips?|help|report|abuse|soc|cert|security|editor|newsroom)[@.+-]", re.IGNORECASE
)
DONATION = re.compile(r"\bdonat\w+|\bsupport (?:us|our)|\bfoundation\b|\bfund ?rais\w+|\btip jar", re.IGNORECASE)


_ANY_ROLE = re.compile("|".join(f"(?P<{role}>{cue.pattern})" for role, cue in _ROLES), re.IGNORECASE)
"""All cues in one pass; the group that matched is the role."""


STEMS: dict[re.Pattern[str], tuple[str, ...]] = {
    SINKHOLE: ("sinkhol", "seized", "took down", "taken down", "shut down", "confiscat", "takeover", "notice"),
    IMITATED: ("imperson", "mimic", "spoof", "imita", "pos", "preten", "masquer", "disguis", "similar", "instead", "resembl", "like", "cop", "clone", "legit", "genuine", "real", "official", "brand"),
    VICTIM_AFTER: ("leak site", "hit ", "would be next", "was", "were", "been", " is "),
    VICTIM_BEFORE: ("victim", "target", "hit", "listed", "breach", "site", "portal", "shop", "store", "supplier", "customer", "client", "partner", "hack", "defac", "attack", "leaked", "stolen", "belong", "users of", "took down", "offline", "ddos", "outage"),
    CONNECTIVITY: ("connectivity", "ping", "internet connection", "check", "resolver", "dns server", "public ip", "external ip"),
    LOOKED_UP: ("public", "external", "own", "victim", "arrive"),
    OWN_WALLET: ("wallet",),
    SERVICE_BEFORE: ("bought", "registered", "hosted", "ordered", "rented", "registrar", "hosting"),
}  # fmt: skip
"""Words, lower case, one of which stands in everything that the cue matches: a text without any is not searched for it."""


class Cues(NamedTuple):
    """What a sentence says of the indicator in it."""

    is_cleared: bool
    is_hostile: bool
    is_direct: bool  # called malicious outright


@lru_cache(maxsize=CACHE_ENTRIES)
def cues_of(said: str) -> Cues:
    direct = _DIRECT_HOSTILE.search(said) is not None
    return Cues(not direct and _CLEARED.search(said) is not None, _HOSTILE.search(said) is not None, direct)


@lru_cache(maxsize=CACHE_ENTRIES)
def roles_in(words: str) -> tuple[Role, Role] | None:
    """The first and the last role that the words name."""
    hits = [match.lastgroup for match in _ANY_ROLE.finditer(words)]
    return (cast("Role", hits[0]), cast("Role", hits[-1])) if hits else None
