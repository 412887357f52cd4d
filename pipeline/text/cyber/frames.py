"""The sentences of the trade: a trigger, its class, where its victim stands, and what company it needs.

Triggers are of verbs in a tense that tells ("stole", "has been breached", "exploits"), or of nouns with a party ("an attack on X").
The table is data: one row a way of saying it, not one a case.
"""

import re
from typing import Literal, NamedTuple

Side = Literal["after", "before", "none"]
Act = Literal["attack", "ransom", "leak", "steal", "theft", "flood", "deface", "exploit", "takedown", "arrest", "lure"]


class Frame(NamedTuple):
    """`subject`: who stands before it is who does it; `victim`: on which side the one it is done to stands."""

    act: Act
    pattern: re.Pattern[str]
    victim: Side
    subject: bool = False
    claims: bool = False


def _row(act: Act, pattern: str, victim: Side, *, subject: bool = False, claims: bool = False) -> Frame:
    return Frame(act, re.compile(pattern, re.IGNORECASE), victim, subject, claims)


_BE = r"\b(?:was|were|been|being|is being|are being|got|gets)\s(?:also\s|reportedly\s|recently\s|again\s|badly\s)?"
_ATTACK = r"(?:(?:ransomware|cyber|hacking|hacker|extortion|ddos|phishing|supply[- ]chain|malware|data|wiper|destructive|network|computer|security)[- ]?){0,2}(?:attacks?|cyberattacks?|breach(?:es)?|hacks?|intrusions?|break-ins?|incidents?|compromise)"
_DATA = r"(?:data|records|files|e-?mails|mails|documents|messages|credentials|passwords|database|databases|source code|accounts|details|secrets|archives|backups?|contracts|information|[KMGTP]B|[gtp]igabytes|terabytes|gigabytes|numbers|passports)"
_MONEY = r"(?:dollars?|euros?|pounds?|ether|bitcoins?|crypto\w*|tokens|coins|stablecoins?|francs?|yen|rubles?)\b"
_MACHINES = r"(?:servers?|domains?|infrastructure|botnets?|web ?sites?|sites?|services?|marketplaces?|market|forums?|leak site|panels?|platform|network of|malware|ransomware|stealer|loader)"
_GAP = r"(?:[^.;\n]|\.(?=\d)){0,90}?"

FRAMES: tuple[Frame, ...] = (
    # a gang says so, or lists its victim
    _row(
        "attack",
        rf"\b(?:claim(?:ed|s|ing)?|took|takes?|taking|boasted of)\s(?:to have\s(?:carried|made)\s)?(?:credit\s(?:for\s)?|responsibility\s(?:for\s)?|out\s)?(?:an?|the|its|this|that|last week's|(?:\w+day)['’]s)?\s?{_ATTACK}(?:\s(?:on|against|at|of|targeting))?",
        "after",
        subject=True,
        claims=True,
    ),
    _row(
        "attack",
        r"\b(?:claim(?:ed|s)|took|takes) (?:it|this|responsibility|credit)\b(?! for)",
        "none",
        subject=True,
        claims=True,
    ),
    _row(
        "ransom",
        r"\b(?:add(?:ed|s)|list(?:ed|s)|post(?:ed|s)|nam(?:ed|es)|publish(?:ed|es)|put|uploaded)\b(?=[^;\n]{0,220}\b(?:leak (?:site|blog|page|portal)|victims?\b|extortion (?:site|blog|page)|dark ?web|name-and-shame|shame site|tor (?:site|blog)))",
        "after",
        subject=True,
        claims=True,
    ),
    _row(
        "ransom",
        rf"{_BE}(?:added|listed|posted|named|published)\s(?:on|to|at|in|by|as)\b(?=[^;\n]{{0,80}}\b(?:leak|victim|extortion|dark ?web|blog))",
        "before",
        claims=True,
    ),
    _row(
        "ransom",
        r"\bappear(?:ed|s)\s(?:on|in)\b(?=[^.;\n]{0,80}\b(?:leak|extortion|dark ?web|victim))",
        "before",
        claims=True,
    ),
    _row("ransom", r"\bnew victims?\s(?:on|of|named|listed|posted|at)\b", "none", claims=True),
    _row("ransom", r"\b(?:paid|pays|refused to pay)\s(?:a|the|its)?\s?(?:\w+\s)?ransom\b", "before"),
    _row("ransom", r"\b(?:the|its) (?:latest |first |new )?victim,?\s(?=[A-Z])", "after"),
    _row(
        "ransom",
        r"\bencrypted\b(?=[^.;\n]{0,60}\b(?:servers?|systems?|files|data|computers|machines|network|backups))(?!\s(?:messag|chat|traffic|connection|channel))",
        "after",
        subject=True,
    ),
    _row(
        "ransom",
        rf"{_BE}(?:hit|struck|crippled|paralysed|paralyzed|attacked|targeted|encrypted|locked|disrupted|affected|shut down)\sby\s(?:an?\s|the\s)?(?:\w+\s){{0,3}}ransomware",
        "before",
    ),
    _row(
        "ransom",
        r"\bransomware (?:attack\s)?(?:hit|hits|struck|crippled|encrypted|paralysed|paralyzed|shut down|halted|stopped|disrupted|knocked out|forced)\b",
        "after",
    ),
    _row(
        "ransom",
        r"\b(?:after|following|because of|due to|in|suffered|with|amid|confirmed|disclosed|reported|by)\s(?:an?|the|last week's)\s(?:\w+\s){0,2}ransomware (?:attack|incident)",
        "before",
    ),
    # computers broken into
    _row(
        "attack",
        rf"{_BE}(?:hacked|breached|compromised|infiltrated|hijacked|penetrated|backdoored|broken into|phished|infected|spied (?:up)?on|attacked by (?:hackers|cyber\w*|the )|targeted by (?:hackers|cyber\w*)|hit by (?:hackers|a cyber\w*|cyber\w*|malware|a (?:\w+ )?attack))\b",
        "before",
    ),
    _row(
        "attack",
        r"\b(?:planted|installed|implanted|dropped|placed|deployed|found)\b[^.;\n]{0,50}\b(?:malware|backdoors?|spyware|implants?|web ?shells?|rootkits?|wipers?|stealers?|loaders?)\b\s(?:in|on|at|inside|into|within)\b",
        "after",
        subject=True,
    ),
    _row(
        "attack",
        r"\b(?:spied (?:up)?on|eavesdropped on|lurked in(?:side)?|sat in(?:side)?|hid in(?:side)?|spent \w+ (?:months|weeks|years|days) in(?:side)?|(?:was|were|been|remained|stayed) inside|infect(?:ed|s)|intercepted|tapped)\b",
        "after",
        subject=True,
    ),
    _row(
        "attack",
        r"\b(?:injected|inserted|slipped|planted|hid|pushed|added|put)\b[^.;\n]{0,50}\b(?:code|backdoor|malware|stealer|script|miner|version|update)\b\s(?:into|to|in|of|for)\b",
        "after",
        subject=True,
    ),
    _row(
        "attack",
        r"\b(?:updates?|installers?|builds?|releases?|versions?)\b[^.;\n]{0,60}\b(?:carried|delivered|shipped|installed|contained|contains?|spread|pushed|came with|carries|installs)\b[^.;\n]{0,30}\b(?:malware|backdoor|stealer|trojan|miner|ransomware|loader|malicious)",
        "none",
    ),
    _row(
        "attack",
        r"\b(?:reached|entered|logged in(?:to)?|reset|reprogrammed|changed|rewrote|unlocked|tripped)\b(?=[^.;\n]{0,50}\b(?:control (?:systems?|network|room|panel)|network|plcs?|hmi|panels?|scada|settings|passwords|breakers|controllers))",
        "after",
        subject=True,
    ),
    _row("attack", rf"\b{_ATTACK}\s(?:on|against|at|targeting)\b", "after"),
    _row(
        "attack",
        r"\b(?:after|following|suffered|confirmed|disclosed|reported|discovered|detected|because of|due to|hit by|struck by)\s(?:an?|the)\s(?:\w+\s){0,2}(?:cyber ?-?attack|cyber ?-?incident|data breach|hack|intrusion|network breach|security breach|breach of its)\b",
        "before",
    ),
    _row(
        "attack",
        r"\b(?:a|the) (?:\w+\s){0,2}(?:cyber ?-?attack|hack|data breach|intrusion) (?:on \w+\s)?(?:stopped|halted|disrupted|hit|struck|crippled|shut down|knocked out|forced|exposed|affected|cut|closed)\b",
        "after",
    ),
    _row(
        "attack",
        r"\b(?:hacked|breached|compromised|infiltrated|hijacked|penetrated|backdoored|trojani[sz]ed|phished|broke\s(?:in)?to|broken into|breaking into|gained\s(?:\w+\s){0,2}access to|hacked into|got into|intruded (?:in)?to|attacked|targeted|defeated the security of|took over the accounts? of|hit)\b",
        "after",
        subject=True,
    ),
    _row(
        "attack",
        rf"{_BE}(?:hacked|breached|compromised|infiltrated|hijacked|penetrated|backdoored|broken into|phished|attacked by (?:hackers|cyber\w*)|targeted by (?:hackers|cyber\w*)|hit by (?:hackers|a cyber\w*|cyber\w*|malware))\b",
        "before",
    ),
    _row(
        "attack",
        r"\b(?:hackers|intruders|attackers|a hacker|cyber ?criminals|spies|hacktivists)\s(?:have\s|had\s|first\s|then\s)?(?:took|taken|seized|gained)\s(?:remote\s)?control of\b",
        "after",
    ),
    _row(
        "attack",
        r"\b(?:took|taken|seized|gained|taking)\s(?:remote\s)?control of\b(?=[^.;\n]{0,60}\b(?:pumps?|plant|panels?|valves?|plcs?|controllers?|turbines?|systems?|accounts?|scada|hmi|dam|cameras?|servers?|router))",
        "after",
        subject=True,
    ),
    _row(
        "attack",
        r"\b(?:opened|closed|switched off|shut off|manipulated|tampered with|altered|changed)\b(?=[^.;\n]{0,50}\b(?:valves?|pumps?|set ?points?|breakers?|plcs?|controllers?|doses?|dosing|chlorine|sluice|gates?|signals?))",
        "after",
        subject=True,
    ),
    _row(
        "attack",
        r"\b(?:disabled|wiped|erased|deleted|bricked|destroyed|overwrote)\b(?=[^.;\n]{0,60}\b(?:of them|terminals?|machines?|servers?|computers?|data|disks?|drives?|backups?|files|routers?|databases?|systems))",
        "after",
        subject=True,
    ),
    _row(
        "attack",
        r"\b(?:used|deployed|launched|unleashed|ran)\b(?=[^.;\n]{0,50}\b(?:wiper|ransomware|malware|backdoor|implant|stealer|locker|web shell))[^.;\n]{0,60}?\b(?:against|at|on|in the networks? of|inside)\b",
        "after",
        subject=True,
    ),
    _row(
        "attack",
        r"\b(?:wipers?|data[- ]wiping malware)\b[^.;\n]{0,40}\b(?:hit|struck|destroyed|erased|against|was found (?:in|on|at))\b",
        "after",
    ),
    # software that others build on
    _row(
        "attack",
        r"\b(?:npm|pypi|pip|python|go|maven|crates?(?:\.io)?|rubygems|nuget|browser|chrome|firefox|vs ?code|vscode|wordpress|docker|hugging ?face|composer)\b[^.;\n]{0,30}\b(?:packages?|modules?|extensions?|librar(?:y|ies)|plug-?ins?|images?|crates?|add-?ons?|gems?)\b(?=(?:[^;\n]){0,220}\b(?:remov(?:ed|es)|malicious|backdoor(?:ed)?|typosquat\w*|opens a shell|fetch(?:ed|es)?|steals?|stole|sends?|sent|hijack\w*|trojan\w*|compromised|exfiltrat\w*|downloads? and runs?|install(?:s|ed) (?:a|an|malware)))",
        "none",
    ),
    _row(
        "attack",
        r"\b(?:malicious|poisoned|backdoored|trojani[sz]ed|tampered|rogue)\s(?:versions?|updates?|packages?|commits?|builds?|installers?|releases?)\b(?: of\b)?",
        "after",
    ),
    # data
    _row(
        "steal",
        rf"\b(?:stole|(?:has|have|had|having|was|were|been)\s(?:also\s)?(?:stolen|taken)|stealing|steal|took|exfiltrated|copied|siphoned(?: off)?|downloaded|accessed|obtained|read|swiped|looted|extracted|harvested|scraped)\b(?={_GAP}\b{_DATA})",
        "after",
        subject=True,
    ),
    _row(
        "leak",
        rf"\b(?:leaked|leaks|published|publishes|dumped|exposed|exposes|spilled|posted|released)\b(?={_GAP}\b{_DATA})",
        "after",
        subject=True,
    ),
    _row(
        "leak",
        rf"\b{_DATA}\b(?:[^.;\n]|\.(?=\d)){{0,110}}?\b(?:was|were|been|is|are)\s(?:put up for sale|put on sale|offered for sale|for sale|offered|leaked|exposed|published|dumped|stolen|copied|taken|accessed|sold|left (?:open|exposed|unprotected)|posted|compromised|affected|accessible|on sale|on offer|found (?:online|on)|put online)\b",
        "before",
    ),
    _row(
        "leak",
        rf"\b(?:offers|offered|offering|is selling|are selling|sells|selling|advertis(?:es|ed|ing)|put up for sale)\b(?={_GAP}\b{_DATA})",
        "after",
    ),
    _row(
        "leak",
        rf"\b{_DATA}\b(?:[^.;\n]|\.(?=\d)){{0,110}}?\b(?:appeared|surfaced|turned up|ended up|went on sale|showed up|leaked)\s(?:online|on|in|for|at)\b",
        "before",
    ),
    # money
    _row(
        "theft",
        rf"\b(?:stole|stolen|stealing|steal|drained|took|taken|siphoned(?: off)?|looted|robbed|made off with|swiped|embezzled)\b(?={_GAP}(?:\b{_MONEY}|[$€£]))",
        "after",
        subject=True,
    ),
    _row(
        "theft",
        rf"\b(?:lost|loses|was robbed of|were robbed of)\b(?={_GAP}(?:\b{_MONEY}|[$€£]))(?=[^;\n]{{0,120}}\b(?:hack\w*|thieves|attack\w*|theft|intru\w+|exploit|breach|robbed))",
        "before",
    ),
    _row(
        "leak",
        r"\b(?:notif(?:ied|ies|ying)|informed|informs|warned|warns|told|wrote to)\b[^.;\n]{0,50}\b(?:customers|patients|users|people|employees|members|clients|students|citizens)\b[^.;\n]{0,70}\b(?:data|breach|records|details)\b",
        "before",
    ),
    # floods and flags
    _row(
        "flood",
        r"\b(?:knocked|taken|forced|went|were|was|been)\s(?:offline|down|unreachable|unavailable|inaccessible|brought down)\b",
        "before",
    ),
    _row(
        "flood",
        r"\b(?:knock(?:ed|s)|took|taken|forced|pushed|brought)\b(?=[^.;\n]{0,90}?\b(?:offline|down|to a standstill)\b)",
        "after",
        subject=True,
    ),
    _row(
        "flood",
        r"\b(?:attacked|hit|targeted|flooded|swamped|overloaded|bombarded|attacks? on|attacks? against|attacking|flooding)\b[^.;\n]{0,25}\b(?:web ?sites?|sites?|portals?|online services?|web servers?|home ?pages?)\b",
        "after",
        subject=True,
    ),
    _row(
        "flood",
        r"\b(?:ddos|denial[- ]of[- ]service)(?: attacks?| campaign| wave)?(?: (?:hit|struck|on|against|at|targeting|disrupted|took down|from))?\b(?!-for-hire)",
        "after",
    ),
    _row("deface", r"\bdefac(?:ed|ing)\b", "after", subject=True),
    _row("deface", rf"{_BE}defaced\b", "before"),
    # flaws
    _row(
        "exploit",
        r"\b(?:exploit(?:ed|s|ing)|abus(?:ed|es|ing)|used|uses|using|weaponi[sz]ed|leverag(?:ed|es|ing))\b(?=[^.;\n]{0,70}(?:CVE-\d{4}|\b(?:flaws?|vulnerabilit(?:y|ies)|bugs?|zero[- ]days?|weakness(?:es)?|hole)\b))",
        "none",
        subject=True,
    ),
    _row(
        "exploit",
        r"\bexploit(?:s|ed|ing)?\b(?=\s(?:in the wild|in attacks|by|as a zero|since|to\b)|\.)|\battackers exploit\b",
        "none",
    ),
    _row(
        "exploit",
        r"\b(?:actively exploited|under (?:active )?(?:attack|exploitation)|exploitation (?:in the wild|began|started|has been seen|was (?:seen|observed))|mass exploitation|exploited vulnerabilities)\b",
        "none",
    ),
    _row(
        "exploit",
        r"\bCVE-\d{4}-\d{4,7}\b[^.;\n]{0,80}?\b(?:is|was|were|has been|have been|are|had been)\s(?:now\s|being\s|already\s|also\s|actively\s|first\s|since\s){0,3}(?:exploited|used|abused|attacked|chained|under attack)\b",
        "none",
    ),
    _row(
        "exploit",
        r"\battack(?:s|ed|ing)?\b[^.;\n]{0,50}\b(?:through|via|using|with|on|against|by way of)\b[^.;\n]{0,40}(?:CVE-\d{4}|zero[- ]day)",
        "none",
    ),
    _row(
        "exploit",
        r"\b(?:broke|break|breaking|got|came|enter(?:ed|ing)?|get(?:ting)?|hacked|breached)\b[^.;\n]{0,60}\b(?:through|via|using|with|by)\b[^.;\n]{0,40}(?:CVE-\d{4}|zero[- ]day|\b(?:flaw|vulnerability|bug)\b)",
        "none",
        subject=True,
    ),
    # the law, and others who switch off
    _row(
        "takedown",
        rf"\b(?:seized|seizes|took over|taken over|took down|taken down|shut down|dismantled|disrupted|sinkholed|confiscated|switched off|took control of|taken control of|closed|brought down|unplugged|knocked out|raided|broke up|took offline|pulled the plug on)\b(?={_GAP}\b{_MACHINES})",
        "none",
        subject=True,
    ),
    _row(
        "takedown",
        rf"\b{_MACHINES}\b[^.;\n]{{0,80}}?\b(?:was|were|been|is|are)\s(?:now\s)?(?:seized|taken over|taken down|taken offline|shut down|dismantled|disrupted|sinkholed|confiscated|switched off|brought down|broken up|unplugged|replaced (?:by|with)|in the hands of)\b",
        "none",
    ),
    _row(
        "arrest",
        r"\b(?:arrested|detained|charged|indicted|extradited|sentenced|jailed|convicted|imprisoned|pleaded guilty|in custody|was held|were held|have held|picked up|handed over|faces charges|arrests? of)\b",
        "none",
        subject=True,
    ),
    # mails and pages that deceive
    _row(
        "lure",
        r"\b(?:sent|sends|sending|mailed|e-?mailed|lured|tricked|texted|called)\b(?=[^.;\n]{0,80}\b(?:mails?|e-?mails?|messages?|links?|attachments?|invitations?|documents?|texts|files?)\b)",
        "none",
        subject=True,
    ),
    _row(
        "lure",
        r"\bfake\s(?:\w+\s){0,2}(?:pages?|sites?|web ?sites?|mails?|e-?mails?|messages?|invoices?|apps?|offers?|login|shops?|notices?|forms?|profiles?|installers?|updates?|captchas?)\b",
        "none",
    ),
    _row(
        "lure",
        r"\b(?:asks?|asked|asking|urged?|told)\b[^.;\n]{0,40}\b(?:passwords?|credentials|card (?:details|numbers?)|log ?in|codes?|seed phrases?)\b",
        "none",
    ),
    _row(
        "lure",
        r"\b(?:campaigns?|pages?|sites?|kits?|mails?|e-?mails?|messages?|texts?|domains?|calls?)\b[^.;\n]{0,60}\b(?:imitat|impersonat|pos(?:es|ed|ing) as|pretend|mimic|spoof)\w*",
        "none",
    ),
    _row(
        "lure",
        r"\b(?:mails?|e-?mails?|messages?|texts?|invitations?|lures?|letters?|posts?|notices?|sms)\b[^.;\n]{0,70}\blink(?:s|ed|ing)?\b",
        "none",
        subject=False,
    ),
    _row(
        "lure",
        r"\b(?:spear-?)?(?:phishing|smishing|vishing|quishing) (?:campaign|mails?|e-?mails?|attack|wave|messages|pages?|kit|sites?)\b",
        "none",
    ),
    _row(
        "lure",
        r"\b(?:lured|lures|tricked|tricks|deceived|leads?|led)\s(?:victims|users|customers|people|diplomats|employees|staff)\b",
        "none",
    ),
)
