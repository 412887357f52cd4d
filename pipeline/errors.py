"""The errors that tocsin raises on purpose.

Two kinds meet in the stream: `RetryableError` (the world failed: try again) and `RejectedError` (the data is bad: make a
reject). `ConfigError` and `UsageError` end a command with a message for the person who typed it.
"""


class TocsinError(Exception):
    """Root of every error raised on purpose; the message is written for the reader of a log or a terminal."""


class RetryableError(TocsinError):
    """Something outside failed (broker, database, network) and may work again later."""


class RejectedError(TocsinError):
    """The data itself is bad, and trying again will not help: it becomes a reject."""

    def __init__(self, step: str, message: str) -> None:
        super().__init__(message)
        self.step = step


class ConfigError(TocsinError):
    """The configuration is wrong; the message names file, line and key, and the nearest valid key."""


class UsageError(TocsinError):
    """A command can't do what was asked; the message says why and what to do next. Ends with exit code 2."""
