"""Conflict and cyber events: who did what to whom, where and when, and whether it happened."""

from pipeline.text.events.find import find_events_and_claims
from pipeline.text.events.tokens import Sentence, attach_syntax, sentences_of, split_sentences

__all__ = ["Sentence", "attach_syntax", "find_events_and_claims", "sentences_of", "split_sentences"]
