"""Of every element of a line, why it is stated or left out: what `tocsin explain` tells."""

from collections.abc import Callable, Sequence

from pipeline.records import Element, Line, LineCount
from pipeline.text.line.names import can_act, is_name, whole
from pipeline.text.line.stated import AGAINST_MAX, BY_MAX, LEVELS, Level, least_class, stated


def account(line: Line, level: Level) -> list[str]:
    """A line an element, the stated ones first: what it is, how sure, and why it is stated or not."""
    kept = stated(line, level)
    least = LEVELS[level]
    said = kept or Line()
    lines: list[tuple[bool, str]] = []

    def tell(name: str, what: str, p: float, bar: float, *, is_stated: bool, else_why: str) -> None:
        sure = f"{p:.2f} sure, {level} states it from {bar:.2f} on"
        if is_stated:
            lines.append((True, f"stated: {name} {what}, {sure}"))
        else:
            lines.append((False, f"left out: {name} {what}, {sure}" + (f"; {else_why}" if p >= bar else "")))

    no_class = "" if kept else "nothing is stated, for its class is not"
    if line.what:
        bar = least_class(line.what.value, level)
        tell("what", repr(line.what.value), line.what.p, bar, is_stated=kept is not None, else_why="")
    for name, read, stays, bar, reason in (
        ("by", line.by, said.by, least.by, _why_no_agent),
        ("against", line.against, said.against, least.against, _why_no_target),
        ("where", line.where, said.where, least.where, _why_no_place),
    ):
        for element in read:
            is_stated = _span(element) in {_span(e) for e in stays}
            tell(
                name,
                repr(element.value),
                element.p,
                bar,
                is_stated=is_stated,
                else_why=no_class or reason(element, stays),
            )
    if line.when:
        tell("when", line.when.value, line.when.p, least.when, is_stated=said.when is not None, else_why=no_class)
    for count in line.counts:
        other = no_class or "another number of its kind is surer"
        tell("number", _number(count), count.p, least.counts, is_stated=count in said.counts, else_why=other)
    return [text for is_stated, text in sorted(lines, key=lambda pair: not pair[0])]


def left_out(line: Line, level: Level) -> list[str]:
    """Why each element that was read is not stated, in words."""
    return [told for told in account(line, level) if told.startswith("left out")]


Why = Callable[[Element, Sequence[Element]], str]


def _why_no_agent(element: Element, stays: Sequence[Element]) -> str:
    if is_name(element.value) and not can_act(element.value):
        return "it can't act: what harms is nobody"
    return _why_none(element, stays, BY_MAX)


def _why_no_target(element: Element, stays: Sequence[Element]) -> str:
    return _why_none(element, stays, AGAINST_MAX)


def _why_no_place(_: Element, stays: Sequence[Element]) -> str:
    return "another is more exact" if stays else "it is no name"


def _why_none(element: Element, stays: Sequence[Element], most: int) -> str:
    if not is_name(element.value):
        return "it names nobody"
    if any(whole(element.value).casefold() == e.value.casefold() for e in stays):
        return "said already"
    return (
        f"{most} surer ones are stated" if len(stays) >= most else "another says more of the same, or it is the means"
    )


def _span(element: Element) -> tuple[int | None, int | None]:
    return element.start, element.end


def _number(count: LineCount) -> str:
    numbers = (
        str(count.low)
        if count.low == count.high
        else f"{count.low if count.low is not None else ''}..{count.high if count.high is not None else ''}"
    )
    said = f", according to {count.by.value!r}" if count.by else ""
    return f"{count.kind} {numbers}{said}"
