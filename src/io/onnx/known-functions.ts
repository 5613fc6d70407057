/** The functions of one element that ONNX has an operation for, as formulas by which they are known again in longer ones. */

import type { FloatDtype } from '../../base/dtype.ts';
import { memoize } from '../../base/memoize.ts';
import { type Formula, formula } from '../../formula/formula.ts';
import { softplusOp } from '../../functions/elementwise/activations.ts';
import { erfOp } from '../../functions/elementwise/error-function.ts';
import { acoshOp, asinhOp, atanhOp, coshOp, sinhOp } from '../../functions/elementwise/hyperbolic.ts';
import { acosOp, asinOp, atanOp, cosOp, sinOp, tanOp } from '../../functions/elementwise/trigonometric.ts';

/** A formula, and what takes its place: an operation of ONNX, or a formula of such operations. */
export interface Elementary {
  readonly formula: Formula;
  readonly by: string | Formula;
}

/** A formula in either dtype. */
type Rule = (dtype: FloatDtype) => Formula;

const pow = /* @__PURE__ */ formula((a, b) => a.pow(b));
const exp = /* @__PURE__ */ formula((x) => x.exp());
const log = /* @__PURE__ */ formula((x) => x.log());
const tanh = /* @__PURE__ */ formula((x) => x.tanh());
const sigmoid = /* @__PURE__ */ formula((x) => x.sigmoid());
const relu = /* @__PURE__ */ formula((x) => x.atLeast(0));
const log1p = /* @__PURE__ */ formula((x) => x.log1p());
const expm1 = /* @__PURE__ */ formula((x) => x.expm1());

/** `log u · x / (u − 1)` for `u = 1 + x` as it is rounded: the errors of both factors cancel (Kahan; Goldberg 1991, theorem 4). */
const logarithm = /* @__PURE__ */ formula((x) => {
  const u = x.add(1);
  return u.equal(1).where(x, u.equal(Infinity).where(u, u.log().mul(x.div(u.sub(1)))));
});

/** `(u − 1) x / log u` for `u = eˣ` as it is rounded, likewise. */
const exponential = /* @__PURE__ */ formula((x) => {
  const u = x.exp();
  const less = u.sub(1);
  return u.equal(1).where(x, less.equal(-1).where(less, u.equal(Infinity).where(u, less.mul(x.div(u.log())))));
});

/** All of them for a dtype. What holds others in its formula stands before them. The last are computed by runtimes in float32 alone. */
export const elementary: (dtype: FloatDtype) => readonly Elementary[] = /* @__PURE__ */ memoize((dtype: FloatDtype) => {
  const both: readonly (readonly [Rule, string | Rule])[] = [
    [pow, 'Pow'],
    [tanh, 'Tanh'],
    [sigmoid, 'Sigmoid'],
    [log1p, logarithm],
    [expm1, exponential],
    [exp, 'Exp'],
    [log, 'Log'],
    [sinOp.formula, 'Sin'],
    [cosOp.formula, 'Cos'],
    [relu, 'Relu'],
  ];
  const single: typeof both = [
    [softplusOp.formula, 'Softplus'],
    [erfOp.formula, 'Erf'],
    [tanOp.formula, 'Tan'],
    [asinOp.formula, 'Asin'],
    [acosOp.formula, 'Acos'],
    [atanOp.formula, 'Atan'],
    [sinhOp.formula, 'Sinh'],
    [coshOp.formula, 'Cosh'],
    [asinhOp.formula, 'Asinh'],
    [acoshOp.formula, 'Acosh'],
    [atanhOp.formula, 'Atanh'],
  ];
  const known = dtype === 'float32' ? [...single, ...both] : both;
  return known.map(([rule, by]) => ({ formula: rule(dtype), by: typeof by === 'string' ? by : by(dtype) }));
});
