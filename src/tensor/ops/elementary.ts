/** The elementary functions that are methods, each of one element by itself. */

import { type ElementwiseOp, nonzeros, positives, unaryOp } from '../op.ts';

type Unary = ElementwiseOp<'x'>;

export const exp: Unary = unaryOp('exp', {
  nonFinite: 'exponential',
  forward: (x) => x.exp(),
  backward: ({ dy, y }) => dy.mul(y),
});

export const expm1: Unary = unaryOp('expm1', {
  nonFinite: 'exponential',
  forward: (x) => x.expm1(),
  backward: ({ dy, x }) => dy.mul(x.exp()),
});

export const log: Unary = unaryOp('log', {
  nonFinite: 'logarithm',
  forward: (x) => x.log(),
  backward: ({ dy, x }) => dy.div(x),
  domain: positives,
});

export const log1p: Unary = unaryOp('log1p', {
  nonFinite: 'logarithm',
  forward: (x) => x.log1p(),
  backward: ({ dy, x }) => dy.div(x.add(1)),
  domain: positives,
});

export const sqrt: Unary = unaryOp('sqrt', {
  nonFinite: 'root',
  forward: (x) => x.sqrt(),
  // The sum with 0 takes the sign from a zero, so that the slope is ∞ at −0 too.
  backward: ({ dy, y }) => dy.div(y.mul(2).add(0)),
  domain: positives,
});

/** The slope at 0 is 0. */
export const abs: Unary = unaryOp('abs', {
  dtypes: 'any',
  forward: (x) => x.abs(),
  backward: ({ dy, x }) => dy.mul(x.sign()),
  domain: nonzeros,
});

export const sign: Unary = unaryOp('sign', {
  dtypes: 'any',
  forward: (x) => x.sign(),
  backward: null,
  domain: nonzeros,
});

export const tanhOp: Unary = unaryOp('tanh', {
  forward: (x) => x.tanh(),
  backward: ({ dy, y }) => dy.mul(y.mul(y).neg().add(1)),
});

export const sigmoidOp: Unary = unaryOp('sigmoid', {
  forward: (x) => x.sigmoid(),
  backward: ({ dy, y }) => dy.mul(y).mul(y.neg().add(1)),
});

/** The slope at 0 is 0; NaN passes the gradient on, as in PyTorch. */
export const reluOp: Unary = unaryOp('relu', {
  forward: (x) => x.atLeast(0),
  backward: ({ dy, y }) => y.lessEqual(0).where(0, dy),
  domain: nonzeros,
});
