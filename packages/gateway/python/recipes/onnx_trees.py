"""Tree ensembles as the flat attribute lists of ONNX's TreeEnsembleRegressor."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Tree:
    """Nodes by position; a leaf has `left == -1`. `target` is the output that all leaves add to, or None: every one."""

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    values: np.ndarray  # (nodes, outputs)
    target: int | None


def forest_trees(estimator, classes):
    share = 1.0 / len(estimator.estimators_)
    for member in estimator.estimators_:
        tree = member.tree_
        values = tree.value[:, 0, :]
        if classes:
            values = values / values.sum(axis=1, keepdims=True)
        yield Tree(tree.feature, tree.threshold, tree.children_left, tree.children_right, values * share, None)


def boosting_trees(estimator):
    for round_of_trees in estimator._predictors:
        for target, predictor in enumerate(round_of_trees):
            nodes = predictor.nodes
            leaf = nodes["is_leaf"].astype(bool)
            left = np.where(leaf, -1, nodes["left"].astype(np.int64))
            right = np.where(leaf, -1, nodes["right"].astype(np.int64))
            values = nodes["value"][:, None]
            yield Tree(nodes["feature_idx"], nodes["num_threshold"], left, right, values, target)


def floor_float32(thresholds):
    """The largest float32 that is not above: `x <= threshold` then holds for the same float32 values of x."""
    limit = np.finfo(np.float32).max
    rounded = np.clip(thresholds, -limit, limit).astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def tree_attributes(trees, targets):
    columns = {name: [] for name in ("tree", "node", "feature", "threshold", "left", "right", "leaf")}
    weights = {name: [] for name in ("tree", "node", "target", "weight")}
    for number, tree in enumerate(trees):
        count = len(tree.left)
        leaf = tree.left < 0
        columns["tree"].append(np.full(count, number))
        columns["node"].append(np.arange(count))
        columns["feature"].append(np.where(leaf, 0, tree.feature))
        columns["threshold"].append(np.where(leaf, 0.0, floor_float32(tree.threshold)))
        columns["left"].append(np.where(leaf, 0, tree.left))
        columns["right"].append(np.where(leaf, 0, tree.right))
        columns["leaf"].append(leaf)
        # A leaf needs one entry at least, so its first output stays even when it is zero.
        wanted = (tree.values != 0) & leaf[:, None]
        wanted[leaf, 0] |= ~wanted[leaf].any(axis=1)
        node, output = np.nonzero(wanted)
        weights["tree"].append(np.full(len(node), number))
        weights["node"].append(node)
        weights["target"].append(output if tree.target is None else np.full(len(node), tree.target))
        weights["weight"].append(tree.values[node, output])
    nodes = {name: np.concatenate(parts) for name, parts in columns.items()}
    entries = {name: np.concatenate(parts) for name, parts in weights.items()}
    integers = lambda values: values.astype(np.int64).tolist()  # noqa: E731
    return {
        "n_targets": targets,
        "aggregate_function": "SUM",
        "post_transform": "NONE",
        "nodes_treeids": integers(nodes["tree"]),
        "nodes_nodeids": integers(nodes["node"]),
        "nodes_featureids": integers(nodes["feature"]),
        "nodes_modes": [b"LEAF" if leaf else b"BRANCH_LEQ" for leaf in nodes["leaf"].tolist()],
        "nodes_values": nodes["threshold"].astype(np.float32).tolist(),
        "nodes_truenodeids": integers(nodes["left"]),
        "nodes_falsenodeids": integers(nodes["right"]),
        "target_treeids": integers(entries["tree"]),
        "target_nodeids": integers(entries["node"]),
        "target_ids": integers(entries["target"]),
        "target_weights": entries["weight"].astype(np.float32).tolist(),
    }
