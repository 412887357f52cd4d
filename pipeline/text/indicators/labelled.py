"""Recognisers of what is an indicator only by the word before it, or by its whole form: mutexes, services, handles, rules."""

import re

from pipeline.text.indicators.candidate import Found, Scene, nothing, one

RULE_CHARS_MAX = 20_000
"""Longest YARA or Sigma rule read, characters."""

_NAMED = re.compile(
    r"(?:[ ]objects?|[ ]names?)?(?:[ ](?:named|called|name|is|was|with[ ]the[ ]name|using[ ]the[ ]name))?[ ]{0,4}[:=]?[ ]{0,4}"
    r"(?:[\"'`\u201c\u2018](?P<quoted>[^\"'`\u201d\u2019\n]{2,120})[\"'`\u201d\u2019]|(?P<bare>(?<=[:=])[ ]{0,2}[\w.\\{}$@!#&+*%~-]{2,120}+|(?<=[:=][ ])[\w.\\{}$@!#&+*%~-]{2,120}+))"
)
_NAMED_BARE = re.compile(r"(?:[ ]objects?)?[ ](?:named|called)[ ](?P<bare>[\w.\\{}$@!#&+*%~-]{2,120}+)")
_PORT = re.compile(r"[ ](\d{2,5})(?![\d.,]*\d|\w)")
_PORT_BEFORE = re.compile(r"(?<![A-Za-z])(?:on|over|via|using|TCP|UDP|tcp|udp|local|remote|destination|listening)[ ]\Z")
_HANDLE = re.compile(r"[^@\n]{0,40}?(?<![\w.])@(?P<handle>[A-Za-z][A-Za-z0-9_]{4,31}+)(?![\w@]|\.\w)")
_DISCORD_HANDLE = re.compile(r"[^#\n]{0,40}?(?P<handle>[\w.]{2,32}#\d{4})(?!\d)")
_SERIAL = re.compile(
    r"(?:[ ]number|[ ]no\.?)?(?:[ ]of|[ ]is|[ ]was)?[\s:=#|]{1,4}(?P<serial>(?:[0-9A-Fa-f]{2}[: ]){7,24}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{16,40})(?![\w:])",
    re.IGNORECASE,
)


def labelled(scene: Scene, match: re.Match[str]) -> Found:
    """A mutex, service, handle or serial number that the word names."""
    word = match["labelled"].lower()
    if word.startswith(("mutex", "mutant")):
        return _named("mutex", scene, match)
    if word.startswith("service"):
        return _named("service", scene, match)
    if word.startswith("port"):
        return _port(scene, match)
    if word == "serial":
        found = _SERIAL.match(scene.text, match.end())
        return (
            one("certificate-serial", re.sub(r"[: ]", "", found["serial"]).lower(), *found.span("serial"))
            if found
            else nothing(match)
        )
    found = (_DISCORD_HANDLE if word == "discord" else _HANDLE).match(scene.text, match.end())
    if found is None or (word != "discord" and re.search(r"[A-Za-z0-9]\.[A-Za-z0-9]|/", found[0])):
        return nothing(match)
    return one(
        word,
        ("" if word == "discord" else "@") + found["handle"],
        found.start("handle") - (word != "discord"),
        found.end("handle"),
    )


def bot(scene: Scene, match: re.Match[str]) -> Found:
    """A Telegram bot: its name ends so by Telegram's rule. Only where the text speaks of Telegram or of a bot."""
    return one("telegram", match["bot"], *match.span()) if scene.names_bots else nothing(match)


def _port(scene: Scene, match: re.Match[str]) -> Found:
    """A port that something listens on or talks to: `on port 8443`, `TCP port 22`."""
    number = _PORT.match(scene.text, match.end())
    before = _PORT_BEFORE.search(scene.text, max(0, match.start() - 12), match.start())
    if number is None or before is None or not 0 < int(number[1]) < 65536:
        return nothing(match)
    return one("port", str(int(number[1])), *number.span(1))


def _named(kind: str, scene: Scene, match: re.Match[str]) -> Found:
    found = _NAMED.match(scene.text, match.end()) or _NAMED_BARE.match(scene.text, match.end())
    if found is None:
        return nothing(match)
    group = "bare" if found["bare"] else "quoted"
    name = found[group].strip().rstrip(".,;")
    if not name or (kind == "service" and group == "bare" and ":" not in found[0] and "named" not in found[0]):
        return nothing(match)
    if kind == "service" and (
        match["labelled"][:1].islower() and ":" in found[0] and "name" not in match["labelled"].lower()
    ):
        return nothing(match)
    start = found.start(group) + found[group].index(name)
    return one(kind, name, start, start + len(name))


def yara(scene: Scene, match: re.Match[str]) -> Found:
    """A YARA rule, whole: it has a condition and its braces close."""
    text, start = scene.text, match.start()
    condition = scene.next_place("condition", match.end())
    if condition < 0 or condition - start > RULE_CHARS_MAX:
        return nothing(match)
    end = text.find("\n}", condition, start + RULE_CHARS_MAX)
    end = end + 2 if end >= 0 else text.find("}", condition, start + RULE_CHARS_MAX) + 1
    return one("yara-rule", scene.written(start, end), start, end) if end > condition else nothing(match)


def sigma(scene: Scene, match: re.Match[str]) -> Found:
    """A Sigma rule, whole: YAML from its title to the end of its block, with a log source and a detection."""
    text, start = scene.text, match.start()
    if text[start - 1 : start] not in ("", "\n"):
        return nothing(match)
    source, detection = scene.next_place("\nlogsource:", start), scene.next_place("\ndetection:", start)
    if not (0 <= source < start + RULE_CHARS_MAX and 0 <= detection < start + RULE_CHARS_MAX):
        return nothing(match)
    tail = re.compile(r"(?>(?:[^\n]*\n(?=[ \t]+\S|[a-z_]+:|- ))*)[^\n]*", re.ASCII).match(
        text, max(source, detection) + 1, start + RULE_CHARS_MAX
    )
    end = tail.end() if tail else max(source, detection)
    return one("sigma-rule", scene.written(start, end).rstrip(), start, start + len(text[start:end].rstrip()))
