"""What the analysis knows of groups, actors, malware, tools and forces, and the names they go by.

Every record is a fact written by hand with a source; a name is an edge with confidence, dates and source. `Knowledge.find`
finds names in time linear in the text, however many there are.
"""

from pipeline.text.knowledge.base import Knowledge, default_knowledge
from pipeline.text.knowledge.load import load_subjects
from pipeline.text.knowledge.names import Match, Reading
from pipeline.text.knowledge.records import Alias, Subject, SubjectId

__all__ = ["Alias", "Knowledge", "Match", "Reading", "Subject", "SubjectId", "default_knowledge", "load_subjects"]
