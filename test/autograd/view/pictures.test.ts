/** What holds of all pictures of a tape. */

import { describe, expect, test } from 'vitest';
import { Parameter, Tape, TapeError, Tensor, toDot, toHTML, toMermaid } from '../../../src/index.ts';
import { network } from '../../lib/tapes.ts';

describe('all pictures', () => {
  test('are the same for the same tape', () => {
    const { tape } = network();
    for (const draw of [toMermaid, toDot, toHTML]) expect(draw(tape)).toBe(draw(tape));
    expect(toMermaid(network().tape)).toBe(toMermaid(network().tape));
    expect(toDot(network().tape)).toBe(toDot(network().tape));
  });

  test('can be drawn of an empty tape and of a long one, and of nothing but tapes', () => {
    const w = new Parameter(Tensor.of([1, 2]), 'w');
    const long = new Tape();
    long.record(() => {
      let y: Tensor = w;
      for (let i = 0; i < 1000; i++) y = y.mul(w);
    });
    for (const draw of [toMermaid, toDot, toHTML]) {
      expect(draw(new Tape())).toBeTypeOf('string');
      expect(draw(long).length).toBeGreaterThan(10_000);
      expect(() => draw(undefined as unknown as Tape)).toThrow(new TapeError(`${draw.name}: expected a tape, got undefined`));
    }
    expect(() => toHTML(long, { title: 1 as unknown as string })).toThrow(/^toHTML: expected title to be text, got 1/);
  });
});
