/**
 * 20. Memory for time.
 *
 * The sweep needs the values of the way forward, so a tape holds all of them: memory grows with depth. A part of the way may be forgotten instead, and gone
 * again when the sweep comes to it. That costs the part once more, and holds only what goes in.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkpoint, grad, Tape, Tensor } from '../../src/index.ts';
import { anyFunction, vectors } from './lib.ts';

// Gone a second time, the way is the same to the bit: `∇ checkpoint(f) = ∇ f`.
test('what is worked out again changes no bit of a gradient', () => {
  fc.assert(
    fc.property(anyFunction, vectors(1), ({ f }, [x]) => {
      const scalar = (x: Tensor) => f(x).mul(x).sum();
      expect([...grad(checkpoint(scalar))(x).data]).toEqual([...grad(scalar)(x).data]);
    }),
  );
});

test('a tape holds one line for what is forgotten, however long that is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), (depth) => {
      const deep = (x: Tensor) => Array.from({ length: depth }).reduce((h: Tensor) => h.sin(), x);
      const tape = new Tape();
      tape.record(() => checkpoint(deep)(Tensor.of([1, 2])));
      expect(tape.entries.length).toBe(1);
    }),
  );
});

// Forgotten in √n parts of √n steps each, a way of n steps holds at most `2 √n` values at a time.
test('a way of n steps in parts of √n holds √n values on the way', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 8 }), (root) => {
      const part = (x: Tensor) => Array.from({ length: root }).reduce((h: Tensor) => h.sin(), x);
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
