"""Text to TF-IDF rows with a bounded vocabulary of words and word pairs.

Needs numpy only, so that a published model can use it. Rows are sparse: (row starts, term indices, weights).
"""

import re
import unicodedata
from collections import Counter

import numpy as np

# Scripts without spaces between words (Chinese, Japanese, Korean, Thai): one character is one token.
TOKEN = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\\w+|[!?]+", re.UNICODE)
MAX_CHARACTERS = 20_000


def terms(text):
    """Lower-cased words and pairs of neighbouring words."""
    # A lone surrogate cannot be written to the JSON file that keeps the vocabulary.
    text = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    words = TOKEN.findall(unicodedata.normalize("NFKC", text).lower())
    words = [word[:64] for word in words]
    return words + [f"{first} {second}" for first, second in zip(words, words[1:])]


def fit_text(name, values, max_terms):
    """The most frequent terms that occur in more than one text; None when there are none."""
    found = Counter()
    for value in values:
        found.update(set(terms(value)))
    least = 2 if len(values) >= 20 else 1
    most = 0.98 * len(values) if len(values) >= 20 else len(values)
    kept = [(term, count) for term, count in found.items() if least <= count <= most]
    kept.sort(key=lambda item: (-item[1], item[0]))
    kept = kept[:max_terms]
    if not kept:
        return None
    idf = [float(np.log((1 + len(values)) / (1 + count)) + 1) for _, count in kept]
    return {"type": "text", "column": name, "vocabulary": [term for term, _ in kept], "idf": idf}


def encode_text(spec, values):
    """Unit-length TF-IDF rows with logarithmic counts."""
    index = {term: position for position, term in enumerate(spec["vocabulary"])}
    idf = np.asarray(spec["idf"], dtype=np.float64)
    starts, indices, weights = [0], [], []
    for value in values:
        counts = Counter(index[term] for term in terms(value) if term in index)
        positions = np.array(sorted(counts), dtype=np.int64)
        row = np.array([1 + np.log(counts[position]) for position in positions.tolist()])
        row = row * idf[positions] if len(positions) else row
        length = np.sqrt((row**2).sum()) or 1.0
        indices.append(positions)
        weights.append((row / length).astype(np.float32))
        starts.append(starts[-1] + len(positions))
    empty = np.array([], dtype=np.int64)
    joined = np.concatenate([empty, *indices]), np.concatenate([empty.astype(np.float32), *weights])
    return np.array(starts, dtype=np.int64), joined[0], joined[1]


def dense_rows(rows, width):
    starts, indices, weights = rows
    block = np.zeros((len(starts) - 1, width), dtype=np.float32)
    block[np.repeat(np.arange(len(starts) - 1), np.diff(starts)), indices] = weights
    return block
