"""Entities: people, organisations, groups, places, malware, weapons and dates of one article, each under one id.

`find_entities` does it all; `find_layout` tells by-lines, datelines and boilerplate from the story.
"""

from pipeline.text.entities.find import find_entities, without_byline
from pipeline.text.entities.layout import Layout, find_layout

__all__ = ["Layout", "find_entities", "find_layout", "without_byline"]
