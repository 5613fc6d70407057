import { ShapeError } from '../base/errors.ts';
import { anything, type OptionTable, readOptions, withoutDefault } from '../base/options.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { call, checkIsLayer } from './layer.ts';
import type { LayerOrFunction } from './widths.ts';

/** Options of `Residual`. */
export interface ResidualOptions {
  /** What makes the shape of `x` that of the layer's result, such as a `Linear` or a convolution of size 1. Default: `x` as it is. */
  readonly projection?: LayerOrFunction;
}

const residualOptions: OptionTable<ResidualOptions> = { projection: /* @__PURE__ */ withoutDefault(anything) };

/**
 * `y = x + layer(x)`; where the layer gives another shape, `y = projection(x) + layer(x)` (He et al. 2016). Any shape.
 * @example new Residual((x) => x.mul(2)).forward(Tensor.of([1, 2])).toArray() // => [3, 6]
 * @example
 * const layer = new Sequential(new Linear(4, 8), relu);
 * new Residual(layer, { projection: new Linear(4, 8, { bias: false }) }).forward(Tensor.ones([2, 4])).shape // => [2, 8]
 */
export class Residual {
  readonly layer: LayerOrFunction;
  readonly projection: LayerOrFunction | undefined;

  /** @throws ValueError for what is no layer, and for options that are not known. */
  constructor(layer: LayerOrFunction, options?: ResidualOptions) {
    const { projection } = readOptions('Residual', options, residualOptions);
    checkIsLayer('Residual', layer);
    if (projection !== undefined) checkIsLayer('Residual: projection', projection);
    this.layer = layer;
    this.projection = projection;
  }

  /** @throws ShapeError where the two shapes differ: nothing broadcasts. */
  forward(x: Tensor): Tensor {
    checkTensor('Residual', 'x', x);
    const y = call(this.layer, x, 'Residual');
    const beside = this.projection ? call(this.projection, x, 'Residual: projection') : x;
    if (!sameShape(y.sizes, beside.sizes))
      throw new ShapeError(
        `Residual: expected the layer to give ${formatShape(beside.sizes)}, as ${this.projection ? 'the projection does' : 'x has'}, ` +
          `got ${formatShape(y.sizes)}${this.projection ? '' : '; give a projection: { projection: new Linear(…) }'}`,
      );
    return beside.add(y);
  }
}
