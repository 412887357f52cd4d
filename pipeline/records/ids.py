"""Ids: what kind each is, and of what it is made (`identity` computes them)."""

from typing import NewType

ArticleId = NewType("ArticleId", str)
"""`art:` + 32 hexadecimal digits: SHA-256 (first 128 bits) of the canonical link, or else of feed and guid."""
VersionId = NewType("VersionId", str)
"""`ver:` + 32 hexadecimal digits: SHA-256 (first 128 bits) of article id, title and normalised text."""
StoryId = NewType("StoryId", str)
"""`story:` + the hexadecimal digits of the version that began the story."""
IncidentId = NewType("IncidentId", str)
"""`inc:` + the hexadecimal digits of the story that began the incident."""
AlertId = NewType("AlertId", str)
"""`alert:` + the hexadecimal digits of the incident; the message key on the alert topics."""
