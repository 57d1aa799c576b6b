"""Small readable plots of what the run did. Numbers on them come from cross-validation inside train: claims."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

MAX_LABELS = 30


def new_figure(title, width=6.0, height=3.8):
    figure = Figure(figsize=(width, height), dpi=90, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=10)
    axes.tick_params(labelsize=7)
    return figure, axes


def plot_search(path, trials, metric, title):
    """`trials`: (label, pooled score, scores by fold), best first."""
    figure, axes = new_figure(f"{title}: cross-validation (claimed)", height=1.2 + 0.28 * len(trials))
    for row, (_, pooled, folds) in enumerate(trials):
        axes.plot(folds, [row] * len(folds), "o", color="0.7", markersize=4)
        axes.plot([pooled], [row], "D", color="tab:blue", markersize=6)
    axes.set_yticks(range(len(trials)), [label for label, *_ in trials])
    axes.invert_yaxis()
    axes.set_xlabel(f"{metric}: grey each fold, blue all folds", fontsize=8)
    axes.grid(axis="x", alpha=0.3)
    figure.savefig(path)


def plot_confusion(path, target, predicted, classes, title):
    """Rows are the true classes; with many classes only the most frequent are drawn."""
    shown = np.sort(np.argsort(-np.bincount(target, minlength=len(classes)), kind="stable")[:MAX_LABELS])
    counts = np.zeros((len(classes), len(classes)), dtype=int)
    np.add.at(counts, (target, predicted), 1)
    counts = counts[np.ix_(shown, shown)]
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = new_figure(f"{title}: confusion in cross-validation (claimed)", 5.2, 4.6)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    names = [str(classes[index])[:16] for index in shown]
    axes.set_xticks(range(len(shown)), names, rotation=90 if len(shown) > 8 else 30)
    axes.set_yticks(range(len(shown)), names)
    axes.set_xlabel("predicted", fontsize=8)
    axes.set_ylabel("true", fontsize=8)
    if len(shown) <= 12:
        for (row, column), count in np.ndenumerate(counts):
            if count:
                color = "white" if share[row, column] > 0.5 else "black"
                axes.text(column, row, str(count), ha="center", va="center", fontsize=7, color=color)
    figure.savefig(path)


def plot_residuals(path, target, predicted, name, title):
    figure, axes = new_figure(f"{title}: predicted and true values in cross-validation (claimed)", 5.2, 4.4)
    step = max(1, len(target) // 3000)
    axes.plot(target[::step], predicted[::step], ".", markersize=3, alpha=0.5)
    ends = [float(np.min(target)), float(np.max(target))]
    axes.plot(ends, ends, "-", color="black", linewidth=0.8)
    axes.set_xlabel(f"true {name}", fontsize=8)
    axes.set_ylabel(f"predicted {name}", fontsize=8)
    axes.grid(alpha=0.3)
    figure.savefig(path)


def plot_curve(path, curve, title):
    """The early-stopping score by round or epoch, for the families that have one."""
    figure, axes = new_figure(f"{title}: learning curve on the inner hold-out (claimed)")
    axes.plot(np.arange(1, len(curve) + 1), curve, "-")
    axes.set_xlabel("round", fontsize=8)
    axes.set_ylabel("score of the early-stopping rows", fontsize=8)
    axes.grid(alpha=0.3)
    figure.savefig(path)


def plot_importance(path, importance, metric, title):
    """`importance`: (column, drop of the metric), largest first."""
    figure, axes = new_figure(f"{title}: what shuffling a column costs (claimed)", height=1.2 + 0.25 * len(importance))
    axes.barh([name[:30] for name, _ in importance], [drop for _, drop in importance], color="tab:blue")
    axes.invert_yaxis()
    axes.set_xlabel(f"loss in {metric}", fontsize=8)
    axes.grid(axis="x", alpha=0.3)
    figure.savefig(path)
