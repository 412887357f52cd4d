"""Secrets of a configuration masked, wherever it may be shown."""

import re
from typing import Any

MASK = "********"


SECRET_KEYS = ("password", "secret", "token", "api_key", "authorization", "hook_url", "routing_key")
"""Keys that end so are masked whole; of every other address, the user and password in it."""


_USER_INFO = re.compile(
    r"(?<=://)[^/\s]*:[^/\s]*(?=@)|(?i:(?<=password=)|(?<=passwd=)|(?<=token=)|(?<=api_key=)|(?<=secret=))[^&\s]+"
)
"""User and password in an address, and what its parameters, or a connection's `key=value`, keep secret."""


def masked(value: Any, key: str = "") -> Any:
    """The same value with secrets, and passwords inside addresses, replaced by asterisks."""
    if isinstance(value, dict):
        # A header of one's own is there to let us in, whatever it is called ("Cookie").
        return {k: MASK if key == "headers" and v else masked(v, k) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [masked(v, key) for v in value]
    if isinstance(value, str) and value:
        # Header names are written "Api-Key", several secrets stand under "secrets".
        if key.lower().replace("-", "_").removesuffix("s").endswith(SECRET_KEYS):
            return MASK
        return _USER_INFO.sub(MASK, value)
    return value
