"""The recipe of what tells incidents apart: words that mean alike, and the weights of agreement and contradiction."""
