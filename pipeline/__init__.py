"""The Beam job and everything it knows: records, text analysis, store, flow."""

__version__ = "0.1.0"
