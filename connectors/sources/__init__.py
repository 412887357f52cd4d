"""Sources: what brings articles in."""
