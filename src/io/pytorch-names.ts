/** How PyTorch names and lays out what the layers here are made of. */

import { ValueError } from '../base/errors.ts';
import { concat } from '../functions/layout/concat.ts';
import { MultiHeadAttention } from '../layers/attention.ts';
import { BatchNorm } from '../layers/batch-norm.ts';
import { InstanceNorm } from '../layers/channel-norms.ts';
import { Sequential } from '../layers/layer.ts';
import { Linear } from '../layers/linear.ts';
import { Recurrent } from '../layers/recurrent.ts';
import { GRUCell, RecurrentCell } from '../layers/recurrent-cells.ts';
import { SpectralNorm, WeightNorm } from '../layers/reparametrized.ts';
import { TransformerBlock } from '../layers/transformer-block.ts';
import { TransformerDecoderLayer } from '../layers/transformer-layers.ts';
import { Buffer } from '../tensor/buffer.ts';
import { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { partsOf } from '../tensor/walk.ts';
import type { Entry, Part } from './placing.ts';

/** What an object holds, by PyTorch's names: tensors of the file, and objects that hold others. */
export type Held = readonly (Entry | { readonly name: string; readonly whole: unknown })[];

/** How parts make a tensor. */
interface Layout {
  /** Whether each is a matrix that PyTorch has the other way round, `[outputs, inputs]`. */
  readonly transposed?: boolean;
  /** The shape of the tensor, where only the shape differs. */
  readonly shape?: readonly number[];
}

/** A tensor of parts, one below another; none where there are none, such as a bias. */
function tensor(name: string, parts: readonly (Part | undefined)[], { transposed = false, shape }: Layout = {}): Entry[] {
  const given = parts.filter((part) => part !== undefined);
  const [first] = given;
  if (!first) return [];
  const shapes = given.map((part) => (transposed ? [...part.shape].reverse() : [...part.shape]));
  const rows = shapes.map(([size = 1]) => size);
  const whole = given.length === 1 ? shapes[0]! : [rows.reduce((a, b) => a + b), ...shapes[0]!.slice(1)];
  const turned = transposed ? given.map(() => ({})) : undefined;
  return [
    {
      name,
      parts: given,
      shape: shape ?? whole,
      write: (values) => {
        const written = turned ? values.map((x) => x.transpose()) : values;
        return written.length > 1 ? concat(written, 0) : written[0]!.reshape(shape ?? whole);
      },
      read: (x) => {
        let at = 0;
        const pieces = given.length === 1 ? [x.reshape(shapes[0]!)] : rows.map((size) => x.slice([[at, (at += size)]]));
        return turned ? pieces.map((piece) => piece.transpose()) : pieces;
      },
    },
  ];
}

/**
 * What an object holds, under the names that PyTorch has for it, or where it has none under those of its own properties.
 * @param where who asks, and for which part of a model, for errors
 * @throws ValueError for what PyTorch has no layer for.
 */
export function heldBy(where: string, whole: object): Held {
  if (whole instanceof Linear) return [...tensor('weight', [whole.weight], { transposed: true }), ...tensor('bias', [whole.bias])];
  if (whole instanceof BatchNorm || whole instanceof InstanceNorm) return normalization(whole);
  if (whole instanceof RecurrentCell) return cell(where, whole, '');
  if (whole instanceof Recurrent) return recurrent(where, whole);
  if (whole instanceof MultiHeadAttention) return attention(where, whole);
  if (whole instanceof TransformerBlock) return block(whole);
  if (whole instanceof WeightNorm || whole instanceof SpectralNorm) return reparametrized(where, whole);
  const layers: readonly unknown[] | undefined = whole instanceof Sequential ? whole.layers : undefined;
  return partsOf(whole).flatMap(([name, part]): Held => {
    if (part instanceof Parameter || part instanceof Buffer) return tensor(name, [part]);
    // The layers of a Sequential are its own there, under their places.
    return layers && part === layers ? layers.map((layer, i) => ({ name: String(i), whole: layer })) : [{ name, whole: part }];
  });
}

function normalization(from: BatchNorm | InstanceNorm): Held {
  const [count] = tensor('num_batches_tracked', [from.batches]);
  // That of PyTorch's InstanceNorm stays 0 however many there were.
  const read = (x: Tensor) => [from instanceof InstanceNorm ? x.maximum(1) : x];
  return [
    ...tensor('weight', [from.weight]),
    ...tensor('bias', [from.bias]),
    ...tensor('running_mean', [from.runningMean]),
    ...tensor('running_var', [from.runningVariance]),
    ...(count ? [{ ...count, read }] : []),
  ];
}

function cell(where: string, from: RecurrentCell, suffix: string): Held {
  if (from instanceof GRUCell && !from.resetAfter)
    throw new ValueError(`${where}: PyTorch has no GRU whose reset gate acts before the product, resetAfter: false`);
  return [
    ...tensor(`weight_ih${suffix}`, [from.weightInput], { transposed: true }),
    ...tensor(`weight_hh${suffix}`, [from.weightHidden], { transposed: true }),
    ...tensor(`bias_ih${suffix}`, [from.biasInput]),
    ...tensor(`bias_hh${suffix}`, [from.biasHidden]),
  ];
}

function recurrent(where: string, { cells, bidirectional }: Recurrent<RecurrentCell>): Held {
  const directions = bidirectional ? 2 : 1;
  return cells.flatMap((from, i) => cell(where, from, `_l${Math.floor(i / directions)}${i % directions === 1 ? '_reverse' : ''}`));
}

function attention(where: string, from: MultiHeadAttention): Held {
  const { query, key, value, output, width, heads, keyValueHeads, rotary } = from;
  if (keyValueHeads !== heads || rotary)
    throw new ValueError(
      `${where}: PyTorch has no attention of ${rotary ? 'rotary positions' : `${keyValueHeads} heads of keys for ${heads} of queries`}`,
    );
  const weights = [query.weight, key.weight, value.weight];
  const packed = key.inputs === width && value.inputs === width;
  return [
    ...(packed
      ? tensor('in_proj_weight', weights, { transposed: true })
      : ['q', 'k', 'v'].flatMap((name, i) => tensor(`${name}_proj_weight`, [weights[i]], { transposed: true }))),
    ...tensor('in_proj_bias', [query.bias, key.bias, value.bias]),
    { name: 'out_proj', whole: output },
  ];
}

function block(from: TransformerBlock): Held {
  const [first, activation, , second] = from.feedForward.layers;
  const decoder = from instanceof TransformerDecoderLayer ? from : undefined;
  return [
    { name: 'self_attn', whole: from.attention },
    { name: 'linear1', whole: first },
    { name: 'linear2', whole: second },
    { name: 'activation', whole: activation },
    { name: 'norm1', whole: from.attentionNorm },
    ...(decoder
      ? [
          { name: 'multihead_attn', whole: decoder.crossAttention },
          { name: 'norm2', whole: decoder.crossNorm },
        ]
      : []),
    { name: decoder ? 'norm3' : 'norm2', whole: from.feedForwardNorm },
  ];
}

/** As `torch.nn.utils.parametrizations` has them: beside the others of the layer the weight, and what it is computed with. */
function reparametrized(where: string, from: WeightNorm | SpectralNorm): Held {
  const weight = (from.layer as unknown as Readonly<Record<string, Parameter>>)[from.parameter]!;
  return heldBy(where, from.layer).flatMap((held) => {
    if ('whole' in held || held.parts[0] !== weight) return [held];
    const prefix = `parametrizations.${held.name}`;
    if (from instanceof SpectralNorm)
      return [{ ...held, name: `${prefix}.original` }, ...tensor(`${prefix}.0._u`, [from.left]), ...tensor(`${prefix}.0._v`, [from.right])];
    const isTurned = from.layer instanceof Linear || from.layer instanceof RecurrentCell;
    const axis = isTurned ? 1 - from.axis : from.axis;
    const shape = held.shape.map((size, i) => (i === axis ? size : 1));
    return [...tensor(`${prefix}.original0`, [from.magnitude], { shape }), { ...held, name: `${prefix}.original1` }];
  });
}
