/** Sums of products by the names of axes, held against plain loops. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, einsum, Parameter, ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { eighths, expectClose } from '../../book/lib.ts';
import { at, made, sumOver } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { counted } from '../../lib/tensors.ts';

describe('einsum refuses', () => {
  const [a, b] = [counted(2, 3), counted(3, 4)];
  test.each<[string, Tensor[], RegExp]>([
    ['ij->i->j', [a], /^einsum: more than one ->/],
    ['ij,jk->ik', [a], /^einsum: 2 factors are named, got 1/],
    ['1', [counted(2)], /^einsum: '1' is made of other than letters/],
    ['ij->ii', [a], /^einsum: the result names i, which must be an axis of a factor, and be named once/],
    ['ij->ik', [a], /^einsum: the result names k/],
    ['ii', [a], /^einsum: axes named i have sizes 2 and 3, in shape \[2, 3\]/],
    ['ij,ik', [a, b], /^einsum: axis i has sizes 2 and 3, in 'ij,ik' with shapes \[2, 3\], \[3, 4\]/],
    ['ij,jk', [a, counted(2, 4)], /^einsum: axis j has sizes 3 and 2/],
    ['Ai,A', [counted(3, 3), counted(2)], /^einsum: axis A has sizes 3 and 2/],
    ['...i,...i->...', [a, counted(4, 3)], /^einsum: axis 0 has sizes 2 and 4/],
    ['...,...,...->...', [counted(2), counted(1), counted(4)], /^einsum: axis 0 has sizes 2 and 4/],
    ['...ijk->i', [a], /^einsum: '...ijk' names 3 axes of factor 0, got shape \[2, 3\]/],
    ['i->i', [a], /^einsum: 'i' names 1 axes of factor 0/],
  ])('%s', (equation, factors, message) => expect(() => tapegrad.einsum(equation, ...factors)).toThrow(message));
});

describe('einsum takes', () => {
  const [a, b] = [counted(2, 3), counted(3, 4)];
  test('capital letters, and orders the axes of an implicit result alphabetically', () => {
    expect(tapegrad.einsum('AB,BC', a, b).toArray()).toEqual(a.matmul(b).toArray());
    expect(tapegrad.einsum('BA', a).toArray()).toEqual(a.transpose().toArray());
    expect(tapegrad.einsum('ij->j', a).toArray()).toEqual(a.sum(0).toArray());
    expect(tapegrad.einsum('ijk->k', counted(2, 3, 2)).toArray()).toEqual(counted(2, 3, 2).sum([0, 1]).toArray());
    expect(tapegrad.einsum('ijk->kj', counted(2, 3, 2)).toArray()).toEqual(counted(2, 3, 2).sum(0).transpose().toArray());
  });

  test('any number of leading axes, or none, which broadcast', () => {
    const [x, y] = [counted(5, 2, 3), counted(2, 4, 3)];
    expect(tapegrad.einsum('...i,...i->...', counted(3), counted(3)).item()).toBe(5);
    expect(tapegrad.einsum('...i,i', x, counted(3)).toArray()).toEqual(x.matmul(counted(3)).toArray());
    const wanted = x.reshape([5, 2, 1, 3]).mul(y).sum(-1);
    expect(tapegrad.einsum('...ai,...bi->...ab', x.reshape([5, 2, 1, 3]), y).toArray()).toEqual(wanted.reshape([5, 2, 1, 4]).toArray());
    expect(tapegrad.einsum('...ai,...bi', x.reshape([5, 2, 1, 3]), y).toArray()).toEqual(wanted.reshape([5, 2, 1, 4]).toArray());
    for (const [first, second] of [
      [a, counted(1, 3)],
      [counted(1, 3), a],
    ] as const)
      expect(tapegrad.einsum('...i,...i->...i', first, second).toArray()).toEqual(first.mul(second).toArray());
  });
});

refuses('%s is refused', [
  ['outer of a matrix', () => tapegrad.outer(counted(2, 2), counted(2)), /^outer: expected two vectors/],
  ['outer with a matrix', () => tapegrad.outer(counted(2), counted(2, 2)), /^outer: expected two vectors/],
]);

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

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [
    ['einsum', () => einsum('ij,jk->ik', x), ValueError, /^einsum: 2 factors are named, got 1/],
    ['einsum', () => einsum('ijk->i', x), ShapeError, /^einsum: 'ijk' names 3 axes of factor 0, got shape \[2, 3\]/],
    ['einsum', () => einsum('ij,ij->i', x, x.transpose()), ShapeError, /^einsum: axis i has sizes 2 and 3/],
    ['einsum', () => einsum('ij->ik', x), ValueError, /the result names k/],
    ['einsum', () => einsum('i1->i', x), ValueError, /made of other than letters/],
    ['outer', () => tapegrad.outer(x, x), ShapeError, /^outer: expected two vectors/],
    ['outer of a list', () => tapegrad.outer([1] as never, x), DtypeError, /^outer: expected a tensor for a, got an array/],
    ['outer with a number', () => tapegrad.outer(x, 1 as never), DtypeError, /^outer: expected a tensor for b, got the number 1/],
    ['einsum of a number', () => einsum(5 as never, x), ValueError, /^einsum: expected an equation such as 'ij,jk->ik', got 5/],
    ['einsum of a list', () => einsum('i->', [1] as never), DtypeError, /^einsum: expected a tensor for factor 0, got an array/],
  ]);
});

test('axes of size 1 stretch to the longer ones of their name', () => {
  const size = fc.constantFrom(1, 3);
  fc.assert(
    fc.property(
      fc.array(size, { minLength: 6, maxLength: 6 }),
      fc.constantFrom('ij,jk->ik', 'ij,jk->ijk', 'ij,jk,ik->', 'ij,jk,ik->j', 'ij,ji->i'),
      (sizes, equation) => {
        const terms = equation.split('->')[0]!.split(',');
        const shapes = terms.map((_, i) => sizes.slice(2 * i, 2 * i + 2));
        const factors = shapes.map((shape, seed) => Tensor.normal(shape, { seed, dtype: 'float64' }) as Tensor);
        const longest = (name: string) =>
          Math.max(...terms.flatMap((term, i) => [...term].flatMap((other, axis) => (other === name ? [shapes[i]![axis]!] : []))));
        const stretched = factors.map((x, i) => x.broadcastTo([...terms[i]!].map(longest)));
        expectClose(einsum(equation, ...factors), einsum(equation, ...stretched));
      },
    ),
  );
  expect(einsum('i,i->', Tensor.of([1, 2, 3]), Tensor.of([2])).item()).toBe(12);
  expect(einsum('ij->ij', Tensor.ones([1, 2])).shape).toEqual([1, 2]);
});

test('factors that share a name are multiplied before those that share none, in whatever order they come', () => {
  const chain = ['ab', 'bc', 'cd', 'de'];
  const factors = Object.fromEntries(
    chain.map((names, seed) => [names, Tensor.normal([3 + seed, 4 + seed], { seed, dtype: 'float64' }) as Tensor]),
  );
  const wanted = chain.slice(1).reduce((x, names) => x.matmul(factors[names]!), factors['ab']!);
  fc.assert(
    fc.property(fc.shuffledSubarray(chain, { minLength: 4 }), (order) => {
      const given = order.map((names) => factors[names]!);
      const tape = new tapegrad.Tape();
      const y = tape.record(() => einsum(`${order.join(',')}->ae`, ...given));
      expectClose(y, wanted);
      expect(Math.max(...tape.values.map(({ tensor }) => tensor?.size ?? 0))).toBeLessThanOrEqual(6 * 7);
    }),
  );
  const big = Tensor.ones([300, 300]);
  expect(einsum('ab,cd,bc->ad', big, big, big).data[0]).toBe(90000);
});

test('what is left as it is, is a tensor of its own all the same', () => {
  const w = new Parameter(Tensor.of([1, 2]));
  const y = einsum('i->i', w);
  w.assign(Tensor.of([7, 7]));
  expect(y.toArray()).toEqual([1, 2]);
});

test('what products cannot take is refused in its own name, as the factor that it is', () => {
  const counts = Tensor.of([1, 2], 'int32');
  expect(einsum('i->', counts).item()).toBe(3);
  expect(() => einsum('i,i->', counts, counts)).toThrow(
    "einsum: expected float32 or float64, got int32 of shape [2] for factor 0; convert it with cast('float32')",
  );
  expect(() => einsum('i,i->', Tensor.of([1, 2]), Tensor.of([1, 2], 'float64'))).toThrow(
    /^einsum: expected tensors of one dtype, got float32/,
  );
});
