"""What any process needs: logs, metrics, probes, retries, lines of JSON, points at which tests end it."""
