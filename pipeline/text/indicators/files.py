"""Recogniser of file names: a dotted word with a file's extension, and the blanks in it where quotes stand around it."""

import re

from pipeline.text.indicators.candidate import Found, Scene, nothing, one
from pipeline.text.indicators.hosts import is_tld
from pipeline.text.indicators.patterns import FILE_SUFFIXES

FILE_NAME_CHARS_MAX = 255
"""Longest file name, as file systems have it."""
NAME_CHARS_MAX = 80
"""How far back the opening quote of a file name with blanks is looked for, characters."""
_PROGRAMS = frozenset(
    "exe dll bat cmd ps1 vbs vbe hta lnk scr msi jar apk elf sys docx docm xlsm xlsx pdf zip rar 7z iso php aspx jsp tmp dat bin".split()
)
"""Extensions with which a bare number is a file's name (`1.exe`)."""
_QUOTES = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019"}
_QUOTED_BEFORE = re.compile(r"[\"'`\u201c\u2018](?=\w)(?:[\w.()\[\]&+,-]{1,40} ){1,8}\(?\Z")


def file_name(scene: Scene, match: re.Match[str]) -> Found:
    """A file's name; blanks belong to it where quotes stand around it."""
    name, start = match["dotted"], match.start()
    stem, _, suffix = name.rpartition(".")
    if len(name) > FILE_NAME_CHARS_MAX:
        return nothing(match)
    if suffix.lower() in FILE_SUFFIXES and len(suffix) > 1 and is_file_word(stem, suffix):
        number = stem.replace(".", "").isdigit()
        quoted = _QUOTED_BEFORE.search(scene.text, max(0, start - NAME_CHARS_MAX), start)
        if quoted and scene.text[match.end() : match.end() + 1] == _QUOTES[scene.text[quoted.start()]]:
            start, number = quoted.start() + 1, False
        if number and not (stem.isdigit() and suffix.lower() in _PROGRAMS):
            return nothing(match)
        return one("file-name", scene.written(start, match.end()), start, match.end())
    return nothing(match)


def is_file_word(stem: str, suffix: str) -> bool:
    """Whether a dotted word with a file's extension is a file name and not the name of a thing (`Node.js`)."""
    if suffix.istitle() and len(suffix) == 2:
        return False  # a sentence that lost its blank
    return not (suffix == "js" and stem[:1].isupper()) and not (suffix == "app" and is_tld(suffix) and "." in stem)
