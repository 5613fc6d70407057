import { tellLayer, ValueError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import type { Shape } from '../base/shape-types.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
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
    checkTensor('forward', 'x', x);
    let h: Tensor = x;
    let i = 0;
    try {
      for (; i < this.layers.length; i++) {
        const layer = this.layers[i]!;
        h = typeof layer === 'function' ? layer(h) : layer.forward(h);
        checkTensor('forward', 'what this layer returns', h);
      }
      return h;
    } catch (error) {
      throw tellLayer(error, `layers.${i}`);
    }
  }
}

function checkLayer(layer: unknown, i: number): void {
  const isClass = typeof layer === 'function' && typeof layer.prototype?.forward === 'function';
  if (typeof (layer as Partial<LayerOrFunction & { forward: unknown }> | null | undefined)?.forward === 'function') return;
  if (typeof layer === 'function' && !isClass) return;
  const got = isClass
    ? `the class ${layer.name}; write new ${layer.name}(…)`
    : Array.isArray(layer)
      ? 'an array; write new Sequential(...layers)'
      : quote(layer);
  throw new ValueError(`Sequential: expected a layer, with a forward method, or a function at place ${i}, got ${got}`);
}
