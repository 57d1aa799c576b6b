"""Scores of cross-validated predictions. They are claims: only the evaluator outside the sandbox verifies."""

import numpy as np
from sklearn import metrics

from model_output import softmax

LEAST_MEMBERS = 5
MINIMIZED = ("log_loss", "rmse", "mae")


def sign_of(metric):
    return -1.0 if metric in MINIMIZED else 1.0


def fit_score_scale(scores, target):
    """The factor on raw scores that makes their softmax the likeliest probabilities.

    Rows of the rarest classes are left out: folds that never saw such a class would ask for no confidence at all.
    """
    common = np.bincount(target)[target] >= LEAST_MEMBERS
    if common.any():
        scores, target = scores[common], target[common]
    rows = np.arange(len(target))
    candidates = np.exp(np.linspace(-3.5, 3.5, 57))
    losses = [-np.log(np.maximum(softmax(scores * s)[rows, target], 1e-9)).mean() for s in candidates]
    return float(candidates[int(np.argmin(losses))])


def fit_decision_weights(metric, probabilities, target, class_count, positive):
    """Weights on the probabilities before the largest wins, for metrics where the likeliest class is not the best."""
    even = np.ones(class_count)
    if metric in ("balanced_accuracy", "macro_f1"):
        prior = np.maximum(np.bincount(target, minlength=class_count), LEAST_MEMBERS) / len(target)
        options = [prior**-power for power in (0.0, 0.25, 0.5, 0.75, 1.0)]
    elif metric == "f1" and class_count == 2 and positive is not None:
        odds = [(1 - t) / t for t in np.linspace(0.1, 0.9, 33)]
        options = [even] + [np.where(np.arange(2) == positive, factor, 1.0) for factor in odds]
    else:
        return even
    values = [label_score(metric, target, (probabilities * option).argmax(axis=1), positive) for option in options]
    # On few rows a small gain is luck.
    best = int(np.argmax(values))
    return options[best] if values[best] > values[0] + 1.0 / np.sqrt(len(target)) / 4 else options[0]


def label_score(metric, target, predicted, positive):
    if metric == "balanced_accuracy":
        known = np.unique(target)
        return float(np.mean([(predicted[target == label] == label).mean() for label in known]))
    if metric == "macro_f1":
        return metrics.f1_score(target, predicted, average="macro", zero_division=0)
    if metric == "f1":
        return metrics.f1_score(target == positive, predicted == positive, zero_division=0)
    return float((target == predicted).mean())


def class_score(metric, target, probabilities, weights, positive):
    """The contract's metric for class predictions; NaN where the rows at hand cannot say (one class only)."""
    if metric == "log_loss":
        rows = np.arange(len(target))
        return float(-np.log(np.maximum(probabilities[rows, target], 1e-9)).mean())
    if metric == "roc_auc":
        return area_under_curve(target, probabilities, positive)
    return label_score(metric, target, (probabilities * weights).argmax(axis=1), positive)


def area_under_curve(target, probabilities, positive):
    if len(np.unique(target)) < 2:
        return float("nan")
    if probabilities.shape[1] == 2:
        label = 1 if positive is None else positive
        return float(metrics.roc_auc_score(target == label, probabilities[:, label]))
    known = [label for label in np.unique(target) if (target == label).any()]
    return float(np.mean([metrics.roc_auc_score(target == label, probabilities[:, label]) for label in known]))


def value_score(metric, target, predicted):
    if metric == "mae":
        return float(np.abs(target - predicted).mean())
    if metric == "r2":
        return float(metrics.r2_score(target, predicted)) if len(target) > 1 else float("nan")
    return float(np.sqrt(((target - predicted) ** 2).mean()))
