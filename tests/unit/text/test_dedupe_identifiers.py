"""Identifiers and titles: what tells reports apart before any text is compared."""

import pytest

from pipeline.text.dedupe.identifiers import Identifiers, conflict, identifiers_of, shared_own, shared_part
from pipeline.text.dedupe.titles import is_update, numbers_conflict, relation_of, title_words


@pytest.mark.parametrize(
    ("title", "own"),
    [
        ("ICSA-22-154-01 Vulnerabilities in a pump", "ICSA:22-154-01"),
        ("RHSA-2024:1234 kernel security update", "RHSA:2024:1234"),
        ("USN-6000-1: curl vulnerability", "USN:6000-1"),
        ("Alert AA22-110A", "AA:22-110A"),
        ("CERTFR-2024-AVI-0001", "CERTFR:2024-AVI-0001"),
        ("SSA-123456: Denial of service", "SSA:123456"),
        ("Update KB5034441 fails to install", "KB:5034441"),
        ("VU#123456 parser flaw", "VU:123456"),
        ("SUSE-SU-2024:0001-1", "SUSE-SU:2024:0001-1"),
        ("APSB24-10 for readers", "APSB:24-10"),
    ],
)
def test_own_numbers_of_any_scheme(title: str, own: str) -> None:
    assert identifiers_of(title, "").own == frozenset({own})


@pytest.mark.parametrize(
    "title",
    [
        "In November 2021 it rained",
        "Call UTC-0500",
        "Rifles of type AK-47 found",
        "COVID-19 cases rise",
        "By 2024 all is well",
    ],
)
def test_dates_and_arms_are_no_numbers_of_a_scheme(title: str) -> None:
    assert identifiers_of(title, "").own == frozenset()


def test_named_vulnerabilities_in_any_spelling() -> None:
    found = identifiers_of("cve-2024-12345", "See CVE‑2023‑0001, CVE 2022-22222 and GHSA-c3h2-9rcx-4fgp.")
    assert found.named == {"CVE-2024-12345", "CVE-2023-0001", "CVE-2022-22222", "GHSA-C3H2-9RCX-4FGP"}


def test_numbers_of_one_scheme_conflict_and_of_two_do_not() -> None:
    a, b, c = (identifiers_of(title, "") for title in ("RHSA-2024:1234", "RHSA-2024:1235", "USN-6000-1"))
    assert conflict(a, b) is not None
    assert conflict(a, c) is None
    assert conflict(a, a) is None
    assert shared_own(a, a) == "RHSA:2024:1234"


def test_a_product_number_is_no_shared_number() -> None:
    product = identifiers_of("Flaws in gateway APE1808", "")
    assert shared_own(product, product) is None


def test_lists_conflict_when_less_than_half_of_the_shorter_is_shared() -> None:
    def named(*numbers: int) -> Identifiers:
        return Identifiers(named=frozenset(f"CVE-2024-{n:04}" for n in numbers))

    assert shared_part(named(1, 2), named(1, 2, 3)) == 1.0
    assert conflict(named(1, 2, 3), named(3, 4, 5, 6)) is not None
    assert conflict(named(1, 2), named(2, 3, 4)) is None
    assert conflict(named(1), named()) is None


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Editor 9.0-rc1 is out", "Editor 9.0-rc2 is out"),
        ("Soft and hard: No 1", "Soft and hard: No 2"),
        ("Morning letter, 12 November", "Morning letter, 13 November"),
        ("Monday in brief", "Tuesday in brief"),
        ("The long war, part two", "The long war, part three"),
        ("Blast kills 12 in port", "Blast kills 15 in port"),
    ],
)
def test_titles_with_other_numbers_conflict(a: str, b: str) -> None:
    assert numbers_conflict(title_words(a), title_words(b)) is not None


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Blast kills 12 in port", "Port blast: 12 dead"),
        ("Blast kills 12 in port", "Many dead after blast"),
        ("Pump flaw (Update A)", "Pump flaw (Update B)"),
        ("UPDATE 2-Blast kills 12 in port", "UPDATE 3-Blast kills 12 in port"),
        ("Blast kills 12", "Blast kills 12 on 3 March"),
    ],
)
def test_titles_that_agree_or_lack_numbers_do_not(a: str, b: str) -> None:
    assert numbers_conflict(title_words(a), title_words(b)) is None


@pytest.mark.parametrize(
    ("a", "b", "relation"),
    [
        ("Pump flaw found", "Pump flaw found (Update A)", "same"),
        ("Port blast kills dozens", "Blast kills dozens in the port", "same"),
        ("Port blast kills dozens", "Dozens dead as blast hits the port", "akin"),
        ("Port blast kills dozens", "A city mourns", "other"),
        ("Port blast kills dozens", None, "unknown"),
    ],
)
def test_relation_of_titles(a: str, b: str | None, relation: str) -> None:
    assert relation_of(title_words(a), title_words(b)) == relation
    assert relation_of(title_words(b), title_words(a)) == relation


def test_an_update_may_add_a_product_and_never_takes_one_away() -> None:
    old, new = title_words("Vision Series"), title_words("Vision and Samba Series (Update A)")
    assert is_update(old, new)
    assert is_update(new, old)
    assert not is_update(title_words("Vision Series W700"), title_words("Vision Series (Update A)"))
    assert not is_update(old, title_words("Vision and Samba Series"))
