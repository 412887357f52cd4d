"""What may be changed when an alert is wrong, or one that is right should be told more surely: pure proposals.

A patch is the next snapshot of watch rules, the next list of marked values, or a change of the knowledge base's names that can be undone,
with what it does in words.
Nothing is guessed from the complaint: the person says what in the alert is wrong, and a patch is refused when the alert does
not have it.
"""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pipeline.errors import UsageError
from pipeline.records import Alert
from pipeline.store.snapshots import Kind
from pipeline.text.knowledge import Alias, Knowledge
from pipeline.text.knowledge.changes import Edge, KnowledgeChange
from pipeline.text.knowledge.fold import cut
from pipeline.watch.rules import decode_rules, encode_rules, to_toml


class Patch(Struct, frozen=True):
    """One change; `content` is the whole next snapshot, or the change of names; `about` the words that tell which articles it can touch."""

    kind: Kind
    says: str
    content: str
    about: tuple[str, ...] = ()
    rules: str = ""  # of kind watch: the changed rule as TOML, for a replay


def warn_of(alert: Alert, value: str, because: str, before: Sequence[str]) -> Patch:
    """Put an indicator of the alert on the list of marked values, which are `before`."""
    known = {i.value.casefold(): i for i in alert.indicators}
    if value.casefold() not in known:
        raise UsageError(f"the alert has no indicator {value!r}; it has: {_some(i.value for i in alert.indicators)}")
    indicator = known[value.casefold()]
    content = msgspec.json.encode(sorted({*before, indicator.value.lower()})).decode()
    says = f"warning list: {indicator.value} is no sign of an attack ({because})"
    return Patch("warnings", says, content, (indicator.text, indicator.value))


def drop_name(alert: Alert, name: str, because: str, knowledge: Knowledge) -> Patch:
    """Take a name, in every spelling, off the actor that the alert took it for."""
    mentions = {m.text.casefold(): m for m in (*alert.actors, *alert.targets) if m.id}
    if name.casefold() not in mentions:
        raise UsageError(
            f"the alert names no known actor {name!r}; it has: {_some(f'{m.text} ({m.id})' for m in mentions.values())}"
        )
    mention = mentions[name.casefold()]
    subject = knowledge.subject(mention.id or "")
    spellings = [a for a in subject.aliases if _fold(a.name) == _fold(name)] if subject else []
    if subject is None or not spellings:
        raise UsageError(
            f"{mention.text!r} is not listed as a name of {mention.id}; a rule's `without` may serve instead"
        )
    if _fold(name) == _fold(subject.name):
        raise UsageError(f"{name!r} is what {subject.id} is called; a rule's `without` may serve instead")
    hidden = tuple(Edge(subject.id, alias) for alias in spellings)
    change = KnowledgeChange(kind="alias-remove", source=because, hidden=hidden)
    says = f"knowledge base: {name!r} no longer means {subject.id}"
    return Patch("knowledge", says, _encode(change), tuple(alias.name for alias in spellings))


def add_name(entry: str, because: str, knowledge: Knowledge) -> Patch:
    """Give a subject one more name; `entry` is `NAME=ID`."""
    name, _, subject_id = (part.strip() for part in entry.rpartition("="))
    subject = knowledge.subject(subject_id)
    if not name or subject is None:
        raise UsageError(f"--alias {entry!r} is not of the form NAME=ID with an id of the knowledge base")
    change = KnowledgeChange(kind="alias-add", source=because, edges=(Edge(subject_id, Alias(name, source=because)),))
    return Patch("knowledge", f"knowledge base: {name!r} means {subject.name} ({subject_id})", _encode(change), (name,))


def _encode(change: KnowledgeChange) -> str:
    return msgspec.json.encode(change).decode()


def _fold(name: str) -> str:
    return "".join(word.folded for word in cut(name))


def exclude_word(rule: str, word: str, before: str | None) -> Patch:
    """Let a watch rule pass over reports with a word."""
    rules = decode_rules(before) if before else {}
    if rule not in rules:
        raise UsageError(f"no rule is called {rule!r}; there are: {_some(rules)}")
    changed = replace(rules[rule], without=tuple(dict.fromkeys((*rules[rule].without, word))))
    says = f"rule {rule}: not in reports with {word!r}"
    return Patch("watch", says, encode_rules({**rules, rule: changed}), (), to_toml(rule, changed))


class Toll(Struct, frozen=True):
    """What a patch does to the alerts that people have marked."""

    right: int
    right_lost: tuple[str, ...]
    wrong: int
    wrong_gone: tuple[str, ...]


def toll(marks: Mapping[str, str], touched: Mapping[str, str]) -> Toll:
    """`marks`: alert -> its latest verdict; `touched`: alert -> sign (+, -, ~) in a replay with the patch."""
    right = [alert for alert, verdict in marks.items() if verdict == "right"]
    wrong = [alert for alert, verdict in marks.items() if verdict == "wrong"]
    gone = {alert for alert, sign in touched.items() if sign == "-"}
    return Toll(
        len(right),
        tuple(a for a in right if a in gone),
        len(wrong),
        tuple(a for a in wrong if touched.get(a) in {"-", "~"}),
    )


def _some(names: object) -> str:
    listed = [str(name) for name in names][:10]  # type: ignore[attr-defined]
    return ", ".join(listed) or "none"
