import { type Dtype, newData } from '../../base/dtype.ts';
import { DerivativeError, ValueError } from '../../base/errors.ts';
import { Random } from '../../base/random.ts';
import { sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { type Domain, type Draw, type Op, reals } from '../../tensor/op.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { operationProperties } from './operation-properties.ts';
import { type AnyOp, sampleOf } from './samples.ts';

/** How thoroughly to check, and where to begin. */
export interface CheckOperationOptions {
  /** How often each property is tried; 20 unless told. */
  readonly runs?: number;
  /** Of the random arguments; 1 unless told. */
  readonly seed?: number;
}

/**
 * Checks an operation of your own as the project's tests check theirs, under any test runner or none: its first and second derivatives against small
 * steps, both directions of its derivative against each other, float32 against float64, empty shapes, broadcasting, that it leaves its inputs alone,
 * and its kernel against its definition, to the bit. Arguments are drawn by the operation's own `sample`.
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
      `checkOperation: expected an operation, made with unary, binary or elementwise or written out, got ${typeof op}`,
    );
  if (!(Number.isInteger(runs) && runs > 0)) throw new ValueError(`checkOperation: expected a number of runs from 1, got ${runs}`);
  for (const { title, sizes, holds } of operationProperties) {
    const random = new Random(seed);
    for (let run = 0; run < runs; run++) {
      // From small to large, so that the first that fails is a small one.
      const sample = sampleOf(
        op.sample(drawing(random, { min: sizes.min, max: Math.max(sizes.min, Math.ceil((sizes.max * (run + 1)) / runs)) })),
      );
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

/** Arguments at random, in float64: quarters, which are exact in binary. */
function drawing(random: Random, sizes: { readonly min: number; readonly max: number }): Draw {
  const whole = (from: number, to: number) => from + Math.floor(random.uniform(0, 1) * (to - from + 1));
  const fill = (shape: Shape, dtype: Dtype, next: () => number) => {
    const data = newData(dtype, sizeOf(shape));
    for (let i = 0; i < data.length; i++) data[i] = next();
    return new Tensor(shape, data);
  };
  const quarters = ({ from, to, awayFromZero = false, distinct = false, between = false }: Domain) => {
    const seen = new Set<number>();
    const next = (): number => {
      const x = whole(Math.ceil(from * 4), Math.floor(to * 4)) / 4 + (between ? 0.125 : 0);
      if (distinct && seen.has(x)) return next();
      seen.add(x);
      return awayFromZero && x === 0 ? 0.25 : x;
    };
    return next;
  };
  return {
    size: () => whole(sizes.min, sizes.max),
    axis: (shape) => whole(0, shape.length - 1),
    axes: (shape) => [...shape.keys()].filter(() => random.uniform(0, 1) < 0.5),
    oneOf: (...choices) => choices[whole(0, choices.length - 1)]!,
    tensor: (shape, domain = reals) => fill(shape, 'float64', quarters(domain)),
    indices: (shape, below) => fill(shape, 'int32', () => whole(0, below - 1)),
  };
}
