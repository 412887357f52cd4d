"""Sinks: what takes alerts out."""
