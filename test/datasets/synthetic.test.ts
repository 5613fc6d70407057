/** The course's synthetic data, as NumPy makes it. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { synthetic } from '../../src/datasets/index.ts';
import { ShapeError, ValueError } from '../../src/index.ts';

interface Golden {
  quad: [[number, number], [number, number]];
  threshold: number;
  seed: number;
  x_first20: number[][];
  y_first40: number[];
  x_val_first3: number[][];
  train_counts: number[];
  val_counts: number[];
  sum_x_train: number[];
  sum_x2_train: number[];
  last_train: number[];
  last_val: number[];
}
const golden = JSON.parse(readFileSync('test/golden/assignment.json', 'utf8')) as Record<'synth_ellipse' | 'synth_hyperbola', Golden>;

describe.each(['synth_ellipse', 'synth_hyperbola'] as const)('%s', (name) => {
  const wanted = golden[name];
  const { train, validation } = synthetic({ quad: wanted.quad, threshold: wanted.threshold, seed: wanted.seed });
  const counts = (classes: ArrayLike<number>) => [0, 1].map((label) => Array.from(classes).filter((y) => y === label).length);

  test('has the points and classes that the course has, to the bit', () => {
    expect(train.x.slice([[0, 20]]).toArray()).toEqual(wanted.x_first20);
    expect(validation.x.slice([[0, 3]]).toArray()).toEqual(wanted.x_val_first3);
    expect(train.x.slice([-1]).toArray()).toEqual(wanted.last_train);
    expect(validation.x.slice([-1]).toArray()).toEqual(wanted.last_val);
    expect([...train.y.data.subarray(0, 40)]).toEqual(wanted.y_first40);
    expect(counts(train.y.data)).toEqual(wanted.train_counts);
    expect(counts(validation.y.data)).toEqual(wanted.val_counts);
  });

  test('has the same sums as the data of the course', () => {
    const close = (found: number[], sums: number[]) => found.forEach((x, i) => expect(Math.abs(x / sums[i]! - 1)).toBeLessThan(1e-12));
    close(train.x.sum(0).toArray(), wanted.sum_x_train);
    close(train.x.mul(train.x).sum(0).toArray(), wanted.sum_x2_train);
  });
});

test('the defaults are the values of the course', () => {
  expect(synthetic().train.y.data).toEqual(synthetic({ quad: golden.synth_ellipse.quad }).train.y.data);
});

test('other sizes begin with the same points, in float32 if asked', () => {
  const { train, validation } = synthetic({ trainSize: 3, validationSize: 2, dtype: 'float32' });
  expect([train.size, validation.size, train.x.dtype]).toEqual([3, 2, 'float32']);
  expect(train.x.data[0]).toBe(Math.fround(golden.synth_ellipse.x_first20[0]![0]!));
  expect(() => synthetic({ trainSize: -1 })).toThrow(/trainSize/);
});

test.each([
  [{ dtype: 'int32' }, ValueError, "synthetic: expected dtype to be 'float32' or 'float64', got 'int32'"],
  [{ seed: '1' }, ValueError, "synthetic: expected seed to be a whole number from 0 to 2³² − 1, got '1'"],
  [{ quad: [[1, 2]] }, ValueError, 'synthetic: expected quad to be two rows of two numbers, got [[1,2]]'],
  [{ quad: [[1, 2], [3]] }, ValueError, 'synthetic: expected quad to be two rows of two numbers, got [[1,2],[3]]'],
  [{ quad: [[1, 2], 34] }, ValueError, 'synthetic: expected quad to be two rows of two numbers, got [[1,2],34]'],
  [
    {
      quad: [
        [1, 2],
        [3, '4'],
      ],
    },
    ValueError,
    'synthetic: expected quad to be two rows of two numbers, got [[1,2],[3,"4"]]',
  ],
  [{ quad: 'A' }, ValueError, "synthetic: expected quad to be two rows of two numbers, got 'A'"],
  [{ threshold: Number.NaN }, ValueError, 'synthetic: expected threshold to be a finite number, got NaN'],
  [{ validationSize: 0.5 }, ValueError, 'synthetic: expected validationSize to be a whole number from 0, got 0.5'],
  [{ trainsize: 3 }, ValueError, 'synthetic: there is no option trainsize; did you mean trainSize?'],
  [3, ValueError, 'synthetic: expected options, such as { quad: … }, got 3'],
  [
    { trainSize: 2 ** 40, validationSize: 0 },
    ShapeError,
    'synthetic: expected at most 8589934592 elements, got shape [1099511627776, 2], which has 2199023255552',
  ],
] as const)('%o is refused', (options, kind, message) => {
  expect(() => synthetic(options as never)).toThrow(new kind(message));
});
