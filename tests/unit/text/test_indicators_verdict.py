"""What an indicator is doing in its article: verdicts against those of an analyst, and the rules one by one."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.records import Block, Indicator
from pipeline.text.indicators import find_indicators
from pipeline.text.indicators.warnings import read_warnings

GOLD = Path(__file__).parents[2] / "data" / "indicators"
SETS = {"verdicts.txt": 0.92, "verdicts_second.txt": 0.92, "verdicts_third.txt": 0.85}
"""Sets and the least accuracy on each: the rules were mended on the first two; the third was never used for that."""
_MARK = re.compile(r"\{([msbu]):((?:[^{}]|\{[^{}]*\})*)\}")
_VERDICTS = {"m": "malicious", "s": "suspicious", "b": "benign", "u": "unknown"}


def reports(name: str) -> Iterator[tuple[str, str, list[tuple[int, int, str]]]]:
    """Address, text and (start, end, verdict) of each report of a set."""
    document = re.sub(r"^#.*\n", "", (GOLD / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    for part in document.split("--- ")[1:]:
        url, _, marked = part.partition("\n")
        text, due, done = "", [], 0
        for mark in _MARK.finditer(marked):
            text += marked[done : mark.start()]
            due.append((len(text), len(text) + len(mark[2]), _VERDICTS[mark[1]]))
            text += mark[2]
            done = mark.end()
        yield url.strip(), text + marked[done:], due


def judged(name: str = "verdicts.txt") -> Iterator[tuple[str, str, Indicator | None, str]]:
    """Address, words, indicator found there (or None) and the verdict due."""
    for url, text, due in reports(name):
        found = find_indicators(text, url=url)
        for start, end, verdict in due:
            here = next((one for one in found if one.start < end and start < one.end), None)
            yield url, text[start:end], here, verdict


@pytest.mark.parametrize("name", SETS)
def test_verdicts_agree_with_the_analyst(name: str) -> None:
    rows = list(judged(name))
    wrong = [
        (url, words, found and (found.verdict, found.reason), due)
        for url, words, found, due in rows
        if found is None or found.verdict != due
    ]
    assert 1 - len(wrong) / len(rows) >= SETS[name], "\n".join(map(str, wrong))


@pytest.mark.parametrize("verdict", ["malicious", "benign"])
def test_recall_of_each_common_verdict(verdict: str) -> None:
    got = Counter(found.verdict if found else "not found" for _, _, found, due in judged() if due == verdict)
    assert got[verdict] / got.total() >= 0.9, got


def verdict_of(text: str, **how: object) -> tuple[str, str | None]:
    found = find_indicators(text, **how)  # type: ignore[arg-type]
    return found[0].verdict, found[0].role


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("The implant's C2 is kettle-cdn[.]net.", "c2"),
        ("The payload is downloaded from hxxp://kettle-cdn[.]net/a.", "download"),
        ("The phishing page at kettle-login[.]net asks for passwords.", "phishing"),
        ("Stolen data is uploaded to kettle-drop[.]net.", "exfiltration"),
        ("The dropper is 5f2b1c7ad09e4c6b8fd1a3e90b7c2d44.", "payload"),
    ],
)
def test_the_nearest_words_give_the_role(text: str, role: str) -> None:
    assert verdict_of(text) == ("malicious", role)


def test_defanging_is_a_sign() -> None:
    assert verdict_of("kettle-cdn[.]net")[0] == "malicious"
    assert verdict_of("kettle-cdn.net")[0] == "unknown"


def test_everyday_words_mean_nothing_outside_a_cyber_report() -> None:
    assert verdict_of("Download the fake snow at kettle-shop.net, hosted by the club.")[0] != "malicious"


def test_a_link_of_the_page_and_its_column_are_read_from_its_blocks() -> None:
    text = "Malware notes\nC2 domain\nkettle-cdn.net\nOur colleagues tell the whole story on kettle-notes.net"
    link = Block(text.index("kettle-notes"), len(text), "link", href="https://kettle-notes.net")
    cells = (Block(14, 23, "table-cell", row=0, column=0), Block(24, 38, "table-cell", row=1, column=0))
    first, second = find_indicators(text, blocks=(*cells, link))
    assert (first.verdict, first.role) == ("malicious", "c2")
    assert second.verdict == "benign"


def test_another_warning_list_can_be_handed_in() -> None:
    warnings = read_warnings('version = "1"\n[ours]\nreason = "our own"\ndomains = ["kettle.net"]\n')
    (one,) = find_indicators("see https://a.kettle.net/x", warnings=warnings)
    assert (one.verdict, one.reason) == ("benign", "our own")


def test_every_verdict_has_a_reason() -> None:
    assert all(found is None or found.reason for _, _, found, _ in judged())


def test_a_host_called_malicious_once_is_malicious_throughout() -> None:
    text = "The C2 server is kettle-cdn.net.\n\nThe page loads https://kettle-cdn.net/js/k.js first. So does https://other-site.net/x."
    assert [one.verdict for one in find_indicators(text)] == ["malicious", "malicious", "benign"]


def test_a_server_is_no_version() -> None:
    assert [one.value for one in find_indicators("the server 45.9.148.3, through 45.9.148.4")] == [
        "45.9.148.3",
        "45.9.148.4",
    ]
