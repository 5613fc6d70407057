/**
 * Question 2. Work out the derivative ∂l/∂oᵢ. Why is this not strictly necessary for a neural network, if we already have the two derivatives we
 * worked out above?
 *
 * **The derivation.** The loss l = −log y_c depends on the outputs o only through the probabilities y, so the chain rule adds up all paths from oᵢ
 * to l, one through each yₖ:
 *
 *     ∂l/∂oᵢ = Σₖ ∂l/∂yₖ · ∂yₖ/∂oᵢ
 *
 * By question 1 the first factor is −1/y_c for k = c and 0 for all others, so one path is left, and its second factor is y_c (δ_cᵢ − yᵢ):
 *
 *     ∂l/∂oᵢ = −1/y_c · y_c (δ_cᵢ − yᵢ) = yᵢ − δ_cᵢ        where δ_cᵢ = 1 if i = c, else 0
 *
 * In words: the predicted probability minus the true one. A step against this gradient lowers the output of each wrong class in proportion to its
 * probability, and raises that of the right class by what its probability lacks to 1. The derivatives sum to 0.
 *
 * **Why it is not needed.** Backpropagation multiplies local derivatives anyway. From −1/y_c and y_c (δ_cᵢ − yᵢ) it computes the same numbers; nobody
 * has to work out the product by hand.
 *
 * **Why it is better.** y_c has cancelled. In the product it is still there, and where the network is sure and wrong it is rounded to 0: then −1/y_c
 * is −∞, the other factor is 0, and −∞ · 0 is NaN. The same happens to the loss, −log 0. From the outputs, the loss
 * is log Σₖ e^oₖ − o_c, whose exponentials do not overflow if the largest output m is taken out of the sum: log Σₖ e^(oₖ−m) + m − o_c. No probability is
 * formed on the way, so none is rounded. It is also less work: n subtractions in place of an n × n matrix.
 *
 * Run with `npm run example q2`. Change the numbers and see.
 */

import { crossEntropy, jacobian, Random, Tensor, valueAndGrad } from 'tapegrad';
import { finiteDifferences, largestDifference, table, tiny } from './lib/compare.ts';
import { quick, saveFigures } from './lib/output.ts';

const OUTPUTS = [1, 2, -0.5];
const TARGET = 0;
const CASES = [
  [1, 1],
  [100, 1],
  [700, 1],
  [710, 1],
  [750, 1],
  [1000, 1],
  [1000, 0],
] as const;
const TRIALS = quick ? 50 : 1000;

const surprise = (y: Tensor, c: number) => y.slice([c]).log().neg();

/** The report's softmax: powers of e as they are. */
const naive = (o: Tensor, c: number) => surprise(o.exp().div(o.exp().sum()), c);

/** A softmax that subtracts the largest output first, and the logarithm of one of its probabilities. */
const twoSteps = (o: Tensor, c: number) => surprise(o.softmax(), c);

/** Both in one, from the outputs. Its derivative rule is `y − onehot`. */
const fused = (o: Tensor, c: number) => crossEntropy(o.reshape([1, o.size]), Tensor.of([c], 'int32'), { reduction: 'sum' });

/** `Σₖ ∂l/∂yₖ · ∂yₖ/∂oᵢ`: the two local derivatives of question 1, a row vector times a matrix. */
function product(o: Tensor, c: number): Tensor {
  const y = o.softmax();
  const dl = jacobian((y) => surprise(y, c))(y);
  return dl.matmul(jacobian((o) => o.softmax())(o));
}

/** `yᵢ − [i = c]`, as derived above. */
const closedForm = (o: Tensor, c: number): Tensor => o.softmax().sub(Tensor.of(c, 'int32').oneHot(o.size, o.dtype));

const ways = (o: Tensor, c: number): Record<string, Tensor> => ({
  'yᵢ − [i = c]': closedForm(o, c),
  'product of both': product(o, c),
  'autograd, two steps': jacobian((o) => twoSteps(o, c))(o),
  'autograd, fused': jacobian((o) => fused(o, c))(o),
  'finite differences': finiteDifferences((o) => fused(o, c), o),
});

/** How far each way is from the first. */
const differencesOf = (found: Record<string, Tensor>): [string, number][] => {
  const [expected, ...others] = Object.values(found);
  return Object.keys(found)
    .slice(1)
    .map((name, i) => [name, largestDifference(others[i]!, expected!)]);
};

const o = Tensor.of(OUTPUTS, 'float64');
const found = ways(o, TARGET);
console.log(`o = [${OUTPUTS.join(', ')}], y = softmax(o) = [${o.softmax().toArray().join(', ')}], target class c = ${TARGET}

∂l/∂oᵢ
${table(
  ['i', ...Object.keys(found)],
  OUTPUTS.map((_, i) => [`${i}`, ...Object.values(found).map((d) => d.slice([i]).item())]),
)}
  their sum is ${tiny(found['yᵢ − [i = c]']!.sum().item())}
`);

const random = new Random(2);
const worst: Record<string, number> = {};
for (let trial = 0; trial < TRIALS; trial++) {
  const classes = 2 + random.integer(9);
  const o = Tensor.normal([classes], { standardDeviation: 2, random, dtype: 'float64' });
  for (const [way, difference] of differencesOf(ways(o, random.integer(classes)))) worst[way] = Math.max(worst[way] ?? 0, difference);
}
console.log(`The largest difference from yᵢ − [i = c] among ${TRIALS} random vectors o of 2 to 10 outputs, drawn from a normal distribution with standard deviation 2
${table(
  ['', 'largest difference'],
  Object.entries(worst).map(([way, difference]) => [way, tiny(difference)]),
)}
`);

// Outputs o = [gap, 0] that are further and further apart. First class 1 is right, so that the loss is about as large as the gap; then class 0 is.
const extremes = CASES.map(([gap, c]) => {
  const results = [naive, twoSteps, fused].map((loss) => {
    const [l, dl] = valueAndGrad((o: Tensor) => loss(o, c))(Tensor.of([gap, 0], 'float64'));
    return { loss: l.item(), derivative: dl.slice([1]).item() };
  });
  return { gap, c, naive: results[0]!, twoSteps: results[1]!, fused: results[2]! };
});
console.log(`Loss l and derivative ∂l/∂o₁ of o = [gap, 0] and target class c, in three ways: the report's softmax, which does not subtract the
largest output; a softmax that does, and then the logarithm; and softmax and logarithm fused into one operation
${table(
  ['gap', 'c', "report's l", '∂l/∂o₁', 'two steps l', '∂l/∂o₁', 'fused l', '∂l/∂o₁'],
  extremes.map(({ gap, c, ...ways }) => [`${gap}`, `${c}`, ...Object.values(ways).flatMap(({ loss, derivative }) => [loss, derivative])]),
  6,
)}`);

saveFigures('q2', {
  outputs: OUTPUTS,
  target: TARGET,
  gradient: found['yᵢ − [i = c]']!.toArray(),
  differences: Object.fromEntries(differencesOf(found)),
  random: { trials: TRIALS, worst },
  extremes,
});
