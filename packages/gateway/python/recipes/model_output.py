"""What a fitted scikit-learn estimator says, in the one form that the rest of the recipe uses.

A classifier gives raw scores whose softmax, after a fitted scale, is its probability; a regressor gives values in
the target's unit. Needs numpy only: it is copied beside a model that had to be published as skops.
"""

import numpy as np

LEAST_PROBABILITY = 1e-6


def raw_scores(estimator, matrix, class_count):
    """One row of log-probabilities or margins for each input row, one column for each class."""
    if hasattr(estimator, "predict_proba"):
        scores = np.log(np.maximum(estimator.predict_proba(matrix), LEAST_PROBABILITY))
    else:
        scores = np.asarray(estimator.decision_function(matrix), dtype=np.float64)
        if scores.ndim == 1:
            scores = np.column_stack([np.zeros(len(scores)), scores])
    if scores.shape[1] == class_count:
        return scores
    # A fold can lack a rare class; its score is then the lowest that any class has.
    full = np.full((len(scores), class_count), min(scores.min(), np.log(LEAST_PROBABILITY)))
    full[:, np.asarray(estimator.classes_, dtype=int)] = scores
    return full


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def to_target(values, unit):
    """Undoes the scaling of a regression target, and keeps to a plausible range."""
    values = values * unit["scale"] + unit["center"]
    if unit["log"]:
        values = np.expm1(np.minimum(values, 80.0))
    return np.clip(values, unit["low"], unit["high"])


def model_output(estimator, matrix, settings):
    if settings["task_type"] == "regression":
        return to_target(np.asarray(estimator.predict(matrix), dtype=np.float64), settings["target_unit"])
    scores = raw_scores(estimator, matrix, len(settings["classes"]))
    return softmax(scores * settings["score_scale"])
