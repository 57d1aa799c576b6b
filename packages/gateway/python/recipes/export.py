"""Writes the model folder: weights in a safe format, the encoder's state, and the code that predicts with them."""

import json
import shutil
from pathlib import Path

import numpy as np

from matrix import dense
from model_output import model_output

HERE = Path(__file__).resolve().parent
PREDICTION_CODE = ("predict.py", "features.py", "feature_columns.py", "text_features.py")
CHECK_ROWS = 512
CHECK_CELLS = 4_000_000


def export_model(folder, estimator, encoder, matrix, settings):
    """Writes ONNX when its predictions agree with scikit-learn's on a sample, skops otherwise; returns the agreement."""
    folder.mkdir(parents=True, exist_ok=True)
    images = ("image_features.py",) if any(spec["type"] == "image" for spec in encoder.specs) else ()
    for name in (*PREDICTION_CODE, *images):
        shutil.copyfile(HERE / name, folder / name)
    encoder.save(folder / "encoder.json")
    step = max(1, matrix.shape[0] // max(1, min(CHECK_ROWS, CHECK_CELLS // matrix.shape[1])))
    sample = dense(matrix[::step])
    try:
        agreement = write_onnx(folder / "model.onnx", estimator, sample, settings)
        settings = {**settings, "format": "onnx"}
    except Exception as error:  # whatever a converter or runtime of another version raises, skops still works
        print(f"ONNX export refused ({error}); the model is written as skops instead", flush=True)
        (folder / "model.onnx").unlink(missing_ok=True)
        write_skops(folder, estimator)
        settings, agreement = {**settings, "format": "skops"}, 1.0
    (folder / "model.json").write_text(json.dumps(settings, indent=2), encoding="utf-8")
    return settings["format"], agreement


def write_onnx(path, estimator, sample, settings):
    import onnxruntime

    from onnx_graphs import to_onnx

    data = to_onnx(estimator, settings).SerializeToString()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    actual = session.run(["output"], {"input": sample})[0]
    agreement = compare(model_output(estimator, sample, settings), actual, settings)
    if agreement < 0.995:
        raise ValueError(f"only {agreement:.1%} of a sample's predictions agree with scikit-learn's")
    path.write_bytes(data)
    return agreement


def compare(expected, actual, settings):
    """The share of rows on which both say the same."""
    if settings["task_type"] == "regression":
        size = np.abs(expected).max() + np.ptp(expected) + 1e-12
        return float((np.abs(actual.ravel() - expected) <= 1e-3 * size).mean())
    close = np.abs(actual - expected).max(axis=1) <= 5e-3
    weights = np.asarray(settings["decision_weights"])
    same = (actual * weights).argmax(axis=1) == (expected * weights).argmax(axis=1)
    return float((close & same).mean())


def write_skops(folder, estimator):
    import skops.io

    skops.io.dump(estimator, folder / "model.skops")
    shutil.copyfile(HERE / "model_output.py", folder / "model_output.py")
