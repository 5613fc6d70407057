#!/usr/bin/env bash
# A Hessian that is not symmetric.
#
# PyTorch 2.13.0 on the CPU, 2026-11-28. About a minute, most of it downloading.
#
# w = g v / |v|, as weight_norm has it. First derivatives are right; differentiated once more, the entries (1, 2) and (2, 1) of the Hessian of
# one element of w differ, and none of the four is right. It is the fused function that both the old hook and the new parametrization call;
# written out with norm() the same formula is right. So everything of second order through a weight-normalised layer (gradient penalties,
# Hessian-vector products, meta-learning) is wrong without a word; gradgradcheck says so.
#
# Guessed: that the fused function refuses to be differentiated twice, or is right.
. "$(dirname "$0")/lib.sh"

with_python torch==2.13.0 numpy==2.4.6 << 'PROGRAM'
import torch
from torch import nn
from torch.autograd.functional import hessian, jacobian
from torch.func import functional_call
from torch.nn.utils.parametrizations import weight_norm

torch.set_default_dtype(torch.float64)
v, g = torch.tensor([[3.0, 4.0]]), torch.tensor([[10.0]])
layer = weight_norm(nn.Linear(2, 1, bias=False))
names = "parametrizations.weight.original0", "parametrizations.weight.original1"
kinds = {
    "the formula": lambda v: g * v / v.norm(dim=1, keepdim=True),
    "torch._weight_norm": lambda v: torch._weight_norm(v, g, 0),
    "parametrization": lambda v: functional_call(layer, dict(zip(names, (g, v))), (torch.eye(2),)).T,
}
rounded = lambda rows: [[round(x, 4) + 0.0 for x in row] for row in rows]
for name, weight in kinds.items():
    first = lambda v: weight(v)[0, 0]
    print(f"{name}: w {rounded(weight(v).tolist())}, slope {rounded(jacobian(first, v).tolist())}")
    print("  Hessian", rounded(hessian(first, v).reshape(2, 2).tolist()))
    passes = torch.autograd.gradgradcheck(weight, (v.clone().requires_grad_(),), raise_exception=False)
    print("  gradgradcheck", "passes" if passes else "fails")
PROGRAM

was_seen << 'OUTPUT'
the formula: w [[6.0, 8.0]], slope [[1.28, -0.96]]
  Hessian [[-0.4608, 0.0256], [0.0256, 0.2208]]
  gradgradcheck passes
torch._weight_norm: w [[6.0, 8.0]], slope [[1.28, -0.96]]
  Hessian [[-0.48, 0.0], [-0.32, -0.24]]
  gradgradcheck fails
parametrization: w [[6.0, 8.0]], slope [[1.28, -0.96]]
  Hessian [[-0.48, 0.0], [-0.32, -0.24]]
  gradgradcheck fails
OUTPUT
