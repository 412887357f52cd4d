"""What matches a rule, and why."""

from datetime import timedelta

import pytest

from pipeline.records import Place
from pipeline.watch.match import match
from tests.support.cases import KABUL, NOON, case, member, rule

LASHKAR_GAH = Place("Lashkar Gah", 0, 5, "geo:1134720", "Lashkar Gah", "AF", 31.59382, 64.37161)
PESHAWAR = Place("Peshawar", 0, 5, "geo:1168197", "Peshawar", "PK", 34.008, 71.57849)
AFGHANISTAN = Place("Afghanistan", 0, 5, "geo:1149361", "Afghanistan", "AF", None, None)
VILLAGE = Place("a village", 0, 5, None, None, "AF", 34.60, 69.20)


@pytest.mark.parametrize(
    ("body", "given", "is_match"),
    [
        ('actors = ["Taliban"]', {"actor": "group:taliban"}, True),
        ('actors = ["group:islamic-state"]', {"actor": "group:islamic-state-khorasan"}, True),
        ('actors = ["Daesh"]', {"actor": "group:islamic-state-khorasan"}, True),
        ('actors = ["Daesh"]\nbranches = false', {"actor": "group:islamic-state-khorasan"}, False),
        ('actors = ["ISKP"]', {"actor": "group:islamic-state"}, False),
        ('actors = ["Taliban"]', {"entities": ("group:taliban",)}, False),
        ('actors = ["Taliban"]', {"entities": ("group:taliban",), "category": "cyber"}, True),
        ('places = ["Afghanistan"]', {"place": KABUL}, True),
        ('places = ["AF"]', {"place": AFGHANISTAN}, True),
        ('places = ["Kabul"]', {"place": VILLAGE}, True),
        ('places = ["Kabul"]', {"place": AFGHANISTAN}, False),
        ('places = ["Kabul 300 km"]', {"place": PESHAWAR}, True),
        ('places = ["Kabul 100 km"]', {"place": PESHAWAR}, False),
        ('places = ["Helmand"]', {"place": LASHKAR_GAH}, True),
        ('places = ["Helmand"]', {"place": KABUL}, False),
        ('places = ["Pakistan", "Kabul"]', {"place": PESHAWAR}, True),
        ('types = ["suicide bomb"]', {}, True),
        ('types = ["Explosions/Remote violence"]', {}, True),
        ('types = ["Battles"]', {}, False),
        ('counts = ["killed >= 12"]', {}, True),
        ('counts = ["killed > 12"]', {}, False),
        ('counts = ["wounded >= 1", "killed = 12"]', {}, True),
        ('counts = ["killed < 5"]', {}, False),
        ('indicators = ["203.0.113.0/24"]', {"indicators": [("ipv4", "203.0.113.7")]}, True),
        ('indicators = ["*.bad.example"]', {"indicators": [("url", "http://c2.bad.example:8080/x")]}, True),
        ('indicators = ["*.bad.example"]', {"indicators": [("domain", "notbad.example")]}, False),
        ('indicators = ["type:sha256"]', {"indicators": [("sha256", "ab" * 32)]}, True),
        ('cves = ["CVE-2026-*"]', {"indicators": [("cve", "CVE-2026-0001")]}, True),
        ('cves = ["CVE-2026-*"]', {"indicators": [("cve", "CVE-2025-0001")]}, False),
        ('products = ["EdgeGate VPN"]', {"text": "The EdgeGate VPN has a hole.", "category": "cyber"}, True),
        ('products = ["EdgeGate VPN"]', {"text": "The EdgeGate VPN has a hole."}, False),
        ('words = ["car bomb"]', {}, True),
        ('words = ["car"]', {"text": "The carbide plant burnt."}, False),
        ('words = ["carb*"]', {"text": "The carbide plant burnt."}, True),
        ('words = ["attentat"]', {"text": "L’attentat a fait des morts."}, True),
        ('words = ["bomb"]\nwithout = ["police"]', {}, False),
        ('words = ["bomb"]\nwithout = ["drill"]', {}, True),
        ('feeds = ["feed-*"]', {}, True),
        ('tags = ["africa"]', {"tags": ("africa",)}, True),
        ('grades = ["A", "B"]', {"grade": "C"}, False),
        ('languages = ["fr"]', {}, False),
        ('severity = "high"', {}, True),
        ('severity = "critical"', {}, False),
        ("credibility = 0.6", {}, False),
        ('categories = ["cyber"]', {}, False),
        ('actors = ["Taliban"]\ncounts = ["killed >= 10"]', {"actor": "group:taliban", "killed": 3}, False),
    ],
)
def test_one_report(body: str, given: dict[str, object], is_match: bool) -> None:
    why = match(rule(body), case(member(**given)))
    assert (why is not None) == is_match, why
    assert why != ()


def test_what_is_asked_of_a_report_one_and_the_same_must_fulfil() -> None:
    asked = rule('words = ["bomb"]\nlanguages = ["fr"]')
    apart = case(member(1), member(2, language="fr", text="Rien."))
    assert match(asked, apart) is None
    assert match(asked, case(member(1), member(2, language="fr", text="Bomb!"))) == ("language fr", "word 'bomb'")


def test_words_do_not_reach_from_title_to_text() -> None:
    assert match(rule('words = ["car bomb"]'), case(member(title="The car", text="Bomb found."))) is None


@pytest.mark.parametrize(("minutes", "is_match"), [((0, 50, 110), True), ((0, 50, 130), False)])
def test_independent_sources_within_a_time(minutes: tuple[int, ...], is_match: bool) -> None:
    members = [member(n, at=NOON + timedelta(minutes=m)) for n, m in enumerate(minutes)]
    assert (match(rule('sources = "3 in 2h"'), case(*members)) is not None) == is_match


def test_reprints_are_no_independent_sources() -> None:
    members = [member(n, story=1) for n in range(3)]
    assert match(rule('sources = "2 in 2h"'), case(*members)) is None
    assert match(rule('sources = "1"'), case(*members)) == ("1 independent sources",)
