"""Every compiled regular expression of ours, and texts made from it that would keep a careless one busy.

A text is a piece that one of the pattern's repetitions matches, many times over, between what comes before and a sign that fits nowhere. Time
is the processor's, compared between a text and one four times as long: what is linear takes four times as long, what is quadratic sixteen.
"""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from pathlib import Path
from re import _constants as ops  # type: ignore[attr-defined]  # the parser of the standard library: there is no public one
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("pipeline", "connectors")
ANCHORED = {"match", "fullmatch"}
PIECES_MAX = 24
"""Of one pattern."""
MISFITS = ("\x01", "\n\n", "é")
ANY_CHARACTER = "a"
DEPTH_MAX = 4


def modules() -> Iterator[ModuleType]:
    """Every module of ours."""
    for package in PACKAGES:
        root = importlib.import_module(package)
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            if ".migrations." not in found.name and not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def patterns() -> dict[str, re.Pattern[str]]:
    """The compiled patterns in modules, their tables and their classes, by where they stand."""
    found: dict[str, re.Pattern[str]] = {}
    seen: set[int] = set()

    def gather(name: str, value: Any, depth: int) -> None:
        if isinstance(value, re.Pattern):
            if isinstance(value.pattern, str) and id(value) not in seen:
                seen.add(id(value))
                found[name] = value
        elif depth and isinstance(value, dict):
            for key, one in value.items():
                gather(f"{name}[{key!r:.30}]", one, depth - 1)
        elif depth and isinstance(value, list | tuple | set | frozenset):
            for number, one in enumerate(value):
                gather(f"{name}[{number}]", one, depth - 1)
        elif depth and hasattr(value, "__struct_fields__") and not isinstance(value, type):
            for field in value.__struct_fields__:
                gather(f"{name}.{field}", getattr(value, field, None), depth - 1)

    for module in modules():
        for name, value in vars(module).items():
            if not name.startswith("__"):
                gather(f"{module.__name__}.{name}", value, DEPTH_MAX)
    return found


def pieces(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """What comes before a repetition, and what it repeats."""
    found: list[tuple[str, str]] = []

    def sample(items: Any, depth: int = 0) -> str:
        return "".join(sample_one(op, value, depth) for op, value in items)

    def sample_one(op: Any, value: Any, depth: int) -> str:
        if depth > 12:
            return ""
        if op is ops.LITERAL:
            return chr(value)
        if op is ops.NOT_LITERAL:
            return "b" if value == ord("a") else "a"
        if op is ops.ANY:
            return ANY_CHARACTER
        if op is ops.IN:
            return sample_class(value)
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, getattr(ops, "POSSESSIVE_REPEAT", None)):
            low, _, inner = value
            return sample(inner, depth + 1) * max(1, min(low, 3))
        if op is ops.SUBPATTERN:
            return sample(value[3], depth + 1)
        if op is getattr(ops, "ATOMIC_GROUP", None):
            return sample(value, depth + 1)
        if op is ops.BRANCH:
            return sample(value[1][0], depth + 1)
        return ""

    def sample_class(items: Any) -> str:
        negated = items[0][0] is ops.NEGATE
        for op, value in items[1 if negated else 0 :]:
            if negated:
                banned = {chr(v) for o, v in items[1:] if o is ops.LITERAL}
                return next(c for c in "a1 .-/x" if c not in banned)
            if op is ops.LITERAL:
                return chr(value)
            if op is ops.RANGE:
                return chr(value[0])
            if op is ops.CATEGORY:
                return {ops.CATEGORY_DIGIT: "1", ops.CATEGORY_SPACE: " "}.get(value, "a")
        return "a"

    def walk(items: Any, before: str, depth: int = 0) -> None:
        for op, value in items:
            if len(found) >= PIECES_MAX or depth > 12:
                return
            if op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
                inner = value[2]
                if value[1] is ops.MAXREPEAT or value[1] > 20:
                    found.append((before, sample(inner) or "a"))
                    found.extend((before, sample([one]) or "a") for one in _classes(inner))
                walk(inner, before, depth + 1)
            elif op is ops.SUBPATTERN:
                walk(value[3], before, depth + 1)
            elif op is ops.BRANCH:
                for branch in value[1]:
                    walk(branch, before, depth + 1)
            before += sample_one(op, value, 0)

    parsed = parser.parse(pattern.pattern, pattern.flags)
    walk(parsed, "")
    whole = sample(parsed)
    return list(dict.fromkeys([*found, ("", whole or "a"), ("", (whole or "ab")[:1])]))[:PIECES_MAX]


def _classes(items: Any) -> Iterator[Any]:
    for op, value in items:
        if op in (ops.IN, ops.LITERAL, ops.ANY, ops.NOT_LITERAL):
            yield op, value


def is_anchored(where: str) -> bool:
    """Whether the source asks the pattern at one place only (`match`, `fullmatch`), and never searches with it."""
    module, _, name = where.rpartition(".")
    path = ROOT / Path(*module.split(".")).with_suffix(".py")
    if not path.exists() or "[" in where:
        return False
    used = set(re.findall(rf"\b{re.escape(name)}\.(\w+)\(", path.read_text(encoding="utf-8")))
    return bool(used) and used <= ANCHORED


def seconds(pattern: re.Pattern[str], text: str, *, anchored: bool) -> float:
    """Processor time of asking the pattern for all that it finds in the text, as the code does."""
    began = time.process_time()
    if anchored:
        pattern.match(text)
        pattern.fullmatch(text)
    else:
        for _ in pattern.finditer(text):
            pass
    return time.process_time() - began
