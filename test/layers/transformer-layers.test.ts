/** Blocks of encoders and decoders. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DecoderKeyValues,
  gelu,
  grad,
  type KeyValues,
  Linear,
  namedParameters,
  relu,
  ShapeError,
  Tensor,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
  ValueError,
} from '../../src/index.ts';
import { expectClose } from '../book/lib.ts';
import { goldenTransformers, patterned, setAttention, setBlock, setNorm } from '../lib/patterned.ts';
import { refuses } from '../lib/refuses.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';

const [x, memory] = [patterned([2, 3, 4], 5), patterned([2, 5, 4], 9)];
const options: TransformerLayerOptions = { hidden: 8, dropout: 0, dtype: 'float64' };

/** A block with the weights that the golden values were computed with. */
const encoderLayer = (more?: TransformerLayerOptions): TransformerEncoderLayer => {
  const layer = new TransformerEncoderLayer(4, 2, { ...options, ...more });
  setBlock(layer, 1);
  return layer;
};
const decoderLayer = (more?: TransformerLayerOptions): TransformerDecoderLayer => {
  const layer = new TransformerDecoderLayer(4, 2, { ...options, ...more });
  setBlock(layer, 1);
  setAttention(layer.crossAttention, 17);
  setNorm(layer.crossNorm, 25);
  return layer;
};

describe('the numbers are those of PyTorch 2.13 with the same weights', () => {
  const cases = [false, true].flatMap((normFirst) => (['relu', 'gelu'] as const).map((activation) => [normFirst, activation] as const));
  const wanted = (name: keyof typeof goldenTransformers) => new Tensor([2, 3, 4], Float64Array.from(goldenTransformers[name]));

  test.each(cases)('of the encoder, normFirst: %s, %s', (normFirst, activation) => {
    const layer = encoderLayer({ normFirst, activation: activation === 'relu' ? relu : gelu });
    expectClose(layer.forward(x, { causal: true, lengths: [3, 2] }), wanted(`encoder ${normFirst} ${activation}`), 1e-9);
  });

  test.each(cases)('of the decoder, normFirst: %s, %s', (normFirst, activation) => {
    const layer = decoderLayer({ normFirst, activation: activation === 'relu' ? relu : gelu });
    expectClose(layer.forward(x, memory, { memoryLengths: [5, 2] }), wanted(`decoder ${normFirst} ${activation}`), 1e-9);
  });

  test('of the gradient of the encoder', () => {
    const layer = encoderLayer();
    expectClose(
      grad((x: Tensor) =>
        layer
          .forward(x)
          .mul(patterned([2, 3, 4], 7))
          .sum(),
      )(x),
      wanted('encoder gradient'),
      1e-9,
    );
  });
});

describe('going on with a sequence gives what the whole gives at once', () => {
  const parts = fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 3 });
  const normFirst = fc.boolean();

  test('in an encoder that is causal', () => {
    fc.assert(
      fc.property(parts, normFirst, (sizes, normFirst) => {
        const layer = encoderLayer({ normFirst, rotary: true });
        const whole = patterned([2, sizes.reduce((a, b) => a + b), 4], 3);
        const wanted = layer.forward(whole, { causal: true });
        let [past, at]: [KeyValues | undefined, number] = [undefined, 0];
        for (const size of sizes) {
          const part = [null, [at, at + size]] as const;
          const [y, all]: readonly [Tensor, KeyValues] = layer.next(whole.slice(part), past);
          expectClose(y, wanted.slice(part), 1e-12);
          [past, at] = [all, at + size];
        }
      }),
      { numRuns: runs(20) },
    );
  });

  test('in a decoder, whose memory is looked at once', () => {
    fc.assert(
      fc.property(parts, normFirst, (sizes, normFirst) => {
        const layer = decoderLayer({ normFirst });
        const whole = patterned([2, sizes.reduce((a, b) => a + b), 4], 3);
        const wanted = layer.forward(whole, memory, { memoryLengths: [1, 4] });
        let [past, at]: [DecoderKeyValues | undefined, number] = [undefined, 0];
        for (const size of sizes) {
          const part = [null, [at, at + size]] as const;
          const [y, all]: readonly [Tensor, DecoderKeyValues] = layer.next(whole.slice(part), past ? memory.mul(NaN) : memory, past, {
            memoryLengths: [1, 4],
          });
          expectClose(y, wanted.slice(part), 1e-12);
          [past, at] = [all, at + size];
        }
      }),
      { numRuns: runs(20) },
    );
  });
});

test('a decoder does not see what comes later, unless it is told to', () => {
  const layer = decoderLayer();
  const changed = x.add(Tensor.of([[0], [0], [1]], 'float64'));
  const early = [null, [0, 2]] as const;
  expectSameBits(layer.forward(changed, memory).slice(early).data, layer.forward(x, memory).slice(early).data);
  const open = (x: Tensor) => layer.forward(x, memory, { causal: false }).slice(early);
  expect(open(changed).data).not.toEqual(open(x).data);
});

test('masks of the memory may be told by keys or by queries', () => {
  const layer = decoderLayer();
  const memoryKeep = Tensor.of([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]]); // biome-ignore format: a matrix
  const wanted = layer.forward(x, memory, { memoryLengths: [5, 2] });
  expectSameBits(layer.forward(x, memory, { memoryKeep }).data, wanted.data);
  expectSameBits(layer.forward(x, memory, { memoryKeep: memoryKeep.unsqueeze(1) }).data, wanted.data);
});

test('parameters have the names of their parts; without biases there are none', () => {
  const names = [...namedParameters(new TransformerEncoderLayer(4, 2, { bias: false })).keys()];
  expect(names).toEqual([
    'attention.query.weight',
    'attention.key.weight',
    'attention.value.weight',
    'attention.output.weight',
    'attentionNorm.weight',
    'feedForward.layers.0.weight',
    'feedForward.layers.3.weight',
    'feedForwardNorm.weight',
  ]);
});

test('the hidden width is four times the width by default, and all weights come from one generator', () => {
  const layer = new TransformerDecoderLayer(4, 2, { seed: 1 });
  expect(namedParameters(layer).get('feedForward.layers.0.weight')!.shape).toEqual([4, 16]);
  expect(layer.crossAttention.query.weight.data).not.toEqual(layer.attention.query.weight.data);
  expectSameBits(new TransformerDecoderLayer(4, 2, { seed: 1 }).crossAttention.key.weight.data, layer.crossAttention.key.weight.data);
});

refuses('%s is refused', [
  ['a width that the heads do not divide', () => new TransformerEncoderLayer(6, 4), ShapeError],
  [
    'a class as an activation',
    () => new TransformerEncoderLayer(4, 2, { activation: Linear as never }),
    ValueError,
    /activation: expected a layer/,
  ],
  ['no hidden width', () => new TransformerDecoderLayer(4, 2, { hidden: 0 }), ShapeError, /hidden to be a whole number from 1/],
  ['a misspelt option', () => new TransformerEncoderLayer(4, 2, { normfirst: true } as never), ValueError, /did you mean normFirst\?/],
  ['a decoder without a memory', () => new TransformerDecoderLayer(4, 2).forward(x, undefined as never), /a tensor for the memory/],
]);
