#!/usr/bin/env bash
# A running total of probabilities that falls.
#
# JAX 0.10.2 on the CPU, NumPy 2.4.6, PyTorch 2.13.0, 2026-11-27. About 1 min.
#
# Sums of numbers that are not negative cannot fall, and where they are added from first to last they do not, rounded or not. jnp.cumsum and
# lax.associative_scan add in another order: neighbours are sums of other groups, each rounded in its own way. So the cumulative distribution of
# 1000 outcomes goes down in places. Drawing by a search in it, for u between two neighbours, relies on its order.
#
# Guessed: other last digits, but rising.
. "$(dirname "$0")/lib.sh"

with_python jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 torch==2.13.0 << 'PROGRAM'
import jax, jax.numpy as jnp, numpy as np, torch

# Few outcomes are likely, most are next to impossible.
p = np.random.RandomState(0).dirichlet(np.full(1000, 0.05)).astype(np.float32)
totals = {
    "NumPy": np.cumsum(p),
    "PyTorch": torch.cumsum(torch.tensor(p), 0).numpy(),
    "jnp.cumsum": np.asarray(jnp.cumsum(jnp.array(p))),
    "lax.associative_scan": np.asarray(jax.lax.associative_scan(jnp.add, jnp.array(p))),
}
for name, total in totals.items():
    falls = int((np.diff(total) < 0).sum())
    print(name, "falls" if falls else "never falls")
PROGRAM

was_seen << 'OUTPUT'
NumPy never falls
PyTorch never falls
jnp.cumsum falls
lax.associative_scan falls
OUTPUT
