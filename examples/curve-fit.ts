/**
 * How many steps does it take to fit a curve? The curve is a quotient of two cubic polynomials,
 *
 *     y = (b₁ + b₂ x + b₃ x² + b₄ x³) / (1 + b₅ x + b₆ x² + b₇ x³)
 *
 * and the data are Thurber's measurements of the mobility of electrons in silicon, one of the problems by which NIST tests programs for nonlinear least
 * squares, of the highest difficulty (Statistical Reference Datasets, https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml; a work of the US government,
 * in the public domain). NIST has certified the best parameters to eleven digits, so one knows how good an answer is.
 *
 * The parameters go from 0.05 to 1500, and the sum of squares is a narrow bent valley in all of them together. L-BFGS learns its curvature from
 * the last gradients. Adam scales each parameter by itself, and where the valley is oblique it creeps along. Both see the same loss, from NIST's first
 * start; what is counted is how often it is evaluated, with its gradient.
 *
 * Run with `npm run example curve`. It takes about ten seconds.
 */

import { Adam, cosineAnnealing, LBFGS, Parameter, Tensor, unbind } from 'tapegrad';
import { table } from './lib/compare.ts';
import { curves, type Point } from './lib/curves.ts';
import { quick, saveFigures, savePicture, epochs as wanted } from './lib/output.ts';

const X = [
  [
    -3.067, -2.981, -2.921, -2.912, -2.84, -2.797, -2.702, -2.699, -2.633, -2.481, -2.363, -2.322, -1.501, -1.46, -1.274, -1.212, -1.1,
    -1.046,
  ],
  [-0.915, -0.714, -0.566, -0.545, -0.4, -0.309, -0.109, -0.103, 0.01, 0.119, 0.377, 0.79, 0.963, 1.006, 1.115, 1.572, 1.841, 2.047, 2.2],
].flat();
const Y = [
  [80.574, 84.248, 87.264, 87.195, 89.076, 89.608, 89.868, 90.101, 92.405, 95.854, 100.696, 101.06, 401.672, 390.724, 567.534, 635.316],
  [733.054, 759.087, 894.206, 990.785, 1090.109, 1080.914, 1122.643, 1178.351, 1260.531, 1273.514, 1288.339, 1327.543, 1353.863, 1414.509],
  [1425.208, 1421.384, 1442.962, 1464.35, 1468.705, 1447.894, 1457.628],
].flat();
const START = [1000, 1000, 400, 40, 0.7, 0.3, 0.03];
const CERTIFIED = {
  parameters: [1288.13968, 1491.0792535, 583.23836877, 75.416644291, 0.96629502864, 0.39797285797, 0.049727297349],
  sumOfSquares: 5642.7082397,
};

const ADAM_STEPS = wanted ?? (quick ? 500 : 20_000);
const x = Tensor.of(X, 'float64');
const y = Tensor.of(Y, 'float64');

const cubic = (x: Tensor, [a, b, c, d]: readonly Tensor[]): Tensor => x.mul(d!).add(c!).mul(x).add(b!).mul(x).add(a!);
/** The curve at `x`, from its seven parameters. */
function curve(x: Tensor, parameters: Tensor): Tensor {
  const b = unbind(parameters);
  return cubic(x, b.slice(0, 4)).div(cubic(x, [Tensor.ones([], 'float64'), ...b.slice(4)]));
}

/** Parameters in units of where they start, so that all are about 1: neither method should fail for want of that. */
const unit = Tensor.of(START, 'float64');

/** Lets a method follow the loss until it has seen it often enough, and says how much it was above the certified one at each evaluation. */
function fit(method: (model: { scaled: Parameter }, lossOf: () => Tensor) => void): { found: Tensor; sums: number[] } {
  const scaled = new Parameter(Tensor.ones([7], 'float64'));
  const sums: number[] = [];
  method({ scaled }, () => {
    const loss = curve(x, scaled.mul(unit)).sub(y).pow(2).sum();
    sums.push(loss.item());
    return loss;
  });
  return { found: scaled.mul(unit), sums };
}

const byLBFGS = fit((model, lossOf) => {
  const optimizer = new LBFGS(model, { changeTolerance: 0 });
  for (let i = 0; i < 20; i++) optimizer.minimize(lossOf);
});
const byAdam = fit((model, lossOf) => {
  const optimizer = new Adam(model, { learningRate: cosineAnnealing(1e-2, { steps: ADAM_STEPS }) });
  for (let i = 0; i < ADAM_STEPS; i++) optimizer.minimize(lossOf);
});

const excess = (sum: number): number => sum / CERTIFIED.sumOfSquares - 1;
/** The lowest sum of squares so far, relative to the certified one, after each evaluation; in as many points as a picture can show. */
function progress(sums: readonly number[]): Point[] {
  let lowest = Infinity;
  return sums
    .map((sum, i) => [i + 1, (lowest = Math.min(lowest, excess(sum)))] as const)
    .filter(([i, value]) => value > 1e-9 && (i <= 100 || i % 50 === 0));
}
const needed = (sums: readonly number[], part: number) => sums.findIndex((sum) => excess(sum) < part) + 1 || undefined;

const methods = [
  { name: 'L-BFGS', ...byLBFGS },
  { name: 'Adam', ...byAdam },
];
console.log('Parameters: certified by NIST, and found\n');
console.log(
  table(
    ['', 'certified', 'L-BFGS', 'Adam'],
    CERTIFIED.parameters.map((value, i) => [`b${i + 1}`, value, byLBFGS.found.data[i]!, byAdam.found.data[i]!]),
    6,
  ),
);
const levels = [1, 0.1, 0.01, 1e-4, 1e-8];
console.log('\nEvaluations of loss and gradient until the sum of squares is within … of the certified one\n');
console.log(
  table(
    ['', ...levels.map(String)],
    methods.map(({ name, sums }) => [name, ...levels.map((level) => String(needed(sums, level) ?? 'never'))]),
  ),
);

saveFigures('curve-fit', {
  certified: CERTIFIED,
  methods: methods.map(({ name, found, sums }) => ({
    name,
    parameters: found.toArray(),
    sumOfSquares: Math.min(...sums),
    evaluations: sums.length,
    neededFor: Object.fromEntries(levels.map((level) => [level, needed(sums, level) ?? null])),
  })),
});
const grid = Tensor.linspace(-3.2, 2.3, 200, 'float64');
const drawn = (parameters: Tensor): Point[] => Array.from(curve(grid, parameters).data, (value, i) => [grid.data[i]!, value]);
savePicture(
  'curve-fit',
  curves(
    [
      { name: 'L-BFGS', points: drawn(byLBFGS.found) },
      { name: 'start', points: drawn(unit), dashed: true },
    ],
    { title: 'Mobility of electrons, measured and fitted', x: 'log density', y: 'mobility', width: 520, dots: X.map((x, i) => [x, Y[i]!]) },
  ),
  curves(
    methods.map(({ name, sums }) => ({ name, points: progress(sums) })),
    {
      title: 'How far the sum of squares is above the certified one',
      x: 'evaluations',
      y: 'relative excess',
      width: 600,
      log: true,
      logX: true,
    },
  ),
);
