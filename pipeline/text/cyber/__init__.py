"""News of the cyber trade: what happened to whose computers, who did it or says so, and how much was taken.

One readable decoder over frames (a trigger, the side its victim stands on, the company it needs) and a grammar of names; it needs no
model. `read_cyber` is asked for articles of the trade only, and takes the place of what the rules of violence read in them.
"""

from pipeline.text.cyber.read import Reread, read_cyber
from pipeline.text.cyber.states import with_states

__all__ = ["Reread", "read_cyber", "with_states"]
