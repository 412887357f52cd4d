"""No input makes the search superlinear: twice the text takes about twice the time, whatever it is made of. Threads do not matter."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.text.indicators import find_attached, find_indicators, join_context
from tests.support.growth import assert_growth

pytestmark = pytest.mark.slow

PIECES = [
    "a", "a.", "a@", "a@a.", "-", "_", ".", "://", "a://", "x://_/", "http://a.b/,a", "http://", "[.]", "[", "(((", "[.", " dot ", " at ", "a at b dot ",
    "1.", "1.1.1.1.", "1:", "::", "a:b:", "f", "0x", "%3A%2F%2F", "http%3a%2f%2f", "\\", "\\\\a\\", "C:\\", "C:\\a b ", "/tmp/", "/tmp/a b ", "HKLM\\", "HKLM\\A B ",
    "Mozilla/5.0 (", "rule a {", "title: a\n", "mutex ", "mutex: ", "serial ", "telegram @", "aHR0", "aHR0cDov", "aHR0cDov\n", "1", "A1", "GB82 ", "+1 ", "CVE-", "T1", "AS1",
    " ", "\n", "\t", "\u200b", "\uff0e", "<", "'", '"', "http://a.com/(", "http://a.com/?a=[", "(http://a.com/", "pkg:a/", "arn:aws:", "hxxp", "h_", "3:aaaaaa:", "version 1.1.1.1 ",
    "xxxx://a.", "a |.| b", ' .com', "%2e", "&#46;", "\\x68", "68 74 74 70 ", "%68%74%74%70", "aAB0AHQAcA", "a'b@c.de ", '"a b ', "c:/", "$env:a\\", "@a_bot ", "G-A1", "cpe:2.3:a:", "VU#", "CVE\u20132021\u2013",
    "the malware's C2 is a.com, ", "Operation Aa ", "first seen on 3 May 2025 ", "| a.com | b |\n", "see http://a.com/uploads ", "a.[com]", "http://a.com/a=\na", "a/\n",
]  # fmt: skip
SMALL_CHARS, LARGE_CHARS = 4_000, 16_000
GROWTH_MAX = 12.0  # for four times the text: 4 when linear, 16 when quadratic; the rest is noise of a shared machine


def find(text: str) -> None:
    join_context(text, find_indicators(text), ())


@pytest.mark.parametrize("piece", PIECES)
def test_time_grows_with_the_text_only(piece: str) -> None:
    small, large = (piece * (chars // len(piece)) for chars in (SMALL_CHARS, LARGE_CHARS))
    assert_growth(lambda: find(small), lambda: find(large), most=GROWTH_MAX)


@pytest.mark.parametrize(
    "deep", ["[" * 50_000, '{"a":' * 50_000, json.dumps({"Event": {"Attribute": [{"value": "a.com"}] * 2_000}})]
)
def test_attachments_of_any_depth_end(deep: str) -> None:
    find_attached(deep)


def test_many_threads_find_the_same() -> None:
    texts = [
        f"The implant's C2 is kettle-{n}[.]com, dropped from hxxp://pot-{n}.net/{n}.exe on 45.9.148.{n}."
        for n in range(40)
    ]
    alone = [find_indicators(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(find_indicators, texts * 3)) == alone * 3
