import { tellLayer, ValueError } from '../base/errors.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

/** Whatever takes a tensor and gives one. */
export interface Layer {
  forward(x: Tensor): Tensor;
}

/**
 * One layer after another: `y = fₙ(… f₁(x))`.
 * @throws what its layers throw, with the path of the layer in front: `layers.2: matmul: …`
 * @example new Sequential(new Linear(2, 3), new Sigmoid()).forward(Tensor.zeros([5, 2])).shape // => [5, 3]
 */
export class Sequential {
  readonly layers: readonly Layer[];

  constructor(...layers: readonly Layer[]) {
    layers.forEach((layer, i) => {
      if (typeof layer?.forward !== 'function')
        throw new ValueError(
          `Sequential: expected a layer, with a forward method, at place ${i}, got ${Array.isArray(layer) ? 'an array; write new Sequential(...layers)' : typeof layer}`,
        );
    });
    this.layers = layers;
  }

  forward(x: Tensor): Tensor {
    checkTensor('forward', 'x', x);
    let h = x;
    let i = 0;
    try {
      for (; i < this.layers.length; i++) h = this.layers[i]!.forward(h);
      return h;
    } catch (error) {
      throw tellLayer(error, `layers.${i}`);
    }
  }
}
