"""Charsets: the bytes have the last word."""

import pytest

from connectors.sources.charset import decode

RUSSIAN = "Взрыв прогремел на рынке в центре города, есть погибшие и раненые"
FRENCH = "Une attaque à l'explosif a été déjouée près de la frontière"
JAPANESE = "市場で爆発があり、死傷者が出ている"


def xml(text: str, encoding: str, declared: str | None) -> bytes:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return f"{declaration}<rss><t>{text}</t></rss>".encode(encoding)


@pytest.mark.parametrize(
    ("text", "encoding", "declared", "content_type"),
    [
        (RUSSIAN, "utf-8", "utf-8", None),
        (RUSSIAN, "utf-8", "windows-1251", None),  # declared in one charset, written in another
        (RUSSIAN, "utf-8", None, "text/xml; charset=iso-8859-1"),
        (RUSSIAN, "cp1251", "windows-1251", None),
        (RUSSIAN, "cp1251", None, 'text/xml; charset="windows-1251"'),
        (RUSSIAN, "cp1251", "windows-1251", "text/xml; charset=iso-8859-1"),  # a server's default
        (RUSSIAN, "cp1251", "utf-8", "text/xml; charset=utf-8"),  # both lie
        (RUSSIAN, "koi8-r", "koi8-r", None),
        (FRENCH, "cp1252", "iso-8859-1", None),
        (FRENCH, "cp1252", "utf-8", None),
        (FRENCH, "utf-8", "iso-8859-1", "application/rss+xml"),
        (JAPANESE, "shift_jis", "Shift_JIS", None),
        (JAPANESE, "euc_jp", "euc-jp", None),
        (JAPANESE, "iso2022_jp", "iso-2022-jp", None),
        (JAPANESE, "utf-16", "utf-16", None),
        (JAPANESE, "utf-16-le", "utf-16", None),
        (JAPANESE, "utf-16-be", "utf-16", None),
        ("爆炸", "gbk", "gb2312", None),
        (RUSSIAN, "utf-8-sig", "windows-1251", "text/xml; charset=koi8-r"),  # a BOM ends the discussion
    ],
)
def test_never_mojibake(text: str, encoding: str, declared: str | None, content_type: str | None) -> None:
    assert text in decode(xml(text, encoding, declared), content_type).text


def test_a_few_foreign_bytes_in_utf8_cost_only_themselves() -> None:
    raw = xml(RUSSIAN, "utf-8", "utf-8").replace(b"</t>", b" \x93quoted\x94</t>")
    assert f"{RUSSIAN} “quoted”" in decode(raw).text


def test_windows_1252_bytes_that_are_undefined_there_do_not_stop_it() -> None:
    assert decode(b"<t>caf\xe9 \x81 bar</t>", "text/html; charset=iso-8859-1").text == "<t>café \x81 bar</t>"


def test_html_says_it_in_a_meta_element() -> None:
    page = f"<html><head><meta charset='windows-1251'></head><body>{RUSSIAN}</body></html>".encode("cp1251")
    assert RUSSIAN in decode(page, "text/html").text


def test_a_lie_is_told() -> None:
    assert decode(xml(RUSSIAN, "utf-8", "windows-1251")).warning == "declared as cp1251, but is utf-8"
    assert decode(xml(RUSSIAN, "utf-8", "utf-8")).warning is None


@pytest.mark.parametrize("raw", [b"", b"\xff", b"\xfe\xff\xd8", b"\x00", b"<?xml encoding='no-such'?>\xff\xfe\xfd"])
def test_never_raises(raw: bytes) -> None:
    decode(raw, "text/xml; charset=nonsense")
