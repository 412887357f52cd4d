"""Other languages than English: one set of rules, and a folder of words for each language (docs/adding-a-language.md)."""

from pipeline.text.languages.lexicon import LANGUAGES
from pipeline.text.languages.read import Reported, read_language, reads

__all__ = ["LANGUAGES", "Reported", "read_language", "reads"]
