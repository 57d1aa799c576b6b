"""The model families: for each one a short list of configurations, the simplest first.

A configuration is plain JSON (`{"label", "kind", "params", "log_target"}`), so a refit can repeat it exactly.
"""

from dataclasses import dataclass

import numpy as np
from sklearn import ensemble, linear_model, naive_bayes, neighbors, neural_network, svm

KINDS = {
    "logistic": linear_model.LogisticRegression,
    "ridge": linear_model.Ridge,
    "linear_svm": svm.LinearSVC,
    "naive_bayes": naive_bayes.ComplementNB,
    "svc": svm.SVC,
    "svr": svm.SVR,
    "random_forest": ensemble.RandomForestClassifier,
    "extra_trees": ensemble.ExtraTreesClassifier,
    "random_forest_regressor": ensemble.RandomForestRegressor,
    "extra_trees_regressor": ensemble.ExtraTreesRegressor,
    "boosting": ensemble.HistGradientBoostingClassifier,
    "boosting_regressor": ensemble.HistGradientBoostingRegressor,
    "mlp": neural_network.MLPClassifier,
    "mlp_regressor": neural_network.MLPRegressor,
    "knn": neighbors.KNeighborsClassifier,
}
SEARCH_TREES, TREES = 80, 200


@dataclass
class Shape:
    """What a family needs to know of the data to size its configurations."""

    rows: int
    features: int
    variance: float
    classes: int  # 0 for a regression
    least_class: int  # rows of the rarest class
    metric: str
    log_target: bool  # a logarithm of the target is worth a try


@dataclass
class Family:
    """`search_rows` and `fit_rows` bound the cost on large data."""

    title: str
    space: object
    search_rows: int
    fit_rows: int


def linear_space(shape):
    if shape.classes:
        strengths = (1.0, 0.1, 0.01, 10.0) if shape.features < 5000 else (1.0, 10.0, 100.0)
        return [config("logistic", f"C={c:g}", C=c, max_iter=300) for c in strengths]
    configs = [config("ridge", f"alpha={a:g}", alpha=a) for a in (1.0, 10.0, 100.0, 0.1)]
    return with_log_target(configs, shape)


def svm_space(shape):
    gamma = 1.0 / max(shape.features * shape.variance, 1e-9)
    pairs = [(10.0, 1.0), (1.0, 1.0), (10.0, 0.3), (10.0, 2.0), (100.0, 0.3)]
    kind = "svc" if shape.classes else "svr"
    extra = {} if shape.classes else {"epsilon": 0.05}
    configs = [
        config(kind, f"C={c:g} gamma={factor:g}/scale", C=c, gamma=gamma * factor, cache_size=300, **extra)
        for c, factor in pairs
    ]
    return with_log_target(configs, shape)


def forest_space(shape):
    # Full-grown trees on many rows make models of hundreds of megabytes.
    leaves = None if shape.rows <= 5000 else 1500
    suffix = "" if shape.classes else "_regressor"
    # All-subset splits pay off where few columns matter; they are too slow for wide tables.
    wide = shape.features > 200
    shares = ("sqrt", 0.5) if shape.classes and not wide else ("sqrt", 0.33) if wide else (0.33, 1.0)
    configs = []
    for kind, share in (("extra_trees", shares[0]), ("random_forest", shares[0]), ("extra_trees", shares[1])):
        for smallest in (1, 3):
            label = f"{kind.replace('_', ' ')} max_features={share} min_samples_leaf={smallest}"
            params = {"max_features": share, "min_samples_leaf": smallest, "n_estimators": SEARCH_TREES, "n_jobs": 1}
            configs.append(config(kind + suffix, label, **params, max_leaf_nodes=leaves))
    return with_log_target(configs, shape)


def boosting_space(shape):
    rounds = 300 if shape.classes <= 2 else max(15, 900 // shape.classes)
    stop = shape.rows >= 200 and (not shape.classes or shape.least_class >= 10)
    extra = {"loss": "absolute_error"} if shape.metric == "mae" else {}
    kind = "boosting" if shape.classes else "boosting_regressor"
    leaf = int(np.clip(shape.rows // 50, 2, 20))
    configs = []
    for rate, leaves, penalty in ((0.1, 15, 0.0), (0.05, 31, 1.0), (0.1, 31, 0.0), (0.1, 6, 0.0), (0.03, 15, 1.0)):
        params = {"learning_rate": rate, "max_leaf_nodes": leaves, "l2_regularization": penalty}
        params |= {"max_iter": rounds if stop else max(10, rounds // 3), "early_stopping": stop}
        params |= {"n_iter_no_change": 15, "validation_fraction": 0.12, "min_samples_leaf": leaf, **extra}
        configs.append(config(kind, f"lr={rate:g} leaves={leaves} l2={penalty:g}", **params))
    return with_log_target(configs, shape)


def mlp_space(shape):
    stop = shape.rows >= 300 and (not shape.classes or shape.least_class >= 10)
    kind = "mlp" if shape.classes else "mlp_regressor"
    configs = []
    for layers, alpha in (((64,), 1e-3), ((128,), 1e-1), ((128, 64), 1e-2), ((256,), 1e-4)):
        params = {"hidden_layer_sizes": list(layers), "alpha": alpha, "learning_rate_init": 2e-3}
        params |= {"max_iter": 150 if stop else 80, "early_stopping": stop, "n_iter_no_change": 12}
        params |= {"batch_size": int(np.clip(shape.rows // 40, 16, 256))}
        configs.append(config(kind, f"layers={'-'.join(map(str, layers))} alpha={alpha:g}", **params))
    return with_log_target(configs, shape)


def knn_space(shape):
    largest = max(1, shape.rows // 3)
    return [config("knn", f"k={k}", n_neighbors=k, algorithm="brute") for k in (1, 3, 5, 9, 15) if k <= largest]


def linear_svm_space(_shape):
    return [config("linear_svm", f"C={c:g}", C=c, max_iter=2000) for c in (1.0, 0.1, 0.3, 3.0)]


def naive_bayes_space(_shape):
    return [config("naive_bayes", f"alpha={a:g}", alpha=a) for a in (0.3, 0.1, 1.0, 0.03)]


FAMILIES = {
    "linear": Family("linear model", linear_space, 30_000, 300_000),
    "knn": Family("nearest neighbours", knn_space, 6_000, 20_000),
    "naive_bayes": Family("complement naive Bayes", naive_bayes_space, 50_000, 500_000),
    "linear_svm": Family("linear support vector machine", linear_svm_space, 30_000, 200_000),
    "svm": Family("support vector machine (RBF)", svm_space, 5_000, 7_000),
    "forest": Family("forest of trees", forest_space, 10_000, 20_000),
    "boosting": Family("histogram gradient boosting", boosting_space, 20_000, 500_000),
    "mlp": Family("neural network", mlp_space, 10_000, 50_000),
}


def config(kind, label, **params):
    return {"label": label, "kind": kind, "params": params, "log_target": False}


def with_log_target(configs, shape):
    """Tries the first configurations on the target's logarithm too, when its tail is heavy."""
    if not shape.log_target:
        return configs
    logs = [{**c, "label": f"{c['label']} log target", "log_target": True} for c in configs[:3]]
    return [entry for pair in zip(configs[:3], logs) for entry in pair] + configs[3:]


def make_estimator(configuration, seed):
    params = dict(configuration["params"])
    if "random_state" in KINDS[configuration["kind"]]._get_param_names():
        params["random_state"] = seed
    return KINDS[configuration["kind"]](**params)


def settle(configuration, fitted):
    """Replaces early stopping by the length that it found, so that the last fit can use every row; grows forests."""
    params = dict(configuration["params"])
    if "n_estimators" in params:
        params["n_estimators"] = TREES
    if params.get("early_stopping"):
        patience = params["n_iter_no_change"]
        lengths = [max(5, estimator.n_iter_ - patience // 2) for estimator in fitted]
        params |= {"early_stopping": False, "max_iter": int(np.ceil(1.1 * np.mean(lengths)))}
    return {**configuration, "params": params}
