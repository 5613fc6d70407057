#!/usr/bin/env bash
# The squared length has no curvature at 0, and the deviation's square is not the variance.
#
# PyTorch 2.13.0 and JAX 0.10.2, 2026-11-27. About 1 min.
#
# ‖x‖² is x₁² + x₂², so its second derivatives are 2 on the diagonal. Of vector_norm(x)**2 at the origin PyTorch says 0, in silence; JAX says NaN.
# std² is var, but at equal numbers PyTorch gives zeros for the one and the right matrix for the other. The slope 0 at the kink is a choice,
# and the second derivative differentiates the choice. JAX makes another choice at 0, and not always the same: |x| has slope 1, the largest of |x₁| and |x₂|
# has ½ each, but norm(x, inf), which is the same, ¼ each.
#
# Guessed: NaN from both.
. "$(dirname "$0")/lib.sh"

with_python torch==2.13.0 jax==0.10.2 jaxlib==0.10.2 << 'PROGRAM'
import jax, jax.numpy as jnp, torch
from torch.linalg import vector_norm

hessian = torch.func.hessian
print("PyTorch, hessian of norm² at 0:", hessian(lambda x: vector_norm(x) ** 2)(torch.zeros(2)).tolist())
print("JAX, hessian of norm² at 0:", jax.hessian(lambda x: jnp.linalg.norm(x) ** 2)(jnp.zeros(2)).tolist())
print("PyTorch, at equal numbers: std²", hessian(lambda x: x.std() ** 2)(torch.ones(2)).tolist(), "var", hessian(lambda x: x.var())(torch.ones(2)).tolist())
print("JAX, slope of |x| at 0:", jax.grad(jnp.abs)(0.0))
print("JAX, slope of max |x| at 0:", jax.grad(lambda x: jnp.max(jnp.abs(x)))(jnp.zeros(2)).tolist())
print("JAX, slope of norm(x, inf) at 0:", jax.grad(lambda x: jnp.linalg.norm(x, jnp.inf))(jnp.zeros(2)).tolist())
PROGRAM

was_seen << 'OUTPUT'
PyTorch, hessian of norm² at 0: [[0.0, 0.0], [0.0, 0.0]]
JAX, hessian of norm² at 0: [[nan, nan], [nan, nan]]
PyTorch, at equal numbers: std² [[0.0, 0.0], [0.0, 0.0]] var [[1.0, -1.0], [-1.0, 1.0]]
JAX, slope of |x| at 0: 1.0
JAX, slope of max |x| at 0: [0.5, 0.5]
JAX, slope of norm(x, inf) at 0: [0.25, 0.25]
OUTPUT
