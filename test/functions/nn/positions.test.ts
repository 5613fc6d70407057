/** What tells a sequence its positions. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradcheck, rotaryEmbedding, ShapeError, sinusoidalEncoding, Tape, Tensor, ValueError } from '../../../src/index.ts';
import { expectClose, tensor } from '../../book/lib.ts';
import { patterned } from '../../lib/patterned.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';

describe('sinusoidal encoding', () => {
  /** Positions 1, 1000 and 10⁶ of width 6, by mpmath 1.3 with 40 digits. */
  const golden = [
    [0.8414709848078965, 0.5403023058681398, 0.04639922346473127, 0.9989229760406304, 0.002154433023365604, 0.9999976792064809],
    [0.8268795405320025, 0.5623790762907029, 0.6503168595863045, -0.7596630714585294, 0.8344632077604135, -0.5510636577512629],
    [-0.34999350217129294, 0.9367521275331447, 0.9099322406800514, -0.41475693770084304, -0.6425873666331163, 0.7662124224022454],
  ];
  test.each([
    [1, golden[0]!, 1e-15],
    [1000, golden[1]!, 1e-12],
    [1_000_000, golden[2]!, 1e-9],
  ])('at position %d it is that of exact arithmetic', (start, wanted, tolerance) => {
    expectClose(sinusoidalEncoding(1, 6, { start, dtype: 'float64' }), Tensor.of([wanted], 'float64'), tolerance);
  });

  test('is computed in float64 and rounded once', () => {
    expectSameBits(sinusoidalEncoding(300, 7).data, sinusoidalEncoding(300, 7, { dtype: 'float64' }).cast('float32').data);
  });

  test('begins anywhere, and is recorded nowhere', () => {
    expectSameBits(sinusoidalEncoding(5, 4, { start: 3 }).data, sinusoidalEncoding(8, 4).slice([[3, null]]).data);
    const tape = new Tape();
    tape.record(() => sinusoidalEncoding(5, 4));
    expect(tape.entries).toEqual([]);
    expect(sinusoidalEncoding(0, 4).shape).toEqual([0, 4]);
    expect(sinusoidalEncoding(3, 0).shape).toEqual([3, 0]);
  });

  refuses('%s is refused', [
    ['a negative width', () => sinusoidalEncoding(2, -2), ShapeError, /sinusoidalEncoding/],
    ['a base of 0', () => sinusoidalEncoding(2, 2, { base: 0 }), ValueError, /base to be a finite number above 0/],
    ['integers', () => sinusoidalEncoding(2, 2, { dtype: 'int32' as never }), ValueError, /'float32' or 'float64'/],
  ]);
});

describe('rotary embedding', () => {
  const x = patterned([3, 4], 1);

  test('of halves is that of GPT-NeoX and Llama, of neighbours that of RoFormer', () => {
    // x cos + rotate_half(x) sin, and complex numbers times e^(iφ), by PyTorch 2.13.
    expectClose(
      rotaryEmbedding(x, { pairs: 'halves' }),
      Tensor.of(
        [
          [-0.32499999999999996, 0.050000000000000044, 0.42500000000000004, 0.8],
          [-0.49557733308303187, -0.08174613753181235, -0.21657125140311145, 0.6742162627811866],
          [0.08015738132011252, -0.2109592680146487, -0.5956717168205169, 0.5458902703279511],
        ],
        'float64',
      ),
      1e-14,
    );
    expectClose(
      rotaryEmbedding(x),
      Tensor.of(
        [
          [-0.32499999999999996, 0.050000000000000044, 0.42500000000000004, 0.8],
          [-0.18002571378007068, -0.41918461610366387, 0.29323511262443713, 0.6779662002814991],
          [0.4211439163797432, -0.4396166531153385, 0.16396573448531795, 0.5533897703379511],
        ],
        'float64',
      ),
      1e-14,
    );
  });

  const pairs = fc.constantFrom('neighbours' as const, 'halves' as const);

  test('keeps lengths, and products depend on distances alone', () => {
    fc.assert(
      fc.property(tensor([1, 6]), tensor([1, 6]), fc.nat(50), fc.nat(50), fc.nat(50), pairs, (q, k, at, from, shift, pairs) => {
        const product = (by: number) =>
          rotaryEmbedding(q, { start: at + by, pairs }).timesTransposed(rotaryEmbedding(k, { start: from + by, pairs }));
        expectClose(product(shift), product(0), 1e-12);
        const turned = rotaryEmbedding(q, { start: at, pairs });
        expectClose(turned.mul(turned).sum(), q.mul(q).sum(), 1e-13);
      }),
      { numRuns: runs(50) },
    );
  });

  test('of a later part is the later part of the whole', () => {
    fc.assert(
      fc.property(tensor([2, 5, 4]), fc.integer({ min: 0, max: 4 }), pairs, (x, start, pairs) => {
        const part = rotaryEmbedding(x.slice([null, [start, null]]), { start, pairs });
        expectSameBits(part.data, rotaryEmbedding(x, { pairs }).slice([null, [start, null]]).data);
      }),
      { numRuns: runs(30) },
    );
  });

  test('has the derivatives that finite differences measure', () => {
    gradcheck((x: Tensor) => rotaryEmbedding(x), [x]);
    gradcheck((x: Tensor) => rotaryEmbedding(x, { pairs: 'halves', base: 50 }), [x]);
  });

  test('keeps the dtype, and empty sequences', () => {
    expect(rotaryEmbedding(Tensor.ones([2, 2])).dtype).toBe('float32');
    expect(rotaryEmbedding(Tensor.ones([2, 0, 4])).shape).toEqual([2, 0, 4]);
  });

  refuses('%s is refused', [
    ['an odd width', () => rotaryEmbedding(Tensor.ones([2, 3])), ShapeError, /an even width, got \[2, 3\]/],
    ['a vector', () => rotaryEmbedding(Tensor.ones([4])), ShapeError],
    [
      'another kind of pairs',
      () => rotaryEmbedding(Tensor.ones([2, 2]), { pairs: 'half' as never }),
      ValueError,
      /'neighbours' or 'halves'/,
    ],
    ['a fraction of a position', () => rotaryEmbedding(Tensor.ones([2, 2]), { start: 0.5 }), ValueError],
  ]);
});
