import { describeResult } from '../autograd/check-function.ts';
import { DtypeError, tellLayer, ValueError } from '../base/errors.ts';
import { memoize } from '../base/memoize.ts';
import { quote } from '../base/options.ts';
import type { Shape } from '../base/shape-types.ts';
import { relu, sigmoid, tanh } from '../functions/elementwise/basic-activations.ts';
import type { ElementwiseOp } from '../tensor/op.ts';
import * as operations from '../tensor/ops/elementary.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { ReLU, Sigmoid, Tanh } from './activations.ts';
import type { Chained, HasWidth, InputWidth, LayerOrFunction, Through } from './widths.ts';

/**
 * One layer after another: `y = fₙ(… f₁(x))`. A layer is an object with a `forward` method, or a function of a tensor such as `relu`.
 *
 * The compiler follows the widths of linear layers through those that keep the shape, and refuses a layer that does not fit the one before.
 * @throws what its layers throw, with the path of the layer in front: `layers.2: matmul: …`
 * @example new Sequential(new Linear(2, 3), relu, new Linear(3, 1)).forward(Tensor.zeros([5, 2])).shape // => [5, 1]
 */
export class Sequential<const Layers extends readonly LayerOrFunction[] = readonly LayerOrFunction[]> {
  readonly layers: Layers;

  /** @throws ValueError for what is no layer. */
  constructor(...layers: Chained<Layers>) {
    layers.forEach(checkLayer);
    this.layers = layers as unknown as Layers;
  }

  forward<S extends Shape>(x: Tensor<S> & HasWidth<S, InputWidth<Layers>>): Tensor<Through<Layers, S>> {
    checkTensor('Sequential', 'x', x);
    return forwardThrough(this.layers, x);
  }
}

/** How many chains of layers are being called, one inside another. */
let depth = 0;

/** One layer after another. A chain in a chain is no recursion, since models may be nested deeper than a call stack. */
function forwardThrough(layers: readonly LayerOrFunction[], x: Tensor): Tensor {
  // The chains that are open, the innermost last, and at which of its layers each is.
  const open = [{ layers, at: 0 }];
  let h = x;
  depth++;
  try {
    for (let chain = open.at(-1); chain; chain = open.at(-1)) {
      const layer = chain.layers[chain.at];
      if (layer === undefined) {
        open.pop();
        const outer = open.at(-1);
        if (outer) outer.at++;
      } else if (isChain(layer)) open.push({ layers: layer.layers, at: 0 });
      else {
        const activation = activationOf(chain.layers[chain.at + 1]);
        const last = activation && (chain.layers[chain.at + 2] as Partial<Joinable> | undefined);
        const three = last?.['tapegrad.forwardFrom']?.(layer, activation!, h);
        const joined = three ?? (activation && (layer as Partial<Joinable>)['tapegrad.forwardTo']?.(activation, h));
        h = joined ?? call(layer, h);
        chain.at += three ? 3 : joined ? 2 : 1;
      }
    }
    return h;
  } catch (error) {
    throw tellLayer(error, open.map(({ at }) => `layers.${at}`).join('.'), false, depth);
  } finally {
    depth--;
  }
}

/**
 * A layer that can compute the activation after it too, or that activation and the layer before it, in one pass; each gives `undefined` where that is not
 * possible. No layer of a user's has a method of such a name by chance, as with a symbol, which would keep the class in every bundle.
 */
interface Joinable {
  'tapegrad.forwardFrom'(layer: LayerOrFunction, activation: ElementwiseOp<'x'>, x: Tensor): Tensor | undefined;
  'tapegrad.forwardTo'(activation: ElementwiseOp<'x'>, x: Tensor): Tensor | undefined;
}

/** The operations of the activations that the methods of tensors are, by the functions that perform them. */
const activations = /* @__PURE__ */ memoize(
  (_: 'all') =>
    new Map<unknown, ElementwiseOp<'x'>>([
      [relu, operations.reluOp],
      [sigmoid, operations.sigmoidOp],
      [tanh, operations.tanhOp],
      [ReLU.prototype.forward, operations.reluOp],
      [Sigmoid.prototype.forward, operations.sigmoidOp],
      [Tanh.prototype.forward, operations.tanhOp],
    ]),
);

/** The operation that a layer performs, if it is an activation and does nothing else. */
const activationOf = (layer: LayerOrFunction | undefined): ElementwiseOp<'x'> | undefined =>
  layer && activations('all').get(typeof layer === 'function' ? layer : layer.forward);

/** Whether a layer is a `Sequential` that does just what its layers do. */
const isChain = (layer: LayerOrFunction): layer is Sequential =>
  layer instanceof Sequential && layer.forward === Sequential.prototype.forward;

/** What a layer or a function makes of a tensor. */
export function call(layer: LayerOrFunction, x: Tensor, where = 'Sequential'): Tensor {
  const y: unknown = typeof layer === 'function' ? layer(x) : layer.forward(x);
  if (y instanceof Tensor) return y;
  const name = typeof layer === 'function' ? layer.name : layer.constructor?.name;
  const remedy = Array.isArray(y) ? '; a layer of your own can pick one' : '';
  throw new DtypeError(`${where}: expected this layer${name ? `, ${name},` : ''} to return a tensor, got ${describeResult(y)}${remedy}`);
}

const checkLayer = (layer: unknown, i: number): void => checkIsLayer('Sequential', layer, ` at place ${i}`);

/** Refuses what is neither a layer nor a function. */
export function checkIsLayer(where: string, layer: unknown, place = ''): void {
  const isLayerClass = typeof layer === 'function' && typeof layer.prototype?.forward === 'function';
  if (typeof (layer as Partial<LayerOrFunction & { forward: unknown }> | null | undefined)?.forward === 'function') return;
  if (typeof layer === 'function' && !isLayerClass) return;
  const got = Array.isArray(layer) ? 'an array; write new Sequential(...layers)' : quote(layer);
  throw new ValueError(`${where}: expected a layer, with a forward method, or a function${place}, got ${got}`);
}
