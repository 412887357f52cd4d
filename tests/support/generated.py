"""Alerts that nobody wrote: any that the records allow, with values that look right and values that do not."""

import random
import string
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from hypothesis import strategies as st

from pipeline.records import (
    SEVERITIES,
    Alert,
    AlertClaim,
    AlertId,
    ArticleId,
    Category,
    Change,
    ClaimKind,
    IncidentId,
    Indicator,
    IndicatorVerdict,
    Mention,
    Place,
    Realis,
    Related,
    RelatedKind,
    Source,
    Stance,
    StoryId,
    VersionId,
)

KINDS = (
    "ipv4 ipv6 cidr port domain onion url email md5 sha1 sha224 sha256 sha384 sha512 sha3-224 sha3-256 sha3-384 sha3-512 imphash authentihash ja3 jarm"
    " ssdeep tlsh cve cwe ghsa cvss cpe attack-technique attack-tactic advisory attack-software attack-group attack-mitigation attack-campaign"
    " attack-data-source asn mac btc eth xmr tron ltc sol iban phone file-path file-name registry-key mutex service user-agent telegram discord twitter"
    " github tox google-analytics android-package purl package arn certificate-serial certificate-thumbprint yara-rule sigma-rule something-new"
).split()
_draw = random.Random(7)


def digits(count: int) -> str:
    """So many hexadecimal digits."""
    return "".join(_draw.choice("0123456789abcdef") for _ in range(count))


LIKELY = {
    "ipv4": ("203.0.113.7", "198.51.100.24", "010.020.030.040"), "ipv6": ("2001:db8::1", "::ffff:203.0.113.9"),
    "cidr": ("203.0.113.0/24", "2001:db8::/32", "203.0.113.9/24"), "port": ("4443", "80"),
    "domain": ("c2.evil.example", "bücher.example", "xn--bcher-kva.example"), "onion": ("a" * 56 + ".onion",),
    "url": (
        "http://evil.example/a'b?c=\\d", "t.me/redloader_support", "files-eu.example/x.exe", "http://evil.example/é?q=<x>",
        "hxxp://x", "ftp://evil.example:21/a b", "http://[2001:db8::1]:8080/x#y#z", "203.0.113.7/a.sh", "http://evil.example/%zz",
        "https://user:pw@evil.example/", "http://bücher.example/x",
    ),
    "email": ("drop@evil.example", "a'b@evil.example"), "md5": (digits(32),), "sha1": (digits(40),), "sha224": (digits(56),),
    "sha256": (digits(64),), "sha384": (digits(96),), "sha512": (digits(128),), "sha3-384": (digits(96),), "imphash": (digits(32),),
    "ja3": (digits(32),), "jarm": (digits(62),), "ssdeep": ("3:a:b",), "tlsh": ("T1" + "A" * 70,), "cve": ("CVE-2026-0001",),
    "ghsa": ("GHSA-abcd-efgh-ijkl",), "attack-technique": ("T1059.001",), "attack-software": ("S0154",), "attack-group": ("G0016",),
    "asn": ("AS64500",), "mac": ("AA-BB-CC-DD-EE-FF", "aabb.ccdd.eeff"), "btc": ("1BoatSLRHtKNngkdXEeobR76b53LETtpyT",),
    "file-path": ("C:\\Users\\x\\a'b.exe", "/tmp/x", "%APPDATA%\\a\\", "C:\\"), "file-name": ("svch0st.exe", "kit_dk.zip"),
    "registry-key": ("HKLM\\Soft'ware\\\"x", "HKCU\\Software\\Run", "HKEY_USERS\\x"), "mutex": ("Global\\m'x",),
    "user-agent": ("Mozilla/4.0 (compatible; evil)",), "telegram": ("redloader_support", "@x"), "purl": ("pkg:npm/%40a/b@1.2.3", "pkg:x"),
    "certificate-thumbprint": (digits(40),), "certificate-serial": ("01:ab:cd",), "service": ("WinSvcX",),
    "yara-rule": ('rule x { strings: $a = "y\'z" condition: $a }',), "sigma-rule": ("title: x\nlogsource:\n  category: y\ndetection:\n  z: 1\n",),
}  # fmt: skip

words = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
names = st.one_of(
    words, st.sampled_from(["The militia", "Northgate Hospital", "guards", "FBI", "Cozy Bear", "APT29", "LockBit"])
)
ids = st.sampled_from(
    [
        None,
        "attack:G0016",
        "org:fbi",
        "org:microsoft",
        "group:islamic-state",
        "attack:S0154",
        "geo:1814991",
        "name:x",
        "malware:y",
        "actor:z",
        "odd",
    ]
)
dates = st.one_of(
    st.none(), st.sampled_from(["2026-03-01", "2026-02", "2025", "0001-01-01", "9999-12-31", "2026-02-30", "soon", ""])
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))  # noqa: DTZ001
mentions = st.builds(Mention, names, st.just(0), st.just(5), ids)
relations = st.builds(
    Related, st.sampled_from(get_args(RelatedKind)), names, ids, st.sampled_from(["row", "sentence", "section"])
)
hexes = st.text(string.hexdigits, max_size=130)


@st.composite
def indicators(draw: Any) -> Indicator:
    """One of any kind, likely or not."""
    kind = draw(st.sampled_from(KINDS))
    value = draw(st.one_of(st.sampled_from(LIKELY.get(kind, ("x",))), words, hexes, st.sampled_from(LIKELY["url"])))
    start = draw(st.sampled_from([0, 12]))
    return Indicator(
        kind, value, value, start, start + 11, draw(st.booleans()), draw(st.sampled_from(get_args(IndicatorVerdict))), draw(words),
        draw(st.sampled_from([None, "c2", "download", "phishing", "victim", "payload"])),
        tuple(draw(st.lists(relations, max_size=3))), draw(dates), draw(dates),
    )  # fmt: skip


@st.composite
def alerts(draw: Any, number: int | None = None) -> Alert:
    """An alert that can exist."""
    number = number or draw(st.integers(1, 50))
    first = draw(moments)
    version = VersionId(f"ver:{number:032x}")
    few = st.lists(mentions, max_size=3).map(tuple)
    return Alert(
        alert_id=AlertId(f"alert:{number:032x}"), incident=IncidentId(f"inc:{number:032x}"), revision=draw(st.integers(1, 9)),
        change=draw(st.sampled_from(get_args(Change))), changes=tuple(draw(st.lists(words, max_size=2))),
        category=draw(st.sampled_from(get_args(Category))), severity=draw(st.sampled_from(SEVERITIES)),
        score=draw(st.floats(0, 1)), credibility=draw(st.floats(0, 1)), headline=draw(words), what=draw(words),
        event_type=draw(st.sampled_from([None, "Cyber", "Battles"])),
        event_subtype=draw(st.sampled_from([None, "Takedown", "Intrusion", "Arrests"])), realis=draw(st.sampled_from(get_args(Realis))),
        date=draw(dates), actors=draw(few), targets=draw(few), weapons=draw(few), malware=draw(few),
        sector=draw(st.sampled_from([None, "health", "water", "something-new"])),
        place=draw(st.one_of(st.none(), st.builds(
            Place, words, st.just(0), st.just(3), ids, name=st.one_of(st.none(), words), country=st.sampled_from([None, "DK", "xx", ""]),
            latitude=st.one_of(st.none(), st.floats(-90, 90)), longitude=st.one_of(st.none(), st.floats(-180, 180)),
        ))),
        claims=tuple(draw(st.lists(st.builds(
            AlertClaim, kind=st.sampled_from(get_args(ClaimKind)), low=st.one_of(st.none(), st.integers(0, 9)), hedge=st.one_of(st.none(), words),
            stance=st.sampled_from(get_args(Stance)), claimant=st.one_of(st.none(), words), text=words, version_id=st.just(version),
            start=st.just(0), end=st.just(1),
        ), max_size=2))),
        indicators=tuple(draw(st.lists(indicators(), max_size=6))),
        sources=tuple(draw(st.lists(st.builds(
            Source, article_id=st.just(ArticleId(f"art:{number:032x}")), version_id=st.just(version),
            story=st.just(StoryId(f"story:{number:032x}")), feed=words, verdict=st.just("new"), title=st.one_of(st.none(), words),
            url=st.one_of(st.none(), words, st.sampled_from([*LIKELY["url"], "javascript:alert(1)", "https://news.example/1?a=b&c=d"])),
            published=st.one_of(st.none(), moments), owner=st.one_of(st.none(), words),
        ), max_size=3))),
        first_seen=first, last_seen=first + timedelta(minutes=draw(st.integers(0, 10_000))), in_scope=draw(st.booleans()),
        late_s=draw(st.sampled_from([0, 700])),
    )  # fmt: skip
