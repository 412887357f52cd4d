"""How the learned reader is made: annotated reports to labels, labels to models, models to one file of weights.

make reader DATA=…      all of it: figures by folds, then the weights (needs the briefs that the annotations point into)
"""
