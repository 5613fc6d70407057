import { DerivativeError } from '../../base/errors.ts';
import { optional, quote, readOptions, wholeNumberFrom } from '../../base/options.ts';
import { Random } from '../../base/random.ts';
import type { Op } from '../../tensor/op.ts';
import { perform } from '../../tensor/tensor.ts';
import { drawFrom } from './draw.ts';
import { operationProperties } from './operation-properties.ts';
import { type AnyOp, type Sample, sampleOf } from './samples.ts';

/** How to check an operation. */
export interface CheckOperationOptions {
  /** How often each property is tried. Default 20. */
  readonly runs?: number;
  /** The seed of the random arguments. Default 1. */
  readonly seed?: number;
}

/**
 * Checks an operation of your own as the project's tests check theirs, under any test runner or none: its first and second derivatives
 * against finite differences, both directions of its derivative against each other, float32 against float64, empty shapes, broadcasting,
 * that it does not change its inputs, and its kernel against its definition, to the bit. Arguments are drawn by the operation's own
 * `sample`.
 *
 * @throws DerivativeError naming the operation, the property that does not hold, and the seed and the arguments for which it does not.
 * @example
 * checkOperation(unaryOp('cube', { forward: (x) => x.mul(x).mul(x), backward: ({ dy, x }) => dy.mul(x).mul(x).mul(3) }))
 * checkOperation(unaryOp('cube', { forward: (x) => x.mul(x).mul(x), backward: ({ dy, x }) => dy.mul(x).mul(3) })) // throws DerivativeError
 */
export function checkOperation<In extends string, Attributes>(op: Op<In, Attributes>, options?: CheckOperationOptions): void {
  const { runs, seed } = readOptions<CheckOperationOptions>('checkOperation', options, {
    runs: optional(wholeNumberFrom(1), 20),
    seed: optional(wholeNumberFrom(0), 1),
  });
  if (typeof op?.name !== 'string' || typeof op.sample !== 'function')
    throw new DerivativeError(
      `checkOperation: expected an operation, made with unaryOp, binaryOp or elementwiseOp or written out, got ${quote(op)}`,
    );
  for (const { title, sizes, holds } of operationProperties) {
    const random = new Random(seed);
    const whole = (from: number, to: number) => from + Math.floor(random.uniform(0, 1) * (to - from + 1));
    for (let run = 0; run < runs; run++) {
      // From small to large, so that the first that fails is a small one.
      const max = Math.max(sizes.min, Math.ceil((sizes.max * (run + 1)) / runs));
      const sample = sampleOf(op.sample(drawFrom(whole, { sizes: { min: sizes.min, max }, dtype: 'float64' })));
      try {
        holds(op as unknown as AnyOp, sample);
      } catch (error) {
        const given = [...Object.entries(sample.inputs), ...Object.entries(sample.attributes)].map(([name, value]) => `${name}: ${value}`);
        throw new DerivativeError(
          `checkOperation: ${op.name} is not an operation that ${title}\n  ${(error as Error).message}${hintFor(op as unknown as AnyOp, sample)}\n  with ${given.join(', ')} (seed ${seed}, run ${run})`,
          { cause: error },
        );
      }
    }
  }
}

/** What to do about an operation that is not defined for the arguments that its sample draws. */
function hintFor(op: AnyOp, { inputs, attributes }: Sample): string {
  try {
    if (!perform(op, inputs, attributes).data.some(Number.isNaN)) return '';
  } catch {
    return '';
  }
  return '\n  its value there is NaN: if it is defined on an interval only, say so by domain: { from, to }, or draw from that interval in its sample';
}
