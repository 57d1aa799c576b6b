"""Prints the values that metrics.test.ts expects, from scikit-learn. Run with the base environment's interpreter."""

import json

import numpy as np
from sklearn import metrics


def integers(seed):
    """The same generator as seeded-random.ts (sfc32)."""
    mask = 0xFFFFFFFF
    state = [0x9E3779B9, 0x243F6A88, seed & mask, 1]

    def following():
        a, b, c, counter = state
        total = (a + b + counter) & mask
        state[3] = (counter + 1) & mask
        state[0] = b ^ (b >> 9)
        state[1] = (c + (c << 3)) & mask
        state[2] = ((((c << 21) | (c >> 11)) & mask) + total) & mask
        return total

    for _ in range(15):
        following()
    return lambda bound: int(following() / 4294967296 * bound)


def three():
    draw = integers(7)
    truth = [draw(3) for _ in range(200)]
    predicted = [label if draw(10) < 6 else draw(3) for label in truth]
    probabilities = np.array([1 + draw(8) for _ in range(600)], dtype=float).reshape(200, 3)
    return np.array(truth), np.array(predicted), probabilities / probabilities.sum(axis=1, keepdims=True)


def numbers():
    draw = integers(11)
    truth = np.array([draw(1000) / 10 for _ in range(150)])
    return truth, truth + np.array([(draw(200) - 100) / 10 for _ in range(150)])


def values(classes_weights, numbers_weights):
    truth, predicted, probabilities = three()
    w = {"sample_weight": classes_weights}
    yes, guessed = (truth == 0).astype(int), (predicted == 0).astype(int)
    real, near = numbers()
    n = {"sample_weight": numbers_weights}
    return {
        "accuracy": metrics.accuracy_score(truth, predicted, **w),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, predicted, **w),
        "macro_f1": metrics.f1_score(truth, predicted, average="macro", **w),
        "f1": metrics.f1_score(yes, guessed, **w),
        "f1_no": metrics.f1_score(yes, guessed, pos_label=0, **w),
        "roc_auc": metrics.roc_auc_score(yes, probabilities[:, 0], **w),
        "roc_auc_ovr": metrics.roc_auc_score(truth, probabilities, multi_class="ovr", **w),
        "log_loss": metrics.log_loss(truth, probabilities, **w),
        "rmse": metrics.root_mean_squared_error(real, near, **n),
        "mae": metrics.mean_absolute_error(real, near, **n),
        "r2": metrics.r2_score(real, near, **n),
    }


print(json.dumps({"plain": values(None, None), "weighted": values(np.arange(200) % 4, np.arange(150) % 4)}, indent=2))
