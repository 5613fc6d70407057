import { formatShape } from '../../base/shape.ts';
import { stack } from '../../functions/layout/concat.ts';
import { perform, Tensor } from '../../tensor/tensor.ts';
import { vmap } from '../transforms/vmap.ts';
import { type AnyOp, refuse, type Sample } from './samples.ts';

/** Calls a function with the same numbers in reverse order, or as they are where the operation does not take them in reverse. */
function withOthers<T>(xs: readonly Tensor[], attempt: (others: readonly Tensor[]) => T): T {
  try {
    return attempt(xs.map((x) => new Tensor(x.shape, x.data.slice().reverse())));
  } catch {
    return attempt(xs);
  }
}

/** Refuses an operation that gives something else for three examples at once than for each, whichever of its first inputs differ. */
export function checkBatching(op: AnyOp, { inputs, attributes }: Sample): void {
  const names = Object.keys(inputs);
  // Every choice of inputs that differ: the binary digits of a number say which.
  for (let choice = 1; choice < 2 ** Math.min(names.length, 3); choice++) {
    const axes = names.map((_, i) => ((choice >> i) & 1 ? 0 : null));
    const run = (...xs: Tensor[]) => perform(op, Object.fromEntries(names.map((name, i) => [name, xs[i]!])), attributes);
    const batches = (others: readonly Tensor[]) =>
      names.map((name, i) => (axes[i] === null ? inputs[name]! : stack([inputs[name]!, others[i]!, inputs[name]!])));
    const each = (examples: readonly Tensor[]) =>
      stack([0, 1, 2].map((which) => run(...examples.map((x, i) => (axes[i] === null ? x : x.slice([which]))))));
    const { examples, wanted } = withOthers(Object.values(inputs), (others) => {
      const examples = batches(others);
      return { examples, wanted: each(examples) };
    });
    const found = vmap(run, { axes })(...examples);
    const like = `${found.dtype} ${formatShape(found.shape)}`;
    if (like !== `${wanted.dtype} ${formatShape(wanted.shape)}`)
      refuse(op, `gives ${like} for three examples, expected ${wanted.dtype} ${formatShape(wanted.shape)}`);
    const wrong = found.data.findIndex((y, i) => {
      const x = wanted.data[i]!;
      return !(Object.is(x, y) || Math.abs(x - y) <= 1e-12 * Math.max(1, Math.abs(x)));
    });
    if (wrong >= 0)
      refuse(
        op,
        `for three examples with another ${names.filter((_, i) => axes[i] === 0).join(', ')}, element ${wrong} is ${found.data[wrong]}, expected ${wanted.data[wrong]}`,
      );
  }
}
