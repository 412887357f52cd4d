"""Conflict and cyber events: who did what to whom, where and when, and whether it happened.

Enter by `pipeline.text.events.find`. Nothing is imported here, because the claims read the events' sentences and the events
read the claims' numbers.
"""
