/**
 * Values and gradients of linear algebra, Fourier transforms and losses from PyTorch 2.13, in float64: `algebra.json`. Where an alignment is impossible,
 * `ctc_loss` has the gradient NaN; here it is 0.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../src/index.ts';
import { Tensor, vjp } from '../../src/index.ts';

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}
interface Case {
  readonly name: string;
  readonly params: Readonly<Record<string, any>>;
  readonly inputs: readonly Stored[];
  readonly ints: Readonly<Record<string, Stored>>;
  readonly outputs: readonly Stored[];
  readonly gradOutputs: readonly Stored[];
  readonly grads: readonly Stored[];
}

const numberOf = (x: number | string): number => (x === 'inf' ? Infinity : x === '-inf' ? -Infinity : x === 'nan' ? NaN : Number(x));
const tensorOf = ({ shape, data }: Stored): Tensor => new Tensor(shape, Float64Array.from(data, numberOf));
const { torch, cases } = JSON.parse(readFileSync('test/golden/algebra.json', 'utf8')) as { torch: string; cases: readonly Case[] };

type Call = (xs: readonly Tensor[], params: any, target: Tensor) => Tensor | readonly Tensor[];
const orderOf = (order: any) => (order === 'fro' || order === 'nuc' ? order : numberOf(order));
const weightOf = ({ weight, ...others }: any) => (weight ? { weight: Tensor.of(weight, 'float64'), ...others } : others);

/** Each function as the cases call it. */
const calls: Readonly<Record<string, Call>> = {
  svdvals: ([a], { squared }) => (squared ? tapegrad.svdvals(a!).pow(2).sum() : tapegrad.svdvals(a!)),
  pinv: ([a], options) => tapegrad.pinv(a!, options),
  lstsq: ([a, b]) => tapegrad.lstsq(a!, b!),
  matrixNorm: ([a], { order, keepDims }) => tapegrad.matrixNorm(a!, { order: orderOf(order), keepDims }),
  cond: ([a]) => tapegrad.cond(a!),
  lu: ([a]) => [tapegrad.lu(a!).l, tapegrad.lu(a!).u],
  matrixExp: ([a]) => tapegrad.matrixExp(a!),
  matrixPower: ([a], { power }) => tapegrad.matrixPower(a!, power),
  cdist: ([a, b], { order, same }) =>
    tapegrad.cdist(a!, same ? Tensor.fromTypedArray(a!.data, a!.shape as number[]) : b!, { order: numberOf(order) }),
  cross: ([a, b], { axis }) => tapegrad.cross(a!, b!, axis),
  kron: ([a, b]) => tapegrad.kron(a!, b!),
  blockDiag: (matrices) => tapegrad.blockDiag(matrices),
  vander: ([x], options) => tapegrad.vander(x!, options),
  rfft: ([x], { axis, ...options }) => Object.values(tapegrad.rfft(x!, axis, options)),
  irfft: ([a, b], { axis, ...options }) => tapegrad.irfft(a!, b!, axis, options),
  ctcLoss: ([x], options, target) => tapegrad.ctcLoss(x!.logSoftmax(), target, options),
  multiMarginLoss: ([x], options, target) => tapegrad.multiMarginLoss(x!, target, weightOf(options)),
  multilabelMarginLoss: ([x], options, target) => tapegrad.multilabelMarginLoss(x!, target, options),
  multilabelSoftMarginLoss: ([x, y], options) => tapegrad.multilabelSoftMarginLoss(x!, y!, weightOf(options)),
};

/** Relative to the largest number, since PyTorch multiplies in another order. */
function expectClose(found: Tensor, wanted: Stored, what: string): void {
  expect(found.shape, what).toEqual(wanted.shape);
  const numbers = wanted.data.map(numberOf);
  const scale = Math.max(1, ...numbers.filter(Number.isFinite).map(Math.abs));
  numbers.forEach((y, i) => {
    const x = found.data[i]!;
    if (Number.isFinite(y)) expect(Math.abs(x - y), `${what}[${i}] is ${x}, should be ${y}`).toBeLessThanOrEqual(1e-11 * scale);
    else expect(x, `${what}[${i}]`).toBe(y);
  });
}

test('the values are of one version of PyTorch, and there are some for each function', () => {
  expect(torch).toBe('2.13.0');
  expect(Object.keys(calls).filter((name) => !cases.some((one) => one.name === name))).toEqual([]);
});

describe.each(Object.entries(calls))('%s', (name, call) => {
  test('has the values and the gradients of PyTorch', () => {
    cases.forEach(({ name: own, params, inputs, ints, outputs, gradOutputs, grads }, which) => {
      if (own !== name) return;
      const what = `case ${which}, ${JSON.stringify(params)}`;
      const { target } = ints;
      const labels = target && new Tensor(target.shape, Int32Array.from(target.data, Number));
      outputs.forEach((output, i) => {
        const one = (...xs: Tensor[]): Tensor => [call(xs, params, labels!)].flat()[i]!;
        expectClose(one(...inputs.map(tensorOf)), output, `${what}, result ${i}`);
      });
      const total = (...xs: Tensor[]): Tensor =>
        [call(xs, params, labels!)]
          .flat()
          .map((y, i): Tensor => y.mul(tensorOf(gradOutputs[i]!)).sum())
          .reduce((a, b) => a.add(b));
      const xs = inputs.map(tensorOf);
      const pulled = vjp(total, ...xs)[1](Tensor.of(1, 'float64'));
      grads.forEach((gradient, i) => expectClose(pulled[i]!, gradient, `${what}, gradient ${i}`));
    });
  });
});
