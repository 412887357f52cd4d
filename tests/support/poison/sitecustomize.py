"""Loaded by every Python that starts with this folder on PYTHONPATH: gives a worker the component that misbehaves."""

import sys

if "pipeline" in sys.orig_argv:  # `tocsin pipeline run`; the relay has nothing to fear
    import misbehaviour

    import pipeline.flow.extract

    pipeline.flow.extract.ARTICLE_S_MAX = misbehaviour.ARTICLE_S_MAX
    pipeline.flow.extract.BATCH_S_PER_ARTICLE_MAX = misbehaviour.BATCH_S_PER_ARTICLE_MAX
