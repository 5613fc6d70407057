#!/usr/bin/env bash
# The largest value, its index and the top two disagree about a NaN, by where it is.
#
# onnxruntime 1.30.0 (CPU), onnx 1.23.1, 2026-11-27. About 20 s.
#
# Of [1, NaN, 3] ReduceMax is 3, ArgMax is 1 (the place of the NaN), and TopK with k = 2 gives 1 and NaN: the 3 is gone. With the NaN first,
# ReduceMax is NaN and TopK has the 3; with the NaN last, both leave it out and ArgMax does not. So a check of logits by ReduceMax sees a NaN
# in the first place alone.
#
# Guessed: NaN from all three, or from none.
. "$(dirname "$0")/lib.sh"

with_python onnxruntime==1.30.0 onnx==1.23.1 numpy==2.4.6 << 'PROGRAM'
import numpy as np, onnx, onnxruntime
from onnx import TensorProto, ValueInfoProto, helper

nodes = [
    helper.make_node("ReduceMax", ["x"], ["largest"], keepdims=0),
    helper.make_node("ArgMax", ["x"], ["place"], keepdims=0),
    helper.make_node("TopK", ["x", "two"], ["top", "places"]),
]
inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None])]
two = helper.make_tensor("two", TensorProto.INT64, [1], [2])
outputs = [ValueInfoProto(name=name) for name in ("largest", "place", "top")]
graph = helper.make_graph(nodes, "nan", inputs, outputs, [two])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
for place in range(3):
    x = np.array([1, 2, 3], np.float32)
    x[place] = np.nan
    largest, index, top = session.run(None, {"x": x})
    print(x.tolist(), "largest", largest, "at", index, "top two", top.tolist())
PROGRAM

was_seen << 'OUTPUT'
[nan, 2.0, 3.0] largest nan at 0 top two [nan, 3.0]
[1.0, nan, 3.0] largest 3.0 at 1 top two [1.0, nan]
[1.0, 2.0, nan] largest 2.0 at 2 top two [2.0, 1.0]
OUTPUT
