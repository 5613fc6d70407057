/** Functions of each element by itself. */

import { type ElementwiseOp, nonzeros, positives, unary } from '../op.ts';

type Unary = ElementwiseOp<'x'>;

export const exp: Unary = unary('exp', {
  forward: (x) => x.exp(),
  backward: ({ dy, y }) => dy.mul(y),
});

export const expm1: Unary = unary('expm1', {
  forward: (x) => x.expm1(),
  backward: ({ dy, x }) => dy.mul(x.exp()),
});

export const log: Unary = unary('log', {
  forward: (x) => x.log(),
  backward: ({ dy, x }) => dy.div(x),
  domain: positives,
});

export const log1p: Unary = unary('log1p', {
  forward: (x) => x.log1p(),
  backward: ({ dy, x }) => dy.div(x.add(1)),
  domain: positives,
});

export const sqrt: Unary = unary('sqrt', {
  forward: (x) => x.sqrt(),
  backward: ({ dy, y }) => dy.div(y.mul(2)),
  domain: positives,
});

/** The slope at 0 is 0. */
export const abs: Unary = unary('abs', {
  forward: (x) => x.abs(),
  backward: ({ dy, x }) => dy.mul(x.sign()),
  domain: nonzeros,
});

export const sign: Unary = unary('sign', {
  forward: (x) => x.sign(),
  backward: null,
  domain: nonzeros,
});

export const sin: Unary = unary('sin', {
  forward: (x) => x.sin(),
  backward: ({ dy, x }) => dy.mul(x.cos()),
});

export const cos: Unary = unary('cos', {
  forward: (x) => x.cos(),
  backward: ({ dy, x }) => dy.mul(x.sin()).neg(),
});

export const tanh: Unary = unary('tanh', {
  forward: (x) => x.tanh(),
  backward: ({ dy, y }) => dy.mul(y.mul(y).neg().add(1)),
});

export const sigmoid: Unary = unary('sigmoid', {
  forward: (x) => x.sigmoid(),
  backward: ({ dy, y }) => dy.mul(y).mul(y.neg().add(1)),
});

/** The slope at 0 is 0; NaN passes the gradient on, as in PyTorch. */
export const relu: Unary = unary('relu', {
  forward: (x) => x.atLeast(0),
  backward: ({ dy, x }) => x.lessEqual(0).choose(0, dy),
  domain: nonzeros,
});
