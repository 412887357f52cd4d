"""Incidents in the sense of MUC-4: trained judges of what the rules of `events` propose."""

from pipeline.text.events.muc4.reader import Filler, Incidents, read_incidents

__all__ = ["Filler", "Incidents", "read_incidents"]
