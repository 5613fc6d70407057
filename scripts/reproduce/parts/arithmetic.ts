import type { FloatDtype, Tensor } from 'tapegrad';
import { everything, inBoth, ordinary, type Part, shuffled } from './part.ts';

const unary = ['neg', 'reciprocal', 'abs', 'sign', 'relu'] as const;
const binary = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum'] as const;
const comparison = ['less', 'lessEqual', 'greater', 'greaterEqual', 'equal', 'notEqual'] as const;

function* elementwise(dtype: FloatDtype): Generator<Tensor> {
  const a = everything(dtype);
  const b = shuffled(a, 1);
  for (const name of unary) yield a[name]();
  for (const name of [...binary, ...comparison]) yield a[name](b);
  yield a.less(b).where(a, b);
  // Broadcast along each axis, with a last axis that fills no whole number of vectors.
  const wide = ordinary(dtype).slice([[0, 1001]]);
  const tall = wide.slice([[0, 13]]).reshape([13, 1]);
  for (const name of binary) yield wide[name](tall);
}

/** Operations that need no approximation, on every kind of number. */
export const arithmetic: readonly Part[] = inBoth('arithmetic', elementwise);
