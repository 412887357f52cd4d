"""Places: which words in a text name one, and which place of that name is meant.

`find_toponyms` gives the mentions, `resolve_places` their GeoNames ids by context, `place_of` the coordinates and country of
an entity. A name that only a person or an organisation bears is no place.
"""

from pipeline.text.places.find import find_peoples, find_toponyms
from pipeline.text.places.gazetteer import Gazetteer, Toponym, default_gazetteer
from pipeline.text.places.resolve import countries_named, place_of, resolve_places

__all__ = [
    "Gazetteer",
    "Toponym",
    "countries_named",
    "default_gazetteer",
    "find_peoples",
    "find_toponyms",
    "place_of",
    "resolve_places",
]
