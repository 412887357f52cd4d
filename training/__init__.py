"""The recipe of the shipped English model: data preparation, training, assembly, scores.

Not part of the wheel. `make model DATA=…` runs it; `training/README.md` says where the data come from and under which
licences. Seeds are fixed; two runs on one machine give the same weights.
"""
