"""The feature encoder: rows of a table (or of images) to a matrix of float32, with a state that is plain JSON.

It is fitted on training rows only. It is copied beside a published model, so it needs numpy, pandas and, for images,
Pillow. The target is never looked at.
"""

import json

import numpy as np

from feature_columns import (
    encode_category,
    encode_date,
    encode_number,
    fit_category,
    fit_date,
    fit_number,
    output_names,
    parse_numbers,
)
from text_features import dense_rows, encode_text, fit_text

MAX_TEXT_TERMS = 20_000
SIDE_TEXT_TERMS = 200
FITTERS = {"number": fit_number, "category": fit_category, "boolean": fit_category, "date": fit_date}
ENCODERS = {"number": encode_number, "category": encode_category, "date": encode_date}
LEAST_PIXELS = 49


class FeatureEncoder:
    """Fitted column specs in a fixed order; `encode` gives the same matrix for the same rows everywhere."""

    def __init__(self, specs):
        self.specs = specs

    @classmethod
    def fit(cls, frame, contract, folder):
        # A table of pixel columns is an image task too, but its rows are numbers.
        if contract["data"]["kind"] == "images":
            from image_features import fit_image

            return cls([fit_image("file", frame["file"].tolist(), folder)])
        specs = []
        for feature in contract["features"]:
            name, kind = feature["name"], feature["kind"]
            values = frame[name].to_numpy(dtype=object)
            if kind == "text" or name == contract.get("text_column"):
                main = name == contract.get("text_column")
                spec = fit_text(name, values, MAX_TEXT_TERMS if main else SIDE_TEXT_TERMS)
            else:
                spec = FITTERS.get(kind, fit_category)(name, values)
            if spec is not None:
                specs.append(spec)
        if not specs:
            raise ValueError("no feature column has more than one value, so there is nothing to learn from")
        share_pixel_scale(specs, frame)
        return cls(specs)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls(json.load(file)["columns"])

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"version": 1, "columns": self.specs}, file, ensure_ascii=True, allow_nan=False)

    def inputs(self):
        """The columns that the rows must have."""
        return [spec["column"] for spec in self.specs]

    def blocks(self, frame, folder):
        """Yields (spec, block): a dense matrix, or for text the sparse rows of `encode_text`."""
        for spec in self.specs:
            values = frame[spec["column"]].to_numpy(dtype=object)
            if spec["type"] == "image":
                from image_features import encode_images

                yield spec, encode_images(spec, values.tolist(), folder)
            elif spec["type"] == "text":
                yield spec, encode_text(spec, values)
            else:
                yield spec, ENCODERS[spec["type"]](spec, values)

    def encode(self, frame, folder):
        """A dense float32 matrix; call it on chunks of rows when there are many text terms."""
        dense = [
            dense_rows(block, len(spec["vocabulary"])) if spec["type"] == "text" else block.astype(np.float32)
            for spec, block in self.blocks(frame, folder)
        ]
        return np.ascontiguousarray(np.hstack(dense))

    def names(self):
        """One name for each matrix column of a table; None when text or images make that meaningless."""
        if any(spec["type"] in ("text", "image") for spec in self.specs):
            return None
        return [name for spec in self.specs for name in output_names(spec)]


def share_pixel_scale(specs, frame):
    """Gives columns that look like the pixels of one image a common scale: their contrast carries meaning."""
    if len(specs) < LEAST_PIXELS or any(spec["type"] != "number" or spec["missing"] for spec in specs):
        return
    columns = [parse_numbers(frame[spec["column"]].to_numpy(dtype=object)) for spec in specs]
    if any(values.min() < 0 or np.any(values != np.round(values)) for values in columns):
        return
    peaks = [float(values.max()) for values in columns]
    peak = max(peaks)
    if peak > 255 or np.median(peaks) < peak / 2:
        return
    for spec in specs:
        spec["part"].update({"log": False, "center": 0.0, "scale": peak, "low": 0.0, "high": peak})
