"""Dates in news text: where they stand, and which day, week, month or year they mean.

`find_dates` gives the spans, `resolve_date` the meaning in ISO 8601 of reduced precision. Both are pure, run in time linear
in the text, and never raise on any text.
"""

from pipeline.text.dates.find import find_dates
from pipeline.text.dates.resolve import resolve_date

__all__ = ["find_dates", "resolve_date"]
