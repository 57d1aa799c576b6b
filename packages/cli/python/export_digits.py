"""Writes the handwritten digits that scikit-learn ships (1,797 images of 8 x 8 pixels, values 0 to 16) as a CSV."""

import sys

from sklearn.datasets import load_digits

digits = load_digits(as_frame=True)
table = digits.data.astype(int)
table["digit"] = digits.target
table.to_csv(sys.argv[1], index=False)
