"""The training-side view of the encoder's output: dense, or sparse when a large vocabulary is part of it."""

import numpy as np
from scipy import sparse

SPARSE_FROM_TERMS = 1000


def build_matrix(encoder, frame, folder):
    parts, terms = [], 0
    for spec, block in encoder.blocks(frame, folder):
        if spec["type"] == "text":
            starts, indices, weights = block
            width = len(spec["vocabulary"])
            terms += width
            parts.append(sparse.csr_matrix((weights, indices, starts), shape=(len(starts) - 1, width)))
        else:
            parts.append(block.astype(np.float32))
    if terms > SPARSE_FROM_TERMS:
        return sparse.hstack([sparse.csr_matrix(part) for part in parts], format="csr")
    return np.ascontiguousarray(np.hstack([part.toarray() if sparse.issparse(part) else part for part in parts]))


def dense(rows):
    return np.ascontiguousarray(rows.toarray() if sparse.issparse(rows) else rows, dtype=np.float32)
