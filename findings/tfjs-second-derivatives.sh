#!/usr/bin/env bash
# Second derivatives that drop a term, in silence.
#
# TensorFlow.js 4.22.0, on its plain CPU backend, 2026-11-27. About 20 s.
#
# A gradient can be taken of a gradient, and for most functions that is right. For exp, tanh and sigmoid it is not: their rules use the result that
# the forward pass kept, as dy · y, and it counts as a constant when the rule is differentiated in turn. Alone these functions raise an error,
# since nothing leads to x any more. In a product something does, and so (x eˣ)″ is 2 eˣ, not (2 + x) eˣ. Functions whose rule uses x are right,
# expm1 among them: x (eˣ − 1) has the same second derivative as x eˣ, and gets another.
#
# Guessed: an error for all of them, or the right values.
. "$(dirname "$0")/lib.sh"

with_node @tensorflow/tfjs@4.22.0 << 'PROGRAM'
import * as tf from '@tensorflow/tfjs';
await tf.setBackend('cpu');
const at = (f) => f(tf.scalar(0.5)).dataSync()[0].toFixed(3);
const second = (f) => tf.grad((x) => tf.grad(f)(x));
for (const name of ['exp', 'tanh', 'sigmoid', 'expm1', 'sin', 'log', 'sqrt']) {
  const f = (x) => x.mul(tf[name](x));
  const slope = (x) => tf.grad(f)(x);
  const differences = (x) => slope(x.add(0.01)).sub(slope(x.sub(0.01))).div(0.02);
  const [found, right] = [Number(at(second(f))), Number(at(differences))];
  console.log(`x ${name}(x)`, Math.abs(found - right) < 0.02 ? 'right' : `${found}, by differences ${right.toFixed(1)}`);
}
try {
  at(second((x) => x.exp()));
} catch (error) {
  console.log('exp(x) alone:', error.message.split('.')[0]);
}
PROGRAM

was_seen << 'OUTPUT'
x exp(x) 3.297, by differences 4.1
x tanh(x) 1.573, by differences 1.2
x sigmoid(x) 0.47, by differences 0.4
x expm1(x) right
x sin(x) right
x log(x) right
x sqrt(x) right
exp(x) alone: Cannot compute gradient of y=f(x) with respect to x
OUTPUT
