"""The learned reader: which event an article is about, whose numbers they are, who did it, to whom, where.

    report (what there is to decide about) -> looks (what is looked at) -> models (what is learned) -> decide (all together)

Text analysis finds triggers, phrases and counts; here it is decided, over the whole article, which of them belong to the event that the
article is about. Every decision has a probability, learned from annotated reports (docs/annotation.md).
"""
