"""The contract and its rows, as the lab laid them out: strings first, numbers only where the encoder makes them."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from matrix import build_matrix


@dataclass
class TaskData:
    contract: dict
    folder: Path
    frame: pd.DataFrame
    classes: list  # of the training rows, in the contract's order; empty for a regression
    absent_classes: list  # in the contract, but in no training row
    target: np.ndarray  # class positions, or values
    order: np.ndarray | None  # position in time, when the split goes by time
    groups: np.ndarray | None

    @property
    def classification(self):
        return self.contract["task_type"] == "classification"

    @property
    def metric(self):
        return self.contract["metric"]

    def take(self, rows):
        """The same task on some of its rows."""
        pick = lambda values: None if values is None else values[rows]  # noqa: E731
        return TaskData(
            self.contract,
            self.folder,
            self.frame.iloc[rows].reset_index(drop=True),
            self.classes,
            self.absent_classes,
            self.target[rows],
            pick(self.order),
            pick(self.groups),
        )

    def matrix(self, encoder):
        return build_matrix(encoder, self.frame, self.folder)


def load_task(with_validation):
    """Reads DATA_DIR; `with_validation` adds the opened validation rows for a refit."""
    folder = Path(os.environ.get("DATA_DIR", "data"))
    contract = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    frames = [read_rows(folder / "train.csv")]
    if with_validation:
        frames.append(read_rows(folder / "validation.csv"))
    frame = pd.concat(frames, ignore_index=True)
    needed = [feature["name"] for feature in contract["features"]]
    needed = (["file"] if contract["data"]["kind"] == "images" else needed) + [contract["target"]]
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise SystemExit(f"the training rows lack the columns {missing}; the contract names them")
    return prepare(contract, folder, frame)


def read_rows(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


def prepare(contract, folder, frame):
    labels = frame[contract["target"]].to_numpy(dtype=object)
    if contract["task_type"] == "regression":
        numbers = pd.to_numeric(pd.Series(labels), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        known, target, classes, absent = np.isfinite(numbers), numbers, [], []
    else:
        known = labels != ""
        classes, absent = known_classes(contract, labels[known])
        position = {name: index for index, name in enumerate(classes)}
        target = np.array([position.get(label, -1) for label in labels])
    frame = frame[known].reset_index(drop=True)
    split = contract.get("split") or {}
    column = split.get("column")
    has_column = column is not None and column in frame.columns
    order = groups = None
    if split.get("kind") == "time" and has_column:
        order = pd.Series(frame[column]).rank(method="first").to_numpy()
    if split.get("kind") == "grouped" and has_column:
        groups = pd.factorize(frame[column])[0]
    elif contract["data"]["kind"] != "images":
        # The lab keeps equal rows on one side of its split; folds that do not would flatter models with a good memory.
        names = [feature["name"] for feature in contract["features"]]
        groups = pd.factorize(pd.util.hash_pandas_object(frame[names], index=False))[0]
    return TaskData(contract, folder, frame, classes, absent, target[known], order, groups)


def known_classes(contract, labels):
    present = set(labels)
    agreed = [str(name) for name in contract.get("classes") or []]
    classes = [name for name in agreed if name in present]
    classes += sorted(present - set(agreed))
    return classes, [name for name in agreed if name not in present]
