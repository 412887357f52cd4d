"""The English model: the shipped spaCy pipeline `tocsin_en`, how it is loaded, and how text is made ready for it.

What it was trained on, its scores and its licence: docs/model.md. The recipe: `training/` at the root of the project.
"""

from pipeline.text.model.casing import Casing
from pipeline.text.model.load import SHIPPED, analyse, load_casing, load_model, memory_zone, parse, read
from pipeline.text.model.typography import normalise_typography

__all__ = [
    "SHIPPED",
    "Casing",
    "analyse",
    "load_casing",
    "load_model",
    "memory_zone",
    "normalise_typography",
    "parse",
    "read",
]
