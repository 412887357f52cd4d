"""What an indicator is doing in an article: malicious, suspicious, benign or unknown, with the reason; and its role.

Offline and by rules in a fixed order, the first that holds decides: what can't be hostile at all (documentation and private
addresses, the empty file); whose it is (the reporter's own site, an imitated brand, a victim, a sinkhole); what the sentence,
the table column or the section says it does; that it was defanged (one defangs what is not to be clicked); the warning list;
and that it is only linked to. Nothing of it knows names of malware.
"""

import re
from itertools import islice
from typing import NamedTuple

from msgspec import structs

from pipeline.records import Indicator, IndicatorVerdict
from pipeline.text.indicators.addresses import ARTICLE_PATH, SOCIAL_SITES, host_of, is_bare, is_clickable, reserved_for
from pipeline.text.indicators.context import Context
from pipeline.text.indicators.cues import (
    ACTS,
    CONNECTIVITY,
    CORE,
    CYBER,
    DESK,
    DONATION,
    EXTORTED,
    HINTS,
    IMITATED,
    LOOKED_UP,
    OFFICIAL,
    OWN_WALLET,
    REFERRED,
    REFERRED_SURELY,
    SERVICE_BEFORE,
    SINKHOLE,
    SOUND_FILE,
    STEMS,
    TOLD_TO_CALL,
    VICTIM_AFTER,
    VICTIM_BEFORE,
    WEAK_DOWNLOAD,
    Role,
    cues_of,
    roles_in,
)
from pipeline.text.indicators.standing import Standing, cleared, harmless, sentence_at
from pipeline.text.indicators.warnings import Warnings, same_site

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
        "certificate-thumbprint",
        "mac",
        "iban",
        "phone",
        "purl",
        "android-package",
        "google-analytics",
        "google-adsense",
        "tox",
    }
)
FINGERPRINTS = frozenset({"ja3", "jarm", "user-agent", "mutex", "service"})
RULES = frozenset({"yara-rule", "sigma-rule"})
_CATALOGUE = {
    "cve": "names a vulnerability", "cwe": "names a weakness", "ghsa": "names an advisory", "advisory": "names an advisory", "cvss": "rates a vulnerability",
    "attack-technique": "names a technique", "attack-tactic": "names a tactic", "attack-software": "names a program", "attack-group": "names a group",
    "attack-mitigation": "names a mitigation", "attack-campaign": "names a campaign", "attack-data-source": "names a data source", "cpe": "names a product", "asn": "names a network operator", "port": "a port alone is nobody's", "arn": "names a cloud resource",
}  # fmt: skip

REPORT_POINTS_MIN = 2.5
"""From which on a text is a report on an attack: a point for each different word of attacks, half for each mere hint."""
DIGEST_POINTS = 1.5
HINT_POINTS_MAX = 2.0
REPORT_CHARS_MAX = 16_000
"""How much of a text is read for that, characters: a report says early what it is about."""
WORDS_READ_MAX = 200
_RUNS = frozenset({"exe", "dll", "scr", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "hta", "lnk", "msi", "jar", "apk", "elf", "sh", "py", "docm", "xlsm", "xll", "iso", "img", "bin", "sys", "dat", "tmp"})  # fmt: skip
"""Extensions of what can run or carry what runs."""

_NEXT_ADDRESS = re.compile(r"\bURL\b|\b[\w-]{1,63}+[.\[(]{1,3}[.\])]{0,3}[\w-]{2,63}")
_LAST_ADDRESS = re.compile(r"(?s:.*)(?:\bURL\b|\b[\w-]{1,63}\.[\w-]{2,63})")
SILENT, READ_ON, A_CONTACT = "nothing in the text says what it does", "a link to read on", "a contact"
IN_A_REPORT = "part of what a report on an attack tells"
_DEFAULTS = frozenset({SILENT, READ_ON, A_CONTACT, IN_A_REPORT})
"""Reasons of verdicts that rest on nothing but silence."""


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
            digests > 0 or CYBER.search(context.text) is not None
        )  # else "download" and "fake" mean nothing
        self._is_cyber = self._is_cyber or context.is_list
        self._is_report = context.is_list or (
            self._is_cyber and _report_points(context.text, digests) >= REPORT_POINTS_MIN
        )
        self._lower = context.text.lower()
        self._read: dict[tuple[re.Pattern[str], str], re.Match[str] | None] = {}  # the lines of a list are alike
        self._mentioned: dict[re.Pattern[str], bool] = {}
        self._digests = digests  # how many the article lists: one alone may be anything, many are a sample list

    def _says(self, cue: re.Pattern[str], words: str, *, at_start: bool = False) -> re.Match[str] | None:
        """The cue in the words; asked of the whole text first, and once, for most texts have few of them."""
        known = self._mentioned.get(cue)
        if known is None:
            stems = STEMS.get(cue)
            known = self._mentioned[cue] = stems is None or any(stem in self._lower for stem in stems)
        if not known or not words:
            return None
        key = (cue, words)
        if key not in self._read:
            self._read[key] = cue.match(words) if at_start else cue.search(words)
        return self._read[key]

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
        if self._says(SINKHOLE, before[-120:]) or self._says(SINKHOLE, after[:60]):
            return Judgement("benign", "sinkholed or seized")
        if self._says(IMITATED, before):
            return Judgement("benign", "the genuine address that is imitated", "victim")
        if standing := self._standing(found, before, after):
            return Judgement("benign", *standing)
        listed = self._warnings.find(host) or (("official", "a government's site") if OFFICIAL.search(host) else None)
        if not (found.defanged or host.endswith(".onion")) and (
            self._says(VICTIM_BEFORE, before) or self._says(VICTIM_AFTER, after, at_start=True)
        ):
            return Judgement("benign", "named as a victim", "victim")
        return self._by_use(found, before, after, listed)

    def _standing(self, found: Indicator, before: str, after: str) -> Standing | None:
        """What the sentence says it is other than hostile; what is defanged or called hostile outright is only asked whether it is cleared."""
        if self._context.is_list:
            return None
        said = sentence_at(self._context.text, found.end, before, after)
        if standing := cleared(said):
            return standing
        if found.defanged or host_of(found).endswith(".onion") or cues_of(said.clause).is_direct:
            return None
        return harmless(said)

    def _by_use(self, found: Indicator, before: str, after: str, listed: tuple[str, str] | None) -> Judgement:
        """The verdict on an address by what the text says of it, and by the warning list where it says nothing."""
        said = f"{before} {after}"
        if excuse := self._excuse(found, near_to(before, after), said, listed):
            return excuse
        section = self._context.section(found.start)
        in_list = self._context.is_listed(before, after)
        heading = section.heading if in_list or found.defanged else ""
        role = self._role(found, before, after, heading) if self._is_cyber or found.defanged else None
        hostile = role is not None or (self._is_cyber and (cues_of(said).is_hostile or cues_of(said).is_direct))
        if listed and not self._is_report and not cues_of(said).is_direct and not found.defanged and role == "download":
            hostile = False  # "fetch your keys from a hosting platform" in an article on something else
        if placed := self._by_place(found, said, in_list, hostile, role):
            return placed
        surely = self._says(REFERRED_SURELY, before) is not None
        referred = surely or (self._says(REFERRED, before) is not None and not (self._is_report and role))
        is_item = in_list and self._context.is_item(found.start, found.end, before)
        if is_item and self._is_report and is_bare(host_of(found)) and not (listed or referred):
            return Judgement("malicious", "an item of a list in a report on an attack", role)
        return self._by_words(found, before, said, referred, role, hostile, listed)

    def _excuse(self, found: Indicator, near: str, said: str, listed: tuple[str, str] | None) -> Judgement | None:
        """Benign for what the sentence or the warning list says of the address, whatever it stands under; else None."""
        if cues_of(near).is_cleared and not cues_of(said).is_direct:
            return Judgement("benign", "called legitimate")
        if listed and (not self._is_abusable(found, listed[0]) or self._says(CONNECTIVITY, said)):
            return self._listed(found, listed)
        if self._says(LOOKED_UP, near) and not found.defanged:
            return Judgement("benign", "a service that is asked for something harmless")
        return None

    def _by_place(
        self, found: Indicator, said: str, in_list: bool, hostile: bool, role: Role | None
    ) -> Judgement | None:
        """The verdict by the section that the address stands in, by its defanging, or by its being a link; else None."""
        if host_of(found).endswith(".onion") and self._is_cyber and (self._is_report or self._says(EXTORTED, said)):
            return Judgement("malicious", "a hidden service in a report on an attack", role)
        section = self._context.section(found.start)
        under = f"listed under \u201c{section.heading[:60]}\u201d"
        if section.topic == "indicators" and (found.defanged or hostile or (in_list and self._is_cyber)):
            return Judgement("malicious", under, role)
        if found.defanged:
            return Judgement("malicious", "defanged" + (f" and said to serve as {role}" if role else ""), role)
        if section.topic == "victims":
            return Judgement("benign", under, "victim")
        if section.topic == "references" or self._context.link(found.start, found.end):
            return Judgement("benign", "a link of the article")
        if section.topic == "defence" and not (role or cues_of(said).is_direct):
            return Judgement("benign", under)
        return None

    def _by_words(
        self,
        found: Indicator,
        before: str,
        said: str,
        referred: bool,
        role: Role | None,
        hostile: bool,
        listed: tuple[str, str] | None,
    ) -> Judgement:
        """The verdict on an address in running text that was written to be read or clicked."""
        if hostile and (not referred or cues_of(said).is_direct):
            certain = self._is_report or cues_of(said).is_direct
            certain = certain or (role is not None and (found.type != "email" or role in ("phishing", "exfiltration")))
            reason = f"said to serve as {role}" if role else "named with an attack"
            return Judgement("malicious" if certain else "suspicious", reason, role)
        if listed:
            return self._listed(found, listed)
        if referred:
            return Judgement("benign", "a reference")
        if self._says(SERVICE_BEFORE, before):
            return Judgement("benign", "a business that was used like any customer would")
        is_desk = found.type == "email" and DESK.match(found.value) is not None
        told = ACTS.search(said) is not None  # silence is no reason: what does nothing in the sentence stays unknown
        if self._is_report and told and not is_desk and not (is_clickable(found) and ARTICLE_PATH.search(found.value)):
            return Judgement("malicious" if found.type != "email" else "suspicious", IN_A_REPORT, role)
        if is_clickable(found):
            return Judgement("benign", READ_ON)
        if found.type == "email" and (not self._is_cyber or DESK.match(found.value)):
            return Judgement("benign", A_CONTACT)
        return Judgement("unknown", SILENT)

    def _is_abusable(self, found: Indicator, listed: str) -> bool:
        """Whether a listed site can still serve an attack: what strangers put there, a mailbox, a short link."""
        if listed == "shared":
            return True
        if listed == "hosting":
            return found.type in ("url", "telegram", "discord", "email") or found.defanged or found.value.count(".") > 1
        return (listed in ("mail", "popular") and found.type == "email") or (
            listed == "shorteners" and found.type == "url"
        )

    def _listed(self, found: Indicator, listed: tuple[str, str]) -> Judgement:
        if listed[0] in ("shorteners", "mail", "shared") and self._is_abusable(found, listed[0]):
            return Judgement("unknown", listed[1])
        return Judgement("benign", listed[1])

    def _role(self, found: Indicator, before: str, after: str, heading: str) -> Role | None:
        """The role that the nearest words give: before it, behind it, then column header and heading."""
        header = self._context.column_header(found.start, found.end)
        behind = after[:70]
        for words in (before[-110:], behind, header, heading):
            if words and (hits := roles_in(words)):
                return hits[0] if words is behind else hits[1]
            if found.type in NETWORK and WEAK_DOWNLOAD.search(words):
                return "download"
        return None

    def _digest(self, found: Indicator, before: str, after: str) -> Judgement:
        if listed := self._warnings.find(found.value):
            return Judgement("benign", listed[1])
        section, said = self._context.section(found.start), f"{before} {after}"
        if cues_of(said).is_cleared:
            return Judgement("benign", "called legitimate")
        role = self._role(found, before, after, section.heading)
        role = "payload" if role in ("download", "c2", "phishing", "exfiltration") else role
        if section.topic == "defence" and role is None and not cues_of(said).is_hostile:
            return Judgement("benign", f"listed under \u201c{section.heading[:60]}\u201d")
        if section.topic == "indicators":
            return Judgement("malicious", f"listed under \u201c{section.heading[:60]}\u201d", role or "payload")
        if role or cues_of(said).is_hostile:
            return Judgement("malicious", "said to be a sample of an attack", role or "payload")
        if self._says(SOUND_FILE, before):
            return Judgement("benign", "the digest of a file that is offered")
        if self._is_report:
            return Judgement("malicious", IN_A_REPORT, "payload")
        if self._digests >= 3 and self._context.is_listed(before, after):
            return Judgement("suspicious", "one of a list of digests")
        return Judgement("unknown", "nothing in the text says what it is of")

    def _other(self, found: Indicator, before: str, after: str) -> Judgement:
        """Wallets, and what lies on a machine."""
        section, said = self._context.section(found.start), f"{before} {after}"
        if excuse := self._excuse_other(found, before, said):
            return excuse
        if not self._is_cyber and not (found.type in WALLETS and self._says(EXTORTED, said)):
            return Judgement("unknown", SILENT)
        role = self._role(found, before, after, section.heading)
        if section.topic == "indicators":
            return Judgement("malicious", f"listed under \u201c{section.heading[:60]}\u201d", role)
        if found.type in WALLETS and (role or cues_of(said).is_hostile or self._says(EXTORTED, said)):
            return Judgement("malicious", "money is to be paid to it", role)
        is_sure_kind = found.type == "mutex" or _is_program(found)
        if role or (cues_of(said).is_hostile and (self._is_report or cues_of(said).is_direct)):
            sure = is_sure_kind and (role is not None or self._is_report)
            sure = sure or (found.type in ("phone", "iban") and cues_of(said).is_direct)
            return Judgement("malicious" if sure else "suspicious", "named with an attack", role)
        if is_sure_kind and self._is_report:
            return Judgement("malicious", IN_A_REPORT, None if found.type == "mutex" else "payload")
        if found.type in FINGERPRINTS or (self._is_report and found.type in HOSTSIDE):
            return Judgement("suspicious", IN_A_REPORT)
        return Judgement("unknown", SILENT)

    def _excuse_other(self, found: Indicator, before: str, said: str) -> Judgement | None:
        """Benign for what it is: a program of the system, a victim's wallet, a contact; else None."""
        name = re.split(r"[\\/]", found.value)[-1]
        if found.type in ("file-name", "file-path") and (listed := self._warnings.find(name)):
            return Judgement("benign", listed[1])
        if cues_of(said).is_cleared or (found.type in WALLETS and self._says(DONATION, said)):
            return Judgement("benign", "called legitimate")
        if found.type in WALLETS and self._says(OWN_WALLET, before):
            return Judgement("benign", "the wallet of a victim", "victim")
        if found.type == "phone" and not cues_of(said).is_hostile and self._says(TOLD_TO_CALL, said):
            return Judgement("benign", A_CONTACT)
        if found.type == "iban" and not cues_of(said).is_hostile and not self._is_cyber:
            return Judgement("benign", "an account to pay into")
        return None


def near_to(before: str, after: str) -> str:
    """The words between an address and its neighbours in the sentence: "the genuine a.com" clears a.com, not b.com."""
    left, right = _LAST_ADDRESS.match(before), _NEXT_ADDRESS.search(after)
    return f"{before[left.end() :] if left else before} {after[: right.start()] if right else after}"


def _report_points(text: str, digests: int) -> float:
    """How much a text speaks of attacks: different words count, not how often they come."""
    text = text[:REPORT_CHARS_MAX]
    words = {match[0].lower().strip() for match in islice(CORE.finditer(text), WORDS_READ_MAX)}
    if not words:
        return 0.0
    hints = {match[0].lower() for match in islice(HINTS.finditer(text), WORDS_READ_MAX)}
    return len(words) + min(len(hints) / 2, HINT_POINTS_MAX) + (DIGEST_POINTS if digests else 0)


def _is_program(found: Indicator) -> bool:
    """Whether a file's name says that it runs, or carries what runs."""
    return found.type == "file-name" and found.value.rpartition(".")[2].lower() in _RUNS


def spread(judged: list[Indicator], warnings: Warnings) -> list[Indicator]:
    """The same, but what nothing speaks against shares the verdict of its host: a text says once what a site is."""
    hosts = {
        host_of(one)
        for one in judged
        if one.verdict == "malicious"
        and one.reason != IN_A_REPORT
        and one.type in ("domain", "url", "ipv4", "ipv6", "onion")
    }
    hosts = {host for host in hosts if warnings.find(host) is None}
    return [
        structs.replace(one, verdict="malicious", reason="on a host that the text calls malicious")
        if one.type in NETWORK and one.reason in _DEFAULTS and host_of(one) in hosts
        else one
        for one in judged
    ]
