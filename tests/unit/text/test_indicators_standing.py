"""Versions are no addresses, and what the text clears, lends or supposes is not to be blocked. Names and hosts are invented."""

import pytest

from pipeline.text.indicators.find import find_indicators

REPORT = "A botnet installs malware. {} The vulnerability is being exploited by attackers."


def _found(said: str) -> dict[str, tuple[str, str | None]]:
    return {one.value: (one.verdict, one.role) for one in find_indicators(REPORT.format(said))}


@pytest.mark.parametrize(
    "said",
    [
        "Users should update to 4.12.1.0.",
        "GridBox 310 4.12.1.0 and earlier are affected.",
        "The patched releases are 9.3.2.14, 9.2.5.3 and 9.1.0.22.",
        "Exploitation was seen against Corvane Connect Secure 22.7.2.4.",
        "GridBox 3.4.2.1 contains the fix.",
        "The flaw (fixed in RouteMaster 7.4.0.12) is severe.",
        "The patch takes installations to 16.0.2.11.",
        "4.12.1.0 closes the hole.",
        "affected: 3.1.0.2 - 3.1.0.9",
    ],
)
def test_a_version_is_no_address(said: str) -> None:
    assert _found(said) == {}


@pytest.mark.parametrize(
    "said",
    [
        "The attackers connected from 4.12.1.10.",
        "The C2 was 5.6.7.8.",
        "The loader fetched code from 45.9.148.7.",
        "The patch was probed by 45.61.137.90.",
        "Bots at 12.4.5.6 update themselves.",
        "Attackers use the flaw from 5.9.8.7.",
    ],
)
def test_an_address_is_no_version(said: str) -> None:
    assert len(_found(said)) == 1


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ("Servers 185.12.4.4, 185.12.4.5 and 185.12.4.6 are not affected.", None),
        ("We first took 81.2.69.142 for a C2. It was never used by the actor.", None),
        ("Neither mailo.com nor postbox.com was breached in the phishing campaign.", None),
        ("The domain calendo.com has nothing to do with the malware.", None),
        ("If the domain update-tarn.com were registered by criminals, it could send malware.", None),
        ("To hide, the implant also calls bbc-garden.net as a decoy.", "decoy"),
        ("Honeypots run by Quay Labs at 198.41.4.4 saw the exploit.", "decoy"),
        (
            "The gang added two companies to its leak site: tarnowglass.se and Irwell Print (irwellprint.co.uk).",
            "victim",
        ),
        ("The victim, Olden Bikes, uses oldenbikes.nl.", "victim"),
        ("Customers can get fixed builds at https://dl.ubiq.dk/9.1.", "vendor"),
    ],
)
def test_what_is_cleared_lent_or_supposed_is_not_malicious(said: str, role: str | None) -> None:
    assert set(_found(said).values()) == {("benign", role)}


def test_silence_is_no_reason() -> None:
    """In a report on an attack an address with nothing said of it stays unknown."""
    assert _found("The page also has arc-feed.com.")["arc-feed.com"][0] != "malicious"


def test_numbers_of_keys_and_campaigns_are_no_digests_and_thumbprints_are_of_certificates() -> None:
    digits, thumbprint = "9e107d9d372bb6826bd81d3542a419d6", "5f2a9c1be8d0347761a9e2c4b8d7f0361e5a4c92"
    for label in ("campaign id", "RC4 key", "session token:", "bot id =", "GUID"):
        assert find_indicators(f"The malware's {label} {digits}") == ()
    assert [one.type for one in find_indicators(f"The malware's MD5 {digits}")] == ["md5"]
    assert [one.type for one in find_indicators(f"Certificate thumbprint: {thumbprint}")] == ["certificate-thumbprint"]


def test_sha384_is_apart_from_sha3_384() -> None:
    digits = "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b"
    labels = ("SHA384:", "SHA-384", "sha_384 =", "SHA3-384:", "SHA-3-384")
    assert [find_indicators(f"{label} {digits}")[0].type for label in labels] == ["sha384"] * 3 + ["sha3-384"] * 2


def test_shortened_cve_numbers_are_found_and_counts_are_not() -> None:
    def numbers(text: str) -> list[str]:
        return [one.value.removeprefix("CVE-2026-") for one in find_indicators(text) if one.type == "cve"]

    assert numbers("CVE-2026-31201, 31202 and 31203, CVE-2026-40010/40011.") == [
        "31201",
        "31202",
        "31203",
        "40010",
        "40011",
    ]
    assert numbers("CVE-2026-31201, 31300 hosts are exposed. CVE-2026-1234, 2026.") == ["31201", "1234"]


def test_two_bracketed_colons_are_undone() -> None:
    assert [one.value for one in find_indicators("C2: 2a0e[:]97c0[::]bad[:]9")] == ["2a0e:97c0::bad:9"]
