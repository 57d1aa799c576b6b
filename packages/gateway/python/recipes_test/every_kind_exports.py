"""Fits every kind of estimator on generated rows and prints, as JSON, how well its exports agree with scikit-learn."""

import json
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "recipes"))
warnings.simplefilter("ignore")

import skops.io  # noqa: E402
from export import compare, write_onnx, write_skops  # noqa: E402
from families import FAMILIES, Shape, make_estimator  # noqa: E402
from model_output import model_output  # noqa: E402
from predict import SKOPS_TYPES  # noqa: E402

ROWS, FEATURES = 240, 12


def main():
    random = np.random.default_rng(0)
    matrix = random.normal(size=(ROWS, FEATURES)).astype(np.float32)
    # Whole numbers and 0/1 columns make ties at thresholds, where rounding would show.
    matrix[:, :4] = np.round(matrix[:, :4])
    matrix[:, 4:6] = matrix[:, 4:6] > 0
    value = matrix[:, 0] * 2 + matrix[:, 6] * matrix[:, 7] + random.normal(size=ROWS) * 0.3
    report = {}
    for classes in (0, 2, 4):
        edges = np.quantile(value, np.linspace(0, 1, classes + 1)[1:-1]) if classes else None
        target = np.digitize(value, edges) if classes else value
        for name, family in FAMILIES.items():
            shape = Shape(ROWS, FEATURES, float(matrix.var()), classes, ROWS // max(classes, 1), "accuracy", False)
            if not classes and name in ("knn", "naive_bayes", "linear_svm"):
                continue
            report[f"{name} {classes}"] = agreements(family, shape, np.abs(matrix), target)
    print(json.dumps(report))


def agreements(family, shape, matrix, target):
    configuration = family.space(shape)[-1]
    estimator = make_estimator(configuration, 0).fit(matrix, target)
    settings = {"task_type": "classification", "classes": ["a", "b", "c", "d"][: shape.classes], "score_scale": 1.3}
    settings |= {"features": FEATURES, "decision_weights": [1.0] * shape.classes}
    if not shape.classes:
        unit = {"log": False, "center": 1.0, "scale": 2.0, "low": -30.0, "high": 30.0}
        settings |= {"task_type": "regression", "target_unit": unit}
    with tempfile.TemporaryDirectory() as folder:
        onnx = write_onnx(Path(folder) / "model.onnx", estimator, matrix, settings)
        write_skops(Path(folder), estimator)
        loaded = skops.io.load(Path(folder) / "model.skops", trusted=list(SKOPS_TYPES))
    skops_agreement = compare(
        model_output(estimator, matrix, settings), model_output(loaded, matrix, settings), settings
    )
    return {"onnx": onnx, "skops": skops_agreement}


if __name__ == "__main__":
    main()
