"""Draws what the evaluator measured: plots.json in, PNG files out. Sees counts and sampled points, never a data row."""

import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def draw_confusion(data, path):
    """Counts of true class (rows) against predicted class (columns), shaded by the share of the true class."""
    classes, counts = data["classes"], data["confusion"]
    shares = [[count / max(1, sum(row)) for count in row] for row in counts]
    size = min(12, 3.2 + 0.42 * len(classes))
    figure, axes = plt.subplots(figsize=(size, size))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(classes)), [shorten(name) for name in classes], rotation=90 if len(classes) > 6 else 0)
    axes.set_yticks(range(len(classes)), [shorten(name) for name in classes])
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    if len(classes) <= 20:
        for y, row in enumerate(counts):
            for x, count in enumerate(row):
                if count:
                    axes.text(x, y, count, ha="center", va="center", color="white" if shares[y][x] > 0.5 else "black")
    axes.set_title(title(data), fontsize=10)
    save(figure, path)


def draw_per_class(data, path):
    """Precision and recall of each class."""
    rows = [row for row in data["per_class"] if row["rows"] > 0][:50]
    figure, axes = plt.subplots(figsize=(7, 1.4 + 0.28 * len(rows)))
    for offset, name in ((-0.2, "recall"), (0.2, "precision")):
        axes.barh([i + offset for i in range(len(rows))], [row[name] or 0 for row in rows], height=0.38, label=name)
    axes.set_yticks(range(len(rows)), [f"{shorten(row['class'])} ({row['rows']})" for row in rows])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.legend(loc="lower left")
    axes.set_title(f"Per class, {data['set']} (ledger row {data['ledger_seq']})", fontsize=10)
    save(figure, path)


def draw_scatter(data, path):
    """Prediction against truth for sampled rows."""
    truth = [point["truth"] for point in data["points"]]
    prediction = [point["prediction"] for point in data["points"]]
    figure, axes = plt.subplots(figsize=(5.5, 5.5))
    axes.scatter(truth, prediction, s=10, alpha=0.5)
    low, high = min(truth + prediction), max(truth + prediction)
    axes.plot([low, high], [low, high], color="black", linewidth=0.8)
    axes.set_xlabel("true")
    axes.set_ylabel("predicted")
    axes.set_title(title(data), fontsize=10)
    save(figure, path)


def draw_residuals(data, path):
    """How far off the predictions are."""
    histogram = data["residuals"]["histogram"]
    figure, axes = plt.subplots(figsize=(6, 3.6))
    axes.stairs(histogram["counts"], histogram["edges"], fill=True)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_xlabel("prediction minus truth")
    axes.set_ylabel("rows")
    axes.set_title(f"Residuals, {data['set']} (ledger row {data['ledger_seq']})", fontsize=10)
    save(figure, path)


def draw_candidates(candidates, path):
    """Every verified score of one set with its interval, in the order in which they were measured."""
    rows = candidates["scores"]
    figure, axes = plt.subplots(figsize=(7, 1.6 + 0.34 * len(rows)))
    values = [row["value"] for row in rows]
    errors = [
        [row["value"] - row["interval"][0] for row in rows],
        [row["interval"][1] - row["value"] for row in rows],
    ]
    axes.errorbar(values, range(len(rows)), xerr=errors, fmt="o", capsize=3)
    baseline = rows[0]["baseline"]
    low, high = min(row["interval"][0] for row in rows), max(row["interval"][1] for row in rows)
    margin = 0.1 * (high - low) or 0.01
    axes.set_xlim(low - margin, high + margin)
    if low - margin < baseline["value"] < high + margin:
        axes.axvline(baseline["value"], color="grey", linestyle="--")
    axes.set_yticks(range(len(rows)), [f"{row['label']} (row {row['ledger_seq']})" for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel(f"{candidates['metric']}; baseline ({shorten(baseline['name'])}): {baseline['value']:.4g}")
    axes.set_title(f"Verified on {candidates['set']}, 95 % intervals", fontsize=10)
    save(figure, path)


def title(data):
    low, high = data["interval"]
    return f"{data['set']}: {data['metric']} {data['value']:.4g} [{low:.4g}, {high:.4g}], verified, ledger row {data['ledger_seq']}"


def shorten(name):
    return name if len(name) <= 24 else name[:23] + "…"


def save(figure, path):
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main():
    plots = json.loads(Path("plots.json").read_text(encoding="utf-8"))
    out = Path("out")
    out.mkdir(exist_ok=True)
    data = plots["evaluation"]
    if data["kind"] == "classification":
        draw_confusion(data, out / "test-confusion.png")
        draw_per_class(data, out / "test-per-class.png")
    else:
        draw_scatter(data, out / "test-predictions.png")
        draw_residuals(data, out / "test-residuals.png")
    if plots["candidates"]["scores"]:
        draw_candidates(plots["candidates"], out / "candidates.png")


main()
