import { cos, erf, type FloatDtype, grad, sin, type Tensor } from 'tapegrad';
import { everything, inBoth, ordinary, type Part, shuffled } from './part.ts';

/** The elementary functions. New ones are added here. */
const elementary: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  exp: (x) => x.exp(),
  expm1: (x) => x.expm1(),
  log: (x) => x.log(),
  log1p: (x) => x.log1p(),
  sin,
  cos,
  tanh: (x) => x.tanh(),
  erf,
  sqrt: (x) => x.sqrt(),
  sigmoid: (x) => x.sigmoid(),
};

function* powers(dtype: FloatDtype): Generator<Tensor> {
  for (const a of [everything(dtype), ordinary(dtype).abs()]) yield a.pow(shuffled(a, 1));
  const whole = ordinary(dtype).slice([[0, 1001]]);
  for (const exponent of [-3, -1, 0, 0.5, 1, 2, 3, 7]) yield whole.pow(exponent);
}

/** The elementary functions and their derivatives. */
export const functions: readonly Part[] = [
  ...Object.entries(elementary).flatMap(([name, f]) =>
    inBoth(name, (dtype) => [f(everything(dtype)), grad((x: Tensor) => f(x).sum())(ordinary(dtype))]),
  ),
  ...inBoth('pow', powers),
];
