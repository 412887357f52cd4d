"""Cyber indicators: every one, exactly as written, and what it is doing there."""

from pipeline.text.indicators.find import find_indicators

__all__ = ["find_indicators"]
