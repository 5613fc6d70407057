"""What onnxruntime computes by the models on standard input, as JSON lines: {model, inputs} to {outputs} or {error}."""

import base64
import json
import sys

import numpy as np
import onnx
import onnxruntime

onnxruntime.set_default_logger_severity(4)
KINDS = {"float32": np.float32, "float64": np.float64, "int32": np.int32}


def array(given):
    numbers = np.frombuffer(base64.b64decode(given["bytes"]), KINDS[given["dtype"]])
    return numbers.reshape(given["shape"])


def answer(case):
    try:
        model = base64.b64decode(case["model"])
        onnx.checker.check_model(model, full_check=True)
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        outputs = []
        for inputs in case["inputs"]:
            known = {one.name for one in session.get_inputs()}
            found = session.run(None, {name: array(x) for name, x in inputs.items() if name in known})
            outputs.append([{"shape": list(y.shape), "dtype": str(y.dtype), "numbers": y.astype(np.float64).ravel().tolist()} for y in found])
        return {"outputs": outputs}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:400]}


print(json.dumps({"version": onnxruntime.__version__}))
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
