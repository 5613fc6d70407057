/** Elements by index along an axis: what loops find, with the gradients that follow from them. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import {
  grad,
  gradcheck,
  gradgradcheck,
  putAlongAxis,
  ShapeError,
  scatter,
  scatterAdd,
  Tensor,
  takeAlongAxis,
  ValueError,
  vjp,
  vmap,
} from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { counted as counted32, int32 } from '../../lib/tensors.ts';

/** The float64 numbers 0, 1, 2, … in a shape. */
const counted = (...shape: number[]): Tensor => counted32(...shape).cast('float64');

/** A matrix, an axis of it, and indices along that axis for some of the rows beside it. */
const cases = fc
  .record({
    shape: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    axis: fc.constantFrom(0, 1, -1, -2),
    count: fc.integer({ min: 0, max: 5 }),
    others: fc.integer({ min: 1, max: 4 }),
    seed: fc.integer({ min: 0, max: 999 }),
  })
  .map(({ shape, axis, count, others, seed }) => {
    const normal = (axis + 2) % 2;
    const sizes = [0, 0];
    sizes[normal] = count;
    sizes[1 - normal] = Math.min(others, shape[1 - normal]!);
    const indices = Tensor.uniform(sizes, { high: shape[normal]!, seed }).cast('int32');
    return { x: counted(...shape).neg(), axis, normal, indices, source: counted(...sizes).add(1) };
  });

/** Visits each index, in row-major order: where it is, and where in a matrix it points. */
function each({ indices, normal }: { indices: Tensor; normal: number }, visit: (i: number, at: readonly [number, number]) => void): void {
  const columns = indices.shape[1]!;
  indices.data.forEach((index, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    visit(i, normal === 0 ? [index, column] : [row, index]);
  });
}

describe('scatter', () => {
  test('replaces what the indices name, one after another, so that the last of several stays', () => {
    fc.assert(
      fc.property(cases, ({ x, axis, normal, indices, source }) => {
        const rows = x.toArray() as number[][];
        each({ indices, normal }, (i, [row, column]) => (rows[row]![column] = source.data[i]!));
        expect(scatter(x, axis, indices, source).toArray()).toEqual(rows);
      }),
    );
  });

  test('passes gradients to the elements that remain, not to those that were replaced', () => {
    fc.assert(
      fc.property(cases, ({ x, axis, normal, indices, source }) => {
        const dy = counted(...x.shape).add(1);
        const dx = dy.toArray() as number[][];
        const ds = new Map<string, number>();
        each({ indices, normal }, (i, [row, column]) => {
          dx[row]![column] = 0;
          ds.set(`${row},${column}`, i);
        });
        const wanted = new Float64Array(source.size);
        for (const [place, i] of ds) wanted[i] = dy.slice(place.split(',').map(Number)).item();
        const [ofX, ofSource] = vjp((x: Tensor, source: Tensor) => scatter(x, axis, indices, source), x, source)[1](dy);
        expect(ofX.toArray()).toEqual(dx);
        expect([...ofSource.data]).toEqual([...wanted]);
      }),
    );
  });

  test('is linear to the second derivative, and takes a batch by vmap', () => {
    const indices = int32([[2, 0, 2], [1, 1, 0]]); // biome-ignore format: a matrix
    const f = (x: Tensor, source: Tensor) => scatter(x, 1, indices, source).mul(x.add(1));
    gradcheck(f, [counted(2, 3), counted(2, 3)]);
    gradgradcheck(f, [counted(2, 3), counted(2, 3)]);
    const [xs, lists, sources] = [counted(2, 3), int32([[2, 0], [1, 1]]), counted(2, 2).add(10)]; // biome-ignore format: matrices
    const batch = vmap((x: Tensor, i: Tensor, s: Tensor) => scatter(x, 0, i, s))(xs, lists, sources);
    expect(batch.toArray()).toEqual([
      [11, 1, 10],
      [3, 13, 5],
    ]);
  });

  test('of int32 is int32', () => {
    expect(scatter(int32([1, 2, 3]), 0, int32([1]), int32([9])).toArray()).toEqual([1, 9, 3]);
  });

  test('requires an index for each element, within the axis', () => {
    const x = counted(3);
    expect(() => scatter(x, 0, int32([0]), counted(2))).toThrow(/^scatter: expected one index for each element, got \[1\] for \[2\]/);
    expect(() => scatter(x, 0, int32([3]), counted(1))).toThrow(ValueError);
    expect(() => scatter(x, 0, int32([[0]]), counted(1, 1))).toThrow(ShapeError);
    expect(() => scatterAdd(x, 0, int32([0]), 1 as never)).toThrow(
      /^scatterAdd: expected a tensor for source, got the number 1; write Tensor/,
    );
  });
});

describe('takeAlongAxis', () => {
  test('is gather where all sizes agree, and stretches indices and elements where they do not', () => {
    const x = counted(2, 3);
    expect(takeAlongAxis(x, 1, int32([[2, 0], [1, 1]])).toArray()).toEqual([[2, 0], [4, 4]]); // biome-ignore format: matrices
    expect(takeAlongAxis(x, 1, int32([[2, 0]])).toArray()).toEqual([[2, 0], [5, 3]]); // biome-ignore format: matrices
    expect(takeAlongAxis(x.slice([[0, 1]]), -1, int32([[2], [0]])).toArray()).toEqual([[2], [0]]);
  });

  test('gives the elements that argmax finds, with the gradient for each of them', () => {
    const x = Tensor.of([[1, 3], [4, 2]], 'float64'); // biome-ignore format: a matrix
    const largest = (x: Tensor) => takeAlongAxis(x, 1, x.argmax(1, { keepDims: true }));
    expect(largest(x).toArray()).toEqual([[3], [4]]);
    expect(grad((x: Tensor) => largest(x).sum())(x).toArray()).toEqual([[0, 1], [1, 0]]); // biome-ignore format: a matrix
    gradcheck((x: Tensor) => takeAlongAxis(x, 0, int32([[1, 0], [1, 1], [0, 1]])), [x]); // biome-ignore format: a matrix
  });

  test('requires indices with as many axes as the tensor, and sizes that broadcast', () => {
    expect(() => takeAlongAxis(counted(2, 3), 1, int32([0]))).toThrow(
      /^takeAlongAxis: expected indices with as many axes as \[2, 3\], got/,
    );
    expect(() => takeAlongAxis(counted(2, 3), 1, int32([[0], [0], [0]]))).toThrow(/^takeAlongAxis: shapes/);
    expect(() => takeAlongAxis([1] as never, 0, int32([0]))).toThrow(/^takeAlongAxis: expected a tensor for x, got an array/);
  });
});

describe('putAlongAxis', () => {
  test('is scatter where all sizes agree, and stretches indices and values where they do not', () => {
    fc.assert(
      fc.property(cases, ({ x, axis, normal, indices, source }) => {
        fc.pre(indices.shape[1 - normal] === x.shape[1 - normal]);
        expect(putAlongAxis(x, axis, indices, source).toArray()).toEqual(scatter(x, axis, indices, source).toArray());
        expect(putAlongAxis(x, axis, indices, 7).toArray()).toEqual(scatter(x, axis, indices, source.mul(0).add(7)).toArray());
        const one = indices.slice(normal === 0 ? [null, [0, 1]] : [[0, 1]]);
        expect(putAlongAxis(x, axis, one, source).toArray()).toEqual(scatter(x, axis, one.broadcastTo(indices.shape), source).toArray());
      }),
    );
  });

  test('sums the gradients of values that stretch', () => {
    const dv = grad((v: Tensor) =>
      putAlongAxis(counted(2, 3), 1, int32([[0]]), v)
        .mul(counted(2, 3))
        .sum(),
    )(Tensor.of(5, 'float64'));
    expect(dv.item()).toBe(3);
  });

  test('does not stretch the tensor itself', () => {
    expect(() => putAlongAxis(counted(1, 3), 1, int32([[0], [1]]), 1)).toThrow(
      /^putAlongAxis: expected indices that broadcast to \[1, 1\]/,
    );
    expect(() => putAlongAxis(counted(2, 3), 1, int32([[0]]), counted(3))).toThrow(
      /^putAlongAxis: expected values that broadcast to \[2, 1\], the shape of x but along axis 1, got \[3\]/,
    );
  });
});

refuses('%s is refused', [
  [
    'putAlongAxis with indices for other rows',
    () => tapegrad.putAlongAxis(counted(2, 3), 1, int32([[0], [1], [2]]), counted(3, 1)),
    /^putAlongAxis: expected indices that broadcast to \[2, 1\], the shape of x but along axis 1, got \[3, 1\]/,
  ],
]);

describe('order and choice', () => {
  test('putAlongAxis replaces elements, the last of several stays, and gradients follow', () => {
    const x = Tensor.of(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      'float64',
    );
    const [indices, source] = [
      Tensor.of(
        [
          [2, 2],
          [0, 1],
        ],
        'int32',
      ),
      Tensor.of(
        [
          [10, 20],
          [30, 40],
        ],
        'float64',
      ),
    ];
    const f = (x: Tensor, source: Tensor) => tapegrad.putAlongAxis(x, 1, indices, source);
    expect(f(x, source).toArray()).toEqual([
      [1, 2, 20],
      [30, 40, 6],
    ]);
    const [dx, ds] = vjp(f, x, source)[1](Tensor.ones([2, 3], 'float64'));
    expect([dx.toArray(), ds.toArray()]).toEqual([
      [
        [1, 1, 0],
        [0, 0, 1],
      ],
      [
        [0, 1],
        [1, 1],
      ],
    ]);
    expect(() => tapegrad.putAlongAxis(x, 1, Tensor.of([[3], [0]], 'int32'), source.slice([null, [0, 1]]))).toThrow(ValueError);
    expect(() => tapegrad.putAlongAxis(x, 1, indices, x)).toThrow(ShapeError);
  });
});

describe('indices of fewer rows', () => {
  test('replace what they name, along the first axis as along the last', () => {
    const source = Tensor.of([[10, 20], [30, 40]]); // biome-ignore format: a matrix
    expect(tapegrad.putAlongAxis(counted32(3, 2), 0, int32([[2, 0], [2, 1]]), source).toArray()).toEqual([
      [0, 20],
      [2, 40],
      [30, 5],
    ]); // biome-ignore format: a matrix
    const empty = tapegrad.putAlongAxis(counted32(2), 0, Tensor.zeros([0], 'int32'), Tensor.zeros([0]));
    expect(empty.toArray()).toEqual([0, 1]);
  });
});

refuses('%s is refused, by the name that was called', [
  [
    'takeAlongAxis beyond the end',
    () => tapegrad.takeAlongAxis(Tensor.of([1]), 0, int32([5])),
    /^takeAlongAxis: index 5 at place 0 is outside axis 0/,
  ],
  ['takeAlongAxis by floats', () => tapegrad.takeAlongAxis(Tensor.of([1]), 0, Tensor.of([0])), /^takeAlongAxis: expected int32 indices/],
  [
    'putAlongAxis beyond the end',
    () => tapegrad.putAlongAxis(Tensor.of([1]), 0, int32([5]), 1),
    /^putAlongAxis: index 5 at place 0 is outside axis 0/,
  ],
]);
