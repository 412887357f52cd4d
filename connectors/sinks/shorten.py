"""An alert made to fit: long lists are cut from their ends until its form has at most so many bytes, and the cuts are told."""

from collections.abc import Callable

from msgspec.structs import replace

from pipeline.records import Alert

LISTS = ("evidence", "reasons", "indicators", "sources", "claims", "targets", "weapons", "actors", "changes")
"""In the order in which they are given up: what a reader can do without comes first."""
TEXT_CHARS_MIN = 300
"""The sentence itself is cut at the very last, to so many characters."""

Cuts = dict[str, str]
"""List by name: how many of how many are left ("5 of 200")."""


def shorten(alert: Alert, form: Callable[[Alert, Cuts], bytes], bytes_max: int) -> bytes:
    """`form` of the alert with as much of its lists as fits; where even nothing fits, the form without any."""
    cuts: Cuts = {}
    made = form(alert, cuts)
    whole = alert
    for name in LISTS:
        while len(made) > bytes_max and (items := getattr(alert, name)):
            kept = items[: len(items) // 2]
            alert = replace(alert, **{name: kept})
            cuts[name] = f"{len(kept)} of {len(getattr(whole, name))}"
            made = form(alert, cuts)
    if len(made) > bytes_max and len(alert.what) > TEXT_CHARS_MIN:
        cuts["what"] = f"{TEXT_CHARS_MIN} of {len(alert.what)} characters"
        made = form(replace(alert, what=alert.what[:TEXT_CHARS_MIN]), cuts)
    return made
