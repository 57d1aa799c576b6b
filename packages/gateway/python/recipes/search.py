"""A bounded search: every configuration on one fold, the better third on more, the best on all, within a deadline."""

import warnings
from dataclasses import dataclass, field

import numpy as np
from sklearn import model_selection

from families import make_estimator
from model_output import raw_scores, softmax, to_target
from scoring import class_score, fit_decision_weights, fit_score_scale, sign_of, value_score

warnings.filterwarnings("ignore", category=UserWarning, module="sklearn")
warnings.filterwarnings("ignore", category=FutureWarning)
warnings.filterwarnings("ignore", category=RuntimeWarning)


@dataclass
class Trial:
    """One configuration and its predictions for the folds that it was tried on."""

    configuration: dict
    output: dict = field(default_factory=dict)  # fold -> raw scores or values
    fitted: list = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Problem:
    """The rows that the search may use. `target` is class positions, or values in the target's own unit."""

    matrix: object
    target: np.ndarray
    classes: int
    metric: str
    positive: int | None
    folds: list
    units: dict  # for a regression: {False: plain unit, True: logarithmic unit}
    seed: int


def make_folds(target, classes, order, groups, seed, count):
    """Folds like the contract's split: forward in time, or random with whole groups; classes in equal shares."""
    rows = np.arange(len(target))
    if order is not None:
        ranked = np.argsort(order, kind="stable")
        splits = model_selection.TimeSeriesSplit(count).split(rows)
        return [(ranked[a], ranked[b]) for a, b in splits][::-1]
    if groups is None or len(np.unique(groups)) < 2 * count:
        groups = rows
    _, first, member = np.unique(groups, return_index=True, return_inverse=True)
    shuffle = np.random.default_rng(seed).permutation(len(first))
    # Dealing the groups out class by class gives every fold its share of each class.
    dealt = shuffle[np.argsort(target[first][shuffle], kind="stable")] if classes else shuffle
    fold_of_group = np.empty(len(first), dtype=int)
    fold_of_group[dealt] = np.arange(len(first)) % count
    fold = fold_of_group[member]
    return [(rows[fold != number], rows[fold == number]) for number in range(count)]


def fit(configuration, matrix, target, problem):
    """Fits on targets in their own unit; a regressor sees them scaled."""
    estimator = make_estimator(configuration, problem.seed)
    if not problem.classes:
        target = from_target(target, problem.units[configuration["log_target"]])
    return estimator.fit(matrix, target)


def from_target(values, unit):
    values = np.log1p(values) if unit["log"] else values
    return (values - unit["center"]) / unit["scale"]


def run_fold(trial, fold, problem, clock):
    train, held_out = problem.folds[fold]
    if problem.classes and len(np.unique(problem.target[train])) < 2:
        return False
    start = clock.elapsed()
    estimator = fit(trial.configuration, problem.matrix[train], problem.target[train], problem)
    rows = problem.matrix[held_out]
    if problem.classes:
        trial.output[fold] = raw_scores(estimator, rows, problem.classes)
    else:
        unit = problem.units[trial.configuration["log_target"]]
        trial.output[fold] = to_target(np.asarray(estimator.predict(rows), dtype=np.float64), unit)
    trial.fitted.append(estimator)
    trial.seconds += clock.elapsed() - start
    return True


def score_trial(trial, problem, folds=None):
    """The metric on the pooled held-out rows of the given folds, and what was fitted on them to get there."""
    folds = sorted(trial.output) if folds is None else folds
    target = np.concatenate([problem.target[problem.folds[fold][1]] for fold in folds])
    output = np.concatenate([trial.output[fold] for fold in folds])
    if not problem.classes:
        return {"score": value_score(problem.metric, target, output), "output": output, "target": target}
    scale = fit_score_scale(output, target)
    probabilities = softmax(output * scale)
    weights = fit_decision_weights(problem.metric, probabilities, target, problem.classes, problem.positive)
    score = class_score(problem.metric, target, probabilities, weights, problem.positive)
    return {"score": score, "output": probabilities, "target": target, "scale": scale, "weights": weights}


def rank(trials, problem):
    """Best first on the folds that all of them have; the earlier, simpler configuration wins a tie."""
    common = sorted(set.intersection(*[set(trial.output) for trial in trials]))
    sign = sign_of(problem.metric)
    value = {id(trial): score_trial(trial, problem, common)["score"] for trial in trials}
    worst = -np.inf
    keyed = [(sign * value[id(t)] if np.isfinite(value[id(t)]) else worst, -i, t) for i, t in enumerate(trials)]
    return [trial for *_, trial in sorted(keyed, key=lambda entry: entry[:2], reverse=True)]


def search(configurations, problem, clock, title):
    """Tries what the time allows and returns the trials, best first. At least one is always complete on a fold."""
    trials = [Trial(configuration) for configuration in configurations]
    count = len(problem.folds)
    rungs = [(1, len(trials)), (min(3, count), max(2, -(-len(trials) // 3))), (count, 1)]
    if len(problem.target) <= 400:
        rungs = [(count, len(trials))]
    alive = trials
    for folds, keep in rungs:
        alive = alive[:keep]
        for index, trial in enumerate(alive):
            wanted = [fold for fold in range(folds) if fold not in trial.output]
            for fold in wanted:
                # The first configuration runs whatever the time; after the deadline nothing new starts.
                if clock.used_up() and (trials[0] is not trial or trial.output):
                    break
                run_fold(trial, fold, problem, clock)
            if wanted and trial.output:
                report(trial, index, alive, problem, clock, title)
        # A trial that the deadline cut short is compared only when no other is complete.
        complete = [trial for trial in alive if len(trial.output) >= folds]
        alive = complete or [trial for trial in alive if trial.output]
        if not alive:
            raise SystemExit("no fold holds two classes: there are too few rows to learn from")
        alive = rank(alive, problem)
    finish(alive[0], problem, clock)
    tried = [trial for trial in trials if trial.output]
    if len(tried) < len(trials):
        print(f"the search's time is used up: {len(trials) - len(tried)} configurations were not tried", flush=True)
    return alive + [trial for trial in tried if not any(trial is kept for kept in alive)]


def finish(winner, problem, clock):
    """Lets the winner be tried on a few folds also when the time is used up: one fold alone has no error to judge it by."""
    for fold in range(min(3, len(problem.folds))):
        if fold not in winner.output and not clock.long_overdue():
            run_fold(winner, fold, problem, clock)


def report(trial, index, alive, problem, clock, title):
    mean = clock.elapsed() / (index + 1)
    score = score_trial(trial, problem)["score"]
    folds = f"{len(trial.output)} of {len(problem.folds)} folds"
    text = f"[{index + 1}/{len(alive)}] {title} {trial.configuration['label']}: "
    text += f"cv {problem.metric} {score:.4f} on {folds} (claimed)"
    clock.line(text, remaining=mean * (len(alive) - index - 1))
