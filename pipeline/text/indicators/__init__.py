"""Cyber indicators: every one, exactly as written, and what it is doing there."""

from pipeline.text.indicators.attached import find_attached
from pipeline.text.indicators.find import find_indicators
from pipeline.text.indicators.joined import join_context

__all__ = ["find_attached", "find_indicators", "join_context"]
