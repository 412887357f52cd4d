"""Matrix products by numpy: the network of the pipeline runs about twice as fast as with spaCy's own.

thinc multiplies with BLIS, which on many x86 machines (virtual ones above all) reaches a third of the speed of the
OpenBLAS inside numpy; measured here 26 against 84 GFLOPS, and 19,700 against 45,400 words a second through one tok2vec.
Results differ in the last bits only.

numpy's products may use several threads, which wins nothing on matrices as small as these: set OPENBLAS_NUM_THREADS=1, as the command line does.
"""

from typing import Any

import numpy as np
from spacy.language import Language
from thinc.api import NumpyOps


class NumpyProducts(NumpyOps):  # type: ignore[misc]  # thinc gives it no type
    """thinc's operations on the processor, with numpy's matrix product."""

    def gemm(self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False) -> Any:
        """x @ y, either transposed first, into `out` if given; the arrays are thinc's 2-d floats."""
        return np.matmul(x.T if trans1 else x, y.T if trans2 else y, out=out)


_OPS = NumpyProducts()


def use_numpy_products(nlp: Language) -> None:
    """Let every network of `nlp` that runs on the processor multiply with numpy; those on other devices are left alone."""
    for _, component in nlp.pipeline:
        model = getattr(component, "model", None)
        if model is None:
            continue
        for node in model.walk():
            if type(node.ops) is NumpyOps:
                node.ops = _OPS
