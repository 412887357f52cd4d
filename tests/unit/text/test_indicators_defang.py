"""Defanging in its forms: the refanged value beside the words as written."""

import base64
from itertools import product

import pytest

from pipeline.text.indicators import find_indicators
from pipeline.text.indicators.refang import refang

DOTS = (
    "[.]",
    "(.)",
    "{.}",
    "[dot]",
    "(dot)",
    "[DOT]",
    "[.",
    ".]",
    " [.] ",
    "[ . ]",
    "\\.",
    "<dot>",
    "[,]",
    '"."',
    "|.|",
    "[punto]",
    "[.]\n   ",
    "\u2024",
    "\u3002",
    "\uff0e",
)
SCHEMES = {"hxxp://": "http", "hxxps://": "https", "hXXp://": "http", "HXXPS://": "https", "h**p://": "http", "h__p://": "http", "http[:]//": "http",
           "https[://]": "https", "hxxp[:]//": "http", "http:\\\\": "http", "fxp://": "ftp", "sfXp://": "sftp", "hххp://": "http", "hxxps:// ": "https",
           "hxxx://": "http", "xxxx://": "http", "meow://": "http", "ttp://": "http", "ttps://": "https", "h~~p://": "http"}  # fmt: skip
ATS = ("[at]", "(at)", "{at}", "[@]", " [at] ", "[ @ ]", " @ ", "@ ", "/AT/", "<at>", "(AT)")


@pytest.mark.parametrize("dot", DOTS)
@pytest.mark.parametrize("frame", ["{}", "before {} after", "({})", "* {}\n", "| {} |"])
def test_defanged_dots_in_hosts_and_addresses(dot: str, frame: str) -> None:
    for kind, written in (("domain", f"kettle{dot}com"), ("ipv4", f"45{dot}9.148{dot}3")):
        text = frame.format(written)
        (one,) = find_indicators(text)
        assert (one.type, one.value, one.text, one.defanged) == (kind, written.replace(dot, "."), written, True)
        assert text[one.start : one.end] == written


@pytest.mark.parametrize(("scheme", "dot"), list(product(SCHEMES, ("[.]", ".", "(dot)"))))
def test_mangled_schemes(scheme: str, dot: str) -> None:
    text = f"at {scheme}a{dot}kettle.com:81/x.php?y=1#z."
    (one,) = find_indicators(text)
    assert (one.type, one.value) == ("url", f"{SCHEMES[scheme]}://a.kettle.com:81/x.php?y=1#z")
    assert text[one.start : one.end] == one.text == text[3:-1]
    assert one.defanged


@pytest.mark.parametrize("at", ATS)
def test_defanged_at_signs(at: str) -> None:
    text = f"write to kettle.pot{at}example-mail.com now"
    (one,) = find_indicators(text)
    assert (one.type, one.value) == ("email", "kettle.pot@example-mail.com")
    assert one.text == f"kettle.pot{at}example-mail.com"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("kettle at pot dot com", "kettle@pot.com"),
        ("kettle AT pot DOT co DOT uk", "kettle@pot.co.uk"),
        ("kettle/AT/pot/DOT/com", "kettle@pot.com"),
        ("kettle arroba pot punto com", "kettle@pot.com"),
        ("kettle(et)pot(dot)com", "kettle@pot.com"),
        ("kettle at pot[dot]com", "kettle@pot.com"),
        ("kettle[at]pot dot com", "kettle@pot.com"),
    ],
)
def test_spelled_out_addresses(text: str, value: str) -> None:
    (one,) = find_indicators(text)
    assert (one.type, one.value, one.text) == ("email", value, text)


@pytest.mark.parametrize("text", ["files hosted at kettle[.]com", "the site located at kettle[.]com"])
def test_prose_at_is_no_at_sign(text: str) -> None:
    assert [(one.type, one.value) for one in find_indicators(text)] == [("domain", "kettle.com")]


@pytest.mark.parametrize("lead", ["", "x", "xy", "see "])
@pytest.mark.parametrize("padded", [True, False])
def test_base64_urls_in_every_alignment(lead: str, padded: bool) -> None:
    blob = base64.b64encode(f"{lead}http://a.kettle.com/x ".encode()).decode()
    blob = blob if padded else blob.rstrip("=")
    text = f"powershell -e {blob} done"
    assert ("url", "http://a.kettle.com/x", blob) in [(one.type, one.value, one.text) for one in find_indicators(text)]


def test_base64_broken_over_lines() -> None:
    blob = base64.b64encode(b"http://a.kettle.com/long/path/to/file").decode()
    text = blob[:7] + "\r\n      " + blob[7:25] + "\r\n  " + blob[25:]
    (one,) = find_indicators(text)
    assert (one.value, one.text) == ("http://a.kettle.com/long/path/to/file", text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "The loader then downloads its payload from hxxp://files.kettle-cdn[.]com/stage/\nupdate/load.exe and runs it.",
            "http://files.kettle-cdn.com/stage/update/load.exe",
        ),
        (
            "It calls hxxps://kettle[.]net/gate.php?id=\n    77af2&os=win before it sleeps.",
            "https://kettle.net/gate.php?id=77af2&os=win",
        ),
        (
            "Read https://www.example-news.com/world/2024/05/03/some-long-title-\r\nabout-rebels/ today.",
            "https://www.example-news.com/world/2024/05/03/some-long-title-about-rebels/",
        ),
    ],
)
def test_an_address_broken_over_lines_is_one(text: str, value: str) -> None:
    (found,) = find_indicators(text)
    assert found.value == value
    assert text[found.start : found.end] == found.text
    assert found.defanged is ("hxxp" in text)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("hxxp://kettle[.]com/a/", "payload.exe"),
        ("https://a-very-long-name-of-a-site.kettle-cdn.com/path/to/some/thing/", "kettle-domain.com/path"),
        ("hxxp://one.kettle-cdn[.]com/very/long/path/that/goes/on/and/on/and/on/", "0123456789abcdef0123456789abcdef"),
        ("hxxp://one.kettle-cdn[.]com/very/long/path/that/goes/on/and/on/and/on/", "The"),
        ("hxxp://one.kettle-cdn[.]com/very/long/path/that/goes/on/and/on/and/on/", "185.22.1.9"),
    ],
)
def test_the_next_line_of_a_list_is_none_of_it(first: str, second: str) -> None:
    found = find_indicators(f"{first}\n{second}\n")
    assert found[0].text == first


def test_hexadecimal_and_percent_encoded_urls() -> None:
    hexed = b"http://a.kettle.com/x?y=1".hex()
    assert [(one.type, one.value) for one in find_indicators(hexed.upper())] == [("url", "http://a.kettle.com/x?y=1")]
    assert [(one.type, one.value) for one in find_indicators("http%3A%2F%2Fa%2Ekettle%2Ecom%2Fx")] == [
        ("url", "http://a.kettle.com/x")
    ]


def test_typography_is_not_defanging() -> None:
    (one,) = find_indicators("CVE\u20112024\u20113094")
    assert (one.value, one.defanged) == ("CVE-2024-3094", False)
    (url,) = find_indicators(r'{"u": "http:\/\/kettle.com\/a"}')
    assert (url.value, url.defanged) == ("http://kettle.com/a", False)


def test_the_view_maps_back_to_every_character() -> None:
    text = "a [.] b hxxp://x[.]yz c{at}d end"
    view = refang(text)
    assert view.text == "a.b http://x.yz c@d end"
    whole = "".join(text[slice(*view.span(at, at + 1))] for at in range(len(view.text)))
    assert set(whole) <= set(text)
    assert view.span(0, len(view.text)) == (0, len(text))


@pytest.mark.parametrize("text", ["http://kettle .com/x", "www.kettle .com", "kettle .com/x.php", "kettle-dot-com"])
def test_a_blank_or_hyphens_around_the_last_dot(text: str) -> None:
    (one,) = find_indicators(text)
    assert one.value == text.replace(" .", ".").replace("-dot-", ".")
    assert one.text == text


@pytest.mark.parametrize(
    "text", ["the .com boom", "a popular .net shop", "his .org friends", "the-dot-com-years", "a [, b", "say 'a' 'b'"]
)
def test_prose_before_a_dotted_word_is_no_host(text: str) -> None:
    assert find_indicators(text) == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("kettle[.com]/pot", "kettle.com/pot"),
        ("kettle.[com]/pot", "kettle.com/pot"),
        ("hxxp;//kettle.com/x", "http://kettle.com/x"),
        ("http://kettle%2ecom/x", "http://kettle.com/x"),
        ("http://kettle&#46;com/x", "http://kettle.com/x"),
        (r"\x68\x74\x74\x70\x3a\x2f\x2f\x6b\x65\x74\x74\x6c\x65\x2e\x63\x6f\x6d", "http://kettle.com"),
        ("68 74 74 70 3a 2f 2f 6b 65 74 74 6c 65 2e 63 6f 6d", "http://kettle.com"),
        ("%68%74%74%70%3A%2F%2F%6b%65%74%74%6c%65%2E%63%6F%6D", "http://kettle.com"),
        (base64.b64encode("IEX('http://kettle.com/a')".encode("utf-16le")).decode(), "http://kettle.com/a"),
    ],
)
def test_rarer_disguises(text: str, value: str) -> None:
    (one,) = find_indicators(text)
    assert (one.value, one.text) == (value, text)


def test_a_percent_sign_inside_a_path_stays() -> None:
    (one,) = find_indicators("http://kettle.com/a%2ehtml")
    assert one.value == "http://kettle.com/a%2ehtml"
