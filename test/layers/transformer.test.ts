/** Stacks of blocks. */

import { expect, test } from 'vitest';
import {
  type DecoderKeyValues,
  type KeyValues,
  namedParameters,
  ShapeError,
  Tensor,
  TransformerDecoder,
  TransformerEncoder,
  ValueError,
} from '../../src/index.ts';
import { expectClose } from '../book/lib.ts';
import { goldenTransformers, patterned, setBlock, setNorm } from '../lib/patterned.ts';
import { refuses } from '../lib/refuses.ts';
import { expectSameBits } from '../lib/same.ts';

const [x, memory] = [patterned([2, 3, 4], 5), patterned([2, 5, 4], 9)];
const options = { hidden: 8, dropout: 0, dtype: 'float64', seed: 1 } as const;

test('the numbers of an encoder are those of PyTorch 2.13 with the same weights', () => {
  const encoder = new TransformerEncoder(2, 4, 2, { ...options, finalNorm: true });
  encoder.layers.forEach((layer, i) => setBlock(layer, 1 + 2 * i));
  setNorm(encoder.norm!, 5);
  expectClose(encoder.forward(x), new Tensor([2, 3, 4], Float64Array.from(goldenTransformers.stack)), 1e-9);
});

test('it is its blocks one after another, with masks for each, and the norm', () => {
  const encoder = new TransformerEncoder(3, 4, 2, { ...options, normFirst: true });
  const mask = { causal: true, lengths: [2, 3] };
  const wanted = encoder.norm!.forward(encoder.layers.reduce((h, layer) => layer.forward(h, mask), x));
  expectSameBits(encoder.forward(x, mask).data, wanted.data);
  const decoder = new TransformerDecoder(2, 4, 2, options);
  expect(decoder.norm).toBeUndefined();
  const whole = decoder.layers.reduce((h, layer) => layer.forward(h, memory, { memoryLengths: [1, 2] }), x);
  expectSameBits(decoder.forward(x, memory, { memoryLengths: [1, 2] }).data, whole.data);
});

test('there is a final norm where the blocks normalize first, unless it is said otherwise', () => {
  expect(new TransformerEncoder(1, 4, 2).norm).toBeUndefined();
  expect(new TransformerEncoder(1, 4, 2, { normFirst: true }).norm).toBeDefined();
  expect(new TransformerDecoder(1, 4, 2, { normFirst: true, finalNorm: false }).norm).toBeUndefined();
  expect(new TransformerDecoder(1, 4, 2, { finalNorm: true }).norm).toBeDefined();
});

test('each block has weights of its own, all from one generator', () => {
  const encoder = new TransformerEncoder(2, 4, 2, options);
  const [first, second] = encoder.layers.map(({ attention }) => attention.query.weight.data);
  expect(first).not.toEqual(second);
  expectSameBits(new TransformerEncoder(2, 4, 2, options).layers[1]!.attention.query.weight.data, second!);
  expect([...namedParameters(encoder).keys()]).toContain('layers.1.feedForward.layers.0.weight');
});

test('going on with a sequence, one element after another, gives what the whole gives at once', () => {
  const encoder = new TransformerEncoder(2, 4, 2, { ...options, normFirst: true });
  const decoder = new TransformerDecoder(2, 4, 2, options);
  const wanted = [encoder.forward(x, { causal: true }), decoder.forward(x, memory)] as const;
  let past: readonly KeyValues[] | undefined;
  let pastOfDecoder: readonly DecoderKeyValues[] | undefined;
  for (let at = 0; at < 3; at++) {
    const part = [null, [at, at + 1]] as const;
    const [y, all] = encoder.next(x.slice(part), past);
    const [z, allOfDecoder] = decoder.next(x.slice(part), memory, pastOfDecoder);
    [past, pastOfDecoder] = [all, allOfDecoder];
    expectClose(y, wanted[0].slice(part), 1e-12);
    expectClose(z, wanted[1].slice(part), 1e-12);
  }
});

refuses('%s is refused', [
  ['no block', () => new TransformerEncoder(0, 4, 2), ShapeError, /TransformerEncoder: expected depth to be a whole number from 1, got 0/],
  ['half a block', () => new TransformerDecoder(0.5, 4, 2), ShapeError, /TransformerDecoder: expected depth/],
  ['a misspelt option', () => new TransformerEncoder(1, 4, 2, { final: true } as never), ValueError, /there is no option final/],
  [
    'the past of another stack',
    () => new TransformerEncoder(2, 4, 2, options).next(x, []),
    ValueError,
    /expected the keys and values of 2 blocks/,
  ],
]);
