"""Text analysis: pure functions over text. Nothing in here imports Beam, Kafka or a database."""
