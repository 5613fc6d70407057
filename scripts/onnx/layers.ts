/** Every layer as a model to be exported, as the suite of layers makes it. */

import { readdirSync } from 'node:fs';
import type { FloatDtype } from '../../src/base/dtype.ts';
import { Random } from '../../src/base/random.ts';
import { Tensor } from '../../src/tensor/tensor.ts';
import { training } from '../../src/tensor/training-scope.ts';
import type { LayerCase } from '../../test/layers/layer-case.ts';
import { type Case, modelCase } from './cases.ts';

const folder = new URL('../../test/layers/cases/', import.meta.url);
const families = await Promise.all(readdirSync(folder).map((file) => import(new URL(file, folder).href) as Promise<{ readonly default: readonly LayerCase[] }>)); // biome-ignore format: a line
const layers: readonly LayerCase[] = families.flatMap((family) => family.default);

/** Called with what belongs to a batch of one size and is no input. */
const ofOneSize = /with lengths|of a list|a weighted sum|of which one row sees nothing/;

/** So many examples: those of a tensor, another one first. */
function resized(x: Tensor, batch: number): Tensor {
  const shape = [batch, ...x.shape.slice(1)];
  const data = new (x.data.constructor as Float32ArrayConstructor)(shape.reduce((a, b) => a * b, 1));
  const { numbers } = x;
  const each = x.size / x.shape[0]!;
  return new Tensor(
    shape,
    data.map((_, i) => numbers[(i + (batch % 3) * each) % x.size]!),
  );
}

/** All layers that take batches of any size, evaluated after they have seen one. */
export const layerCases = (dtype: FloatDtype): readonly Case[] =>
  layers
    .filter(({ name }) => !ofOneSize.test(name))
    .map((it) => {
      const random = new Random(1);
      const layer = it.make({ dtype, random });
      const xs = it.inputs({ dtype, random });
      const call = (...inputs: Tensor[]): Tensor => (it.call ?? ((one, ...all) => one.forward(...all)))(layer, ...inputs);
      training(() => call(...xs), { random: new Random(9) });
      const fixed = xs.flatMap((x, i) => (x.shape[0] === xs[0]!.shape[0] ? [] : [`x${i}`]));
      const inputsOf = (batch: number) =>
        Object.fromEntries(xs.map((x, i) => [`x${i}`, fixed.includes(`x${i}`) ? x : resized(x, batch)] as const));
      return modelCase(it.name, dtype, call, inputsOf, { fixed, names: { layer } });
    });
