#!/usr/bin/env bash
# The place of the largest number is behind the end.
#
# jax-js 0.1.25 in Node, without a GPU, 2026-11-27. About 15 s.
#
# argmax and argmin of an array in which there is a NaN are its length: an index that no element has, wherever the NaN is and whatever the others
# are. max of the same array is NaN. NumPy, JAX and PyTorch give the place of the NaN. What takes such an index goes on: oneHot of it is a
# row of zeros, so a diverged network is not noticed by what counts its hits.
#
# Guessed: the place of the NaN, or of the largest of the others.
. "$(dirname "$0")/lib.sh"

with_node @jax-js/jax@0.1.25 << 'PROGRAM'
import { nn, numpy as np } from '@jax-js/jax';
for (const values of [[1, 2], [1, NaN, 3], [NaN, 1], [NaN]])
  console.log(String(values), 'argmax', np.argmax(np.array(values)).js(), 'argmin', np.argmin(np.array(values)).js(), 'max', np.max(np.array(values)).js());
console.log('one-hot of 3 in 3 classes', String(nn.oneHot(np.array([3], { dtype: 'int32' }), 3).js()));
PROGRAM

was_seen << 'OUTPUT'
1,2 argmax 1 argmin 0 max 2
1,NaN,3 argmax 3 argmin 3 max NaN
NaN,1 argmax 2 argmin 2 max NaN
NaN argmax 1 argmin 1 max NaN
one-hot of 3 in 3 classes 0,0,0
OUTPUT
