/** What recurrent networks along sequences are by definition, in decimal numbers. */

import { Decimal } from 'decimal.js';
import type { Big } from './definitions.ts';

const one = new Decimal(1);
const sigmoid = (x: Decimal) => one.div(x.neg().exp().plus(1));
const tanh = (x: Decimal) => sigmoid(x.times(2)).times(2).minus(1);

/** The next states of one unit, from its gates of the input and of the product with the weight, and its states. */
type Step = (gates: readonly Decimal[], product: readonly Decimal[], states: readonly Decimal[]) => readonly Decimal[];

const tanhStep: Step = ([x], [p]) => [tanh(x!.plus(p!))];

const lstmStep: Step = (gates, product, [, c]) => {
  const [i, f, g, o] = gates.map((x, gate) => x.plus(product[gate]!)) as [Decimal, Decimal, Decimal, Decimal];
  const cell = sigmoid(f)
    .times(c!)
    .plus(sigmoid(i).times(tanh(g)));
  return [sigmoid(o).times(tanh(cell)), cell];
};

const gruStep: Step = ([xr, xz, xn], [pr, pz, pn], [h]) => {
  const [r, z] = [sigmoid(xr!.plus(pr!)), sigmoid(xz!.plus(pz!))];
  const n = tanh(xn!.plus(r.times(pn!)));
  return [one.minus(z).times(n).plus(z.times(h!))];
};

/** The states after each step, of one state after the other. */
const along =
  (step: Step) =>
  (inputs: Readonly<Record<string, Big>>, { reverse }: { readonly reverse: boolean }): Decimal[] => {
    const { gates, weight, bias, h, c } = inputs as { readonly [name in 'gates' | 'weight' | 'h']: Big } & { bias?: Big; c?: Big };
    const [[time, batch, width], hidden] = [gates.shape as readonly [number, number, number], h.shape[1]!];
    const initial = c ? [h, c] : [h];
    const out: Decimal[] = [];
    for (let row = 0; row < batch; row++) {
      let states = initial.map(({ data }) => data.slice(row * hidden, (row + 1) * hidden));
      for (let done = 0; done < time; done++) {
        const t = reverse ? time - 1 - done : done;
        const product = Array.from({ length: width }, (_, column) =>
          states[0]!.reduce((sum, x, i) => sum.plus(x.times(weight.data[i * width + column]!)), bias?.data[column] ?? new Decimal(0)),
        );
        const given = gates.data.slice((t * batch + row) * width, (t * batch + row + 1) * width);
        const ofUnit = (all: readonly Decimal[], unit: number) => all.filter((_, column) => column % hidden === unit);
        const next = Array.from({ length: hidden }, (_, unit) =>
          step(
            ofUnit(given, unit),
            ofUnit(product, unit),
            states.map((state) => state[unit]!),
          ),
        );
        states = initial.map((_, which) => next.map((unit) => unit[which]!));
        states.forEach((state, which) => {
          for (const [unit, x] of state.entries()) out[((which * time + t) * batch + row) * hidden + unit] = x;
        });
      }
    }
    return out;
  };

export const [tanhSequence, lstmSequence, gruSequence] = [along(tanhStep), along(lstmStep), along(gruStep)];
