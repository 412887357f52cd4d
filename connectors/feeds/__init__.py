"""The feeds that tocsin proposes to begin with: `default.opml`, whose folders and categories become tags.

No address in it has been tried from here: each was taken from a stored public document, which its `source` attribute names.
"""

from importlib import resources
from pathlib import Path

DEFAULT_LIST = "default.opml"


def find_default_list() -> Path:
    """The path of the OPML file, for a source's `opml` key."""
    return Path(str(resources.files("connectors.feeds") / DEFAULT_LIST))
