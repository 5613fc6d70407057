/**
 * A convolution, `relu` and max pooling in one pass, to the same bits as one after another, where nobody sees what lies between: neither the program, which
 * gets the result alone, nor a tape that it can look at. What lies between is neither kept for the sweep.
 */

import { type FloatData, floats } from '../../base/dtype.ts';
import { machine } from '../../machine/backend.ts';
import type { KernelHost, Machine } from '../../machine/machine.ts';
import { correlateAndPool, spreadToPlaces, sumsOfChannels } from '../../machine/wasm/convolved-pools.ts';
import type { Fill } from '../../machine/wasm/frames.ts';
import { lineProducts } from '../../machine/wasm/line-products.ts';
import { correlateBack } from '../../machine/wasm/window-products-back.ts';
import type { Derivatives, Op, RuleArguments } from '../../tensor/op.ts';
import { callRecorders, isSeen } from '../../tensor/recorders.ts';
import { perform, Tensor } from '../../tensor/tensor.ts';
import { type Correlation, convBiasOp } from './correlation.ts';
import { sizesOf, sumOfExamples } from './correlation-parts.ts';
import { partsOfFilters, type Sizes } from './filter-products.ts';
import { areApart } from './largest-of-windows.ts';
import { toPlacesOp } from './window-places.ts';
import { countWindows, type Windows } from './windows.ts';

type Inputs = 'x' | 'weight' | 'bias' | 'places';
/** The convolution, how many results it has along each axis of the image, and the windows on these. Places are −1 where no gradient goes. */
type Attributes = Correlation & { readonly between: readonly number[]; readonly pooling: Windows };
type Given = RuleArguments<Inputs, Attributes>;

/** What arrives at the results of the convolution. */
function gradientBetween({ dy, y, places, between }: Given): Tensor {
  const somewhere = new Tensor(
    places.sizes,
    (places.numbers as Int32Array).map((place) => Math.max(0, place)),
  );
  return perform(toPlacesOp, { x: y.lessEqual(0).where(0, dy), places: somewhere }, { to: between, apart: true });
}

/** The rule of the convolution for what arrives there. */
const ruleOf =
  (input: 'x' | 'weight' | 'bias') =>
  (given: Given): Tensor =>
    (convBiasOp.backward as Derivatives<'x' | 'weight' | 'bias', Correlation>)[input]!({ ...given, dy: gradientBetween(given) });

/** How a gradient is computed by kernels; nothing where it would take too much memory. */
type ByKernels = (host: KernelHost, given: Given, fill: Fill, sizes: Sizes) => FloatData | undefined;

const directly =
  (input: 'x' | 'weight' | 'bias', compute: ByKernels) =>
  (given: Given, { host }: Machine): FloatData => {
    const { dy, y, x, places, between, pooling } = given;
    const sizes = sizesOf(x.sizes, [...y.sizes.slice(0, 2), ...between], given);
    const pool = { windows: pooling, counts: y.sizes.slice(2) };
    const fill = host && spreadToPlaces(host, { dy: floats(dy.numbers), places: places.numbers as Int32Array, pool });
    return (fill && compute(host, given, fill, sizes)) ?? floats(ruleOf(input)(given).numbers);
  };

function filterGradient(host: KernelHost, { x }: Given, fill: Fill, sizes: Sizes): FloatData | undefined {
  const [whole, ...others] = partsOfFilters(sizes);
  const found = others.length === 0 ? lineProducts(host, floats(x.numbers), fill, sizes, whole!) : undefined;
  return found && sumOfExamples(found, whole!, sizes, machine());
}

/** What a tape that shows nothing to anybody records. */
const pooledConvolution = {
  name: 'pooledConvolution',
  indices: ['places'],
  backward: {
    x: /* @__PURE__ */ ruleOf('x'),
    weight: /* @__PURE__ */ ruleOf('weight'),
    bias: /* @__PURE__ */ ruleOf('bias'),
    places: null,
  },
  directBackward: {
    x: /* @__PURE__ */ directly('x', (host, { weight }, fill, sizes) => correlateBack(host, fill, floats(weight.numbers), sizes)),
    weight: /* @__PURE__ */ directly('weight', filterGradient),
    bias: /* @__PURE__ */ directly('bias', (host, { x }, fill, sizes) => sumsOfChannels(host, x.dtype as 'float32', fill, sizes)),
  },
} as Pick<Op<Inputs, Attributes>, 'name' | 'indices' | 'backward' | 'directBackward'> as Op<Inputs, Attributes>;

/** The filters of a convolution, and what is added to its channels. */
export interface FiltersAndBias {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** `maxPool(relu(convolution of x + bias))`; `undefined` where somebody sees what lies between, or where it cannot be one pass. */
export function pooledConvolve(
  x: Tensor,
  { weight, bias }: FiltersAndBias,
  correlation: Correlation,
  pooling: Windows,
): Tensor | undefined {
  const { host } = machine();
  if (!host || isSeen() || x.size * weight.size === 0) return undefined;
  const image = x.sizes.slice(2);
  if (!fitInto(image, correlation)) return undefined;
  const between = countWindows('conv', image, correlation);
  if (!fitInto(between, pooling) || pooling.padding.some((width) => width > 0)) return undefined;
  const counts = countWindows('maxPool', between, pooling);
  if (!areApart({ ...pooling, counts })) return undefined;
  const [n, o] = [x.sizes[0]!, weight.sizes[0]!];
  const sizes = sizesOf(x.sizes, [n, o, ...between], correlation);
  const found = correlateAndPool(host, { x: floats(x.numbers), weight, bias }, sizes, { windows: pooling, counts });
  if (!found) return undefined;
  const shape = [n, o, ...counts];
  const [y, places] = [new Tensor(shape, found.values), new Tensor(shape, found.places)];
  callRecorders(pooledConvolution, { x, weight, bias, places }, { ...correlation, between, pooling }, y);
  return y;
}

/** Whether there is room for a window along each axis. */
const fitInto = (sizes: readonly number[], { kernel, padding, dilation }: Windows): boolean =>
  sizes.every((size, i) => size + 2 * padding[i]! > dilation[i]! * (kernel[i]! - 1));
