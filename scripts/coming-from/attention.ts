/** Names of attention, transformers, and of what models are composed and summarized by. */

import {
  biasesAndNorms,
  LearnedEncoding,
  Linear,
  MultiHeadAttention,
  maskedSoftmax,
  ParameterGroups,
  Residual,
  rotaryEmbedding,
  type Sequential,
  SinusoidalEncoding,
  scaledDotProductAttention,
  sinusoidalEncoding,
  summary,
  type Tensor,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
} from 'tapegrad';
import type { Section } from './row.ts';

declare const { x, q, k, v, keep, memory }: Record<'x' | 'q' | 'k' | 'v' | 'keep' | 'memory', Tensor>;
declare const attention: MultiHeadAttention;
declare const model: Sequential;

export const attentionNames: readonly Section[] = [
  {
    title: 'Attention and transformers',
    rows: [
      [
        () => scaledDotProductAttention(q, k, v, { keep, causal: true }),
        'F.scaled_dot_product_attention(q, k, v, mask)',
        'nn.dot_product_attention(q, k, v, mask=mask)',
        '',
        '',
        '1 may be seen, everywhere; PyTorch’s `key_padding_mask` and `attn_mask` of layers are true for what may not; a row that sees nothing is 0',
      ],
      [
        () => maskedSoftmax(x, keep),
        'x.masked_fill(~keep, -inf).softmax(-1)',
        'nn.softmax(x, where=keep)',
        '',
        '',
        '0, not NaN, where nothing may be seen',
      ],
      [
        () => new MultiHeadAttention(64, 8, { dropout: 0.1 }),
        'nn.MultiheadAttention(64, 8, 0.1, batch_first=True)',
        'nnx.MultiHeadAttention(8, 64)',
        '',
        '',
        '`in_proj_weight` is the weights of `query`, `key` and `value`, transposed, one below another',
      ],
      [
        () => [attention.forward(x, { key: memory, lengths: [5, 3] }), attention.next(x)],
        'mha(x, memory, memory, key_padding_mask=pad)[0]',
        'mha(x, memory), mha(x, decode=True)',
        '',
        '',
        '`next` goes on with a sequence: keys and values in, keys and values out',
      ],
      [
        () => [new TransformerEncoderLayer(64, 8), new TransformerDecoderLayer(64, 8)],
        'nn.TransformerEncoderLayer(64, 8, 256), nn.TransformerDecoderLayer(64, 8, 256)',
        '',
        '',
        '',
        'the hidden width is 4 · width, PyTorch’s 2048; a decoder is causal by default',
      ],
      [
        () => [new TransformerEncoder(6, 64, 8), new TransformerDecoder(6, 64, 8)],
        'nn.TransformerEncoder(layer, 6), nn.TransformerDecoder(layer, 6)',
        '',
        '',
        '',
        'each block starts from weights of its own',
      ],
      [() => [sinusoidalEncoding(128, 64), new SinusoidalEncoding()], '', '', '', ''],
      [() => new LearnedEncoding(128, 64), 'nn.Embedding(128, 64)', 'nnx.Embed(128, 64)', '', ''],
      [
        () => rotaryEmbedding(q, { pairs: 'halves' }),
        '',
        '',
        '',
        '',
        'Llama’s pairs are halves, those of the paper neighbours, the default',
      ],
    ],
  },
  {
    title: 'Composing and summarizing models',
    rows: [
      [() => new Residual(new Linear(64, 64)), '', '', '', 'tf.layers.add()', 'x + f(x); other frameworks leave it to `forward`'],
      [() => summary(model, x), '', 'nnx.tabulate(model, x)', '', 'model.summary()', 'PyTorch: the package torchinfo'],
      [
        () => new ParameterGroups(model, [{ parameters: biasesAndNorms(model), weightDecay: 0 }]),
        "optim.AdamW([{ 'params': …, 'weight_decay': 0 }, …])",
        'optax.multi_transform, optax.masked',
        '',
        '',
        'an option of every optimizer: `{ groups }`; what is in no group has the optimizer’s own options',
      ],
    ],
  },
];
