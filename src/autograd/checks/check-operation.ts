import { DerivativeError, ValueError } from '../../base/errors.ts';
import { Random } from '../../base/random.ts';
import type { Op } from '../../tensor/op.ts';
import { drawFrom } from './draw.ts';
import { operationProperties } from './operation-properties.ts';
import { type AnyOp, sampleOf } from './samples.ts';

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
export function checkOperation<In extends string, Attributes>(
  op: Op<In, Attributes>,
  { runs = 20, seed = 1 }: CheckOperationOptions = {},
): void {
  if (typeof op?.name !== 'string' || typeof op.sample !== 'function')
    throw new DerivativeError(
      `checkOperation: expected an operation, made with unaryOp, binaryOp or elementwiseOp or written out, got ${typeof op}`,
    );
  if (!(Number.isInteger(runs) && runs > 0)) throw new ValueError(`checkOperation: expected a number of runs from 1, got ${runs}`);
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
          `checkOperation: ${op.name} is not an operation that ${title}\n  ${(error as Error).message}\n  with ${given.join(', ')} (seed ${seed}, run ${run})`,
          { cause: error },
        );
      }
    }
  }
}
