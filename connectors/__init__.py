"""What touches the outside world: sources (feeds in) and sinks (alerts out)."""
