/** How long a tape and a sweep hold tensors, measured by the memory of the process. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { onGradient, Parameter, Tape, Tensor } from '../../src/index.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

test('a sweep frees each gradient once it has been passed on', () => {
  const [layers, size] = [60, 2 ** 18];
  const w = new Parameter(Tensor.ones([size]));
  const held: number[] = [];
  const tape = new Tape();
  const loss = tape.record(() => {
    let h: Tensor = w;
    for (let i = 0; i < layers; i++) {
      h = onGradient(h.mul(0.99), () => {
        collect();
        return void held.push(process.memoryUsage().arrayBuffers);
      });
    }
    return h.sum();
  });
  tape.backward(loss);
  expect(held.length).toBe(layers);
  // All gradients together would be 120 megabytes.
  expect((Math.max(...held) - held[0]!) / 2 ** 20).toBeLessThan(8);
});

test('a tape that was swept holds no tensor, and can still be read', () => {
  const w = new Parameter(Tensor.of([1, 2]), 'w');
  const tape = new Tape();
  const loss = tape.record(() => w.mul(w).sum());
  const text = String(tape);
  tape.backward(loss);
  expect(tape.values.every(({ tensor }) => tensor === undefined)).toBe(true);
  expect(String(tape)).toBe(text);
});
