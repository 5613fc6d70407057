/**
 * Can a network solve a differential equation that it is only told? The equation is that of a weight on a spring, with friction,
 *
 *     u″ + 2δ u′ + ω² u = 0,   u(0) = 1,   u′(0) = 0
 *
 * and no value of its solution is given but these two. The network N is put into `u(t) = 1 + (1 − e⁻ᵗ)² N(t)`, which begins as it should whatever N is
 * (Lagaris, Likas & Fotiadis 1998), and the loss is the sum of squares of the left-hand side at 100 times. So first and second derivatives by t are part of the loss, and
 * training differentiates them once more, by the weights: `grad(grad(u))` within `minimize`.
 *
 * A few hundred steps of Adam find the shape, L-BFGS the digits. Beside it stands the exact solution, `e^(−δt) (cos νt + δ/ν sin νt)` with `ν² = ω² − δ²`,
 * which the training never sees.
 *
 * Run with `npm run example differential`. It takes less than a minute.
 */

import { Adam, cos, grad, LBFGS, Linear, Random, Sequential, sin, Tensor, tanh } from 'tapegrad';
import { curves, type Point } from './lib/curves.ts';
import { quick, saveFigures, savePicture, seed, epochs as wanted } from './lib/output.ts';

const DAMPING = 0.3;
const FREQUENCY = 3;
const END = 4;
const ADAM_STEPS = quick ? 20 : 300;
const LBFGS_STEPS = wanted ?? (quick ? 1 : 40);

const random = new Random(seed);
const options = { dtype: 'float64', random, initialization: 'xavierUniform' } as const;
const network = new Sequential(new Linear(1, 32, options), tanh, new Linear(32, 32, options), tanh, new Linear(32, 1, options));

/** The solution that the network stands for, at times `[n, 1]`. The network is given times from −2 to 2, where a tanh bends. */
function u(t: Tensor): Tensor {
  const begun = t.neg().exp().neg().add(1);
  return begun
    .mul(begun)
    .mul(network.forward(t.mul(4 / END).sub(2)))
    .add(1);
}
// Each value depends on its own time only, so the gradient of their sum has the derivative at each.
const du = grad((t: Tensor) => u(t).sum());
const ddu = grad((t: Tensor) => du(t).sum());
const residual = (t: Tensor): Tensor =>
  ddu(t)
    .add(du(t).mul(2 * DAMPING))
    .add(u(t).mul(FREQUENCY ** 2));

function exact(t: Tensor): Tensor {
  const damped = Math.sqrt(FREQUENCY ** 2 - DAMPING ** 2);
  const swing = cos(t.mul(damped)).add(sin(t.mul(damped)).mul(DAMPING / damped));
  return t.mul(-DAMPING).exp().mul(swing);
}

const times = Tensor.linspace(0, END, 100, 'float64').reshape([100, 1]);
/** Between those of the training: an equation that holds only there would show here. */
const between = Tensor.linspace(0, END, 601, 'float64').reshape([601, 1]);
const error = () => u(between).sub(exact(between)).abs();
// A sum, no mean: what L-BFGS takes for curvature and what for rounding depends on how large the loss is.
const lossOf = () => residual(times).pow(2).sum();

const steps: { step: number; loss: number; largestError: number }[] = [];
function report(step: number, loss: number, name: string): void {
  steps.push({ step, loss, largestError: error().max().item() });
  console.log(`${name} step ${step}: loss ${loss.toExponential(2)}, largest error ${steps.at(-1)!.largestError.toExponential(2)}`);
}

console.log(`u″ + ${2 * DAMPING} u′ + ${FREQUENCY ** 2} u = 0 for t from 0 to ${END}, by a network of 1153 weights\n`);
const adam = new Adam(network, { learningRate: 1e-2 });
for (let step = 1; step <= ADAM_STEPS; step++) {
  const loss = adam.minimize(lossOf);
  if (step % (ADAM_STEPS / 5) === 0) report(step, loss, 'Adam,  ');
}
const shape = u(between);
const lbfgs = new LBFGS(network, { changeTolerance: 1e-14, gradientTolerance: 1e-10 });
for (let step = 1; step <= LBFGS_STEPS; step++) {
  const loss = lbfgs.minimize(lossOf);
  if (step % Math.ceil(LBFGS_STEPS / 6) === 0) report(ADAM_STEPS + step, loss, 'L-BFGS,');
}

const points = (values: Tensor): Point[] => Array.from(values.data, (value, i) => [between.data[i]!, value]);
const [solution, truth, errors] = [u(between), exact(between), error()];
saveFigures('differential-equation', {
  equation: `u'' + ${2 * DAMPING} u' + ${FREQUENCY ** 2} u = 0, u(0) = 1, u'(0) = 0`,
  seed,
  steps,
  largestError: errors.max().item(),
  largestResidualBetween: residual(between).abs().max().item(),
});
savePicture(
  'differential-equation',
  curves(
    [
      { name: 'Adam', points: points(shape) },
      { name: 'L-BFGS', points: points(solution) },
      { name: 'exact', points: points(truth), dashed: true },
    ],
    { title: 'The solution: by the network, and exact', x: 't', y: 'u(t)', width: 560 },
  ),
  curves(
    [
      { name: 'Adam', points: points(shape.sub(truth).abs().maximum(1e-10)).slice(1) },
      { name: 'L-BFGS', points: points(errors.maximum(1e-10)).slice(1) },
    ],
    { title: 'Its error', x: 't', y: '|u(t) − exact|', width: 560, log: true },
  ),
);
console.log(`\nThe largest error of the solution is ${errors.max().item().toExponential(1)}, where its values are up to 1.`);
