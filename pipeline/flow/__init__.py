"""An article's way from the topic to the outbox: read, dedupe, extract, score, write, as one Beam graph; and what runs it."""
