#!/usr/bin/env bash
# One function of 67 equal numbers gives two results.
#
# PyTorch 2.13.0, JAX 0.10.2, onnxruntime 1.30.0, NumPy 2.4.6 on x86-64 with AVX2 or more, 2026-11-27. About 1 min.
#
# A tensor is worked through in vectors, and what is left at its end one by one, by another program. Where the two do not round alike, the last
# elements differ from the others in the last digit, so a result depends on the length and the place: PyTorch's sinh (in float64 too) and
# atan2, JAX's arctan, onnxruntime's Log and Atan. Sorting, deduplicating, and comparing a batch of one with a row of a larger batch see it.
# NumPy gives one result in every function that was tried. On another CPU other functions may do so.
#
# Guessed: PyTorch's exotic functions; not arctan of XLA, nor Log.
. "$(dirname "$0")/lib.sh"

with_python torch==2.13.0 jax==0.10.2 jaxlib==0.10.2 onnxruntime==1.30.0 onnx==1.23.1 numpy==2.4.6 << 'PROGRAM'
import jax.numpy as jnp, numpy as np, onnx, onnxruntime, torch
from onnx import TensorProto, ValueInfoProto, helper

def of_onnx(name):
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [67])]
    graph = helper.make_graph([helper.make_node(name, ["x"], ["y"])], "one", inputs, [ValueInfoProto(name="y")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"x": x})[0]

def of_torch(f):
    return lambda x: f(torch.tensor(x)).numpy()

tried = {
    "PyTorch sinh": of_torch(torch.sinh),
    "PyTorch atan2(x, 1)": of_torch(lambda x: torch.atan2(x, torch.ones_like(x))),
    "PyTorch exp": of_torch(torch.exp),
    "JAX arctan": lambda x: np.asarray(jnp.arctan(x)),
    "JAX exp": lambda x: np.asarray(jnp.exp(x)),
    "onnxruntime Log": of_onnx("Log"),
    "onnxruntime Atan": of_onnx("Atan"),
    "onnxruntime Exp": of_onnx("Exp"),
    **{f"NumPy {name}": getattr(np, name) for name in ("sinh", "arctan", "exp", "log")},
}
numbers = np.random.RandomState(0).uniform(0.05, 0.95, 200).astype(np.float32)
for name, f in tried.items():
    several = sum(len(np.unique(f(np.full(67, x)))) > 1 for x in numbers)
    print(name, "two results" if several else "one result")
PROGRAM

was_seen << 'OUTPUT'
PyTorch sinh two results
PyTorch atan2(x, 1) two results
PyTorch exp one result
JAX arctan two results
JAX exp one result
onnxruntime Log two results
onnxruntime Atan two results
onnxruntime Exp one result
NumPy sinh one result
NumPy arctan one result
NumPy exp one result
NumPy log one result
OUTPUT
