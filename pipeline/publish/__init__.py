"""From the outbox to whoever listens: the relay, topics read back, dead letters, lag."""
