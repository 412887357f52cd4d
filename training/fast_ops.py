"""numpy's matrix products while training, given to `spacy train` with `--code`; why: pipeline/text/model/products.py.

Sums may differ in the last bits from thinc's own, so weights repeat on one machine and numpy version, not across them.
"""

from pipeline.text.model.products import NumpyProducts
from thinc.api import NumpyOps

NumpyOps.gemm = NumpyProducts.gemm
