"""Typography made plain, one character for one character.

Every span that the analysis reports points into the article's text as it came. So what the model reads may differ from
that text in characters, never in length: each function here returns a string of exactly the length it was given.
The model is trained on text that went through the same function.
"""

_PLAIN = {
    "'": "\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9\u00b4\uff07",  # single quotes, prime, modifier apostrophes, acute used as one
    '"': "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02",  # double quotes, guillemets
    "-": "\u2010\u2011\u2012\u2212\ufe63\uff0d",  # hyphens, figure dash, minus
    "\u2013": "\u2015",  # en dash stands for the horizontal bar; en and em dashes themselves are kept: they part clauses
    " ": "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
}
_TABLE = str.maketrans({ord(odd): plain for plain, odds in _PLAIN.items() for odd in odds})


def normalise_typography(text: str) -> str:
    """`text` with curly quotes, odd hyphens and odd spaces replaced by plain ones; same length, so offsets hold.

    Line breaks, tabs and dashes between clauses stay. Idempotent.
    """
    return text.translate(_TABLE)
