#!/usr/bin/env bash
# A value that is left out takes half of the gradient.
#
# PyTorch 2.13.0 on the CPU, 2026-11-28. About a minute, most of it downloading.
#
# scatter_reduce and index_reduce with include_self=False ignore what stood in the result before: the largest of 1 and 3 is 3 whatever it was.
# Backward counts it all the same: if it happens to equal the result, the 3 gets half of the gradient and the other half goes to nobody.
# Results cleared to 0 beforehand make that likely after a relu. (Means, products and sums are right.)
#
# Guessed: that ties are counted among the values that take part.
. "$(dirname "$0")/lib.sh"

with_python torch==2.13.0 numpy==2.4.6 << 'PROGRAM'
import torch

places = torch.tensor([0, 0])
calls = {
    "scatter_reduce": lambda old, new, which: old.scatter_reduce(0, places, new, which, include_self=False),
    "index_reduce": lambda old, new, which: old.index_reduce(0, places, new, which, include_self=False),
}
for which, before in (("amax", 2.0), ("amax", 3.0), ("amin", 2.0), ("amin", 1.0), ("prod", 3.0), ("mean", 2.0)):
    for name, call in calls.items():
        old, new = torch.tensor([before], requires_grad=True), torch.tensor([1.0, 3.0], requires_grad=True)
        result = call(old, new, which)
        result.sum().backward()
        print(f"{name} {which} of 1 and 3 where {before:g} stood: {result.item():g}, gradients {new.grad.tolist()}, of what stood {old.grad.tolist()}")
PROGRAM

was_seen << 'OUTPUT'
scatter_reduce amax of 1 and 3 where 2 stood: 3, gradients [0.0, 1.0], of what stood [0.0]
index_reduce amax of 1 and 3 where 2 stood: 3, gradients [0.0, 1.0], of what stood [0.0]
scatter_reduce amax of 1 and 3 where 3 stood: 3, gradients [0.0, 0.5], of what stood [0.0]
index_reduce amax of 1 and 3 where 3 stood: 3, gradients [0.0, 0.5], of what stood [0.0]
scatter_reduce amin of 1 and 3 where 2 stood: 1, gradients [1.0, 0.0], of what stood [0.0]
index_reduce amin of 1 and 3 where 2 stood: 1, gradients [1.0, 0.0], of what stood [0.0]
scatter_reduce amin of 1 and 3 where 1 stood: 1, gradients [0.5, 0.0], of what stood [0.0]
index_reduce amin of 1 and 3 where 1 stood: 1, gradients [0.5, 0.0], of what stood [0.0]
scatter_reduce prod of 1 and 3 where 3 stood: 3, gradients [3.0, 1.0], of what stood [0.0]
index_reduce prod of 1 and 3 where 3 stood: 3, gradients [3.0, 1.0], of what stood [0.0]
scatter_reduce mean of 1 and 3 where 2 stood: 2, gradients [0.5, 0.5], of what stood [0.0]
index_reduce mean of 1 and 3 where 2 stood: 2, gradients [0.5, 0.5], of what stood [0.0]
OUTPUT
