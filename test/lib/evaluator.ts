import { newData } from '../../src/base/dtype.ts';
import { evaluatorOf } from '../../src/formula/evaluate.ts';
import type { Formula } from '../../src/formula/formula.ts';

/** A formula as a function of plain numbers, one for each input. */
export function evaluator(formula: Formula): (inputs: readonly number[]) => number {
  const evaluate = evaluatorOf(formula);
  const out = newData(formula.dtype, 1);
  return (inputs) => {
    evaluate(
      inputs.map((x) => newData(formula.dtype, 1).fill(x)),
      out,
    );
    return out[0]!;
  };
}
