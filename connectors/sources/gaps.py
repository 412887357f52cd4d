"""Whether entries may have come and gone between two polls, and how many. Pure.

A document is a window over the feed's newest entries. As long as something known stands in it below the new entries, nothing was missed. When
nothing known is left but what is pinned to the top, the window has moved further than it is long.
"""

import itertools
import math
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

PINNED_MAX = 3
"""So many old entries at the top of new ones are taken for pinned."""
DAY_S = 86_400.0


def has_gap(ids: Sequence[str], dates: Sequence[datetime | None], known: Collection[str]) -> bool:
    """Whether the window moved past everything known; ids and dates are the document's, in its order."""
    is_new = [identity not in known for identity in ids]
    if not known or not any(is_new):
        return False
    if all(is_new):
        return True
    pinned = is_new.index(True)
    if pinned > PINNED_MAX or not all(is_new[pinned:]):
        return False
    old, new = [d for d in dates[:pinned] if d], [d for d in dates[pinned:] if d]
    if len(old) < pinned or len(new) < 2 or max(old) >= min(new):
        return False
    # A document that puts the newest last has its new entries below the old ones by nature.
    falling = sum(a >= b for a, b in itertools.pairwise(new))
    return falling * 2 > len(new) - 1


def missed_max(dates: Sequence[datetime | None], unseen_for: timedelta | None, per_day: float | None) -> int:
    """At most how many entries may be missed, at the pace that the document itself shows, or else at the learned one; at least one."""
    if unseen_for is None:
        return 1
    dated = [d for d in dates if d]
    span_s = (max(dated) - min(dated)).total_seconds() if len(dated) > 1 else 0.0
    pace = len(dated) / span_s if span_s > 0 else (per_day or 0.0) / DAY_S
    return max(1, math.ceil(pace * unseen_for.total_seconds()) - len(dates))
