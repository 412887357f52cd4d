"""Text analysis: from a text to what it says. Pure: no Beam, no Kafka, no database."""
