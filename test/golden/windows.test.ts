/** Values, indices and gradients of convolutions, pools and what is resampled, from PyTorch 2.13.0 in float64, with options at random. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../src/index.ts';
import { Tensor, vjp } from '../../src/index.ts';

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly int?: boolean;
}
interface Case {
  readonly name: string;
  /** What follows the tensors, and the options. */
  readonly args: readonly unknown[];
  readonly opts: object | null;
  readonly inputs: readonly Stored[];
  readonly y: Stored;
  readonly idx?: Stored;
  readonly g: Stored;
  readonly grads: readonly Stored[];
}

const { cases, meta } = JSON.parse(readFileSync('test/golden/windows.json', 'utf8')) as { cases: readonly Case[]; meta: { torch: string } };
const tensorOf = ({ shape, data, int }: Stored): Tensor => new Tensor(shape, int ? Int32Array.from(data) : Float64Array.from(data));

function expectClose(found: Tensor, wanted: Stored): void {
  expect(found.shape).toEqual(wanted.shape);
  wanted.data.forEach((y, i) => expect(Math.abs(found.data[i]! - y)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(y))));
}

/** The function of a case, of its tensors alone. */
function called({ name, args, opts }: Case): (...xs: Tensor[]) => any {
  const f = (tapegrad as unknown as Record<string, (...given: unknown[]) => any>)[name]!;
  if (name.startsWith('conv')) return (x, weight, bias) => f(x, weight, { ...opts, ...(bias && { bias }) });
  return (...xs) => f(...xs, ...args, ...(opts ? [opts] : []));
}

describe(`PyTorch ${meta.torch}`, () => {
  test.each(cases.map((it, i) => [`${it.name} ${JSON.stringify(it.opts ?? it.args)}, case ${i}`, it] as const))('%s', (_, it) => {
    const xs = it.inputs.map(tensorOf);
    const floats = xs.filter(({ dtype }) => dtype !== 'int32');
    const f = called(it);
    if (it.idx) expect([...f(...xs).indices.data]).toEqual(it.idx.data);
    const valueOf = (...some: Tensor[]): Tensor => {
      const y = f(...some, ...xs.slice(some.length));
      return y instanceof Tensor ? y : y.values;
    };
    const [y, back] = vjp(valueOf, ...floats);
    expectClose(y, it.y);
    back(tensorOf(it.g)).forEach((gradient, i) => expectClose(gradient, it.grads[i]!));
  });

  test('was asked about every one of these functions', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(26);
  });
});
