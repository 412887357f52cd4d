"""Claims: every number and every attribution in a report, with who says so, how surely and over which window."""
