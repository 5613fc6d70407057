/** Thresholds, counted again in the most naive way. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DtypeError, precisionRecallCurve, rocCurve, ShapeError, Tensor, ValueError } from '../../src/index.ts';
import { labels } from '../lib/labels.ts';
import { refuses } from '../lib/refuses.ts';

const ranked = fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 1 })), { minLength: 1, maxLength: 20 });
const given = (rows: readonly (readonly [number, number])[]) => [Tensor.of(rows.map(([s]) => s)), labels(rows.map(([, t]) => t))] as const;

test('a point of the ROC curve is what its threshold makes of the rows', () => {
  fc.assert(
    fc.property(ranked, fc.boolean(), (rows, dropIntermediate) => {
      const { falsePositiveRate, truePositiveRate, thresholds } = rocCurve(...given(rows), { dropIntermediate });
      (thresholds.toArray() as number[]).forEach((threshold, i) => {
        const part = (label: number) => {
          const all = rows.filter(([, target]) => target === label);
          return all.filter(([score]) => score >= threshold).length / all.length;
        };
        expect([falsePositiveRate.data[i], truePositiveRate.data[i]]).toEqual([part(0), part(1)]);
      });
      if (!dropIntermediate) expect(thresholds.size).toBe(1 + new Set(rows.map(([score]) => score)).size);
    }),
  );
});

test('a point of precision and recall likewise', () => {
  fc.assert(
    fc.property(ranked, fc.boolean(), (rows, dropIntermediate) => {
      const { precision, recall, thresholds } = precisionRecallCurve(...given(rows), { dropIntermediate });
      const positives = rows.filter(([, target]) => target === 1);
      (thresholds.toArray() as number[]).forEach((threshold, i) => {
        const found = positives.filter(([score]) => score >= threshold).length;
        expect(precision.data[i]).toBe(found / rows.filter(([score]) => score >= threshold).length);
        expect(recall.data[i]).toBe(positives.length ? found / positives.length : 1);
      });
      expect([precision.data.at(-1), recall.data.at(-1)]).toEqual([1, 0]);
    }),
  );
});

test('neither depends on the order of rows', () => {
  fc.assert(
    fc.property(ranked, (rows) => {
      for (const curve of [rocCurve, precisionRecallCurve]) {
        const numbers = (some: typeof rows) => Object.values(curve(...given(some))).map((x: Tensor) => x.toArray());
        expect(numbers(rows.toReversed())).toEqual(numbers(rows));
      }
    }),
  );
});

refuses('%s is refused', [
  ['a third class', () => rocCurve(Tensor.zeros([1]), labels([2])), ValueError, /^rocCurve: class 2 of row 0 is none of the 2, 0 to 1/],
  ['a NaN', () => precisionRecallCurve(Tensor.of([1, NaN]), labels([0, 1])), ValueError, /^precisionRecallCurve: expected scores without NaN, got one in row 1/],
  ['scores of classes', () => rocCurve(Tensor.zeros([1, 2]), labels([0])), ShapeError, /^rocCurve: expected scores of shape \[rows\], got \[1, 2\]/],
  ['other targets', () => rocCurve(Tensor.zeros([2]), labels([0])), ShapeError, /^rocCurve: expected scores for each of at least one target, got \[2\] for \[1\]/],
  ['no rows', () => rocCurve(Tensor.zeros([0]), Tensor.zeros([0], 'int32')), ShapeError, /at least one target/],
  ['targets in floats', () => rocCurve(Tensor.zeros([1]), Tensor.zeros([1])), DtypeError, /^rocCurve: expected targets in int32 of shape \[rows\], got float32 \[1\]/],
  ['a list', () => rocCurve([0] as never, labels([0])), DtypeError, /^rocCurve: expected a tensor for scores, got an array/],
  ['another option', () => rocCurve(Tensor.zeros([1]), labels([0]), { drop: true } as never), ValueError, /^rocCurve: there is no option drop/],
]); // biome-ignore format: one line a case
