/** What holds for every layer, whatever it computes. The cases stand in `cases/`, a file a family; none can be forgotten. */

import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../src/index.ts';
import {
  checkpoint,
  evaluation,
  grad,
  gradcheck,
  loadStateDict,
  namedBuffers,
  parameters,
  Random,
  stateDict,
  Tape,
  Tensor,
  training,
  vmap,
} from '../../src/index.ts';
import { expectSameBits } from '../lib/same.ts';
import type { LayerCase, Making } from './layer-case.ts';

const cases: LayerCase[] = [];
for (const file of readdirSync(new URL('./cases/', import.meta.url)).sort())
  cases.push(...((await import(`./cases/${file.replace('.ts', '')}.ts`)) as { readonly default: readonly LayerCase[] }).default);

/** A layer, its input, and how it is called on other input. */
function made({ make, inputs, call = (layer, ...xs) => layer.forward(...xs) }: LayerCase, dtype: Making['dtype'], seed = 1) {
  const random = new Random(seed);
  const layer = make({ dtype, random });
  const xs = inputs({ dtype, random });
  const floats = xs.filter((x) => x.dtype !== 'int32');
  /** Called with others in the place of its floats, in their order. */
  const at = (...others: Tensor[]): Tensor => {
    let next = 0;
    return call(layer, ...xs.map((x) => (x.dtype === 'int32' ? x : (others[next++] ?? x))));
  };
  return { layer, xs, floats, at };
}

/** Has every layer see a batch, as one that is evaluated has. */
const warm = (at: () => Tensor): void => void training(at, { random: new Random(9) });

const bitsOf = (state: Readonly<Record<string, Tensor>>) => Object.entries(state).map(([path, { data }]) => [path, ...data]);

test('every exported class with forward has a case', () => {
  const named = new Set(cases.map(({ name }) => name.split(',')[0]));
  const layers = Object.entries(tapegrad).filter(
    ([, value]) => typeof value === 'function' && typeof (value as { prototype?: { forward?: unknown } }).prototype?.forward === 'function',
  );
  expect(layers.map(([name]) => name).filter((name) => !named.has(name))).toEqual(['SoftmaxCrossEntropy']);
});

describe.each(cases.map((it) => [it.name, it] as const))('%s', (_, it) => {
  test('keeps the dtype, and every number is finite', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const { at } = made(it, dtype);
      const y = training(() => at(), { random: new Random(1) });
      expect(y.dtype).toBe(dtype);
      expect(y.data.every(Number.isFinite)).toBe(true);
    }
  });

  test('has the derivatives that finite differences measure, in training and in evaluation', () => {
    const { at, layer, floats } = made(it, 'float64');
    warm(at);
    const check = () => {
      if (floats.length > 0) gradcheck(at, floats);
      for (const w of parameters(layer)) {
        const before = Tensor.fromTypedArray(w.data, w.shape);
        const value = (x: Tensor) => {
          w.assign(x);
          return [...at().data];
        };
        const tape = new Tape();
        const y = tape.record(() => at());
        const weights = Tensor.normal(y.shape, { dtype: 'float64', seed: 3 });
        const claimed = tape.has(y) && tape.has(w) ? tape.backward(y, [w], { gradient: weights })[0]!.data : new Float64Array(w.size);
        for (let place = 0; place < w.size; place += Math.max(1, Math.floor(w.size / 7))) {
          const moved = (by: number) => {
            const data = before.data.slice();
            data[place]! += by;
            return value(Tensor.fromTypedArray(data, w.shape)).reduce((sum, yi, i) => sum + yi * weights.data[i]!, 0);
          };
          const [coarse, fine] = [2e-4, 1e-4].map((h) => (moved(h) - moved(-h)) / (2 * h)) as [number, number];
          const measured = (4 * fine - coarse) / 3;
          expect(Math.abs(measured - claimed[place]!)).toBeLessThan(1e-6 * Math.max(1, Math.abs(measured)));
        }
        w.assign(before);
      }
    };
    evaluation(check);
    // One state of the generator for all calls: each is a scope of its own with the same seed.
    const seeded = (): Tensor => training(() => at(), { random: new Random(5), statistics: false });
    if (floats.length > 0) training(() => gradcheck(at, floats), { random: new Random(5), statistics: false });
    expectSameBits(seeded().data.slice(), seeded().data.slice());
  });

  test('evaluation draws nothing and changes nothing', () => {
    const { at, layer } = made(it, 'float32');
    warm(at);
    const before = bitsOf(stateDict(layer));
    const random = tapegrad.defaultRandom().state;
    const [first, second] = [at(), at()];
    expectSameBits(first.data.slice(), second.data.slice());
    expect(bitsOf(stateDict(layer))).toEqual(before);
    expect(tapegrad.defaultRandom().state).toEqual(random);
  });

  test('gives the same bits for the same state of the generator', () => {
    const run = (seed: number) => {
      const { at, layer } = made(it, 'float32');
      const y = training(() => at(), { random: new Random(seed) });
      return { y, state: bitsOf(stateDict(layer)) };
    };
    const [one, other] = [run(7), run(7)];
    expectSameBits(one.y.data.slice(), other.y.data.slice());
    expect(one.state).toEqual(other.state);
  });

  test('has a state that another one takes over', () => {
    const { at, layer } = made(it, 'float32');
    warm(at);
    const other = made(it, 'float32', 2);
    loadStateDict(other.layer, stateDict(layer));
    expect(bitsOf(stateDict(other.layer))).toEqual(bitsOf(stateDict(layer)));
  });

  test('is the same within checkpoint, masks, gradients and statistics', () => {
    const run = (wrap: (f: (...xs: Tensor[]) => Tensor) => (...xs: Tensor[]) => Tensor) => {
      const { at, layer, floats } = made(it, 'float32');
      const tape = new Tape(Object.fromEntries(floats.map((x, i) => [`x${i}`, x])));
      const y = training(
        () =>
          tape.record(() =>
            wrap(at)(...floats)
              .exp()
              .sum(),
          ),
        { random: new Random(3) },
      );
      const wanted = [...floats, ...parameters(layer)].filter((x) => tape.has(x));
      return { y, gradients: tape.backward(y, wanted), state: bitsOf(stateDict(layer)) };
    };
    const [plain, kept] = [run((f) => f), run((f) => checkpoint(f as never) as never)];
    expectSameBits(plain.y.data.slice(), kept.y.data.slice());
    expect(kept.state).toEqual(plain.state);
    plain.gradients.forEach((g, i) => expectSameBits(g.data.slice(), kept.gradients[i]!.data.slice()));
  });

  test('is mapped by vmap, or refuses by name', () => {
    const { at, floats } = made(it, 'float64');
    warm(at);
    if (floats.length === 0) return;
    const many = floats.map((x) => x.unsqueeze(0).broadcastTo([2, ...x.shape]));
    const f = (...xs: Tensor[]) => at(...xs);
    const each = vmap(f)(...many);
    const one = at();
    expect(each.shape).toEqual([2, ...one.shape]);
    each.data.forEach((y, i) => expect(Math.abs(y - one.data[i % one.size]!)).toBeLessThan(1e-12 * Math.max(1, Math.abs(y))));
    const trained = () => training(() => vmap(f)(...many), { random: new Random(1) });
    if (it.joinsExamples) expect(trained).toThrow(/(Batch|Instance)Norm/);
    else expect(trained().shape).toEqual(each.shape);
  });

  test('differs in training only if it says so', () => {
    const { at, layer } = made(it, 'float32');
    warm(at);
    const trained = training(() => at(), { random: new Random(11) });
    const differs = at().data.some((y, i) => y !== trained.data[i]) || namedBuffers(layer).size > 0;
    expect(differs).toBe(it.differsInTraining ?? false);
  });
});

test('a hessian in training draws the same masks for every row, and moves buffers once', () => {
  const norm = new tapegrad.BatchNorm(2, { dtype: 'float64' });
  const drop = new tapegrad.Dropout(0.5);
  const x = Tensor.normal([3, 2], { dtype: 'float64', seed: 1 });
  const f = (x: Tensor) => drop.forward(norm.forward(x)).pow(2).sum();
  const random = new Random(4);
  training(() => tapegrad.hessian(f)(x), { random });
  expect(norm.batches.value.item()).toBe(1);
  const once = new Random(4);
  training(() => grad(f)(x), { random: once, statistics: false });
  expect(random.state).toEqual(once.state);
});
