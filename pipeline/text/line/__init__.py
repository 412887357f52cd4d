"""The line: what an alert states of an article, and nothing that is not sure enough.

`stated` takes what is sure enough out of the reader's line; `tell` makes a sentence of it; `left_out` says of the rest why not.
"""

from pipeline.text.line.plain import evidence_of, plain_line
from pipeline.text.line.stated import LEVELS, Level, left_out, stated, sure_places
from pipeline.text.line.tell import tell

__all__ = ["LEVELS", "Level", "evidence_of", "left_out", "plain_line", "stated", "sure_places", "tell"]
