/**
 * Sine and cosine of every finite number, as formulas. A number is taken apart into a whole number of quarter turns and a rest `|r| ≤ π/4`,
 * a double-double, of which both are short polynomials: Sun's fdlibm's for float64 (k_sin.c, k_cos.c), Moshier's Cephes's for float32 (sinf.c).
 *
 * Up to a limit the quarter turns are subtracted with π/2 in parts (Cody & Waite 1980); beyond it the turns are found from those digits of 2/π
 * alone that matter (Payne & Hanek 1983, "Radian reduction for trigonometric functions").
 */

import type { FloatDtype } from '../base/dtype.ts';
import { type DoubleDouble, divide, fastTwoSum, split, twoProduct, twoSum } from './double-double.ts';
import type { Expression } from './expression.ts';

/** A whole number of quarter turns, and what is left as a double-double. */
interface Angle<E extends Expression> extends DoubleDouble<E> {
  readonly turns: E;
}

interface Constants {
  /** Up to here, 2¹³ or 2²⁰, the products of quarter turns with all parts of π/2 but the last are exact. */
  readonly limit: number;
  readonly halfPi: readonly number[];
  readonly sin: readonly number[];
  readonly cos: readonly number[];
  /** The digits of a number, and of a chunk of 2/π: half a number times a chunk is exact. */
  readonly digits: number;
  readonly chunk: number;
  /** Numbers are made smaller and chunks larger by so many powers of two, lest either overflow or vanish. */
  readonly scale: number;
  /** The bits of 2/π, a chunk at a time. */
  readonly twoOverPi: readonly number[];
}

const CONSTANTS: { readonly [dtype in FloatDtype]: Constants } = {
  float32: {
    limit: 8192,
    halfPi: [1.5703125, 0.0004837512969970703, 7.549533620476723e-8, 2.5632829192545614e-12, 6.123233995736766e-17],
    sin: [-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4],
    cos: [0.04166664568298827, -0.001388731625493765, 0.00002443315711809948],
    digits: 24,
    chunk: 12,
    scale: 64,
    twoOverPi: [2607, 2435, 1764, 3652, 338, 2556, 629, 2001, 3923, 1245, 3085, 2914, 2393, 2364, 1081, 65, 4069],
  },
  float64: {
    limit: 1048576,
    halfPi: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32],
    sin: [
      -0.16666666666666632, 0.00833333333332249, -0.0001984126982985795, 0.0000027557313707070068, -2.5050760253406863e-8,
      1.58969099521155e-10,
    ],
    cos: [
      0.0416666666666666, -0.001388888888887411, 0.00002480158728947673, -2.7557314351390663e-7, 2.087572321298175e-9,
      -1.1359647557788195e-11,
    ],
    digits: 53,
    chunk: 26,
    scale: 512,
    twoOverPi: [
      42722829, 48555073, 21659401, 56087029, 13858563, 28715353, 38736100, 4324945, 26128250, 62674459, 29957006, 37899730, 58726692,
      49193117, 6588223, 35515164, 46442140, 65964067, 24988590, 54822121, 41009306, 54917092, 5137525, 37323603, 15192690, 4585659,
      58608142, 52426903, 67074070, 25231090, 63202006, 34237727, 28629499, 15891632, 40752081, 37709470, 25143477, 55737260, 33225084,
      24853767, 15195689, 19476134, 50255852, 18845021, 2185228, 50622407,
    ],
  },
};

/** So many chunks of 2/π tell the rest of a turn to twice the digits of a number and more, however near it comes to 0. */
const WINDOW = 8;

/** Where `x²` vanishes, `sin x` is `x`, with the sign of its zero. */
export const sine = <E extends Expression>(x: E): E =>
  x
    .mul(x)
    .greater(0)
    .where(
      reduced(x, (angle) => waveOf(angle, 0)),
      x,
    );
export const cosine = <E extends Expression>(x: E): E => reduced(x, (angle) => waveOf(angle, 1));
export const tangent = <E extends Expression>(x: E): E => x.mul(x).greater(0).where(reduced(x, slopeOf), x);

/** What is made of the angle `x` without its whole turns; few numbers are beyond the limit. */
const reduced = <E extends Expression>(x: E, make: (angle: Angle<E>) => E): E =>
  x
    .abs()
    .greater(CONSTANTS[x.dtype].limit)
    .rarely(make(angleOfLarge(x)), make(angleOf(x)));

/** `sin(high + low + (turns + quarters) · π/2)` */
export function waveOf<E extends Expression>({ turns, high: r, low }: Angle<E>, quarters: number): E {
  const c = CONSTANTS[r.dtype];
  const rr = r.mul(r);
  const [first, ...others] = c.sin as readonly [number, ...number[]];
  const cube = rr.mul(r);
  const sine = r.sub(
    rr
      .mul(low.mul(0.5).sub(cube.mul(rr.polynomial(others))))
      .sub(low)
      .sub(cube.mul(first)),
  );
  const half = rr.mul(0.5);
  const whole = half.neg().add(1);
  const lost = whole.neg().add(1).sub(half);
  const cosine = whole.add(lost.add(rr.mul(rr.mul(rr.polynomial(c.cos))).sub(r.mul(low))));
  const quarter = turns.add(quarters);
  const pair = quarter.mul(0.5).floor();
  const odd = quarter.sub(pair.mul(2));
  const negative = pair.sub(pair.mul(0.5).floor().mul(2));
  const size = odd.greater(0).where(cosine, sine);
  return negative.greater(0).where(size.neg(), size);
}

/** `tan r = r + r³/3 + …`, from fdlibm's k_tan.c and FreeBSD's k_tanf.c. */
const TAN: { readonly [dtype in FloatDtype]: readonly number[] } = {
  float32: [0.33333139503079, 0.13339200271297674, 0.05338123784456704, 0.024528318116654728, 0.002974357433599673, 0.009465647849436732],
  float64: [
    0.3333333333333341, 0.13333333333320124, 0.05396825397622605, 0.021869488294859542, 0.0088632398235993, 0.0035920791075913124,
    0.0014562094543252903, 0.0005880412408202641, 0.0002464631348184699, 0.00007817944429395571, 0.00007140724913826082,
    -0.000018558637485527546, 0.00002590730518636337,
  ],
};

/** From here on the tangent of what is left to `π/4` is the easier one: `tan r = (1 − t) / (1 + t)`. */
const STEEP = 0.67434;

/** `tan(high + low + turns · π/2)`: a tangent, or the negative of its inverse where the turns are odd. */
function slopeOf<E extends Expression>({ turns, high, low }: Angle<E>): E {
  const negative = high.less(0);
  const size = high.abs();
  const tail = negative.where(low.neg(), low);
  const steep = size.greater(STEEP);
  const rest = twoSum(high.constant(Math.PI / 4), size.neg());
  const left = fastTwoSum(rest.high, rest.low.sub(tail).add(restOfHalfPi(high) / 2));
  const [r, more] = [steep.where(left.high, size), steep.where(left.low, tail)];
  const [first, ...others] = TAN[high.dtype] as readonly [number, ...number[]];
  const square = r.mul(r);
  const cube = square.mul(r);
  const t = fastTwoSum(r, more.add(square.mul(cube.mul(square.polynomial(others)).add(more))).add(cube.mul(first)));
  const [whole, none] = [high.constant(1), high.constant(0)];
  const above = twoSum(whole, t.high.neg());
  const below = twoSum(whole, t.high);
  const top = { high: steep.where(above.high, t.high), low: steep.where(above.low.sub(t.low), t.low) };
  const bottom = { high: steep.where(below.high, whole), low: steep.where(below.low.add(t.low), none) };
  const odd = turns.sub(turns.mul(0.5).floor().mul(2)).greater(0);
  const upper = { high: odd.where(bottom.high, top.high), low: odd.where(bottom.low, top.low) };
  const lower = { high: odd.where(top.high, bottom.high), low: odd.where(top.low, bottom.low) };
  const { high: quotient, low: lost } = divide(upper, lower);
  const y = quotient.add(lost);
  return negative.notEqual(odd).where(y.neg(), y);
}

/** Up to the limit: `x − turns · π/2`, part by part, keeping what each difference rounds off. */
function angleOf<E extends Expression>(x: E): Angle<E> {
  const [first, ...others] = CONSTANTS[x.dtype].halfPi as readonly [number, ...number[]];
  const turns = nearest(x.mul(2 / Math.PI));
  let [high, low] = [x.sub(turns.mul(first)), x.constant(0)];
  for (const part of others) {
    const rest = twoSum(high, turns.mul(part).neg());
    [high, low] = [rest.high, low.add(rest.low)];
  }
  return { turns, ...fastTwoSum(high, low) };
}

/** Beyond it: `|x| · 2/π` without what is a whole number of full turns; the rest of it times π/2. Both change sign with `x`. */
function angleOfLarge<E extends Expression>(x: E): Angle<E> {
  const { digits, chunk, scale } = CONSTANTS[x.dtype];
  const size = x.abs();
  // From earlier chunks there come only whole turns.
  const start = size
    .ilogb()
    .sub(digits + 1)
    .mul(1 / chunk)
    .floor()
    .atLeast(0);
  const parts = chunksFrom(start).flatMap((bits) => split(size.mul(2 ** -scale)).map((half) => withoutTurns(half.mul(bits))));
  const zero = x.constant(0);
  let [a, b, c] = [zero, zero, zero];
  for (const part of parts) {
    const first = twoSum(a, part);
    const second = twoSum(b, first.low);
    [a, b, c] = [first.high, second.high, c.add(second.low)];
  }
  const turns = nearest(a);
  const above = twoSum(a.sub(turns), b);
  const fraction = fastTwoSum(above.high, above.low.add(c));
  const angle = twoProduct(fraction.high, Math.PI / 2);
  const low = angle.low.add(fraction.low.mul(Math.PI / 2)).add(fraction.high.mul(restOfHalfPi(x)));
  const rest = fastTwoSum(angle.high, low);
  const signed = (y: E) => x.less(0).where(y.neg(), y);
  return { turns: signed(turns), high: signed(rest.high), low: signed(rest.low) };
}

/** What π/2 has beyond the digits of the dtype. */
const restOfHalfPi = (x: Expression): number => (x.dtype === 'float32' ? Math.PI / 2 - Math.fround(Math.PI / 2) : 6.123233995736766e-17);

/** The chunks of 2/π from one on, `WINDOW` of them: shifted by 32 or not, by 16 or not, and so on. */
function chunksFrom<E extends Expression>(start: E): readonly E[] {
  const { chunk, scale, twoOverPi } = CONSTANTS[start.dtype];
  let chunks = twoOverPi.map((bits, i) => start.constant(bits * 2 ** (scale - chunk * (i + 1))));
  let left = start;
  for (const step of [32, 16, 8, 4, 2, 1]) {
    if (step > twoOverPi.length) continue;
    const shifts = left.greaterEqual(step);
    left = shifts.where(left.sub(step), left);
    const found = chunks;
    chunks = found.slice(0, WINDOW - 1 + step).map((bits, i) => shifts.where(found[i + step] ?? bits, bits));
  }
  return chunks;
}

/** What is left of a number of quarter turns, from −2 to 2, without full turns. It is exact. */
const withoutTurns = <E extends Expression>(t: E): E => t.sub(nearest(t.mul(0.25)).mul(4));

const nearest = <E extends Expression>(x: E): E => x.add(0.5).floor();
