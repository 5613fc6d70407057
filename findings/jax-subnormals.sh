#!/usr/bin/env bash
# A number that prints as 1e-40, is true, and equals 0.
#
# JAX 0.10.2 on the CPU of an x86-64 machine, 2026-11-27. About 30 s.
#
# Compiled programs take subnormal numbers for 0, arrays keep them: x == 0 holds, sign(x) is 0, log(x) is -inf, unique merges 0, 1e-40 and 2e-40,
# and sort leaves the two unsorted, for all of these run compiled. What goes to the host does not: bool(x) is True, float(x) is 1e-40. In
# float64 too, below 2.2e-308. PyTorch and NumPy keep all of them.
#
# Guessed: that results are flushed; not that comparisons and sorting are, nor float64.
. "$(dirname "$0")/lib.sh"

with_python jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 << 'PROGRAM'
import jax, jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
for dtype, tiny in ((jnp.float32, 1e-40), (jnp.float64, 1e-310)):
    x = jnp.array(tiny, dtype)
    print(f"{float(x):.0e}: bool {bool(x)}, == 0 {x == 0}, > 0 {x > 0}, sign {jnp.sign(x)}, log {jnp.log(x)}, times 1 {x * 1}")
    print("  sorted", [f"{v:.0e}" for v in jnp.sort(jnp.array([2 * tiny, tiny], dtype)).tolist()])
    print("  unique", jnp.unique(jnp.array([0, tiny, 2 * tiny], dtype)).tolist())
PROGRAM

was_seen << 'OUTPUT'
1e-40: bool True, == 0 True, > 0 False, sign 0.0, log -inf, times 1 0.0
  sorted ['2e-40', '1e-40']
  unique [0.0]
1e-310: bool True, == 0 True, > 0 False, sign 0.0, log -inf, times 1 0.0
  sorted ['2e-310', '1e-310']
  unique [0.0]
OUTPUT
