/** What the constructors of layers have in common: sizes, and the options of all layers that have parameters. */

import type { FloatDtype } from '../base/dtype.ts';
import { DtypeError, ShapeError } from '../base/errors.ts';
import { anything, extend, type OptionTable, optional, quote, withoutDefault } from '../base/options.ts';
import type { Randomness } from '../base/random.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

/** Where a layer's initial values come from, by default the default generator, and their dtype. */
export interface LayerOptions extends Randomness {
  /** Default float32. */
  readonly dtype?: FloatDtype;
}

/** Checked by `checkLayerDtype`. */
export const dtypeOption: OptionTable<{ readonly dtype?: FloatDtype }> = { dtype: /* @__PURE__ */ optional(anything, 'float32') };

export const layerOptions: OptionTable<LayerOptions> = /* @__PURE__ */ extend(dtypeOption, {
  random: /* @__PURE__ */ withoutDefault(anything),
  seed: /* @__PURE__ */ withoutDefault(anything),
});

/** Refuses sizes that are not whole numbers from 1. */
export function checkSizes(where: string, sizes: Readonly<Record<string, unknown>>): void {
  for (const [name, size] of Object.entries(sizes))
    if (!(Number.isInteger(size) && (size as number) > 0))
      throw new ShapeError(`${where}: expected ${name} to be a whole number from 1, got ${quote(size)}`);
}

/** The dtype of a layer's parameters. */
export function checkLayerDtype(where: string, dtype: unknown): asserts dtype is FloatDtype {
  if (dtype !== 'float32' && dtype !== 'float64')
    throw new DtypeError(`${where}: expected the dtype 'float32' or 'float64', got ${quote(dtype)}`);
}

/** Refuses what is no tensor in the dtype that a layer has. */
export function checkInput(where: string, what: string, x: unknown, dtype: string): asserts x is Tensor {
  checkTensor(where, what, x);
  if (x.dtype !== dtype)
    throw new DtypeError(`${where}: expected ${what} in ${dtype}, as the layer is, got ${x.dtype}; convert it with cast('${dtype}')`);
}
