/** A parameter is the one tensor that changes, and it counts its versions. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formula, Parameter, Tensor, useBackend } from '../../src/index.ts';
import { sharesMemory } from '../lib/same.ts';

const w = () => new Parameter(Tensor.of([1, 2]));

test('a parameter is a tensor, and may be used as one', () => {
  expect(w()).toBeInstanceOf(Tensor);
  expect(w().mul(3).toArray()).toEqual([3, 6]);
  expect(w().mul(3)).not.toBeInstanceOf(Parameter);
  expect(String(w())).toBe(String(Tensor.of([1, 2])));
});

test('a parameter starts as a copy, so an update changes no other tensor', () => {
  const start = Tensor.of([1, 2]);
  const parameter = new Parameter(start);
  expect(sharesMemory(parameter.data, start.data)).toBe(false);
  parameter.assign(Tensor.of([5, 6]));
  expect(start.toArray()).toEqual([1, 2]);
});

describe('assign', () => {
  test('copies the numbers, keeps the storage, and counts a version', () => {
    const parameter = w();
    const { storage } = parameter;
    const value = Tensor.of([5, 6]);
    parameter.assign(value);
    expect([parameter.toArray(), parameter.version, parameter.storage === storage]).toEqual([[5, 6], 1, true]);
    parameter.assign(Tensor.of([7, 8]));
    expect([value.toArray(), parameter.version]).toEqual([[5, 6], 2]);
  });

  test('of a value computed from the parameter itself uses the old numbers', () => {
    const parameter = w();
    parameter.assign(parameter.add(parameter).slice([[null, null, -1]]));
    expect(parameter.toArray()).toEqual([4, 2]);
  });

  test('that is refused changes neither the numbers nor the version', () => {
    const parameter = w();
    for (const misfit of [Tensor.of([1, 2, 3]), Tensor.of([[1, 2]]), Tensor.of([5, 6], 'float64'), Tensor.of([5, 6], 'int32')])
      expect(() => parameter.assign(misfit)).toThrow(/^assign: the parameter/);
    expect([parameter.toArray(), parameter.version]).toEqual([[1, 2], 0]);
  });

  test('that is refused names the path, where there is one', () => {
    expect(() => new Parameter(Tensor.of([1]), 'layers.0.bias').assign(Tensor.of([1, 2]))).toThrow(
      'assign: layers.0.bias has shape [1], got [2]',
    );
  });
});

describe.each(['wasm', 'plain'] as const)('the array that a parameter shows, with the backend %s', (backend) => {
  beforeEach(() => useBackend(backend));
  afterEach(() => useBackend('wasm'));
  const doubled = formula((x) => x!.mul(2));

  test('is the same until the parameter changes, and does not change with it', () => {
    const parameter = w();
    const { data } = parameter;
    expect(parameter.data).toBe(data);
    parameter.assign(Tensor.of([5, 6]));
    expect([[...data], [...parameter.data]]).toEqual([
      [1, 2],
      [5, 6],
    ]);
    parameter.update(doubled);
    expect([...parameter.data]).toEqual([10, 12]);
  });

  test('can be written to and transferred: the parameter computes with its own numbers', () => {
    const parameter = w();
    parameter.data[0] = 9;
    expect(parameter.add(0).toArray()).toEqual([1, 2]);
    parameter.update(doubled);
    const { data } = parameter;
    expect(data.buffer.byteLength).toBe(8);
    structuredClone(data, { transfer: [data.buffer as ArrayBuffer] });
    expect([data.length, parameter.toArray()]).toEqual([0, [2, 4]]);
  });
});

test('a parameter that was made with one backend can be read and changed with the other', () => {
  const doubled = formula((x) => x!.mul(2));
  for (const [first, second] of [
    ['wasm', 'plain'],
    ['plain', 'wasm'],
  ] as const) {
    useBackend(first);
    const parameter = w();
    useBackend(second);
    parameter.update(doubled);
    expect(parameter.toArray()).toEqual([2, 4]);
    useBackend('wasm');
  }
});

describe('update', () => {
  const descended = formula((x, slope, rate) => x.sub(slope.mul(rate)));

  test('gives in one kernel the bits that operations give, with tensors that broadcast to it', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const start = Tensor.uniform([4, 5], { seed: 1, dtype }) as Tensor;
      const [slope, rate] = [Tensor.uniform([5], { seed: 2, dtype }) as Tensor, Tensor.full([], 0.3, dtype) as Tensor];
      const parameter = new Parameter(start);
      parameter.update(descended, slope, rate);
      expect(parameter.toArray()).toEqual(start.sub(slope.mul(rate)).toArray());
      expect(parameter.version).toBe(1);
    }
  });
});

test('a rule that is no formula is refused, and so are inputs that are no tensors', () => {
  const w = new Parameter(Tensor.of([1]), 'w');
  expect(() => w.update(5 as never)).toThrow(/^update: expected a formula for w, formula\(\(w, …\) => …\), got 5/);
  expect(() => w.update((() => 5) as never)).toThrow(/^update: .*got a function that gives 5/);
  expect(() =>
    w.update(
      formula((a, b) => a.add(b)),
      5 as never,
    ),
  ).toThrow(/^update: expected a tensor for an input of the formula for w, got the number 5/);
  expect([w.item(), w.version]).toEqual([1, 0]);
});
