"""Predicts with a model that ml-intern published: `python predict.py --input rows.csv --output predictions.csv`.

The input has a header, a `row_id` column and the feature columns (for images: `row_id,file`, with `file` relative to
the input's folder). The output is `row_id,prediction` and, for a classifier, one `p_<class>` column for each class.
Needs numpy, pandas and onnxruntime (Pillow for images; skops only if the folder holds `model.skops`). Rows are
read in chunks, so memory stays small. No pickle is ever loaded.
"""

import argparse
import csv
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import numpy as np
import pandas as pd

# Not resolved: in a hub's cache every file is a link, and only the links lie together under their names.
MODEL = Path(__file__).absolute().parent
sys.path.insert(0, str(MODEL))

from features import FeatureEncoder

CELLS_PER_CHUNK = 8_000_000

# Besides scikit-learn's estimators, which skops trusts by itself, the only types that a skops file may hold.
SKOPS_TYPES = (
    "_loss.CyHalfMultinomialLoss",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.AbsoluteError",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
)


def load_model(settings):
    """A function from a float32 matrix to probabilities (classes in order) or predicted values."""
    if settings["format"] == "onnx":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(
            str(MODEL / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        return lambda matrix: session.run(["output"], {"input": matrix})[0]
    import skops.io

    from model_output import model_output

    estimator = skops.io.load(MODEL / "model.skops", trusted=list(SKOPS_TYPES))
    return lambda matrix: model_output(estimator, matrix, settings)


def predict_chunk(frame, folder, encoder, model, settings):
    output = model(encoder.encode(frame, folder))
    if settings["task_type"] == "regression":
        return [repr(float(value)) for value in output.reshape(len(frame))], None
    weights = np.asarray(settings["decision_weights"])
    best = np.argmax(output * weights, axis=1)
    absent = np.zeros((len(frame), len(settings["absent_classes"])))
    return [settings["classes"][index] for index in best], np.hstack([output, absent])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", required=True)
    parser.add_argument("--output", required=True)
    arguments = parser.parse_args()

    settings = json.loads((MODEL / "model.json").read_text(encoding="utf-8"))
    encoder = FeatureEncoder.load(MODEL / "encoder.json")
    model = load_model(settings)
    chunk_rows = int(max(32, min(8192, CELLS_PER_CHUNK // settings["cells_per_row"])))
    folder = Path(arguments.input).resolve().parent
    classes = [*settings["classes"], *settings["absent_classes"]]
    rows = pd.read_csv(
        arguments.input, dtype=str, keep_default_na=False, encoding="utf-8", chunksize=chunk_rows
    )
    with open(arguments.output, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["row_id", "prediction", *[f"p_{name}" for name in classes]])
        for frame in rows:
            lacking = [name for name in ["row_id", *encoder.inputs()] if name not in frame.columns]
            if lacking:
                sys.exit(f"{Path(arguments.input).name} has no column {', '.join(lacking)}")
            if len(frame) == 0:
                continue
            predictions, probabilities = predict_chunk(frame, folder, encoder, model, settings)
            for index, row_id in enumerate(frame["row_id"]):
                numbers = [] if probabilities is None else [f"{p:.7g}" for p in probabilities[index]]
                writer.writerow([row_id, predictions[index], *numbers])


if __name__ == "__main__":
    main()
