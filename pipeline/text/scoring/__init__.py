"""What an article is worth, how far it can be believed, and what it says in one sentence."""

from pipeline.text.scoring.assess import assess, severity_of
from pipeline.text.scoring.credibility import weigh_credibility
from pipeline.text.scoring.describe import describe, headline_of
from pipeline.text.scoring.weights import DEFAULT, Weights, load_weights

__all__ = [
    "DEFAULT",
    "Weights",
    "assess",
    "describe",
    "headline_of",
    "load_weights",
    "severity_of",
    "weigh_credibility",
]
