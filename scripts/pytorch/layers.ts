/** The modules of `layers.py` as they are written here, and the step of training that both make. */

import {
  BatchNorm,
  Bilinear,
  Conv1d,
  Conv2d,
  Conv3d,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  Embedding,
  EmbeddingBag,
  type FloatDtype,
  GRU,
  GRUCell,
  GroupNorm,
  gelu,
  InstanceNorm,
  LayerNorm,
  Linear,
  LSTM,
  LSTMCell,
  MultiHeadAttention,
  mseLoss,
  Parameter,
  RMSNorm,
  RNN,
  RNNCell,
  relu,
  Sequential,
  SGD,
  SpectralNorm,
  Tensor,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
  tanh,
  WeightNorm,
} from 'tapegrad';

/** A model, and what it makes of its inputs. */
export interface Case {
  readonly model: object;
  readonly forward: (...inputs: Tensor[]) => Tensor;
}

const layer = (model: { forward(...inputs: any[]): any }): Case => ({ model, forward: (...inputs) => model.forward(...inputs) });
const firstOf = (model: { forward(...inputs: any[]): any }): Case => ({ model, forward: (...inputs) => model.forward(...inputs)[0] });
const small = { hidden: 6, dropout: 0 };
const stacked = { layers: 2, bidirectional: true };

/** A class of one's own: properties, lists and Maps of layers, a parameter, and a tied one. */
class Own {
  readonly embed;
  readonly blocks;
  readonly heads;
  readonly scale;
  readonly tied;

  constructor(dtype: FloatDtype) {
    this.embed = new Embedding(5, 4, { dtype });
    this.blocks = [new Sequential(new Linear(4, 4, { dtype }), tanh), new Linear(4, 4, { dtype })] as const;
    this.heads = new Map([['a', new Linear(4, 4, { dtype })]]);
    this.scale = new Parameter(Tensor.ones([4], dtype));
    this.tied = { embed: this.embed };
  }

  forward(x: Tensor): Tensor {
    const h: Tensor = this.blocks.reduce((h: Tensor, block) => block.forward(h) as Tensor, this.embed.forward(x));
    return this.heads.get('a')!.forward(h).mul(this.scale).matmul(this.embed.weight.transpose());
  }
}

/** By the names of `layers.py`. */
export const cases: Readonly<Record<string, (dtype: FloatDtype) => Case>> = {
  linear: (dtype) => layer(new Linear(3, 3, { dtype })),
  'linear-without-bias': (dtype) => layer(new Linear(3, 2, { bias: false, dtype })),
  bilinear: (dtype) => layer(new Bilinear(2, 3, 2, { dtype })),
  conv1d: (dtype) => layer(new Conv1d(2, 3, 3, { stride: 2, padding: 1, dtype })),
  conv2d: (dtype) => layer(new Conv2d(4, 2, [3, 2], { padding: 1, groups: 2, dtype })),
  conv3d: (dtype) => layer(new Conv3d(1, 2, 2, { dtype })),
  'conv-transpose1d': (dtype) => layer(new ConvTranspose1d(2, 3, 3, { stride: 2, dtype })),
  'conv-transpose2d': (dtype) => layer(new ConvTranspose2d(2, 4, 2, { stride: 2, groups: 2, dtype })),
  'conv-transpose3d': (dtype) => layer(new ConvTranspose3d(1, 2, 2, { dtype })),
  'batch-norm': (dtype) => layer(new BatchNorm(3, { dtype })),
  'batch-norm-of-images': (dtype) => layer(new BatchNorm(2, { momentum: 'average', dtype })),
  'instance-norm': (dtype) => layer(new InstanceNorm(2, { affine: true, running: true, dtype })),
  'layer-norm': (dtype) => layer(new LayerNorm([2, 3], { dtype })),
  'layer-norm-without-bias': (dtype) => layer(new LayerNorm(3, { bias: false, dtype })),
  'group-norm': (dtype) => layer(new GroupNorm(2, 4, { dtype })),
  'rms-norm': (dtype) => layer(new RMSNorm(4, { dtype })),
  embedding: (dtype) => layer(new Embedding(5, 3, { paddingIndex: 0, dtype })),
  'embedding-bag': (dtype) => layer(new EmbeddingBag(5, 3, { mode: 'sum', dtype })),
  rnn: (dtype) => firstOf(new RNN(3, 2, { ...stacked, nonlinearity: 'relu', dtype })),
  lstm: (dtype) => firstOf(new LSTM(3, 2, { ...stacked, dtype })),
  'lstm-without-bias': (dtype) => firstOf(new LSTM(3, 2, { bias: false, dtype })),
  gru: (dtype) => firstOf(new GRU(3, 2, { ...stacked, dtype })),
  'rnn-cell': (dtype) => layer(new RNNCell(3, 2, { dtype })),
  'lstm-cell': (dtype) => {
    const model = new LSTMCell(3, 2, { dtype });
    return { model, forward: (x) => model.forward(x!).h };
  },
  'gru-cell': (dtype) => layer(new GRUCell(3, 2, { dtype })),
  attention: (dtype) => layer(new MultiHeadAttention(4, 2, { dtype })),
  'attention-without-bias': (dtype) => layer(new MultiHeadAttention(4, 2, { bias: false, dtype })),
  'attention-of-other-widths': (dtype) => {
    const model = new MultiHeadAttention(4, 2, { keyWidth: 3, valueWidth: 5, dtype });
    return { model, forward: (x, key, value) => model.forward(x!, { key: key!, value: value! }) };
  },
  'encoder-layer': (dtype) => layer(new TransformerEncoderLayer(4, 2, { ...small, dtype })),
  'encoder-layer-norm-first': (dtype) => layer(new TransformerEncoderLayer(4, 2, { ...small, normFirst: true, activation: gelu, dtype })),
  'decoder-layer': (dtype) => layer(new TransformerDecoderLayer(4, 2, { ...small, dtype })),
  encoder: (dtype) => layer(new TransformerEncoder(2, 4, 2, { ...small, finalNorm: true, dtype })),
  decoder: (dtype) => layer(new TransformerDecoder(2, 4, 2, { ...small, dtype })),
  'weight-norm': (dtype) => layer(new WeightNorm(new Linear(3, 2, { dtype }))),
  'weight-norm-of-images': (dtype) => layer(new WeightNorm(new Conv2d(2, 3, 2, { dtype }))),
  'spectral-norm': (dtype) => layer(new SpectralNorm(new Linear(3, 2, { dtype }))),
  'spectral-norm-of-images': (dtype) => layer(new SpectralNorm(new Conv2d(2, 3, 2, { dtype }))),
  sequential: (dtype) =>
    layer(
      new Sequential(
        new Linear(3, 4, { dtype }),
        relu,
        new Sequential(new BatchNorm(4, { dtype }), tanh),
        new Linear(4, 2, { dtype }),
      ) as Sequential,
    ),
  own: (dtype) => layer(new Own(dtype)),
};

/** The result of a model, which then makes a step of gradient descent, and its result in evaluation afterwards. */
export function trained({ model, forward }: Case, inputs: readonly Tensor[], target: Tensor): { readonly y: Tensor; readonly z: Tensor } {
  let y: Tensor | undefined;
  new SGD(model, { learningRate: 0.1 }).minimize(() => {
    y = forward(...inputs);
    return mseLoss(y, target);
  });
  return { y: y!, z: forward(...inputs) };
}
