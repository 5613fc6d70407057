"""What scikit-learn says of the cases on standard input, as JSON."""

import json
import math
import sys
import warnings

import sklearn
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


print(json.dumps(dict(version=sklearn.__version__, answers=[answer(case) for case in json.load(sys.stdin)])))
