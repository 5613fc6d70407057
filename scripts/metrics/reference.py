"""What scikit-learn says of the cases on standard input, as JSON."""

import json
import math
import sys
import warnings

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, classification_report, confusion_matrix, precision_recall_fscore_support

warnings.filterwarnings("ignore")


def number(x):
    return "nan" if math.isnan(x) else float(x)


def answer(case):
    targets, predicted = case["targets"], case["predicted"]
    zero_division = math.nan if case["zeroDivision"] == "nan" else case["zeroDivision"]
    labels, names = case["labels"], case["names"]
    common = dict(labels=labels, zero_division=zero_division)
    averages = {
        average: [number(x) for x in precision_recall_fscore_support(targets, predicted, average=average, **common)[:3]]
        for average in ("micro", "macro", "weighted")
    }
    each = precision_recall_fscore_support(targets, predicted, **common)
    return dict(
        text=classification_report(targets, predicted, target_names=names, digits=case["digits"], **common),
        classes=[[number(x) for x in row] for row in zip(*each)],
        accuracy=accuracy_score(targets, predicted),
        confusion=confusion_matrix(targets, predicted, labels=list(range(case["count"]))).tolist(),
        **averages,
    )


def written(x):
    if np.ndim(x):
        return [written(each) for each in np.asarray(x).tolist()]
    return "nan" if math.isnan(x) else "inf" if x == math.inf else float(x)


def binary(case):
    scores, targets = np.array(case["scores"]), np.array(case["targets"])
    found = {}
    for drop, name in ((True, "true"), (False, "false")):
        found[f"false positives {name}"], found[f"true positives {name}"], found[f"thresholds {name}"] = metrics.roc_curve(
            targets, scores, drop_intermediate=drop
        )
        found[f"precision {name}"], found[f"recall {name}"], found[f"precision thresholds {name}"] = metrics.precision_recall_curve(
            targets, scores, drop_intermediate=drop
        )
    found["area"] = metrics.roc_auc_score(targets, scores)
    found["average precision"] = metrics.average_precision_score(targets, scores)
    found["log loss"] = metrics.log_loss(targets, scores, labels=[0, 1])
    found["log loss, float32"] = metrics.log_loss(targets, scores.astype(np.float32), labels=[0, 1])
    found["Brier"] = metrics.brier_score_loss(targets, scores, labels=[0, 1], pos_label=1)
    found["observed"], found["predicted"] = calibration_curve(targets, scores, n_bins=case["bins"], pos_label=1)
    found["observed by quantile"], found["predicted by quantile"] = calibration_curve(
        targets, scores, n_bins=case["bins"], strategy="quantile", pos_label=1
    )
    return found


def classes(case):
    scores, targets = np.array(case["scores"]), np.array(case["targets"])
    labels = list(range(scores.shape[1]))
    found = {}
    for name, compare in (("one against the rest", "ovr"), ("pairs", "ovo")):
        for end, average in (("", "macro"), (", weighted", "weighted")):
            # Of a single class there are no pairs, and scikit-learn fails.
            alone = compare == "ovo" and len(set(case["targets"])) < 2
            found[name + end] = (
                math.nan if alone else metrics.roc_auc_score(targets, scores, multi_class=compare, average=average, labels=labels)
            )
    each = (targets[:, None] == np.array(labels)).astype(int)
    found["average precision"] = metrics.average_precision_score(each, scores, average="macro")
    found["average precision, weighted"] = metrics.average_precision_score(each, scores, average="weighted")
    found["log loss"] = metrics.log_loss(targets, scores, labels=labels)
    found["Brier"] = metrics.brier_score_loss(targets, scores, labels=labels)
    found["top k"] = metrics.top_k_accuracy_score(targets, scores, k=case["k"], labels=labels)
    return found


def numbers(case):
    predicted, targets = np.array(case["predicted"]), np.array(case["targets"])
    return {
        "squared": metrics.mean_squared_error(targets, predicted),
        "squared, each": metrics.mean_squared_error(targets, predicted, multioutput="raw_values"),
        "absolute": metrics.mean_absolute_error(targets, predicted),
        "r2": metrics.r2_score(targets, predicted),
        "r2, by variance": metrics.r2_score(targets, predicted, multioutput="variance_weighted"),
        # Of a single row scikit-learn has one NaN for all outputs.
        "r2, each": metrics.r2_score(targets, predicted, multioutput="raw_values") + np.zeros(targets.shape[1]),
        "explained": metrics.explained_variance_score(targets, predicted),
        "explained, by variance": metrics.explained_variance_score(targets, predicted, multioutput="variance_weighted"),
    }


def labels(case):
    predicted, targets = case["predicted"], case["targets"]
    zero_division = math.nan if case["zeroDivision"] == "nan" else case["zeroDivision"]
    found = {}
    for average in ("micro", "macro", "weighted", "none"):
        each = precision_recall_fscore_support(
            targets, predicted, beta=case["beta"], average=None if average == "none" else average, zero_division=zero_division
        )
        found[f"precision {average}"], found[f"recall {average}"], found[f"fBeta {average}"] = each[:3]
    return found


def score(case):
    found = dict(binary=binary, classes=classes, numbers=numbers, labels=labels)[case["kind"]](case)
    return {name: written(x) for name, x in found.items()}


given = json.load(sys.stdin)
print(
    json.dumps(
        dict(
            version=sklearn.__version__,
            answers=[answer(case) for case in given["cases"]],
            scores=[score(case) for case in given["scores"]],
        )
    )
)
