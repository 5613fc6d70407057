/** What a case of the page of conventions gives: its value, the slope of it, and the slope of that. */

import * as tapegrad from 'tapegrad';
import { grad, Tensor } from 'tapegrad';

/** A number, or numbers in an array. */
export type Numbers = number | readonly Numbers[];

/** An expression of `x`, in the names that the package exports. */
export function functionOf(expression: string): (x: Tensor) => Tensor {
  const names = Object.keys(tapegrad).filter((name) => new RegExp(`\\b${name}\\b`).test(expression));
  const f = new Function(...names, 'x', `return ${expression};`) as (...given: unknown[]) => Tensor;
  return (x) => f(...names.map((name) => Reflect.get(tapegrad, name)), x);
}

/** In float64: what a function gives at `x`, the gradient of the sum of it, and the gradient of the sum of that. */
export function evaluate(expression: string, at: Numbers): { value: Numbers; slope: () => Numbers; second: () => Numbers } {
  const f = functionOf(expression);
  const x = Tensor.of(at as number[], 'float64') as Tensor;
  const slope = grad((x: Tensor) => f(x).sum());
  const second = grad((x: Tensor) => slope(x).sum());
  return { value: f(x).toArray(), slope: () => slope(x).toArray(), second: () => second(x).toArray() };
}

/** Numbers as the page writes them. */
export function written(numbers: Numbers): string {
  if (typeof numbers !== 'number') return `[${numbers.map(written).join(', ')}]`;
  if (Object.is(numbers, -0)) return '−0';
  const short = Number(numbers.toPrecision(5));
  return String(short).replace('-', '−').replace('Infinity', '∞');
}
