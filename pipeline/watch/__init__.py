"""Watch rules: what an operator wants to hear of, matched against alerts, and how often a rule may ring.

    rules.py     the shape of a rule, read from TOML and checked
    compiled.py  names made ids, areas and folded words
    match.py     whether an alert matches, with the reasons
    rhythm.py    whether a rule rings more often than it is used to
    pace.py      now, later or not: cooldown, digest, cap
    backtest.py  what a rule would have rung for

All pure: no store, no broker, no clock of their own.
"""
