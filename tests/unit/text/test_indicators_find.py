"""Which indicators are found, with what value, and where they end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.indicators import find_indicators

BUILDING = r"C:\ProgramData\Microsoft Office\upd 2.exe"


def found(text: str) -> list[tuple[str, str]]:
    return [(one.type, one.value) for one in find_indicators(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("beacons to 45.9.148.3:8443 daily", [("ipv4", "45.9.148.3"), ("port", "8443")]),
        ("45.9.148.3-45.9.148.9", [("ipv4", "45.9.148.3"), ("ipv4", "45.9.148.9")]),
        ("the range 45.9.148.0/24 was", [("cidr", "45.9.148.0/24")]),
        ("from 2a02:4780:1::7 and ::1.", [("ipv6", "2a02:4780:1::7"), ("ipv6", "::1")]),
        ("from [2a02:4780:0000::7]", [("ipv6", "2a02:4780::7")]),
        ("mail x.y+z@mx.kettle-works.co.uk.", [("email", "x.y+z@mx.kettle-works.co.uk")]),
        ("resolve kettle.works, пример.рф and xn--e1afmkfd.xn--p1ai", [("domain", "kettle.works"), ("domain", "пример.рф"), ("domain", "xn--e1afmkfd.xn--p1ai")]),
        ("CVE-2024-3094, cve 2023-4863 and CWE-787", [("cve", "CVE-2024-3094"), ("cve", "CVE-2023-4863"), ("cwe", "CWE-787")]),
        ("see GHSA-jfh8-c2jp-5v3q and AA23-144A", [("ghsa", "GHSA-jfh8-c2jp-5v3q"), ("advisory", "AA23-144A")]),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H.", [("cvss", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H")]),
        ("T1059.001 and T1566", [("attack-technique", "T1059.001"), ("attack-technique", "T1566")]),
        ("AS64500 and ASN 64501", [("asn", "AS64500"), ("asn", "AS64501")]),
        ("00-1A-2B-3C-4D-5E", [("mac", "00-1a-2b-3c-4d-5e")]),
        ("pkg:npm/%40kettle/pot@1.2.3, run", [("purl", "pkg:npm/%40kettle/pot@1.2.3")]),
        ("arn:aws:iam::123456789012:user/Kettle;", [("arn", "arn:aws:iam::123456789012:user/Kettle")]),
        ("IBAN GB82 WEST 1234 5698 7654 32", [("iban", "GB82WEST12345698765432")]),
        ("call +44 20 7946 0958 now", [("phone", "+442079460958")]),
        ("a mutex named Kettle_42 and Global\\{11-22}", [("mutex", "Kettle_42"), ("mutex", "Global\\{11-22}")]),
        ('a service named "KettleSvc"', [("service", "KettleSvc")]),
        ("Telegram: @kettle_ops", [("telegram", "@kettle_ops")]),
        ("JARM 07d14d16d21d21d07c42d41d00041d24a458a375eef0c576d23a7bab9a9fb1", [("jarm", "07d14d16d21d21d07c42d41d00041d24a458a375eef0c576d23a7bab9a9fb1")]),
        ("serial number 0f:e9:73:75:20:22:a6:06:ad:f2:a3:6e:34:5d:c0:ed", [("certificate-serial", "0fe973752022a606adf2a36e345dc0ed")]),
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/99.0, then", [("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/99.0")]),
        ("User-Agent: KettleBot v2\nnext", [("user-agent", "KettleBot v2")]),
        (f"wrote {BUILDING} and left", [("file-path", BUILDING)]),
        ("%TEMP%\\kettle\\a.dll.", [("file-path", "%TEMP%\\kettle\\a.dll")]),
        ("/etc/cron.d/kettle and ~/.ssh/id_rsa", [("file-path", "/etc/cron.d/kettle"), ("file-path", "~/.ssh/id_rsa")]),
        ("HKLM\\SOFTWARE\\Kettle Works\\Run on boot", [("registry-key", "HKLM\\SOFTWARE\\Kettle Works\\Run")]),
        ("<HKCU>\\Software\\Kettle is set", [("registry-key", "HKCU\\Software\\Kettle")]),
        ("opened invoice_7.docm twice", [("file-name", "invoice_7.docm")]),
        ("rule Kettle { strings: $a = \"x\" condition: $a }", [("yara-rule", 'rule Kettle { strings: $a = "x" condition: $a }')]),
    ],
)  # fmt: skip
def test_each_kind_is_found_with_its_normalised_value(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Chrome version 1.2.3.4 and prior to 5.6.7.8",
        "versions 4.5.6.7, 4.5.6.8 and 4.5.6.9 are affected",
        "Flash Player 11.2.202.233",
        "v1.2.3.4 of the firmware",
        "1.2.3.4.5 and .1.2.3.4",
        "256.1.1.1",
        "at 11:04:10 on 2019.02.15, odds of 3::1",
        "std::vector and a::b",
        "Win32/Kettle.PO, Trojan.Win32.Kettle.ws and HEUR:Trojan.Script.Kettle.me",
        "System.Net and Microsoft.Win32 in ASP.NET with Node.js",
        "import com.example.app",
        "The war ended in 1945.In the years after it, he said.It was over",
        "U.S. officials, e.g. at 5 p.m., paid $1.5m (No.1)",
        "the dot com bubble; the DOT in Texas; a state dot in it",
        "AS400 servers",
        "kettle@pot.ahhhhhhhh",
        "either/or and TCP/IP 24/7",
        "bc1f28a71089acdbab5038f58044c0zz",
        "Mutexes are objects. A service is running.",
        "[...] he said (.) nothing",
        "look at kettle dot",
    ],
)
def test_what_only_looks_like_an_indicator_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(see https://a.kettle.com/b_(c))", "https://a.kettle.com/b_(c)"),
        ("[x](https://a.kettle.com/b)", "https://a.kettle.com/b"),
        ("`https://a.kettle.com/b`,", "https://a.kettle.com/b"),
        ("“https://a.kettle.com/b”.", "https://a.kettle.com/b"),
        ('<a href="https://a.kettle.com/b?c=d&e=f">x</a>', "https://a.kettle.com/b?c=d&e=f"),
        ("* `++https://a.kettle.com/b++`", "https://a.kettle.com/b"),
        ("**https://a.kettle.com/b**", "https://a.kettle.com/b"),
        ("|https://a.kettle.com/b|x|", "https://a.kettle.com/b"),
        ("https://a.kettle.com/b,True,7", "https://a.kettle.com/b"),
        ("https://a.kettle.com/b,71,2.html", "https://a.kettle.com/b,71,2.html"),
        ("https://a.kettle.com/b?c[]=1&d=[2]", "https://a.kettle.com/b?c[]=1&d=[2]"),
        ("https://a.kettle.com/b[label]", "https://a.kettle.com/b"),
        ("https://a.kettle.com/b!!!", "https://a.kettle.com/b"),
        ("url=https://a.kettle.com/b;", "https://a.kettle.com/b"),
        ("xhttps://a.kettle.com/b", "xhttps://a.kettle.com/b"),
        ("texthttps://a.kettle.com/b", "https://a.kettle.com/b"),
        ("ldap://45.9.148.3:1389/a}", "ldap://45.9.148.3:1389/a"),
        ("http://[2a02:4780::7]:80/x.", "http://[2a02:4780::7]:80/x"),
        ("a.kettle.com/b/c.php?d=1", "a.kettle.com/b/c.php?d=1"),
        ("https://a.kettle.com/ü/b と", "https://a.kettle.com/ü/b"),
        ("https://a.kettle.com/bと", "https://a.kettle.com/b"),
        ("http://a.kettle.com/b?c=1&amp;d=2", "http://a.kettle.com/b?c=1&d=2"),
    ],
)
def test_a_url_keeps_exactly_what_belongs(text: str, expected: str) -> None:
    assert found(text)[0] == ("url", expected)


def test_the_host_of_a_url_or_address_is_not_repeated() -> None:
    assert found("https://kettle.com/x and pot@kettle.com") == [
        ("url", "https://kettle.com/x"),
        ("email", "pot@kettle.com"),
    ]


def test_a_telegram_url_also_gives_its_handle() -> None:
    assert found("https://t.me/kettle_ops") == [("url", "https://t.me/kettle_ops"), ("telegram", "@kettle_ops")]


def test_a_program_named_by_its_digest_gives_the_digest_and_a_commit_does_not() -> None:
    digest = "0123456789abcdef0123456789abcdef"
    assert ("md5", digest) in found(f"http://kettle.com/x/{digest}.exe")
    assert found(f"https://github.com/k/p/commit/{digest}01234567") == [
        ("url", f"https://github.com/k/p/commit/{digest}01234567")
    ]


TEXTS = st.text(alphabet=st.sampled_from(list("ab1.:/@[](){}\\-_ \n\thtpxsdotHKLM%+=~'\"<>,;0CVE")), max_size=200)


@settings(max_examples=400, deadline=None)
@given(TEXTS | st.text(max_size=200))
def test_every_indicator_stands_where_it_says(text: str) -> None:
    for one in find_indicators(text):
        assert text[one.start : one.end] == one.text
        assert one.value
        assert one.reason


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_finding_is_a_function_of_the_text(text: str) -> None:
    assert find_indicators(text) == find_indicators(text)
