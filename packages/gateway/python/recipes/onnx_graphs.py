"""Fitted scikit-learn estimators as ONNX graphs, written operator by operator.

Covered: linear models, complement naive Bayes, RBF support vector machines, k nearest neighbours (uniform votes),
multi-layer perceptrons, forests and histogram gradient boosting. Not covered: everything else (the caller falls back
to skops). A general converter is slower by seconds for forests and rounds tree thresholds to the nearest float32,
which sends rows the wrong way; here thresholds are rounded down, which is exact for float32 input.
"""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

from model_output import LEAST_PROBABILITY
from onnx_trees import boosting_trees, forest_trees, tree_attributes


class Graph:
    """Collects nodes and constants; `add` returns the name of the node's output."""

    def __init__(self):
        self.nodes = []
        self.constants = []

    def constant(self, values, dtype=np.float32):
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype=dtype), name))
        return name

    def add(self, operator, *inputs, domain="", output=None, **attributes):
        name = output or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], domain=domain, **attributes))
        return name

    def affine(self, value, weights, offset):
        return self.add("Gemm", value, self.constant(weights), self.constant(np.atleast_1d(offset)))

    def trees(self, trees, targets):
        return self.add(
            "TreeEnsembleRegressor", "input", domain="ai.onnx.ml", **tree_attributes(trees, targets)
        )

    def zero_first(self, margin):
        """A two-class margin as two scores: zero for the first class."""
        return self.affine(margin, [[0.0, 1.0]], [0.0, 0.0])

    def log(self, probabilities):
        return self.add("Log", self.add("Max", probabilities, self.constant(LEAST_PROBABILITY)))

    def log_softmax(self, scores):
        """Log-probabilities with the same least value as `raw_scores` keeps to."""
        least = self.constant(np.log(LEAST_PROBABILITY))
        return self.add("Max", self.add("LogSoftmax", scores, axis=1), least)

    def to_model(self, features, outputs):
        graph = helper.make_graph(
            self.nodes,
            "ml_intern_recipe",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, [None, features])],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, [None, outputs])],
            self.constants,
        )
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="ml-intern")
        checker.check_model(model)
        return model


def linear(graph, estimator, classes):
    if hasattr(estimator, "feature_log_prob_"):
        return graph.log_softmax(graph.affine("input", estimator.feature_log_prob_.T, np.zeros(classes)))
    weights = np.atleast_2d(estimator.coef_).T
    scores = graph.affine("input", weights, np.atleast_1d(estimator.intercept_))
    scores = graph.zero_first(scores) if classes == 2 else scores
    return graph.log_softmax(scores) if hasattr(estimator, "predict_proba") else scores


def perceptron(graph, estimator, classes):
    value = "input"
    for layer, (weights, offset) in enumerate(zip(estimator.coefs_, estimator.intercepts_)):
        value = graph.affine(value, weights, offset)
        if layer < len(estimator.coefs_) - 1:
            value = graph.add("Relu", value)
    value = graph.zero_first(value) if classes == 2 else value
    return graph.log_softmax(value) if classes else value


def support_vectors(graph, estimator, classes):
    vectors = estimator.support_vectors_
    lengths = graph.add("ReduceSumSquare", "input", axes=[1], keepdims=1)
    products = graph.affine("input", -2.0 * vectors.T, (vectors**2).sum(axis=1))
    distances = graph.add("Max", graph.add("Add", lengths, products), graph.constant(0.0))
    kernel = graph.add("Exp", graph.add("Mul", distances, graph.constant(-estimator._gamma)))
    if classes <= 2:
        margin = graph.affine(kernel, np.atleast_2d(estimator.dual_coef_).T, estimator.intercept_)
        return graph.zero_first(margin) if classes == 2 else margin
    weights, first, second = one_against_one(estimator, classes)
    margins = graph.affine(kernel, weights, estimator.intercept_)
    # scikit-learn's own rule: votes, and a squashed sum of margins that only breaks ties.
    wins = graph.add("Cast", graph.add("GreaterOrEqual", margins, graph.constant(0.0)), to=TensorProto.FLOAT)
    votes = graph.affine(wins, first - second, second.sum(axis=0))
    sums = graph.affine(margins, first - second, np.zeros(classes))
    size = graph.add("Add", graph.add("Abs", sums), graph.constant(1.0))
    tie_break = graph.add("Div", sums, graph.add("Mul", size, graph.constant(3.0)))
    return graph.add("Add", votes, tie_break)


def one_against_one(estimator, classes):
    """Dual coefficients as one matrix (support vectors x pairs), and who wins a positive or a negative margin."""
    ends = np.cumsum(estimator.n_support_)
    starts = ends - estimator.n_support_
    pairs = [(i, j) for i in range(classes) for j in range(i + 1, classes)]
    dual = estimator.dual_coef_
    weights = np.zeros((dual.shape[1], len(pairs)))
    first, second = np.zeros((len(pairs), classes)), np.zeros((len(pairs), classes))
    for column, (i, j) in enumerate(pairs):
        weights[starts[i] : ends[i], column] = dual[j - 1, starts[i] : ends[i]]
        weights[starts[j] : ends[j], column] = dual[i, starts[j] : ends[j]]
        first[column, i] = second[column, j] = 1.0
    return weights, first, second


def neighbours(graph, estimator, classes):
    known = estimator._fit_X
    distances = graph.affine("input", -2.0 * known.T, (known**2).sum(axis=1))
    count = graph.constant([estimator.n_neighbors], np.int64)
    nearest = f"nearest_{len(graph.nodes)}"
    graph.nodes.append(
        helper.make_node("TopK", [distances, count], ["nearest_distances", nearest], axis=1, largest=0)
    )
    votes = graph.add("Gather", graph.constant(np.eye(classes)[estimator._y]), nearest, axis=0)
    return graph.log(graph.add("ReduceMean", votes, axes=[1], keepdims=0))


def forest(graph, estimator, classes):
    value = graph.trees(forest_trees(estimator, classes), max(1, classes))
    return graph.log(value) if classes else value


def boosting(graph, estimator, classes):
    width = 1 if classes <= 2 else classes
    value = graph.trees(boosting_trees(estimator), width)
    value = graph.add("Add", value, graph.constant(np.reshape(estimator._baseline_prediction, (1, width))))
    value = graph.zero_first(value) if classes == 2 else value
    return graph.log_softmax(value) if classes else value


BODIES = {
    "LogisticRegression": linear,
    "Ridge": linear,
    "LinearSVC": linear,
    "ComplementNB": linear,
    "SVC": support_vectors,
    "SVR": support_vectors,
    "KNeighborsClassifier": neighbours,
    "MLPClassifier": perceptron,
    "MLPRegressor": perceptron,
    "RandomForestClassifier": forest,
    "ExtraTreesClassifier": forest,
    "RandomForestRegressor": forest,
    "ExtraTreesRegressor": forest,
    "HistGradientBoostingClassifier": boosting,
    "HistGradientBoostingRegressor": boosting,
}


def to_onnx(estimator, settings):
    """Input: the encoder's matrix. Output: probabilities by class, or values in the target's own unit."""
    graph = Graph()
    classes = len(settings["classes"])
    scores = BODIES[type(estimator).__name__](graph, estimator, classes)
    if classes:
        scaled = graph.add("Mul", scores, graph.constant(settings["score_scale"]))
        graph.add("Softmax", scaled, axis=1, output="output")
        return graph.to_model(settings["features"], classes)
    unit = settings["target_unit"]
    value = graph.add("Mul", scores, graph.constant(unit["scale"]))
    value = graph.add("Add", value, graph.constant(unit["center"]))
    if unit["log"]:
        value = graph.add("Min", value, graph.constant(80.0))
        value = graph.add("Sub", graph.add("Exp", value), graph.constant(1.0))
    graph.add("Clip", value, graph.constant(unit["low"]), graph.constant(unit["high"]), output="output")
    return graph.to_model(settings["features"], 1)
