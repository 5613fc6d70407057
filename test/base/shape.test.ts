/** Sizes and strides, against walks through nested loops that know nothing of strides. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  around,
  broadcastShape,
  broadcastStrides,
  broadcastsTo,
  formatShape,
  kept,
  mergeAxes,
  normalizeAxes,
  normalizeAxis,
  sameShape,
  sizeOf,
  stridesOf,
  walk,
  without,
} from '../../src/base/shape.ts';
import { ShapeError } from '../../src/index.ts';

const shapes = fc.array(fc.nat({ max: 4 }), { maxLength: 4 });

/** Every index of a shape in row-major order, counted up like an odometer. */
function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>((before, size) => before.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])), [[]]);
}

test('strides count how many elements lie between neighbours', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const strides = stridesOf(shape);
      indices(shape).forEach((index, place) => expect(index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0)).toBe(place));
      expect(sizeOf(shape)).toBe(indices(shape).length);
    }),
  );
});

/** A shape, and the same with some sizes shrunk to 1 and some leading axes gone. */
const stretched = fc
  .tuple(shapes, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat({ max: 4 }))
  .map(([to, shrunk, dropped]) => ({ to, from: to.map((size, i) => (shrunk[i] ? 1 : size)).slice(dropped) }));

describe('broadcasting', () => {
  test('of a shape and one that broadcasts to it gives that shape, in either order', () => {
    fc.assert(
      fc.property(stretched, ({ to, from }) => {
        expect(broadcastShape('f', to, from)).toEqual(to);
        expect(broadcastShape('f', from, to)).toEqual(to);
        expect(broadcastsTo(from, to)).toBe(true);
      }),
    );
  });

  test('of any two shapes either fails, where sizes differ, or gives sizes that one of them has', () => {
    fc.assert(
      fc.property(shapes, shapes, (a, b) => {
        const pairs = a.toReversed().map((m, i) => [m, b.toReversed()[i] ?? 1] as const);
        if (pairs.some(([m, n]) => m !== n && m !== 1 && n !== 1)) {
          expect(() => broadcastShape('f', a, b)).toThrow(ShapeError);
          return;
        }
        const both = broadcastShape('f', a, b);
        expect([broadcastsTo(a, both), broadcastsTo(b, both)]).toEqual([true, true]);
        expect(both).toHaveLength(Math.max(a.length, b.length));
        both.toReversed().forEach((size, i) => expect([a.at(-1 - i) ?? 1, b.at(-1 - i) ?? 1]).toContain(size));
      }),
    );
  });

  test('reads each element of the smaller shape where the larger one has it', () => {
    fc.assert(
      fc.property(stretched, ({ to, from }) => {
        const steps = broadcastStrides(from, to);
        const strides = stridesOf(from);
        for (const index of indices(to)) {
          const own = index.slice(to.length - from.length).map((i, axis) => (from[axis] === 1 ? 0 : i));
          const place = own.reduce((sum, i, axis) => sum + i * strides[axis]!, 0);
          expect(index.reduce((sum, i, axis) => sum + i * steps[axis]!, 0)).toBe(place);
        }
      }),
    );
  });

  test('names both shapes, the sizes that differ and the rule', () => {
    expect(() => broadcastShape('add', [2, 3], [4, 2, 5])).toThrow(
      'add: shapes [2, 3] and [4, 2, 5] do not broadcast, since 3 and 5 differ; sizes align at the right and must agree or be 1',
    );
  });
});

test('a walk visits every element once, in row-major order, and advances by all strides at once', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const ownStrides = stridesOf(shape);
      const backward = ownStrides.map((stride) => -3 * stride);
      const visited: (readonly number[])[] = [];
      walk(shape, [ownStrides, backward], (here, [own, other]) => visited.push([here, own, other]));
      expect(visited).toEqual(Array.from({ length: sizeOf(shape) }, (_, i) => [i, i, i === 0 ? 0 : -3 * i]));
    }),
  );
});

test('merged axes visit what the single ones would, and there is at least one', () => {
  fc.assert(
    fc.property(stretched, stretched, ({ to, from }, other) => {
      const inputs = [from, broadcastsTo(other.from, to) ? other.from : [], to].map((shape) => ({ sizes: shape }));
      const { sizes, strides } = mergeAxes(to, inputs);
      const found: (readonly number[])[] = [];
      walk(sizes, strides, (_, there) => found.push([...there]));
      const wanted: (readonly number[])[] = [];
      walk(
        to,
        inputs.map(({ sizes: shape }) => broadcastStrides(shape, to)),
        (_, there) => wanted.push([...there]),
      );
      expect(found).toEqual(wanted);
      expect(sizes.length).toBeGreaterThan(0);
      expect(sizes.length).toBeLessThanOrEqual(Math.max(1, to.length));
    }),
  );
});

test('contiguous inputs are read along one axis', () => {
  expect(mergeAxes([2, 3, 4], [{ sizes: [2, 3, 4] }, { sizes: [] }])).toEqual({ sizes: [24], strides: [[1], [0]] });
  expect(mergeAxes([2, 3, 4], [{ sizes: [2, 3, 4] }, { sizes: [3, 4] }])).toEqual({
    sizes: [2, 12],
    strides: [
      [12, 1],
      [0, 1],
    ],
  });
});

test('negative axes count from the end, and others are refused', () => {
  expect([-3, -1, 0, 2].map((axis) => normalizeAxis('sum', axis, [2, 3, 4]))).toEqual([0, 2, 0, 2]);
  expect(normalizeAxes('sum', undefined, [2, 3, 4])).toEqual([0, 1, 2]);
  expect(normalizeAxes('sum', [-1, 0], [2, 3, 4])).toEqual([0, 2]);
  expect(normalizeAxes('sum', [], [2, 3, 4])).toEqual([]);
  for (const axis of [-4, 3, 0.5, NaN]) expect(() => normalizeAxis('sum', axis, [2, 3, 4])).toThrow(`sum: there is no axis ${axis}`);
  expect(() => normalizeAxis('sum', 0, [])).toThrow('sum: there is no axis 0 in shape [], which has no axes');
});

test('a shape is split at an axis, reduced along it to 1, and given without it', () => {
  fc.assert(
    fc.property(
      shapes.filter(({ length }) => length > 0),
      fc.nat(),
      (shape, which) => {
        const axis = which % shape.length;
        const { before, count, after } = around(shape, axis);
        expect([before * count * after, count]).toEqual([sizeOf(shape), shape[axis]]);
        expect(stridesOf(shape)[axis]).toBe(after);
        expect(kept(shape, [axis])).toEqual(shape.with(axis, 1));
        expect(without(shape, [axis])).toEqual(shape.toSpliced(axis, 1));
      },
    ),
  );
});

test('shapes are the same when every size is', () => {
  expect(sameShape([], [])).toBe(true);
  expect(sameShape([2, 3], [2, 3])).toBe(true);
  expect(sameShape([2, 3], [3, 2])).toBe(false);
  expect(sameShape([1, 3], [3])).toBe(false);
  expect(formatShape([2, 3])).toBe('[2, 3]');
  expect(formatShape([])).toBe('[]');
});
