"""Now, later, or not at all: when a rule's topic gets a revision of an alert that matches, or that it has carried before.

    terminal   an alert that the topic has carried ends: at once, whatever the pace
    threshold  a rule that waits for several alerts, or a spike, rings once when there are enough, and not again for that time
    digest     everything waits for the next full period
    cooldown   later revisions of one alert wait, and only the latest goes
    cap        more than so many messages in a time wait; what does not fit then is counted on the message that goes

Nothing of this touches `tocsin.alerts`, which gets every revision.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from pipeline.incidents.changes import ENDED
from pipeline.records import Change
from pipeline.watch.compiled import CompiledRule
from pipeline.watch.rhythm import LEARNED, is_spike

DIGEST_ALERTS_MAX = 200
"""Alerts of one digest; how many more there were stands on the last."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class View(Struct, frozen=True, kw_only=True):
    """What is known of a rule when an alert comes."""

    is_carried: bool  # the topic has had this alert
    matched: Sequence[datetime] = ()  # when alerts first matched, sorted, this one included
    rang: datetime | None = None  # when the topic last got an alert it had not had (by the articles' clock)
    sent: Sequence[datetime] = ()  # the messages of the cap's window, oldest first
    alert_sent: datetime | None = None  # the last message about this alert


class Decision(Struct, frozen=True):
    """What to do with a revision; `due` when later; `why` adds to the reasons of the match."""

    when: Literal["now", "later", "not"]
    due: datetime | None = None
    why: tuple[str, ...] = ()


NOT = Decision("not")


class Waiting(Struct, frozen=True):
    """An alert that a rule's topic will get later."""

    alert_id: str
    is_carried: bool
    severity: int  # place in SEVERITIES
    held_back: int = 0  # revisions of it that were passed over


class Release(Struct, frozen=True):
    """What becomes of those whose time has come: go (with how many were held back before each), wait on, or are only counted."""

    go: tuple[tuple[str, int], ...] = ()
    wait: tuple[str, ...] = ()
    due: datetime | None = None  # of those that wait on
    counted: tuple[str, ...] = ()


def decide(rule: CompiledRule, change: Change, view: View, *, seen: datetime, now: datetime) -> Decision:
    """When the rule's topic gets a revision. `seen`: by the articles' clock, that windows count by; `now`: by the wall's."""
    if view.is_carried:
        if change in ENDED:
            return Decision("now")
        why: tuple[str, ...] = ()
    else:
        tips = _tips(rule, view, seen)
        if tips is None:
            return NOT
        why = tips
    if rule.rule.deliver == "digest":
        return Decision("later", next_digest(rule, now), why)
    if view.is_carried and view.alert_sent and now - view.alert_sent < rule.cooldown:
        return Decision("later", view.alert_sent + rule.cooldown, why)
    if (due := room_at(rule, view.sent, now)) is not None:
        return Decision("later", due, why)
    return Decision("now", None, why)


def next_digest(rule: CompiledRule, now: datetime) -> datetime:
    """The end of the period that `now` is in; periods are counted from 1970, so "24h" ends at midnight UTC."""
    return EPOCH + ((now - EPOCH) // rule.every + 1) * rule.every


def room_at(rule: CompiledRule, sent: Sequence[datetime], now: datetime) -> datetime | None:
    """When the cap lets the next message through; None for now."""
    window = rule.cap.within or timedelta(0)
    recent = [at for at in sent if now - at < window]
    return recent[-rule.cap.count] + window if len(recent) >= rule.cap.count else None


def release(rule: CompiledRule, waiting: Sequence[Waiting], sent: Sequence[datetime], now: datetime) -> Release:
    """Who of those waiting goes now: first what the topic has carried, then the most severe, as far as there is room.

    What the topic has carried waits on; of the rest, what does not fit is counted on the last message that goes, so that
    a flood leaves no queue. A digest has room for `DIGEST_ALERTS_MAX`.
    """
    is_digest = rule.rule.deliver == "digest"
    window = rule.cap.within or timedelta(0)
    recent = [at for at in sent if now - at < window]
    room = DIGEST_ALERTS_MAX if is_digest else max(0, rule.cap.count - len(recent))
    due = next_digest(rule, now) if is_digest else (recent[-rule.cap.count] + window if not room else now + window)
    if room == 0:
        return Release(wait=tuple(w.alert_id for w in waiting), due=due)
    ordered = sorted(waiting, key=lambda w: (not w.is_carried, -w.severity, w.alert_id))
    go, rest = ordered[:room], ordered[room:]
    counted = tuple(w for w in rest if not w.is_carried)
    over = [*[0] * (len(go) - 1), sum(1 + w.held_back for w in counted)]
    return Release(
        go=tuple((w.alert_id, w.held_back + more) for w, more in zip(go, over, strict=True)),
        wait=tuple(w.alert_id for w in rest if w.is_carried),
        due=due,
        counted=tuple(w.alert_id for w in counted),
    )


def _tips(rule: CompiledRule, view: View, seen: datetime) -> tuple[str, ...] | None:
    """Why the rule's thresholds are reached; None when they are not, or when the rule rang for this already."""
    why: list[str] = []
    quiet = timedelta(0)
    if rule.alerts and rule.alerts.within:
        count = sum(1 for at in view.matched if seen - rule.alerts.within < at <= seen)
        if count < rule.alerts.count:
            return None
        why.append(f"{count} alerts in {show(rule.alerts.within)}")
        quiet = rule.alerts.within
    if rule.spike:
        learned = [at for at in view.matched if at >= seen - LEARNED]
        is_one, count, usual = is_spike(learned, seen, rule.spike)
        if not is_one:
            return None
        why.append(f"{count} alerts in {show(rule.spike)}, {usual:.1f} are usual")
        quiet = max(quiet, rule.spike)
    if view.rang and quiet and seen - view.rang < quiet:
        return None
    return tuple(why)


def show(length: timedelta) -> str:
    """A time as rules write it."""
    minutes = int(length.total_seconds() // 60)
    return f"{minutes // 1440}d" if minutes % 1440 == 0 else f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
