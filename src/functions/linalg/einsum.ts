/** Einstein summation: sums of products of tensors whose axes are named by letters. */

import { calledAs } from '../../base/called-as.ts';
import { ShapeError, ValueError } from '../../base/errors.ts';
import { quote } from '../../base/options.ts';
import { formatShape } from '../../base/shape.ts';
import { checkFloats, checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { diagonal } from '../layout/diagonals.ts';

/** A tensor, and a name for each of its axes. */
interface Named {
  readonly x: Tensor;
  readonly names: readonly string[];
}

/**
 * Sums of products over named axes: an axis that the result does not name is summed, one named twice in a factor is its diagonal, `...`
 * stands for leading axes. Axes of size 1 stretch. Of several factors those are multiplied first whose product is smallest.
 *
 * @param equation such as `'bij,bjk->bik'`; without `->` the result has, in alphabetical order, the axes named once
 * @throws ValueError for an equation that cannot be read, ShapeError where sizes of one name differ.
 * @example
 * einsum('ij,jk->ik', Tensor.of([[1, 2]]), Tensor.of([[3], [4]])).toArray() // => [[11]]
 * einsum('ii->', Tensor.of([[1, 2], [3, 4]])).item() // => 5
 */
export function einsum(equation: string, ...factors: readonly Tensor[]): Tensor {
  const { inputs, output } = read(equation, factors);
  const parts = inputs.map((names, i) => onceEach({ x: factors[i]!, names }));
  const sizes = sizesOf(equation, parts);
  // An axis of size 1 beside a longer one of its name stretches: it is left out, and the product is the same for all places along the longer one.
  let left = parts.map(({ x, names }): Named => {
    const single = names.flatMap((name, axis) => (x.sizes[axis] === 1 && sizes.get(name) !== 1 ? [axis] : []));
    return single.length === 0 ? { x, names } : { x: x.sum(single), names: names.filter((_, axis) => !single.includes(axis)) };
  });
  while (left.length > 1) {
    const [i, j] = cheapestPair(left, output, sizes);
    const others = left.filter((_, k) => k !== i && k !== j);
    left = [multiply(left[i]!, left[j]!, [...output, ...others.flatMap(({ names }) => names)]), ...others];
  }
  const summed = sumExcept(left[0]!, output);
  const order = output.map((name) => summed.names.indexOf(name));
  // What nothing was done to may be a parameter, which changes.
  const isFactor = summed.x === factors[0];
  return !isFactor && order.every((axis, i) => axis === i) ? summed.x : summed.x.permute(order);
}

/**
 * The two factors to multiply next: those whose product is smallest beside what it takes the place of, and of these the first that are multiplied in
 * the fewest steps. So factors that share a name come before those that share none.
 */
function cheapestPair(left: readonly Named[], output: readonly string[], sizes: ReadonlyMap<string, number>): readonly [number, number] {
  const product = (names: readonly string[]) => names.reduce((size, name) => size * sizes.get(name)!, 1);
  let [best, least, fewest]: [readonly [number, number], number, number] = [[0, 1], Infinity, Infinity];
  for (let i = 0; i < left.length; i++) {
    for (let j = i + 1; j < left.length; j++) {
      const wanted = [...output, ...left.filter((_, k) => k !== i && k !== j).flatMap(({ names }) => names)];
      const all = [...new Set([...left[i]!.names, ...left[j]!.names])];
      const growth = product(all.filter((name) => wanted.includes(name))) - left[i]!.x.size - left[j]!.x.size;
      const steps = product(all);
      if (growth < least || (growth === least && steps < fewest)) [best, least, fewest] = [[i, j], growth, steps];
    }
  }
  return best;
}

/** The names of the axes of each factor and of the result; the axes of `...` are named 0, 1, 2, … from the last. */
function read(equation: string, factors: readonly Tensor[]): { inputs: string[][]; output: string[] } {
  const wrong = (why: string) => new ValueError(`einsum: ${why}, in '${equation}'; expected an equation such as 'ij,jk->ik'`);
  if (typeof equation !== 'string') throw new ValueError(`einsum: expected an equation such as 'ij,jk->ik', got ${quote(equation)}`);
  const [left, right, ...more] = equation.replaceAll(' ', '').split('->') as [string, string?, ...string[]];
  if (more.length > 0) throw wrong('more than one ->');
  const terms = left.split(',');
  if (terms.length !== factors.length) throw wrong(`${terms.length} factors are named, got ${factors.length}`);
  const namesOf = (term: string, rank?: number): string[] => {
    if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term)) throw wrong(`'${term}' is made of other than letters and ...`);
    const letters = term.replace('...', '').length;
    const leading = Math.max(0, (rank ?? letters) - letters);
    const rest = Array.from({ length: leading }, (_, i) => String(leading - 1 - i));
    return [...term.replace('...', '.')].flatMap((letter) => (letter === '.' ? rest : [letter]));
  };
  let most = 0;
  const inputs = terms.map((term, i) => {
    checkTensor('einsum', `factor ${i}`, factors[i]);
    // A single factor is only summed and laid out anew.
    if (factors.length > 1) checkFloats('einsum', factors[i], `factor ${i}`);
    const names = namesOf(term, term.includes('...') ? factors[i]!.rank : undefined);
    if (names.length !== factors[i]!.rank)
      throw new ShapeError(
        `einsum: '${term}' names ${names.length} axes of factor ${i}, got shape ${formatShape(factors[i]!.sizes)}, in '${equation}'`,
      );
    most = Math.max(most, names.filter((name) => name < 'A').length);
    return names;
  });
  const all = inputs.flat();
  const once = [...new Set(all)].filter((name) => name >= 'A' && all.indexOf(name) === all.lastIndexOf(name)).sort();
  const output =
    right === undefined
      ? [...Array.from({ length: most }, (_, i) => String(most - 1 - i)), ...once]
      : namesOf(right, right.includes('...') ? right.length - 3 + most : undefined);
  const unknown = output.find((name, i) => !all.includes(name) || output.indexOf(name) !== i);
  if (unknown !== undefined) throw wrong(`the result names ${unknown}, which must be an axis of a factor, and be named once`);
  return { inputs, output };
}

/** Two axes of one name are replaced by their diagonal, as the last axis. */
function onceEach({ x, names }: Named): Named {
  const second = names.findIndex((name, i) => names.indexOf(name) < i);
  if (second < 0) return { x, names };
  const first = names.indexOf(names[second]!);
  if (x.sizes[first] !== x.sizes[second])
    throw new ShapeError(
      `einsum: axes named ${names[second]} have sizes ${x.sizes[first]} and ${x.sizes[second]}, in shape ${formatShape(x.sizes)}`,
    );
  const others = [...names.keys()].filter((axis) => axis !== first && axis !== second);
  return onceEach({ x: diagonal(x.permute([...others, first, second])), names: [...others.map((axis) => names[axis]!), names[second]!] });
}

/** The size of the axes of each name: all must agree, or be 1. */
function sizesOf(equation: string, parts: readonly Named[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { x, names } of parts) {
    names.forEach((name, axis) => {
      const [known, size] = [sizes.get(name) ?? 1, x.sizes[axis]!];
      if (known !== size && known !== 1 && size !== 1)
        throw new ShapeError(
          `einsum: axis ${name} has sizes ${known} and ${size}, ` +
            `in '${equation}' with shapes ${parts.map(({ x }) => formatShape(x.sizes)).join(', ')}`,
        );
      sizes.set(name, known === 1 ? size : known);
    });
  }
  return sizes;
}

/** The sum over all axes that are not among the wanted. */
function sumExcept({ x, names }: Named, wanted: readonly string[]): Named {
  const axes = [...names.keys()].filter((axis) => !wanted.includes(names[axis]!));
  return axes.length === 0 ? { x, names } : { x: x.sum(axes), names: names.filter((name) => wanted.includes(name)) };
}

/** The product of two tensors as one product of matrices, summed over axes that both name and that are not wanted later. */
function multiply(a: Named, b: Named, wanted: readonly string[]): Named {
  const [left, right] = [sumExcept(a, [...wanted, ...b.names]), sumExcept(b, [...wanted, ...a.names])];
  const shared = left.names.filter((name) => right.names.includes(name));
  const inner = shared.filter((name) => !wanted.includes(name));
  const batch = shared.filter((name) => wanted.includes(name));
  const own = (one: Named) => one.names.filter((name) => !shared.includes(name));
  const sizes = (one: Named, names: readonly string[]) => names.map((name) => one.x.sizes[one.names.indexOf(name)]!);
  const product = (shape: readonly number[]) => shape.reduce((m, n) => m * n, 1);
  const matrices = (one: Named, ...groups: readonly (readonly string[])[]) =>
    one.x
      .permute([...batch, ...groups.flat()].map((name) => one.names.indexOf(name)))
      .reshape([...sizes(one, batch), ...groups.map((names) => product(sizes(one, names)))]);
  const y = calledAs('einsum', 'matmul', () => matrices(left, own(left), inner).matmul(matrices(right, inner, own(right))));
  const [rows, columns] = [sizes(left, own(left)), sizes(right, own(right))];
  return { x: y.reshape([...y.sizes.slice(0, -2), ...rows, ...columns]), names: [...batch, ...own(left), ...own(right)] };
}

/**
 * The products of all pairs of elements of two vectors.
 * @example outer(Tensor.of([1, 2]), Tensor.of([3, 4])).toArray() // => [[3, 4], [6, 8]]
 */
export function outer(a: Tensor, b: Tensor): Tensor {
  checkTensor('outer', 'a', a);
  checkTensor('outer', 'b', b);
  if (a.rank === 1 && b.rank === 1) return a.reshape([-1, 1]).mul(b) as Tensor;
  throw new ShapeError(`outer: expected two vectors, got shapes ${formatShape(a.sizes)} and ${formatShape(b.sizes)}`);
}
