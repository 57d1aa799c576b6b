"""Trains one model family on the lab's rows: `python recipes/train.py --family boosting`.

Searches a few configurations by cross-validation inside train, fits the best on all rows and writes OUTPUT_DIR/model
(safe weights plus the code that predicts), metrics.json, params.json and plots. All numbers here are claims. With
`--refit` the opened validation rows are added; with `--params` the search is left out and the given result repeated.
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from export import export_model
from families import FAMILIES, SEARCH_TREES, TREES, Shape, settle
from features import FeatureEncoder
from progress import Clock
from search import Problem, fit, make_folds, score_trial, search
from task_data import load_task

SEARCH_CELLS = 15_000_000
# Below this, threads wait for each other longer than they work, above all on a busy machine.
CELLS_WORTH_THREADS = 2_000_000
MOST_FINAL_FIT_S = 25.0


def main():
    arguments = parse_arguments()
    clock = Clock(arguments.budget_s)
    seed = int(os.environ.get("SEED", "0"))
    output = Path(os.environ.get("OUTPUT_DIR", "output"))
    output.mkdir(parents=True, exist_ok=True)
    family = FAMILIES[arguments.family]

    data = load_task(arguments.refit)
    encoder = FeatureEncoder.fit(data.frame, data.contract, data.folder)
    matrix = data.matrix(encoder)
    if matrix.shape[0] * matrix.shape[1] < CELLS_WORTH_THREADS:
        threadpool_limits(1)
    clock.line(f"{family.title}: {matrix.shape[0]} rows, {matrix.shape[1]} features, seed {seed}")

    if arguments.params:
        chosen = json.loads(Path(arguments.params).read_text(encoding="utf-8"))
        print(f"repeats {chosen['configuration']['label']} without a new search", flush=True)
        found = None
    else:
        chosen, found = choose(family, data, matrix, clock, seed, arguments.max_rows)

    estimator, rows, seconds = final_fit(chosen, family, data, matrix, seed, arguments.max_rows)
    settings = model_settings(chosen, data, matrix, estimator)
    weights, agreement = export_model(output / "model", estimator, encoder, matrix, settings)
    clock.line(f"fitted on {rows} rows, written as {weights}; {agreement:.1%} of a sample agree with scikit-learn")

    write_json(output / "params.json", chosen)
    numbers = {"train_rows": rows, "features": matrix.shape[1], "fit_seconds": round(seconds, 3)}
    numbers |= {"onnx_agreement": agreement if weights == "onnx" else 0.0, **chosen["claimed"]}
    write_json(output / "metrics.json", {name: float(value) for name, value in numbers.items()})
    if found is not None:
        from report import draw_plots  # matplotlib takes most of a second, and a refit draws nothing

        draw_plots(output, found, data, encoder, family.title, seed)
    clock.line("done")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", required=True, choices=sorted(FAMILIES))
    parser.add_argument("--budget-s", type=float, default=15.0, help="seconds after which no new fit starts")
    parser.add_argument("--max-rows", type=int, default=None, help="use at most so many rows, to save memory")
    parser.add_argument("--refit", action="store_true", help="add the opened validation rows")
    parser.add_argument("--params", help="params.json of an earlier run, repeated without a search")
    return parser.parse_args()


def choose(family, data, matrix, clock, seed, max_rows):
    """The best configuration by cross-validation, with what it needs to predict and what it claims."""
    limit = min(family.search_rows, max(200, SEARCH_CELLS // matrix.shape[1]), max_rows or len(data.target))
    if len(data.target) > limit:
        rows = sample_rows(data, limit, seed)
        print(f"searches on a sample of {limit} of {len(data.target)} rows", flush=True)
        data, matrix = data.take(rows), matrix[rows]
    problem = make_problem(data, matrix, seed)
    configurations = family.space(shape_of(data, matrix))
    trials = search(configurations, problem, clock, family.title)
    best = trials[0]
    result = score_trial(best, problem)
    configuration = settle(best.configuration, best.fitted)
    claimed = {
        f"cv_{data.metric}": result["score"],
        "cv_standard_error": standard_error(best, problem),
        "cv_folds": len(best.output),
        "cv_rows": len(data.target),
        "configurations": len(trials),
        "search_seconds": round(clock.elapsed(), 3),
    }
    chosen = {"configuration": configuration, "fold_fit_seconds": best.seconds / len(best.output), "claimed": claimed}
    chosen["fold_rows"] = len(problem.folds[0][0])
    if data.classification:
        chosen |= {"score_scale": result["scale"], "decision_weights": result["weights"].tolist()}
    print(f"best: {configuration['label']}, cv {data.metric} {result['score']:.4f} (claimed)", flush=True)
    return chosen, {"trials": trials, "problem": problem, "result": result}


def standard_error(trial, problem):
    """Of the mean over folds; 0 where there are too few of them to tell."""
    values = [score_trial(trial, problem, [fold])["score"] for fold in trial.output]
    if len(values) < 3 or not np.all(np.isfinite(values)):
        return 0.0
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


def make_problem(data, matrix, seed):
    count = 5 if len(data.target) <= 5000 else 3
    if data.classification:
        count = min(count, max(2, int(np.bincount(data.target).max())))
    count = max(2, min(count, len(data.target) // 2))
    folds = make_folds(data.target, len(data.classes), data.order, data.groups, seed, count)
    units = {} if data.classification else {log: target_unit(data.target, log) for log in (False, True)}
    positive = positive_class(data)
    return Problem(matrix, data.target, len(data.classes), data.metric, positive, folds, units, seed)


def shape_of(data, matrix):
    variance = matrix.multiply(matrix).mean() - matrix.mean() ** 2 if hasattr(matrix, "multiply") else matrix.var()
    least = int(np.bincount(data.target).min()) if data.classification else 0
    spread = data.target - data.target.mean()
    skewed = not data.classification and data.target.min() >= 0 and (spread**3).mean() > 1.5 * spread.std() ** 3
    classes = len(data.classes)
    return Shape(len(data.target), matrix.shape[1], float(variance), classes, least, data.metric, bool(skewed))


def positive_class(data):
    name = data.contract.get("positive_class")
    return data.classes.index(name) if name in data.classes else None


def target_unit(target, log):
    """Centre and scale for the estimator, and the range that predictions keep to."""
    reach = 0.5 * (target.max() - target.min())
    log = bool(log and target.min() >= 0)
    shaped = np.log1p(target) if log else target
    scale = float(shaped.std()) or 1.0
    low, high = float(target.min() - reach), float(target.max() + reach)
    return {"log": log, "center": float(shaped.mean()), "scale": scale, "low": low, "high": high}


def final_fit(chosen, family, data, matrix, seed, max_rows):
    """Fits on every row, or on as many as the family's cost allows."""
    start = time.monotonic()
    limit = min(family.fit_rows, max_rows or len(data.target))
    growth = TREES / SEARCH_TREES if "n_estimators" in chosen["configuration"]["params"] else 1.0
    per_row = growth * chosen["fold_fit_seconds"] / chosen["fold_rows"]
    if per_row * limit > MOST_FINAL_FIT_S:
        limit = max(chosen["fold_rows"], int(MOST_FINAL_FIT_S / per_row))
    if len(data.target) > limit:
        print(f"fits on a sample of {limit} of {len(data.target)} rows, to keep to the time", flush=True)
        rows = sample_rows(data, limit, seed)
        data, matrix = data.take(rows), matrix[rows]
    problem = make_problem(data, matrix, seed)
    estimator = fit(chosen["configuration"], matrix, data.target, problem)
    return estimator, len(data.target), time.monotonic() - start


def sample_rows(data, limit, seed):
    """A random sample that keeps at least one row of every class."""
    order = np.random.default_rng(seed).permutation(len(data.target))
    if data.classification:
        _, first = np.unique(data.target[order], return_index=True)
        order = np.concatenate([order[first], np.delete(order, first)])
    return np.sort(order[:limit])


def model_settings(chosen, data, matrix, estimator):
    stored = getattr(estimator, "support_vectors_", getattr(estimator, "_fit_X", None))
    settings = {
        "task_type": data.contract["task_type"],
        "classes": data.classes,
        "absent_classes": data.absent_classes,
        "features": matrix.shape[1],
        "cells_per_row": max(matrix.shape[1], 0 if stored is None else 3 * stored.shape[0]),
    }
    if data.classification:
        # A refit can meet a class that the search had not seen; its weight is then neutral.
        weights = chosen["decision_weights"]
        weights = weights if len(weights) == len(data.classes) else [1.0] * len(data.classes)
        return settings | {"score_scale": chosen["score_scale"], "decision_weights": weights}
    return settings | {"target_unit": target_unit(data.target, chosen["configuration"]["log_target"])}


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
