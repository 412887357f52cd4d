"""Linking reprints to stories: pure functions from texts to verdicts, and the order in which they are asked.

    words -> sketch, identifiers, titles -> fingerprint -> judge <- index

`words` normalises, `sketch` samples word pairs, `identifiers` and `titles` know what makes two alike-looking reports
distinct, `fingerprint` is what is kept of an article, `index` finds candidates, `judge` compares two, `link` gives the
verdict. `agency` tells whose text it is, `changes` what a revision changed.

Guarantees: nothing is ever dropped (the only outcomes are links); the same articles in the same order get the same
verdicts whichever index is used; the work for one article is bounded whatever the index holds. Imports no database.
"""
