"""The line: what an alert states of an article, and nothing that is not sure enough.

`stated` takes what is sure enough out of the reader's line; `tell` makes a sentence of it; `account` says of every element why it is stated or not.
"""

from pipeline.text.line.account import account, left_out
from pipeline.text.line.plain import evidence_of, plain_line
from pipeline.text.line.stated import LEVELS, Level, stated, sure_places
from pipeline.text.line.tell import tell

__all__ = ["LEVELS", "Level", "account", "evidence_of", "left_out", "plain_line", "stated", "sure_places", "tell"]
