/** What is composed of other operations, held against definitions in plain loops. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../src/index.ts';
import { type Dtype, gradcheck, ShapeError, sin, type TapegradError, Tensor, ValueError, vjp } from '../../src/index.ts';
import { eighths, expectClose, size, tensor } from '../book/lib.ts';
import { runs } from '../lib/runs.ts';

const { conv2d, convTranspose2d, cumsum, einsum, flip, pad, prod, roll, sort, tile } = tapegrad;

/** A tensor by a rule for each element, told its indices. */
const made = (shape: readonly number[], rule: (...at: number[]) => number): Tensor => {
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; i++) {
    let rest = i;
    const at = shape.toReversed().map((n) => {
      const index = rest % n;
      rest = Math.floor(rest / n);
      return index;
    });
    data[i] = rule(...at.reverse());
  }
  return new Tensor(shape, data);
};
/** The element at some indices; 0 beyond the edges, or another number. */
const at = (x: Tensor, indices: readonly number[], beyond = 0): number =>
  indices.every((index, axis) => index >= 0 && index < x.shape[axis]!) ? x.slice([...indices]).item() : beyond;
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const sumOver = (counts: readonly number[], f: (...at: number[]) => number): number => {
  const [n, ...rest] = counts;
  return n === undefined ? f() : range(n).reduce((sum, i) => sum + sumOver(rest, (...others) => f(i, ...others)), 0);
};
const shaped = (rank: number) => fc.array(size, { minLength: rank, maxLength: rank }).chain((shape) => tensor(shape));
const matrix = shaped(2);

describe('running totals', () => {
  test('are totals of what comes so far', () => {
    fc.assert(
      fc.property(matrix, fc.constantFrom(0, 1, -1), (x, axis) => {
        const upTo = (i: number, j: number) =>
          axis === 0 ? range(i + 1).map((k) => at(x, [k, j])) : range(j + 1).map((k) => at(x, [i, k]));
        expectClose(
          cumsum(x, axis),
          made(x.shape, (i, j) => upTo(i, j).reduce((a, b) => a + b)),
        );
        expectClose(
          tapegrad.cumprod(x, axis),
          made(x.shape, (i, j) => upTo(i, j).reduce((a, b) => a * b)),
        );
        expectClose(
          tapegrad.logCumSumExp(x, axis),
          made(x.shape, (i, j) => Math.log(upTo(i, j).reduce((a, b) => a + Math.exp(b), 0))),
        );
        expectClose(prod(x, axis), tapegrad.cumprod(x, axis).slice(axis === 0 ? [-1] : [null, -1]));
      }),
    );
  });

  test('of logarithms neither overflow nor lose what is small, and of nothing are −∞', () => {
    const x = Tensor.of([-Infinity, -Infinity, 1000, 1000, -1000], 'float64');
    const y = tapegrad.logCumSumExp(x, 0);
    expect(y.toArray()).toEqual([-Infinity, -Infinity, 1000, 1000 + Math.LN2, 1000 + Math.LN2]);
    const [, pullback] = vjp((x: Tensor) => tapegrad.logCumSumExp(x, 0), x);
    expect(pullback(Tensor.ones([5], 'float64'))[0]!.data.every(Number.isFinite)).toBe(true);
  });

  test('of products have slopes at zeros: the product of all others', () => {
    for (const values of [
      [2, 0, 3],
      [0, 0, 4],
      [0, 0, 0],
    ])
      gradcheck((x) => prod(x).add(tapegrad.cumprod(x, 0).sum()), [Tensor.of(values)]);
  });

  test('of float32 are added up in float64', () => {
    const x = Tensor.full([100_000], 0.1);
    expect(cumsum(x, 0).slice([-1]).item()).toBe(Math.fround(Math.fround(0.1) * 100_000));
  });

  test('of a recurrence are what a loop finds', () => {
    fc.assert(
      fc.property(
        size.chain((n) => fc.tuple(tensor([n]), tensor([n]))),
        ([a, b]) => {
          let y = 0;
          const wanted = range(a.size).map((i) => (y = a.data[i]! * y + b.data[i]!));
          expectClose(tapegrad.linearRecurrence(a, b, 0), Tensor.of(wanted, 'float64'));
        },
      ),
    );
  });
});

describe('variance and lengths', () => {
  test('are what their formulas say', () => {
    fc.assert(
      fc.property(matrix, fc.constantFrom(0, 1), fc.constantFrom(1, 1.5, 2, 3), (x, correction, order) => {
        const [m, n] = x.shape as [number, number];
        const mean = (i: number) => sumOver([n], (j) => at(x, [i, j])) / n;
        const variance = made([m], (i) => sumOver([n], (j) => (at(x, [i, j]) - mean(i)) ** 2) / Math.max(0, n - correction));
        if (n > correction) {
          expectClose(x.var(1, { correction }), variance);
          expectClose(x.std(1, { correction }).pow(2), variance);
        } else expect(x.var(1, { correction }).data.every(Number.isNaN)).toBe(true);
        expectClose(
          tapegrad.norm(x, 1, { order }),
          made([m], (i) => sumOver([n], (j) => Math.abs(at(x, [i, j])) ** order) ** (1 / order)),
          1e-9,
        );
        expectClose(tapegrad.norm(x, 1, { order: Infinity }), x.abs().max(1));
        expectClose(tapegrad.norm(x, 0, { order: -Infinity, keepDims: true }), x.abs().min(0, { keepDims: true }));
        expectClose(tapegrad.norm(x, 0, { order: 0 }), x.notEqual(0).sum(0));
      }),
    );
  });

  test('neither overflow nor vanish, and are flat at 0', () => {
    for (const [scale, dtype] of [
      [1e300, 'float64'],
      [1e-300, 'float64'],
      [1e30, 'float32'],
      [1e-30, 'float32'],
    ] as [number, Dtype][])
      expect(tapegrad.norm(Tensor.of([3, 4], dtype).mul(scale)).item() / scale).toBeCloseTo(5, 5);
    expect(tapegrad.norm(Tensor.of([Infinity, 1])).item()).toBe(Infinity);
    expect(tapegrad.norm(Tensor.of([NaN, 1])).item()).toBe(NaN);
    for (const order of [1, 2, 3, Infinity]) {
      const [, pullback] = vjp((x: Tensor) => tapegrad.norm(x, [], { order }).sum(), Tensor.zeros([1, 3], 'float64'));
      expect(pullback(Tensor.of(1, 'float64'))[0]!.data.every((g) => g === 0)).toBe(true);
    }
  });
});

describe('movement', () => {
  test('flips, rolls, tiles and repeats put each element where it belongs', () => {
    fc.assert(
      fc.property(matrix, fc.integer({ min: -6, max: 6 }), fc.integer({ min: 0, max: 3 }), (x, shift, times) => {
        const [m, n] = x.shape as [number, number];
        const modulo = (i: number, size: number) => ((i % size) + size) % size;
        expectClose(
          flip(x),
          made([m, n], (i, j) => at(x, [m - 1 - i, n - 1 - j])),
        );
        expectClose(
          flip(x, 1),
          made([m, n], (i, j) => at(x, [i, n - 1 - j])),
        );
        expectClose(
          roll(x, shift, 1),
          made([m, n], (i, j) => at(x, [i, modulo(j - shift, n)])),
        );
        expectClose(
          tile(x, [2, times, 1]),
          made([2, m * times, n], (_, i, j) => at(x, [i % m, j])),
        );
        expectClose(
          tapegrad.repeatInterleave(x, times, 0),
          made([m * times, n], (i, j) => at(x, [Math.floor(i / times), j])),
        );
        expectClose(
          tapegrad.tril(x, shift),
          made([m, n], (i, j) => (j - i <= shift ? at(x, [i, j]) : 0)),
        );
        expectClose(
          tapegrad.triu(x, shift),
          made([m, n], (i, j) => (j - i >= shift ? at(x, [i, j]) : 0)),
        );
        const diagonal = range(m).flatMap((i) => (i + shift >= 0 && i + shift < n ? [at(x, [i, i + shift])] : []));
        expect(tapegrad.diagonal(x, shift).toArray()).toEqual(diagonal);
        expect(tapegrad.trace(x).item()).toBe(sumOver([Math.min(m, n)], (i) => at(x, [i, i])));
        expectClose(
          tapegrad.diag(x),
          made([m, n, n], (i, j, k) => (j === k ? at(x, [i, j]) : 0)),
        );
        expect(
          tapegrad
            .split(x, times + 1, 1)
            .flatMap((part) => part.shape[1]!)
            .reduce((a, b) => a + b),
        ).toBe(n);
        expectClose(tapegrad.concat(tapegrad.split(x, times + 1, 1), 1), x);
        expectClose(tapegrad.moveAxis(x, 0, -1), x.transpose());
      }),
    );
  });

  test('a padding is a constant, the edge, a reflection, or the opposite end', () => {
    const widths = fc.tuple(fc.integer({ min: -1, max: 2 }), fc.integer({ min: -1, max: 2 }));
    fc.assert(
      fc.property(tensor([3, 4]), widths, widths, (x, rows, columns) => {
        const shape = [3 + rows[0] + rows[1], 4 + columns[0] + columns[1]];
        const place = {
          circular: (i: number, n: number) => (i + n) % n,
          replicate: (i: number, n: number) => Math.min(Math.max(i, 0), n - 1),
          reflect: (i: number, n: number) => (i < 0 ? -i : i >= n ? 2 * n - 2 - i : i),
        };
        for (const value of [0, 7])
          expectClose(
            pad(x, [rows, columns], { value }),
            made(shape, (i, j) => at(x, [i - rows[0], j - columns[0]], value)),
          );
        for (const mode of ['circular', 'replicate', 'reflect'] as const)
          expectClose(
            pad(x, [rows, columns], { mode }),
            made(shape, (i, j) => at(x, [place[mode](i - rows[0], 3), place[mode](j - columns[0], 4)])),
          );
      }),
    );
  });
});

describe('remainders', () => {
  test('are what Python and JavaScript say, and the longer side of a triangle is what Math.hypot says', () => {
    fc.assert(
      fc.property(
        eighths,
        eighths.filter((b) => b !== 0),
        (a, b) => {
          const [x, y] = [Tensor.of(a, 'float64'), Tensor.of(b, 'float64')];
          expect(tapegrad.fmod(x, y).item() + 0).toBe((a % b) + 0);
          expect(tapegrad.remainder(x, y).item() + 0).toBe((((a % b) + b) % b) + 0);
          expect(tapegrad.frac(x).item() + 0).toBe((a % 1) + 0);
          expect(tapegrad.hypot(x, y).item()).toBeCloseTo(Math.hypot(a, b), 13);
        },
      ),
    );
    const large = fc.tuple(fc.double({ min: -1e14, max: 1e14, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true }));
    fc.assert(
      fc.property(large, fc.constantFrom(1, -1), ([a, size], sign) => {
        const b = size * sign;
        expect(Math.abs(tapegrad.fmod(Tensor.of(a, 'float64'), b).item())).toBe(Math.abs(a % b));
        const rest = tapegrad.remainder(Tensor.of(a, 'float64'), b).item();
        expect(rest).toBe(a % b === 0 || a % b < 0 === b < 0 ? (a % b) + 0 : (a % b) + b);
      }),
    );
    expect([0, -0, 6, -6].map((a) => tapegrad.fmod(Tensor.of(a), 3).item())).toEqual([0, -0, 0, -0]);
    for (const [a, b] of [
      [NaN, NaN],
      [1, NaN],
      [NaN, 1],
    ] as const)
      expect(tapegrad.hypot(Tensor.of(a), b).item()).toBe(NaN);
    const length = (a: number, b: number) => tapegrad.hypot(Tensor.of(a, 'float64'), b).item();
    expect([length(3e300, 4e300) / 5e300, length(0, 0), length(Infinity, 1), length(NaN, 1), length(-Infinity, Infinity)]).toEqual([
      1,
      0,
      Infinity,
      NaN,
      Infinity,
    ]);
  });
});

describe('order and choice', () => {
  test('what is put along an axis replaces, the last of several stays, and gradients follow', () => {
    const x = Tensor.of(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      'float64',
    );
    const [indices, source] = [
      Tensor.of(
        [
          [2, 2],
          [0, 1],
        ],
        'int32',
      ),
      Tensor.of(
        [
          [10, 20],
          [30, 40],
        ],
        'float64',
      ),
    ];
    const f = (x: Tensor, source: Tensor) => tapegrad.putAlongAxis(x, 1, indices, source);
    expect(f(x, source).toArray()).toEqual([
      [1, 2, 20],
      [30, 40, 6],
    ]);
    const [dx, ds] = vjp(f, x, source)[1](Tensor.ones([2, 3], 'float64'));
    expect([dx.toArray(), ds.toArray()]).toEqual([
      [
        [1, 1, 0],
        [0, 0, 1],
      ],
      [
        [0, 1],
        [1, 1],
      ],
    ]);
    expect(() => tapegrad.putAlongAxis(x, 1, Tensor.of([[3], [0]], 'int32'), source.slice([null, [0, 1]]))).toThrow(ValueError);
    expect(() => tapegrad.putAlongAxis(x, 1, indices, x)).toThrow(ShapeError);
  });

  test('the middle of a line is its median, the lower of two', () => {
    fc.assert(
      fc.property(matrix, (x) => {
        const { values, indices } = tapegrad.median(x, 1);
        range(x.shape[0]!).forEach((i) => {
          const line = range(x.shape[1]!)
            .map((j) => at(x, [i, j]))
            .toSorted((a, b) => a - b);
          expect(at(values, [i])).toBe(line[Math.floor((line.length - 1) / 2)]);
          expect(at(x, [i, at(indices, [i])])).toBe(at(values, [i]));
        });
      }),
    );
  });

  test('sorted elements are those of the line, in order, and ties keep theirs', () => {
    fc.assert(
      fc.property(matrix, fc.boolean(), (x, descending) => {
        const { values, indices } = sort(x, 1, { descending });
        range(x.shape[0]!).forEach((i) => {
          const line = range(x.shape[1]!).map((j) => ({ value: at(x, [i, j]), j }));
          const wanted = line.toSorted((a, b) => (descending ? b.value - a.value : a.value - b.value) || a.j - b.j);
          expect(values.slice([i]).toArray()).toEqual(wanted.map(({ value }) => value));
          expect(indices.slice([i]).toArray()).toEqual(wanted.map(({ j }) => j));
        });
        const k = Math.min(2, x.shape[0]!);
        expectClose(tapegrad.topk(x, k, { axis: 0 }).values, sort(x, 0, { descending: true }).values.slice([[0, k]]));
        expectClose(tapegrad.topk(x, k, { axis: 0, largest: false }).values, sort(x, 0).values.slice([[0, k]]));
      }),
    );
    expect(sort(Tensor.of([NaN, 1, -Infinity])).values.toArray()).toEqual([-Infinity, 1, NaN]);
  });

  test('what is picked by index is added back where it came from', () => {
    const x = Tensor.of(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      'float64',
    );
    const indices = Tensor.of(
      [
        [2, 0],
        [2, 2],
      ],
      'int32',
    );
    expect(tapegrad.take(x, Tensor.of([5, 0], 'int32')).toArray()).toEqual([6, 1]);
    expect(tapegrad.embedding(x, indices).toArray()).toEqual([
      [
        [5, 6],
        [1, 2],
      ],
      [
        [5, 6],
        [5, 6],
      ],
    ]);
    const [, pullback] = vjp((x: Tensor) => tapegrad.embedding(x, indices, { paddingIndex: 0 }), x);
    expect(pullback(Tensor.ones([2, 2, 2], 'float64'))[0]!.toArray()).toEqual([
      [0, 0],
      [0, 0],
      [3, 3],
    ]);
    expect(tapegrad.indexAdd(x, 1, Tensor.of([1, 1], 'int32'), Tensor.ones([3, 2], 'float64')).toArray()).toEqual([
      [1, 4],
      [3, 6],
      [5, 8],
    ]);
  });
});

test('einsum is the sum of products over all that the result does not name', () => {
  const sizes = { i: 2, j: 3, k: 2, l: 1 };
  const cases = [
    'ij,jk->ik',
    'ij,jk',
    'ij,ij->',
    'ij,k->kji',
    'ij->ji',
    'ij->',
    'ii->i',
    'ii->',
    'iji->j',
    'i,j,k->ijk',
    'ij,jk,kl->il',
    'ijk,kji->j',
    'ij,ij,ij->i',
    'ij->i',
    'l,lj->j',
    ',i->i',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...cases), fc.infiniteStream(eighths), (equation, numbers) => {
      const [
        left,
        right = [...new Set(equation.replace(',', ''))]
          .filter((name) => equation.split(name).length === 2)
          .sort()
          .join(''),
      ] = equation.split('->') as [string, string?];
      const terms = left.split(',');
      const factors = terms.map((term) =>
        made(
          [...term].map((name) => sizes[name as 'i']),
          () => numbers.next().value!,
        ),
      );
      const names = [...new Set(left.replaceAll(',', ''))];
      const summed = names.filter((name) => !right.includes(name));
      const value = (bound: Record<string, number>) =>
        factors.reduce(
          (product, x, f) =>
            product *
            at(
              x,
              [...terms[f]!].map((name) => bound[name]!),
            ),
          1,
        );
      const wanted = made(
        [...right].map((name) => sizes[name as 'i']),
        (...outer) => {
          const bound = Object.fromEntries([...right].map((name, axis) => [name, outer[axis]!]));
          return sumOver(
            summed.map((name) => sizes[name as 'i']),
            (...inner) => value({ ...bound, ...Object.fromEntries(summed.map((name, axis) => [name, inner[axis]!])) }),
          );
        },
      );
      expectClose(einsum(equation, ...factors), wanted);
    }),
  );
  const [a, b] = [Tensor.normal([2, 1, 2, 3], { seed: 1, dtype: 'float64' }), Tensor.normal([4, 3, 2], { seed: 2, dtype: 'float64' })];
  expectClose(einsum('...ij,...jk->...ik', a, b), a.matmul(b));
  expectClose(einsum('...ij->...ji', a), a.transpose());
});

describe('convolutions', () => {
  const options = fc.record({
    stride: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    padding: fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 1 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    groups: fc.constantFrom(1, 2),
  });

  test('are sums over windows, channels and groups', () => {
    fc.assert(
      fc.property(tensor([2, 2, 4, 5]), options, tensor([2, 2, 2, 2]), tensor([2]), (x, { groups, ...windows }, all, bias) => {
        const w = all.slice([null, [0, 2 / groups]]);
        const y = conv2d(x, w, { ...windows, groups, bias });
        const [[sh, sw], [ph, pw], [dh, dw]] = [windows.stride, windows.padding, windows.dilation];
        const channel = (o: number, c: number) => (groups === 1 ? c : o + c);
        const wanted = made(
          y.shape,
          (n, o, i, j) =>
            at(bias, [o]) +
            sumOver(
              [2 / groups, 2, 2],
              (c, p, q) => at(x, [n, channel(o, c), i * sh - ph + p * dh, j * sw - pw + q * dw]) * at(w, [o, c, p, q]),
            ),
        );
        expectClose(y, wanted);
        expect(y.shape.slice(2)).toEqual([Math.floor((4 + 2 * ph - dh - 1) / sh) + 1, Math.floor((5 + 2 * pw - dw - 1) / sw) + 1]);
      }),
      { numRuns: runs(25) },
    );
  });

  test('have the transposed convolution as their adjoint: ⟨w ∗ x, y⟩ = ⟨x, wᵀ ∗ y⟩', () => {
    fc.assert(
      fc.property(tensor([1, 2, 4, 5]), options, tensor([2, 2, 2, 2]), (x, { groups, ...windows }, all) => {
        const w = all.slice([null, [0, 2 / groups]]);
        const y = conv2d(x, w, { ...windows, groups });
        const seen = made(y.shape, (n, o, i, j) => ((n + 2 * o + 3 * i + 5 * j) % 7) - 3);
        const [rows, columns] = [0, 1].map(
          (i) => (y.shape[2 + i]! - 1) * windows.stride[i]! - 2 * windows.padding[i]! + windows.dilation[i]! + 1,
        ) as [number, number];
        const outputPadding = [4 - rows, 5 - columns] as const;
        const back = convTranspose2d(seen, w, { ...windows, groups, outputPadding });
        expect(back.shape).toEqual(x.shape);
        expect(Math.abs(y.mul(seen).sum().item() - x.mul(back).sum().item())).toBeLessThan(1e-9);
      }),
      { numRuns: runs(40) },
    );
  });

  test('along a single axis are those of images of one row', () => {
    const [x, w] = [Tensor.normal([2, 3, 7], { seed: 1, dtype: 'float64' }), Tensor.normal([4, 3, 2], { seed: 2, dtype: 'float64' })];
    const windows = { stride: 2, padding: 1, dilation: 2 };
    const flat = (y: Tensor) => y.squeeze(2);
    expectClose(
      tapegrad.conv1d(x, w, windows),
      flat(conv2d(x.unsqueeze(2), w.unsqueeze(2), { stride: [1, 2], padding: [0, 1], dilation: [1, 2] })),
    );
    expectClose(
      tapegrad.convTranspose1d(x, w.slice([[0, 3]]), windows),
      flat(convTranspose2d(x.unsqueeze(2), w.slice([[0, 3]]).unsqueeze(2), { stride: [1, 2], padding: [0, 1], dilation: [1, 2] })),
    );
  });
});

describe('pooling', () => {
  test('takes the largest, or the mean, of every window', () => {
    const one = fc.integer({ min: 1, max: 2 });
    fc.assert(
      fc.property(
        tensor([1, 2, 5, 4]),
        fc.tuple(one, one),
        fc.tuple(one, one),
        fc.constantFrom(0, 1),
        one,
        (x, kernel, stride, padding, dilation) => {
          if (padding * 2 > Math.min(...kernel)) return;
          const options = { stride, padding, dilation };
          const y = tapegrad.maxPool2d(x, kernel, options);
          const window = (i: number, j: number) =>
            range(kernel[0]).flatMap((p) =>
              range(kernel[1]).map((q) => [i * stride[0] - padding + p * dilation, j * stride[1] - padding + q * dilation] as const),
            );
          const inside = ([i, j]: readonly [number, number]) => i >= 0 && i < 5 && j >= 0 && j < 4;
          expectClose(
            y,
            made(y.shape, (n, c, i, j) => Math.max(...window(i, j).map((place) => at(x, [n, c, ...place], -Infinity)))),
          );
          const sum = (n: number, c: number, i: number, j: number) =>
            window(i, j).reduce((total, place) => total + at(x, [n, c, ...place]), 0);
          expectClose(
            tapegrad.avgPool2d(x, kernel, options),
            made(y.shape, (n, c, i, j) => sum(n, c, i, j) / (kernel[0] * kernel[1])),
          );
          expectClose(
            tapegrad.avgPool2d(x, kernel, { ...options, countPadding: false }),
            made(y.shape, (n, c, i, j) => sum(n, c, i, j) / window(i, j).filter(inside).length),
          );
        },
      ),
      { numRuns: runs(30) },
    );
  });

  test('to a given size covers the image evenly', () => {
    fc.assert(
      fc.property(tensor([1, 2, 5, 4]), size, size, (x, rows, columns) => {
        const span = (i: number, n: number, count: number) => range(Math.ceil(((i + 1) * n) / count)).slice(Math.floor((i * n) / count));
        const seen = (n: number, c: number, i: number, j: number) =>
          span(i, 5, rows).flatMap((p) => span(j, 4, columns).map((q) => at(x, [n, c, p, q])));
        const shape = [1, 2, rows, columns];
        expectClose(
          tapegrad.adaptiveMaxPool2d(x, [rows, columns]),
          made(shape, (...place) => Math.max(...(seen as any)(...place))),
        );
        expectClose(
          tapegrad.adaptiveAvgPool2d(x, [rows, columns]),
          made(shape, (...place) => {
            const all: number[] = (seen as any)(...place);
            return all.reduce((a, b) => a + b) / all.length;
          }),
        );
      }),
      { numRuns: runs(30) },
    );
  });

  test('gives the gradient to the first of those that tie', () => {
    const x = Tensor.ones([1, 1, 2, 2], 'float64');
    for (const pool of [(x: Tensor) => tapegrad.maxPool2d(x, 2), (x: Tensor) => tapegrad.adaptiveMaxPool2d(x, 1)]) {
      expect(vjp(pool, x)[1](Tensor.ones([1, 1, 1, 1], 'float64'))[0].toArray()).toEqual([
        [
          [
            [1, 0],
            [0, 0],
          ],
        ],
      ]);
    }
  });
});

describe('normalisation', () => {
  test('leaves mean 0 and variance 1 where it looks, and then the scale and shift that it is given', () => {
    fc.assert(
      fc.property(tensor([3, 4, 2], fc.double({ min: -4, max: 4, noNaN: true })), (x) => {
        const spread = x.add(sin(Tensor.arange(24, undefined, 1, 'float64').reshape([3, 4, 2]).mul(0.37)).mul(9));
        const within: [Tensor, number[]][] = [
          [tapegrad.layerNorm(spread, [4, 2], { epsilon: 0 }), [1, 2]],
          [tapegrad.instanceNorm(spread, { epsilon: 0 }), [2]],
          [tapegrad.batchNorm(spread, { epsilon: 0 }).y, [0, 2]],
          [tapegrad.groupNorm(spread, 2, { epsilon: 0 }).reshape([3, 2, 4]), [2]],
        ];
        for (const [y, axes] of within) {
          expectClose(y.mean(axes), Tensor.zeros(y.mean(axes).shape, 'float64'), 1e-9);
          expectClose(y.var(axes, { correction: 0 }), Tensor.ones(y.mean(axes).shape, 'float64'), 1e-9);
        }
        const [weight, bias] = [Tensor.of([1, 2, 3, 4], 'float64'), Tensor.of([5, 6, 7, 8], 'float64')];
        expectClose(
          tapegrad.batchNorm(spread, { weight, bias }).y,
          tapegrad
            .batchNorm(spread)
            .y.mul(weight.reshape([4, 1]))
            .add(bias.reshape([4, 1])),
        );
        const rms = tapegrad.rmsNorm(spread, [2], { epsilon: 0 });
        expectClose(rms.pow(2).mean(2), Tensor.ones([3, 4], 'float64'), 1e-9);
      }),
      { numRuns: runs(30) },
    );
  });
});

describe('losses', () => {
  test('weigh, ignore and smooth as PyTorch says', () => {
    fc.assert(
      fc.property(
        tensor([4, 3]),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
        fc.constantFrom(0, 0.1),
        fc.constantFrom(undefined, 1),
        (x, classes, labelSmoothing, ignoreIndex) => {
          const weight = Tensor.of([0.5, 2, 1], 'float64');
          const log = x.logSoftmax(1);
          const counted = range(4).filter((i) => classes[i] !== ignoreIndex);
          const w = (c: number) => weight.data[c]!;
          const loss = (i: number) =>
            -(1 - labelSmoothing) * w(classes[i]!) * at(log, [i, classes[i]!]) -
            (labelSmoothing / 3) * sumOver([3], (c) => w(c) * at(log, [i, c]));
          const wanted = range(4).map((i) => (counted.includes(i) ? loss(i) : 0));
          const options = { weight, labelSmoothing, ...(ignoreIndex !== undefined && { ignoreIndex }) };
          const target = Tensor.of(classes, 'int32');
          expectClose(tapegrad.crossEntropy(x, target, { ...options, reduction: 'none' }), Tensor.of(wanted, 'float64'));
          const total = counted.reduce((sum, i) => sum + w(classes[i]!), 0);
          const mean = tapegrad.crossEntropy(x, target, options).item();
          if (total > 0) expect(mean).toBeCloseTo(wanted.reduce((a, b) => a + b) / total, 10);
          else expect(mean).toBe(NaN);
        },
      ),
    );
  });

  test('of classes and of rows that are certain of them agree', () => {
    fc.assert(
      fc.property(tensor([3, 4]), fc.constantFrom(0, 0.2), (x, labelSmoothing) => {
        const classes = Tensor.of([2, 0, 3], 'int32');
        expectClose(
          tapegrad.crossEntropy(x, classes, { labelSmoothing }),
          tapegrad.crossEntropy(x, classes.oneHot(4, 'float64'), { labelSmoothing }),
        );
        expectClose(tapegrad.crossEntropy(x, classes), tapegrad.nllLoss(x.logSoftmax(1), classes));
      }),
    );
  });

  test('of logits are those of their probabilities, and hold where these are rounded away', () => {
    fc.assert(
      fc.property(tensor([3]), tensor([3], fc.constantFrom(0, 0.25, 1)), (x, y) => {
        expectClose(tapegrad.binaryCrossEntropyWithLogits(x, y), tapegrad.binaryCrossEntropy(x.sigmoid(), y));
      }),
    );
    expect(
      tapegrad
        .binaryCrossEntropyWithLogits(Tensor.of([800, -800], 'float64'), Tensor.of([0, 1], 'float64'), { reduction: 'none' })
        .toArray(),
    ).toEqual([800, 800]);
    expect(tapegrad.binaryCrossEntropy(Tensor.of([0, 1]), Tensor.of([1, 0]), { reduction: 'none' }).toArray()).toEqual([100, 100]);
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  const image = Tensor.zeros([1, 2, 4, 4]);
  test.each<[string, () => unknown, new (...args: any[]) => TapegradError, RegExp]>([
    ['cumsum', () => cumsum(x, 2), ShapeError, /^cumsum: there is no axis 2 in shape \[2, 3\]/],
    ['topk', () => tapegrad.topk(x, 4), ValueError, /^topk: expected k from 0 to 3, the size of axis 1 of shape \[2, 3\], got 4/],
    ['tile', () => tile(x, [2]), ShapeError, /^tile: expected a repeat for each axis of shape \[2, 3\]/],
    ['tile', () => tile(x, [2, -1]), ShapeError, /^tile: /],
    ['repeatInterleave', () => tapegrad.repeatInterleave(x, 1.5, 0), ShapeError, /^repeatInterleave: /],
    ['roll', () => roll(x, 0.5, 0), ValueError, /^roll: expected a whole number of places, got 0\.5/],
    ['pad', () => pad(x, [[1, 1]]), ShapeError, /^pad: expected \[before, after\]/],
    [
      'pad',
      () =>
        pad(
          x,
          [
            [0, 0],
            [3, 0],
          ],
          { mode: 'reflect' },
        ),
      ShapeError,
      /^pad: expected at most 2 on each side of axis 1/,
    ],
    [
      'pad',
      () =>
        pad(
          x,
          [
            [0, 0],
            [1, 0],
          ],
          { mode: 'mirror' as never },
        ),
      ValueError,
      /^pad: expected mode/,
    ],
    [
      'pad',
      () =>
        pad(x, [
          [-2, -1],
          [0, 0],
        ]),
      ShapeError,
      /^pad: axis 0 of shape \[2, 3\] has no 3 elements to cut away/,
    ],
    ['split', () => tapegrad.split(x, [1, 1], 1), ShapeError, /^split: sizes \[1, 1\] do not make up axis 1/],
    ['split', () => tapegrad.split(x, 0, 1), ValueError, /^split: expected a size from 1, got 0/],
    ['squeeze', () => x.squeeze(0), ShapeError, /^squeeze: expected axis 0 of shape \[2, 3\] to have size 1, got 2/],
    ['flatten', () => x.flatten(1, 0), ShapeError, /^flatten: axis 1 comes after axis 0/],
    ['var', () => x.var(0, { correction: NaN }), ValueError, /^var: expected a correction from 0/],
    ['norm', () => tapegrad.norm(x, 0, { order: NaN }), ValueError, /^norm: expected an order/],
    ['einsum', () => einsum('ij,jk->ik', x), ValueError, /^einsum: 2 factors are named, got 1/],
    ['einsum', () => einsum('ijk->i', x), ShapeError, /^einsum: 'ijk' names 3 axes of factor 0, got shape \[2, 3\]/],
    ['einsum', () => einsum('ij,ij->i', x, x.transpose()), ShapeError, /^einsum: axis i has sizes 2 and 3/],
    ['einsum', () => einsum('ij->ik', x), ValueError, /the result names k/],
    ['einsum', () => einsum('i1->i', x), ValueError, /made of other than letters/],
    ['conv2d', () => conv2d(x, image), ShapeError, /^conv2d: expected images of shape \[n, channels, height, width\], got \[2, 3\]/],
    [
      'conv2d',
      () => conv2d(image, Tensor.zeros([3, 1, 2, 2])),
      ShapeError,
      /^conv2d: filters \[3, 1, 2, 2\] in 1 group see 1 channels, got 2/,
    ],
    [
      'conv2d',
      () => conv2d(image, Tensor.zeros([3, 1, 2, 2]), { groups: 2 }),
      ValueError,
      /^conv2d: expected groups that divide 2 inputs and 3 outputs, got 2/,
    ],
    ['conv2d', () => conv2d(image, Tensor.zeros([3, 2, 5, 5])), ShapeError, /^conv2d: windows of 5 × 5 do not fit on an image of 4 × 4/],
    [
      'conv2d',
      () => conv2d(image, Tensor.zeros([3, 2, 2, 2]), { stride: 0 }),
      ValueError,
      /^conv2d: expected a stride of whole numbers from 1, got 0/,
    ],
    [
      'conv2d',
      () => conv2d(image, Tensor.zeros([3, 2, 2, 2]), { bias: Tensor.zeros([2]) }),
      ShapeError,
      /^conv2d: expected a bias of shape \[3\]/,
    ],
    [
      'convTranspose2d',
      () => convTranspose2d(image, Tensor.zeros([2, 1, 2, 2]), { outputPadding: 1 }),
      ValueError,
      /^convTranspose2d: expected an outputPadding/,
    ],
    [
      'maxPool2d',
      () => tapegrad.maxPool2d(image, 2, { padding: 2 }),
      ValueError,
      /^maxPool2d: expected a padding of at most half the window/,
    ],
    ['fold', () => tapegrad.fold(Tensor.zeros([1, 4, 5]), [3, 3], 2), ShapeError, /^fold: an image of 3 × 3 has 4 windows of 2 × 2/],
    ['layerNorm', () => tapegrad.layerNorm(x, [2]), ShapeError, /^layerNorm: expected \[2\] to be the last axes of x, got x \[2, 3\]/],
    [
      'batchNorm',
      () => tapegrad.batchNorm(x, { weight: Tensor.zeros([2]) }),
      ShapeError,
      /^batchNorm: expected one number for each of 3 channels/,
    ],
    ['batchNorm', () => tapegrad.batchNorm(Tensor.zeros([1, 3])), ShapeError, /^batchNorm: expected more than one number for each channel/],
    ['batchNorm', () => tapegrad.batchNorm(x, { training: false }), ValueError, /^batchNorm: expected running statistics/],
    ['groupNorm', () => tapegrad.groupNorm(x, 2), ValueError, /^groupNorm: expected groups that divide 3 channels, got 2/],
    [
      'mseLoss',
      () => tapegrad.mseLoss(x, Tensor.zeros([3])),
      ShapeError,
      /^mseLoss: expected targets like the predictions, \[2, 3\], got \[3\]/,
    ],
    ['huberLoss', () => tapegrad.huberLoss(x, x, { delta: 0 }), ValueError, /^huberLoss: expected a delta above 0/],
    ['mseLoss', () => tapegrad.mseLoss(x, x, { reduction: 'max' as never }), ValueError, /^mseLoss: expected reduction/],
    [
      'crossEntropy',
      () => tapegrad.crossEntropy(x as Tensor, Tensor.of([1], 'int32')),
      ShapeError,
      /^crossEntropy: expected int32 classes of shape \[2\]/,
    ],
    [
      'crossEntropy',
      () => tapegrad.crossEntropy(x, Tensor.of([1, 3], 'int32'), { labelSmoothing: 0.1 }),
      ValueError,
      /^crossEntropy: label 3 at place 1 is none of the 3 classes, 0 to 2/,
    ],
    [
      'embedding',
      () => tapegrad.embedding(x, Tensor.of([2], 'int32')),
      ValueError,
      /^embedding: index 2 at place 0 is outside axis 0 of shape \[2, 3\]/,
    ],
    ['prelu', () => tapegrad.prelu(x, Tensor.zeros([2])), ShapeError, /^prelu: expected a weight of shape \[1\], or \[channels\]/],
    ['gelu', () => tapegrad.gelu(x, { approximate: 'erf' as never }), ValueError, /^gelu: expected approximate/],
    ['softplus', () => tapegrad.softplus(x, { beta: 0 }), ValueError, /^softplus: expected a beta above 0/],
    ['outer', () => tapegrad.outer(x, x), ShapeError, /^outer: expected two vectors/],
  ])('%s', (_, f, kind, message) => {
    expect(f).toThrow(kind);
    expect(f).toThrow(message);
  });
});
