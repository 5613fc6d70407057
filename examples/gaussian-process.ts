/**
 * How sure can one be between the data? A Gaussian process answers with a mean and a band, and chooses its own hyperparameters.
 *
 * Function values are taken to be jointly normal, with the covariance `k(x, x′) = σ² exp(−(x − x′)² / 2ℓ²)`, and are measured with noise of deviation τ.
 * With `K = k(X, X) + τ² I = L Lᵀ` by Cholesky and `α = K⁻¹ y` by two triangular systems (Rasmussen & Williams 2006, algorithm 2.1),
 *
 *     mean(x)     = k(x, X) α
 *     variance(x) = σ² − |L⁻¹ k(X, x)|²
 *     log p(y)    = −½ yᵀ α − Σ log Lᵢᵢ − n/2 log 2π
 *
 * The last is how probable the data are, and a good choice of ℓ, σ and τ makes it large. L-BFGS follows its gradient, which goes back through the triangular
 * systems and the Cholesky decomposition; nothing is derived by hand.
 *
 * The data are drawn from such a process, again by Cholesky, so the right hyperparameters are known. There are none in a gap, where the band should widen.
 *
 * Run with `npm run example gaussian`. It takes seconds.
 */

import { cholesky, diagonal, grad, LBFGS, Parameter, Random, solveTriangular, Tensor, unbind } from 'tapegrad';
import { finiteDifferences, largestDifference, table, tiny } from './lib/compare.ts';
import { curves, type Point } from './lib/curves.ts';
import { quick, saveFigures, savePicture, seed } from './lib/output.ts';

const COUNT = quick ? 20 : 60;
const TRUE = { lengthScale: 1, deviation: 1.5, noise: 0.2 };
const START = { lengthScale: 3, deviation: 1, noise: 1 };
const GAP = [5, 8] as const;
const END = 12;

/** The logarithms of the three hyperparameters, so that they stay positive. */
const logarithms = (of: typeof TRUE): Tensor => Tensor.of([of.lengthScale, of.deviation, of.noise], 'float64').log();

/** The covariance of function values at `a : [n]` and `b : [m]`. */
function covariance(a: Tensor, b: Tensor, log: Tensor): Tensor {
  const [lengthScale, deviation] = unbind(log.exp()) as [Tensor, Tensor];
  const distance = a.unsqueeze(1).sub(b).div(lengthScale);
  return distance.pow(2).mul(-0.5).exp().mul(deviation.pow(2));
}

/** The Cholesky factor of the covariance of measurements. */
function factor(x: Tensor, log: Tensor): Tensor {
  const noise = log.slice([2]).exp();
  return cholesky(covariance(x, x, log).add(Tensor.eye(x.size, 'float64').mul(noise.pow(2))));
}

/** `log p(y)` */
function likelihood(x: Tensor, y: Tensor, log: Tensor): Tensor {
  const l = factor(x, log);
  const whitened = solveTriangular(l, y, { upper: false }); // yᵀ α = |L⁻¹ y|²
  return whitened
    .pow(2)
    .sum()
    .mul(-0.5)
    .sub(diagonal(l).log().sum())
    .sub((y.size / 2) * Math.log(2 * Math.PI));
}

/** Mean and deviation of function values at `at`, given the measurements. */
function posterior(at: Tensor, x: Tensor, y: Tensor, log: Tensor): { mean: Tensor; deviation: Tensor } {
  const l = factor(x, log);
  const whitened = solveTriangular(l, covariance(x, at, log), { upper: false });
  const mean = whitened.transpose().matmul(solveTriangular(l, y, { upper: false }));
  const variance = log.slice([1]).mul(2).exp().sub(whitened.pow(2).sum(0));
  return { mean, deviation: variance.maximum(0).sqrt() };
}

// The data: one function of the process, drawn at the measurements and at the grid of the picture, L z with z ~ N(0, 1).
const random = new Random(seed);
const grid = Tensor.linspace(0, END, 241, 'float64');
const places = Array.from({ length: COUNT }, () => {
  const place = random.uniform(0, END - (GAP[1] - GAP[0]));
  return place < GAP[0] ? place : place + GAP[1] - GAP[0];
}).sort((a, b) => a - b);
const x = Tensor.of(places, 'float64');
const all = Tensor.of([...places, ...grid.data], 'float64');
const settled = covariance(all, all, logarithms(TRUE)).add(Tensor.eye(all.size, 'float64').mul(1e-8));
const drawn = cholesky(settled).matmul(Tensor.normal([all.size], { random, dtype: 'float64' }));
const y = drawn.slice([[0, COUNT]]).add(Tensor.normal([COUNT], { random, dtype: 'float64', standardDeviation: TRUE.noise }));
const truth = drawn.slice([[COUNT, all.size]]);

// The derivative through Cholesky, beside finite differences.
const start = logarithms(START);
const lossOf = (log: Tensor) => likelihood(x, y, log).neg();
const difference = largestDifference(grad(lossOf)(start), finiteDifferences(lossOf, start));
console.log(`The gradient of log p(y) by tape and by finite differences: largest difference ${tiny(difference)}\n`);

const log = new Parameter(start);
const optimizer = new LBFGS({ log });
optimizer.minimize(() => lossOf(log));
optimizer.minimize(() => lossOf(log));
const rows = [
  ['true', logarithms(TRUE)],
  ['start', start],
  ['found', log],
] as const;
const figures = rows.map(([name, log]) => ({ name, values: log.exp().toArray() as number[], likelihood: likelihood(x, y, log).item() }));
console.log(`${COUNT} measurements\n`);
console.log(
  table(
    ['', 'length scale', 'deviation', 'noise', 'log p(y)'],
    figures.map(({ name, values, likelihood }) => [name, ...values, likelihood]),
    3,
  ),
);

/** How many of the function's values lie in the band of two deviations, which should hold 95 %. */
function covered(log: Tensor): number {
  const { mean, deviation } = posterior(grid, x, y, log);
  return truth.sub(mean).abs().lessEqual(deviation.mul(2)).cast('float64').mean().item();
}
console.log(
  `\nOf the true function, the band of two deviations holds ${(100 * covered(start)).toFixed(0)} % at the start and ${(100 * covered(log)).toFixed(0)} % in the end.`,
);

const points = (values: Tensor): Point[] => Array.from(values.data, (value, i) => [grid.data[i]!, value]);
const named = ([lengthScale, deviation, noise]: readonly number[]) =>
  `length scale ${lengthScale!.toFixed(2)}, deviation ${deviation!.toFixed(2)}, noise ${noise!.toFixed(2)}`;
function picture(title: string, log: Tensor) {
  const { mean, deviation } = posterior(grid, x, y, log);
  const [low, high] = [mean.sub(deviation.mul(2)), mean.add(deviation.mul(2))];
  const band = Array.from(grid.data, (at, i) => [at, low.data[i]!, high.data[i]!] as const);
  const series = [
    { name: 'mean ± 2σ', points: points(mean), band },
    { name: 'truth', points: points(truth), dashed: true },
  ];
  return curves(series, { title, x: 'x', y: 'y', width: 600, domain: [-4, 6], dots: places.map((place, i) => [place, y.data[i]!]) });
}
saveFigures('gaussian-process', {
  seed,
  measurements: COUNT,
  hyperparameters: figures.map(({ name, values: [lengthScale, deviation, noise], likelihood }) => ({
    name,
    lengthScale,
    deviation,
    noise,
    likelihood,
  })),
  covered: { start: covered(start), found: covered(log) },
});
savePicture(
  'gaussian-process',
  picture(`Before: ${named(figures[1]!.values)}`, start),
  picture(`After: ${named(figures[2]!.values)}`, log),
);
