/** The steps of recurrent networks as formulas: of one element of each gate and of each state. */

import type { FloatDtype } from '../../base/dtype.ts';
import type { Formula } from '../../formula/formula.ts';
import { type Formulas, formulas } from '../../formula/joined-formulas.ts';

/** A step of a recurrent network, and its derivative. Gates and states are equally wide. */
export interface SequenceCell {
  /** How many gates there are, how many states, of which the first is the output, and how many numbers a step leaves for its derivative. */
  readonly gates: number;
  readonly states: number;
  readonly saved: number;
  /** From the gates of the input, those of the product of output and weight, perhaps biases of these, and the states: what is saved, and the next states. */
  readonly step: (dtype: FloatDtype) => Formulas;
  readonly biasedStep?: (dtype: FloatDtype) => Formulas;
  /**
   * From the gradients that arrive at the next states from outside, those from the step after it, what arrives at the output by the product, what was saved,
   * and the states before and after the step: the gradients for the gates of the input, for those of the product, and for the states but by the product.
   */
  readonly back: (dtype: FloatDtype) => Formulas;
}

const tanhSlope = (dy: Formula, y: Formula): Formula => dy.mul(y.mul(y).neg().add(1));
const sigmoidSlope = (dy: Formula, y: Formula): Formula => dy.mul(y).mul(y.neg().add(1));

/** `h' = tanh(x + p)` for the gate `x`, and `p` of the product. */
export const tanhCell: SequenceCell = {
  gates: 1,
  states: 1,
  saved: 0,
  step: /* @__PURE__ */ formulas(3, (x, p) => [x!.add(p!).tanh()]),
  back: /* @__PURE__ */ formulas(5, (dy, passed, product, _, next) => {
    const gate = tanhSlope(dy!.add(passed!.add(product!)), next!);
    return [gate, gate, gate.constant(0)];
  }),
};

/** `c' = σ(f) c + σ(i) tanh g`, `h' = σ(o) tanh c'`. The four gates are saved, and `tanh c'`. */
export const lstmCell: SequenceCell = {
  gates: 4,
  states: 2,
  saved: 5,
  step: /* @__PURE__ */ formulas(10, (...given) => {
    const sums = given.slice(0, 4).map((x, gate) => x.add(given[4 + gate]!));
    const c = given[9]!;
    const [i, f, g, o] = [sums[0]!.sigmoid(), sums[1]!.sigmoid(), sums[2]!.tanh(), sums[3]!.sigmoid()];
    const cell = f.mul(c).add(i.mul(g));
    const bounded = cell.tanh();
    return [i, f, g, o, bounded, o.mul(bounded), cell];
  }),
  back: /* @__PURE__ */ formulas(14, (...given) => {
    const [dyh, dyc, passedH, passedC, product, i, f, g, o, bounded, , c] = given;
    const dh = dyh!.add(passedH!.add(product!));
    const dc = dyc!.add(passedC!).add(tanhSlope(dh.mul(o!), bounded!));
    const gates = [
      sigmoidSlope(dc.mul(g!), i!),
      sigmoidSlope(dc.mul(c!), f!),
      tanhSlope(dc.mul(i!), g!),
      sigmoidSlope(dh.mul(bounded!), o!),
    ];
    return [...gates, ...gates, dh.constant(0), dc.mul(f!)];
  }),
};

const gruStep = (hasBias: boolean) =>
  formulas(hasBias ? 10 : 7, (...given) => {
    const [xr, xz, xn] = given as [Formula, Formula, Formula];
    const [hr, hz, hn] = [0, 1, 2].map((gate) => (hasBias ? given[3 + gate]!.add(given[6 + gate]!) : given[3 + gate]!)) as [
      Formula,
      Formula,
      Formula,
    ];
    const h = given.at(-1)!;
    const [r, z] = [xr.add(hr).sigmoid(), xz.add(hz).sigmoid()];
    const n = xn.add(r.mul(hn)).tanh();
    return [r, z, n, hn, n.add(z.mul(h.sub(n)))];
  });

/** `h' = n + z (h − n)`, `n = tanh(xₙ + r pₙ)`. The gates `r`, `z`, `n` are saved, and `pₙ`. */
export const gruCell: SequenceCell = {
  gates: 3,
  states: 1,
  saved: 4,
  step: /* @__PURE__ */ gruStep(false),
  biasedStep: /* @__PURE__ */ gruStep(true),
  back: /* @__PURE__ */ formulas(9, (dy, passed, product, r, z, n, hn, h) => {
    const dh = dy!.add(passed!.add(product!));
    const kept = dh.mul(z!);
    const dn = tanhSlope(dh.sub(kept), n!);
    const [dr, dz] = [sigmoidSlope(dn.mul(hn!), r!), sigmoidSlope(dh.mul(h!.sub(n!)), z!)];
    return [dr, dz, dn, dr, dz, dn.mul(r!), kept];
  }),
};
