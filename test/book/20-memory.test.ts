/**
 * 20. Checkpoints: time for memory.
 *
 * The sweep needs the values of the forward pass, so a tape holds all of them: memory grows with depth. The values of a part of the forward pass may
 * be dropped instead, and computed again when the sweep comes to the part. That takes the time of the part once more, and holds only its inputs.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkpoint, grad, sin, Tape, Tensor } from '../../src/index.ts';
import { anyFunction, vectors } from './lib.ts';

// Computed a second time, all values are the same to the bit: `∇ checkpoint(f) = ∇ f`.
test('computing a part again changes no bit of a gradient', () => {
  fc.assert(
    fc.property(anyFunction, vectors(1), ({ f }, [x]) => {
      const scalar = (x: Tensor) => f(x).mul(x).sum();
      expect([...grad(checkpoint(scalar))(x).data]).toEqual([...grad(scalar)(x).data]);
    }),
  );
});

test('a tape holds one entry for a checkpointed part, however long the part is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), (depth) => {
      const deep = (x: Tensor) => Array.from({ length: depth }).reduce((h: Tensor) => sin(h), x);
      const tape = new Tape();
      tape.record(() => checkpoint(deep)(Tensor.of([1, 2])));
      expect(tape.entries.length).toBe(1);
    }),
  );
});

// Of n steps, checkpointed in √n parts of √n steps each, at most `2 √n` values are held at a time: one for each part, and those of the part that is
// computed again.
test('n steps, checkpointed in √n parts, hold at most 2 √n values instead of n', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 8 }), (root) => {
      const part = (x: Tensor) => Array.from({ length: root }).reduce((h: Tensor) => sin(h), x);
      const whole = (wrap: (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor) => (x: Tensor) =>
        Array.from({ length: root }).reduce((h: Tensor) => wrap(part)(h), x);
      const held = (f: (x: Tensor) => Tensor) => {
        const tape = new Tape();
        tape.record(() => f(Tensor.of(1)));
        return tape.entries.length;
      };
      expect(held(whole((f) => f))).toBe(root * root);
      expect(held(whole(checkpoint))).toBe(root);
      expect(held(part) + held(whole(checkpoint))).toBeLessThanOrEqual(2 * root);
    }),
  );
});
