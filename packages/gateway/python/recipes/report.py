"""Draws the plots of one run, each bounded in time; a plot that fails is left out and said so."""

import numpy as np

from feature_columns import output_names
from model_output import raw_scores, softmax, to_target
from plots import plot_confusion, plot_curve, plot_importance, plot_residuals, plot_search
from scoring import class_score, sign_of, value_score
from search import score_trial

MOST_COLUMNS = 60
IMPORTANCE_ROWS = 600
SHOWN = 12


def draw_plots(output, found, data, encoder, title, seed):
    trials, problem, result = found["trials"], found["problem"], found["result"]
    best = trials[0]
    drawings = [
        lambda: plot_search(output / "search.png", search_rows(trials, problem), problem.metric, title),
        lambda: draw_fit(output, result, data, title),
        lambda: draw_curve(output, best, title),
        lambda: draw_importance(output, best, problem, result, encoder, title, seed),
    ]
    for draw in drawings:
        try:
            draw()
        except Exception as error:  # a plot is never worth a trained model
            print(f"a plot was left out: {error}", flush=True)


def search_rows(trials, problem):
    rows = []
    for trial in trials[:SHOWN]:
        folds = [score_trial(trial, problem, [fold])["score"] for fold in sorted(trial.output)]
        rows.append((trial.configuration["label"], score_trial(trial, problem)["score"], folds))
    return rows


def draw_fit(output, result, data, title):
    if data.classification:
        predicted = (result["output"] * result["weights"]).argmax(axis=1)
        plot_confusion(output / "confusion.png", result["target"], predicted, data.classes, title)
    else:
        name = data.contract["target"]
        plot_residuals(output / "residuals.png", result["target"], result["output"], name, title)


def draw_curve(output, best, title):
    estimator = best.fitted[0]
    curve = getattr(estimator, "validation_scores_", getattr(estimator, "validation_score_", None))
    if curve is not None and len(curve) > 1:
        plot_curve(output / "curve.png", np.asarray(curve), title)


def draw_importance(output, best, problem, result, encoder, title, seed):
    """How much the first fold's model loses when one column's values are shuffled."""
    names = encoder.names()
    if names is None or len(names) > MOST_COLUMNS or best.seconds / len(best.fitted) > 5:
        return
    fold = next(iter(best.output))
    rows = problem.folds[fold][1][:IMPORTANCE_ROWS]
    matrix, target = problem.matrix[rows], problem.target[rows]

    def score(values):
        if problem.classes:
            scores = raw_scores(best.fitted[0], values, problem.classes)
            probabilities = softmax(scores * result["scale"])
            return class_score(problem.metric, target, probabilities, result["weights"], problem.positive)
        unit = problem.units[best.configuration["log_target"]]
        return value_score(problem.metric, target, to_target(best.fitted[0].predict(values), unit))

    full, sign = score(matrix), sign_of(problem.metric)
    shuffle = np.random.default_rng(seed).permutation(len(rows))
    drops, start = [], 0
    for spec in encoder.specs:
        end = start + len(output_names(spec))
        changed = matrix.copy()
        changed[:, start:end] = changed[shuffle, start:end]
        drops.append((spec["column"], sign * (full - score(changed))))
        start = end
    drops.sort(key=lambda entry: -entry[1])
    plot_importance(output / "importance.png", drops[:SHOWN], problem.metric, title)

