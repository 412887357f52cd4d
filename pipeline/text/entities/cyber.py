"""Names of the cyber field by form: numbered actors, and what stands before "ransomware" or "backdoor".

Vendors number the actors they have not named ("UNC2452", "TA505", "Storm-0558"); such a name is an actor without any list.
"""

import re

from pipeline.records import EntityLabel

_NUMBERED = re.compile(
    r"\b(?:APT-?(?:C-)?\d{1,3}|UNC-?\d{2,5}|TA-?\d{3,4}|FIN-?\d{1,2}|DEV-\d{4}|Storm-\d{4}|UAC-\d{4}|UTA\d{4}|TEMP\.[A-Z]\w+|UAT-?\d{3,5}|CL-(?:STA|CRI|UNK)-\d{4}|TAG-\d{1,3}|TG-\d{4}|ATK\d{1,3}|G\d{4}(?=\)))\b"
)
_MALWARE_BEFORE = re.compile(
    r"(?<![\w.-])(?P<name>[A-Z][A-Za-z0-9]+(?:\s(?:[A-Z][A-Za-z0-9]+|\d(?:\.\d)?))?)\s(?:ransomware|malware|trojan|Trojan|backdoor|botnet|infostealer|information\sstealer|wiper|worm|rootkit|spyware|"
    r"banking\strojan|stealer|dropper|downloader|keylogger|bootkit|web\sshell|cryptominer)\b(?!\s(?:gang|group|attack\son|protection|defender|analysis|researchers?|analysts?|team))"
)
_MALWARE_NAMED = re.compile(
    r"\b(?:ransomware|malware|trojan|backdoor|botnet|infostealer|stealer|wiper|worm|rootkit|spyware|loader|dropper|implant)(?:\s(?:family|strain|variant))?,?\s(?:called|dubbed|named|known\sas)\s(?:the\s)?[“\"‘']?(?P<name>[A-Z][A-Za-z0-9]{2,}(?:\s[A-Z][A-Za-z0-9]+)?)"
)
_NO_NAMES = frozenset(
    [
        "the",
        "this",
        "that",
        "new",
        "a",
        "an",
        "its",
        "their",
        "our",
        "linux",
        "windows",
        "android",
        "macos",
        "mac",
        "ios",
        "iot",
        "java",
        "python",
        "javascript",
        "powershell",
        "microsoft",
        "google",
        "apple",
        "mobile",
        "custom",
        "modular",
        "banking",
        "russian",
        "chinese",
        "iranian",
        "north",
        "korean",
        "remote",
        "access",
        "these",
        "those",
        "such",
        "other",
        "another",
        "some",
        "many",
        "most",
        "all",
        "both",
        "first",
        "second",
        "fileless",
        "known",
        "state-sponsored",
        "crypto",
        "info",
        "data",
        "dll",
        "http",
        "https",
        "tcp",
        "udp",
        "dns",
        "exe",
        "elf",
        "pe",
        ".net",
        "net",
        "golang",
        "rust",
        "multi-stage",
        "anti",
        "stage",
        "any",
        "more",
        "various",
        "several",
        "previous",
        "similar",
        "advanced",
        "persistent",
        "using",
        "uses",
        "based",
        "commodity",
        "open",
        "source",
        "internet",
        "points",
        "ddos",
        "cloud",
        "fake",
        "rogue",
        "when",
        "if",
        "while",
        "as",
        "in",
        "on",
        "of",
        "for",
        "from",
        "by",
        "with",
        "and",
        "or",
        "but",
        "pos",
        "atm",
        "sms",
        "ics",
        "scada",
        "vpnfilter_",
    ]
)

Found = tuple[int, int, EntityLabel]


def find_cyber_names(text: str) -> list[Found]:
    """Spans with their label, by form alone."""
    found: list[Found] = [(match.start(), match.end(), "GROUP") for match in _NUMBERED.finditer(text)]
    for pattern in (_MALWARE_BEFORE, _MALWARE_NAMED):
        for match in pattern.finditer(text):
            start, end = match.span("name")
            parts = text[start:end].split()
            while parts and parts[0].casefold() in _NO_NAMES:
                start += len(parts[0]) + 1
                parts = parts[1:]
            if parts and not any(part.casefold() in _NO_NAMES for part in parts):
                found.append((start, end, "MALWARE"))
    return found
