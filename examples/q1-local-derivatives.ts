/**
 * Question 1. Work out the local derivatives of the softmax and of the cross-entropy, in scalar terms. Show the derivation. Assume that the target
 * class is given as an integer value.
 *
 * **The softmax** turns outputs o into probabilities y:
 *
 *     yᵢ = e^oᵢ / S        where S = Σₖ e^oₖ
 *
 * Every yᵢ depends on every oⱼ, because each of them is in S, and ∂S/∂oⱼ = e^oⱼ. By the quotient rule, (u/v)′ = (u′v − uv′) / v², with u = e^oᵢ
 * and v = S. Only u′ depends on which derivative is meant:
 *
 *     i = j:   u′ = e^oᵢ   ∂yᵢ/∂oᵢ = (e^oᵢ S − e^oᵢ e^oᵢ) / S² = e^oᵢ/S · (S − e^oᵢ)/S = yᵢ (1 − yᵢ)
 *     i ≠ j:   u′ = 0      ∂yᵢ/∂oⱼ = (0 · S − e^oᵢ e^oⱼ) / S²  = −e^oᵢ/S · e^oⱼ/S      = −yᵢ yⱼ
 *
 * Both in one, with δᵢⱼ = 1 where i = j and else 0:
 *
 *     ∂yᵢ/∂oⱼ = yᵢ (δᵢⱼ − yⱼ)
 *
 * **The cross-entropy** of probabilities y and the target class c is l = −log y_c. It depends on one of the probabilities only, and log′ = 1/x:
 *
 *     i = c:   ∂l/∂yᵢ = −1 / y_c
 *     i ≠ c:   ∂l/∂yᵢ = 0
 *
 * Run with `npm run example q1`. Change the numbers and see.
 */

import { jacobian, Random, Tensor } from 'tapegrad';
import { finiteDifferences, largestDifference, table, tiny } from './lib/compare.ts';
import { quick, saveFigures } from './lib/output.ts';

const OUTPUTS = [1, 2, -0.5];
const TARGET = 0;
const TRIALS = quick ? 50 : 1000;

/** One derivative, found in three ways. */
interface Answers {
  readonly closedForm: Tensor;
  readonly autograd: Tensor;
  readonly measured: Tensor;
}

const float64 = (values: number[] | number[][]): Tensor => Tensor.of(values, 'float64');

/** `∂yᵢ/∂oⱼ` by the formula derived above, by the tape, and by finite differences. */
function softmaxDerivative(o: Tensor): Answers {
  const softmax = (o: Tensor) => o.softmax();
  const y: number[] = softmax(o).toArray();
  return {
    closedForm: float64(y.map((yi, i) => y.map((yj, j) => yi * (Number(i === j) - yj)))),
    autograd: jacobian(softmax)(o),
    measured: finiteDifferences(softmax, o),
  };
}

/** `∂l/∂yᵢ` likewise. The step is a small fraction of y_c, which may itself be small. */
function crossEntropyDerivative(y: Tensor, c: number): Answers {
  const crossEntropy = (y: Tensor) => y.slice([c]).log().neg();
  return {
    closedForm: float64(y.toArray().map((yi: number, i: number) => (i === c ? -1 / yi : 0))),
    autograd: jacobian(crossEntropy)(y),
    measured: finiteDifferences(crossEntropy, y, 1e-5 * y.slice([c]).item()),
  };
}

const differencesOf = ({ closedForm, autograd, measured }: Answers) => ({
  autograd: largestDifference(autograd, closedForm),
  finiteDifferences: largestDifference(measured, closedForm),
});

const summary = ({ autograd, finiteDifferences }: { autograd: number; finiteDifferences: number }) =>
  `largest difference from the closed form: autograd ${tiny(autograd)}, finite differences ${tiny(finiteDifferences)}`;

// On numbers of your choice.
const o = float64(OUTPUTS);
const y = o.softmax();
const [softmax, crossEntropy] = [softmaxDerivative(o), crossEntropyDerivative(y, TARGET)];
const places = OUTPUTS.map((_, i) => i);
const at = ({ closedForm, autograd, measured }: Answers, place: number[]) =>
  [closedForm, autograd, measured].map((d) => d.slice(place).item());

console.log(`o = [${OUTPUTS.join(', ')}], y = softmax(o) = [${y.toArray().join(', ')}], target class c = ${TARGET}

The softmax, ∂yᵢ/∂oⱼ
${table(
  ['i', 'j', 'yᵢ (δᵢⱼ − yⱼ)', 'autograd', 'finite differences'],
  places.flatMap((i) => places.map((j) => [`${i}`, `${j}`, ...at(softmax, [i, j])])),
)}
  ${summary(differencesOf(softmax))}

The cross-entropy, ∂l/∂yᵢ
${table(
  ['i', '−[i = c] / y_c', 'autograd', 'finite differences'],
  places.map((i) => [`${i}`, ...at(crossEntropy, [i])]),
)}
  ${summary(differencesOf(crossEntropy))}
`);

// And on random numbers, so that the agreement is no coincidence of the ones above.
const random = new Random(1);
const worst = { softmax: { autograd: 0, finiteDifferences: 0 }, crossEntropy: { autograd: 0, finiteDifferences: 0 } };
for (let trial = 0; trial < TRIALS; trial++) {
  const classes = 2 + random.integer(9);
  const o = Tensor.normal([classes], { standardDeviation: 2, random, dtype: 'float64' });
  const c = random.integer(classes);
  const found = { softmax: differencesOf(softmaxDerivative(o)), crossEntropy: differencesOf(crossEntropyDerivative(o.softmax(), c)) };
  for (const which of ['softmax', 'crossEntropy'] as const) {
    for (const way of ['autograd', 'finiteDifferences'] as const) worst[which][way] = Math.max(worst[which][way], found[which][way]);
  }
}
console.log(`The same for ${TRIALS} random vectors o of 2 to 10 outputs, drawn from a normal distribution with standard deviation 2; the worst of them
  softmax        ${summary(worst.softmax)}
  cross-entropy  ${summary(worst.crossEntropy)}`);

saveFigures('q1', {
  outputs: OUTPUTS,
  target: TARGET,
  probabilities: y.toArray(),
  softmax: { closedForm: softmax.closedForm.toArray(), differences: differencesOf(softmax) },
  crossEntropy: { closedForm: crossEntropy.closedForm.toArray(), differences: differencesOf(crossEntropy) },
  random: { trials: TRIALS, worst },
});
