"""Imported warning lists: what the forms of file say, and how names are looked up in them."""

import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.text.indicators import find_indicators
from pipeline.text.indicators.listfiles import parse_list, read_list
from pipeline.text.indicators.lists import KEY_BYTES, Lists, WarningList, names_of
from pipeline.text.indicators.warnings import own_warnings, read_files, read_snapshot, save_snapshot, with_lists

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = date(2026, 2, 1)


def parsed(content: str, stem: str = "kettles") -> WarningList:
    return parse_list(content, source="a file", stem=stem, modified=DAY, now=NOW)[0]


def misp(entries: list[str], **fields: object) -> str:
    return json.dumps(
        {"name": "Kettle sites", "description": "", "version": 20260115, "type": "hostname", "list": entries} | fields
    )


def test_misp_json_keeps_name_date_and_meaning() -> None:
    one = parsed(misp(["kettle.com", ".pot.com", "45.9.148.0/24", "2a02:4780::/32"]))
    assert (one.name, one.dated, one.entries, one.meaning, one.imported) == (
        "kettle-sites",
        "2026-01-15",
        4,
        "benign",
        "2026-03-01T00:00:00Z",
    )
    lists = Lists((one,))
    assert all(
        lists.find(name) for name in ("kettle.com", "www.kettle.com", "a.b.pot.com", "45.9.148.77", "2a02:4780::9")
    )
    assert not any(lists.find(name) for name in ("tea-kettle.com", "kettle.com.evil.net", "45.9.149.1", "2a02:4781::"))


@pytest.mark.parametrize("name", ["List of known Amazon AWS IP ranges", "URL shorteners", "VPN providers"])
def test_what_strangers_share_is_not_benign(name: str) -> None:
    assert parsed(misp(["kettle.com"], name=name)).meaning == "shared"


def test_substrings_are_looked_for_inside() -> None:
    lists = Lists((parsed(misp(["kettle"], type="substring")),))
    assert lists.find("tea-kettle.com")
    assert not lists.find("pot.com")


def test_tranco_and_plain_lists_and_hosts_files() -> None:
    ranked = parsed("1,kettle.com\n2,pot.com\n")
    plain = parsed("# sites\nkettle.com  # ours\n\n0.0.0.0 pot.com\nhttps://www.ladle.com/x\n")
    assert (ranked.entries, ranked.reason) == (2, "among the most visited sites")
    assert plain.entries == 3
    assert all(Lists((plain,)).find(name) for name in ("kettle.com", "pot.com", "ladle.com"))


def test_a_suffix_that_strangers_share_clears_nobody_below_it() -> None:
    lists = Lists((parsed("github.io\nco.uk\nkettle.co.uk\n"),))
    assert lists.find("github.io")
    assert not lists.find("evil.github.io")
    assert not lists.find("evil.co.uk")
    assert lists.find("a.kettle.co.uk")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{}", "name"),
        (misp(["a.*"], type="regex"), "regular expressions"),
        ("\n# nothing\n", "no entries"),
        ('{"name": 3, "list": []}', "no MISP"),
    ],
)
def test_what_is_no_list_is_refused_with_the_reason(content: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parsed(content)


def test_a_zipped_list_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "top.csv.zip", "w") as archive:
        archive.writestr("top.csv", "1,kettle.com\n")
    one, names = read_list(tmp_path / "top.csv.zip")
    assert (one.entries, names_of(names)) == (1, ["kettle.com"])


def test_many_entries_take_eight_bytes_each_and_are_all_found() -> None:
    count = 100_000
    one = parsed("\n".join(f"{rank},site-{rank}.com" for rank in range(count)))
    assert len(one.keys) == count * KEY_BYTES
    lists = Lists((one,))
    assert all(lists.find(f"site-{rank}.com") for rank in range(0, count, 997))
    assert not any(lists.find(f"site-{rank}.net") for rank in range(0, count, 997))


def test_our_list_goes_first_and_the_verdict_names_list_and_version(tmp_path: Path) -> None:
    (tmp_path / "kettles.txt").write_text("kettle.com\ngithub.com\n")
    warnings = read_files([tmp_path / "kettles.txt"])
    assert warnings.version.startswith(own_warnings().version + "+")
    (one,) = find_indicators("see kettle.com", warnings=warnings)
    assert one.verdict == "benign"
    assert "kettles" in one.reason
    assert warnings.find("github.com") == own_warnings().find("github.com")


def test_an_address_in_a_cloud_is_judged_by_what_is_said_of_it() -> None:
    warnings = with_lists(own_warnings(), "1", Lists((parsed(misp(["45.9.148.0/24"], name="Cloud IP ranges")),)))
    (bad,) = find_indicators("The malware's C2 is 45.9.148.3.", warnings=warnings)
    (open_,) = find_indicators("It was seen on 45.9.148.3.", warnings=warnings)
    assert bad.verdict == "malicious"
    assert (open_.verdict, "Cloud IP ranges" in open_.reason) == ("unknown", True)


def test_a_snapshot_comes_back_as_it_was(tmp_path: Path) -> None:
    one = parsed(misp(["kettle.com", "45.9.148.0/24"]))
    save_snapshot(tmp_path / "s", "abc", (one,))
    back = read_snapshot(tmp_path / "s")
    assert back.version.endswith("+abc")
    assert back.find("a.kettle.com") == ("imported", one.title())
    (tmp_path / "bad").write_bytes(b"no")
    with pytest.raises(UsageError, match="import"):
        read_snapshot(tmp_path / "bad")
