/** Heads stay side by side where nobody sees what lies between: the same bits as those of heads that are laid out one after another. */

import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { MultiHeadAttention, parameters, SGD, Tape, Tensor, useBackend } from '../../../src/index.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';

afterEach(() => useBackend('wasm'));

const size = fc.integer({ min: 1, max: 5 });
const cases = fc.record({
  leading: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
  heads: fc.integer({ min: 1, max: 4 }),
  width: size,
  queries: size,
  keys: size,
  isSelf: fc.boolean(),
  causal: fc.boolean(),
  lengths: fc.boolean(),
  keep: fc.constantFrom(undefined, 'keys', 'queries', 'heads'),
  dtype: fc.constantFrom('float32' as const, 'float64' as const),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function callOf({ leading, heads, width, queries, isSelf, causal, lengths, keep, dtype, ...sizes }: Case) {
  const all = heads * width;
  const layer = new MultiHeadAttention(all, heads, { dtype, seed: 1 });
  const keys = isSelf ? queries : sizes.keys;
  const x = Tensor.normal([...leading, queries, all], { dtype, seed: 2 });
  const memory = isSelf ? undefined : Tensor.normal([...leading, keys, all], { dtype, seed: 3 });
  const mask = { keys: [...leading, keys], queries: [...leading, queries, keys], heads: [...leading, heads, queries, keys] };
  const options = {
    causal,
    ...(memory && { key: memory }),
    ...(keep && { keep: Tensor.uniform(mask[keep], { seed: 4 }).greater(0.3) }),
    ...(lengths && leading.length > 0 && { lengths: Array.from({ length: leading[0]! }, (_, i) => i % (keys + 1)) }),
  };
  return { layer, forward: () => layer.forward(x, options) };
}

function expectTheSame(given: Case): void {
  const { layer, forward } = callOf(given);
  const tape = new Tape();
  const seen = tape.record(forward, { training: false });
  expect(tape.entries.some(({ op }) => op.name === 'permute')).toBe(true);
  expectSameBits(forward().data, seen.data);
  const other = callOf(given);
  new SGD(layer, { learningRate: 0.1 }).minimize(() => forward().mul(forward()).sum());
  const second = new Tape();
  const loss = second.record(() => other.forward().mul(other.forward()).sum());
  new SGD(other.layer, { learningRate: 0.1 }).step(second.backward(loss));
  parameters(other.layer).forEach(({ data }, i) => {
    expectSameBits(parameters(layer)[i]!.data, data);
  });
}

describe.each(['wasm', 'plain'] as const)('on %s', (backend) => {
  test('predictions and steps of training have the bits of those in which each operation is seen', () => {
    useBackend(backend);
    fc.assert(fc.property(cases, expectTheSame), { numRuns: runs(100) });
  });
});

test.each([
  [130, 130, 3],
  [3, 131, 2],
  [140, 300, 3],
])('%i queries and %i keys of %i heads as well, of which some are attended by at a time', (queries, keys, heads) => {
  const given = { leading: [2], heads, width: 3, queries, keys, isSelf: false, causal: true, lengths: false, dtype: 'float32' as const };
  expectTheSame({ ...given, keep: undefined });
  expectTheSame({ ...given, keep: 'heads' });
});
