#!/usr/bin/env bash
# The derivative of another function.
#
# PyTorch 2.13.0 on the CPU, 2026-11-28. About a minute, most of it downloading.
#
# A row of five numbers resized by the factor 1.1 with mode 'nearest' stays five long, but is not itself: it is 0 0 1 2 3, since places are
# divided by 1.1. Backward sees equal sizes and passes gradients as if nothing had been done: the Jacobian is the identity. With 1.25, where
# the length changes, and with 'nearest-exact' the two agree.
#
# Guessed: that forward takes the short cut of equal sizes as well, so that the two agree.
. "$(dirname "$0")/lib.sh"

with_python torch==2.13.0 numpy==2.4.6 << 'PROGRAM'
import torch
from torch.autograd.functional import jacobian
from torch.nn.functional import interpolate

x = torch.arange(5.0, dtype=torch.float64)
for mode in "nearest", "nearest-exact":
    for factor in 0.95, 1.1, 1.19, 1.25:
        resized = lambda x: interpolate(x[None, None], scale_factor=factor, mode=mode)[0, 0]
        taken = [int(value) for value in resized(x)]
        derivative = [row.argmax().item() for row in jacobian(resized, x)]
        print(f"{mode}, {factor}: takes {taken}, by its derivative {derivative}{'' if taken == derivative else '  <--'}")
PROGRAM

was_seen << 'OUTPUT'
nearest, 0.95: takes [0, 1, 2, 3], by its derivative [0, 1, 2, 3]
nearest, 1.1: takes [0, 0, 1, 2, 3], by its derivative [0, 1, 2, 3, 4]  <--
nearest, 1.19: takes [0, 0, 1, 2, 3], by its derivative [0, 1, 2, 3, 4]  <--
nearest, 1.25: takes [0, 0, 1, 2, 3, 4], by its derivative [0, 0, 1, 2, 3, 4]
nearest-exact, 0.95: takes [0, 1, 2, 3], by its derivative [0, 1, 2, 3]
nearest-exact, 1.1: takes [0, 1, 2, 3, 4], by its derivative [0, 1, 2, 3, 4]
nearest-exact, 1.19: takes [0, 1, 2, 2, 3], by its derivative [0, 1, 2, 2, 3]
nearest-exact, 1.25: takes [0, 1, 2, 2, 3, 4], by its derivative [0, 1, 2, 2, 3, 4]
OUTPUT
