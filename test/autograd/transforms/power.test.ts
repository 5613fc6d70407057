/** Functions of functions: what recomputes, what is given by hand, what looks on, and what is cut short. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkpoint,
  cos,
  customVjp,
  DerivativeError,
  defaultRandom,
  type Entry,
  Gradients,
  grad,
  gradcheck,
  gradgradcheck,
  hessian,
  hvp,
  jacobian,
  jvp,
  Linear,
  manualSeed,
  onGradient,
  Parameter,
  perform,
  Sequential,
  sin,
  stopGradient,
  Tanh,
  Tape,
  Tensor,
  valueAndGrad,
  vmap,
} from '../../../src/index.ts';
import { anyFunction, expectClose, tensor, vectors } from '../../book/lib.ts';
import { expectSameBits } from '../../lib/same.ts';

const vector = fc.integer({ min: 1, max: 4 }).chain((n) => tensor([n]));

describe('checkpoint', () => {
  test('changes no bit of a value, a gradient, or a gradient of a gradient', () => {
    fc.assert(
      fc.property(anyFunction, vector, ({ f }, x) => {
        const plain = (x: Tensor) => f(x).mul(x).sum();
        const kept = checkpoint(plain);
        const bend = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => grad(f)(x).tanh().sum())(x);
        expectSameBits(kept(x).data, plain(x).data);
        expectSameBits(grad(kept)(x).data, grad(plain)(x).data);
        expectSameBits(bend(kept).data, bend(plain).data);
      }),
    );
  });

  test('finds the gradients of parameters, and of tensors that are closed over', () => {
    const model = new Sequential(new Linear(3, 4, { seed: 1 }), new Tanh(), new Linear(4, 2, { seed: 2 }));
    const [x, scale] = [Tensor.normal([5, 3], { seed: 3 }), new Parameter(Tensor.of(2))];
    const closed = x.mul(0.5);
    const run = (wrap: <F>(f: F) => F) => {
      const tape = new Tape();
      const inner = wrap((h: Tensor) => model.forward(h.mul(closed)).mul(scale));
      const gradients = tape.backward(tape.record(() => inner(x.mul(2)).exp().mean()));
      return [model.layers[0], model.layers[2]]
        .flatMap((layer) => [gradients.get((layer as Linear).weight), gradients.get((layer as Linear).bias!)])
        .concat(gradients.get(scale) as never);
    };
    const [plain, kept] = [run((f) => f), run(checkpoint as never)];
    plain.forEach((g, i) => expectSameBits(kept[i]!.data.slice(), g.data.slice()));
    const product = (y: Tensor) => grad((x: Tensor) => checkpoint((z: Tensor) => z.mul(x.mul(y)))(x).sum())(Tensor.of([3, 4]));
    expect(product(Tensor.of([1, 2])).toArray()).toEqual([6, 16]);
  });

  test('leaves one line on the tape, and nothing of the inside', () => {
    const tape = new Tape();
    const x = Tensor.of([1, 2]);
    tape.record(() => checkpoint((x: Tensor) => cos(sin(x.exp())))(x).sum());
    expect(tape.entries.map(({ op }) => op.name)).toEqual(['checkpoint', 'sum']);
  });

  test('draws the same random numbers again, and goes on drawing as if nothing had been', () => {
    const dropout = (x: Tensor) => x.mul(Tensor.uniform(x.shape, { dtype: x.dtype }).less(0.5));
    const run = (f: (x: Tensor) => Tensor) => {
      manualSeed(4);
      const slope = grad((x: Tensor) => f(x).mul(x).sum())(Tensor.arange(20, undefined, 1, 'float64'));
      return [slope.toArray(), Tensor.uniform([3]).toArray()];
    };
    expect(run(checkpoint(dropout))).toEqual(run(dropout));
  });
});

describe('a derivative of one’s own', () => {
  /** The solution of `x = cos(a x)`, by iteration; its slope by the implicit function theorem. */
  const fixed = customVjp(
    (a: Tensor) => {
      let x: Tensor = Tensor.full(a.shape, 0.7, a.dtype);
      for (let i = 0; i < 200; i++) x = cos(a.mul(x));
      return x;
    },
    ({ xs: [a], y, dy }) => {
      const bend = sin(a!.mul(y)).neg();
      return [dy.mul(bend).mul(y).div(bend.mul(a!).neg().add(1))];
    },
  );

  test('is that of the point that an iteration converges to, to second order', () => {
    const a = Tensor.of([0.2, 0.5, 0.8]);
    gradcheck(fixed, [a]);
    gradgradcheck(fixed, [a]);
  });

  test('leaves the steps of the iteration off the tape', () => {
    const tape = new Tape();
    tape.record(() => fixed(Tensor.of([0.5])));
    expect(tape.entries.length).toBe(1);
  });

  test('is called once for all arguments, and again for another sweep', () => {
    let calls = 0;
    const product = customVjp(
      (a: Tensor, b: Tensor) => a.mul(b),
      ({ xs: [a, b], dy }) => {
        calls++;
        return [dy.mul(b), dy.mul(a)];
      },
    );
    const [a, b] = [Tensor.of([2, 3], 'float64'), Tensor.of([5, 7], 'float64')];
    const tape = new Tape({ a, b });
    const y = tape.record(() => product(a, b));
    const dy = Tensor.ones([2], 'float64');
    tape.backward(y, [a, b], { gradient: dy, keep: true });
    expect(calls).toBe(1);
    expect(tape.backward(y, [a, b], { gradient: dy })[0].toArray()).toEqual([5, 7]);
    expect(calls).toBe(2);
    gradgradcheck(product, [a, b]);
  });

  test('calls its function once to be performed, not in its shape rule, and draws the same numbers when it is performed again', () => {
    let calls = 0;
    const noisy = customVjp(
      (x: Tensor) => {
        calls++;
        return x.add(Tensor.normal(x.shape, { dtype: 'float64' }));
      },
      ({ dy }) => [dy],
    );
    fc.assert(
      fc.property(vectors(2), ([x, other]) => {
        const tape = new Tape({ x });
        const y = tape.record(() => noisy(x));
        const [{ op }] = tape.entries as [Entry];
        calls = 0;
        expect(op.shape({ x0: other })).toEqual(x.shape);
        expect(calls).toBe(0);
        const before = defaultRandom().state;
        expectSameBits(perform(op, { x0: x }).data, y.data);
        const noise = (x: Tensor) => perform(op, { x0: x }).sub(x);
        expectClose(noise(other), noise(x));
        expect(calls).toBe(3);
        expect(defaultRandom().state).toEqual(before);
      }),
    );
  });

  test('is refused where its function gives another shape when it is performed again', () => {
    const x = Tensor.of([1, 2]);
    const tape = new Tape();
    tape.record(() =>
      customVjp(
        (x: Tensor) => (x.data[0] === 1 ? x : x.sum()),
        ({ xs: [x] }) => [x],
      )(x),
    );
    const [{ op }] = tape.entries as [Entry];
    expect(() => perform(op, { x0: Tensor.of([5, 2]) })).toThrow(/expected a value of shape \[2\], as it had before, got \[\]/);
  });

  test('is refused where it has another shape, or not one for each argument', () => {
    const wrong = (gradients: any) => () =>
      grad((x: Tensor) =>
        customVjp(
          (x: Tensor) => x.mul(2),
          () => gradients,
        )(x).sum(),
      )(Tensor.of([1, 2]));
    expect(wrong([Tensor.of([1])])).toThrow(DerivativeError);
    expect(wrong([])).toThrow(/a gradient for each of the 1 arguments, got 0/);
    expect(wrong([null])().toArray()).toEqual([0, 0]);
  });
});

describe('onGradient', () => {
  test('sees the gradient that passes, changes no value, and may replace it', () => {
    fc.assert(
      fc.property(vectors(2), ([x, w]) => {
        const seen: Tensor[] = [];
        const f = (x: Tensor) =>
          onGradient(x.mul(2), (dy) => void seen.push(dy))
            .mul(w)
            .sum();
        const [y, slope] = valueAndGrad(f)(x);
        expectClose(y, x.mul(2).mul(w).sum());
        expectClose(seen[0]!, w);
        expectClose(slope, w.mul(2));
        expectClose(
          grad((x: Tensor) =>
            onGradient(x, (dy) => dy.mul(10))
              .mul(w)
              .sum(),
          )(x),
          w.mul(10),
        );
      }),
    );
  });
});

test('stopGradient keeps the number and loses the slope', () => {
  fc.assert(
    fc.property(vector, (x) => {
      expectSameBits(stopGradient(x).data.slice(), x.data.slice());
      expectClose(grad((x: Tensor) => x.mul(stopGradient(x)).sum())(x), x);
    }),
  );
});

test('the Hessian times a vector is what the whole Hessian gives', () => {
  fc.assert(
    fc.property(anyFunction, vectors(2), ({ f }, [x, v]) => {
      const scalar = (x: Tensor) => f(x).mul(x).sum();
      expectClose(hvp(scalar, x, v), hessian(scalar)(x).matmul(v), 1e-9);
    }),
  );
});

describe('clipping', () => {
  const w = new Parameter(Tensor.zeros([3], 'float64'));
  const b = new Parameter(Tensor.zeros([2], 'float64'));
  const anyGradients = fc.tuple(tensor([3]), tensor([2]), fc.double({ min: 0.1, max: 5, noNaN: true }));

  test('by norm keeps the direction, and leaves what is short enough alone', () => {
    fc.assert(
      fc.property(anyGradients, ([gw, gb, limit]) => {
        const whole = new Gradients([
          [w, gw],
          [b, gb],
        ]);
        const clipped = whole.clipByNorm(limit);
        expect(clipped.norm()).toBeLessThanOrEqual(limit * (1 + 1e-12));
        if (whole.norm() <= limit) expect(clipped).toBe(whole);
        else expectClose(clipped.get(w).mul(whole.norm()), gw.mul(limit), 1e-12);
      }),
    );
  });

  test('by norm leaves alone what is just as long as the limit', () => {
    const gradients = new Gradients([[b, Tensor.of([3, 4], 'float64')]]);
    expect(gradients.clipByNorm(5)).toBe(gradients);
  });

  test('by value keeps each element within the limit', () => {
    fc.assert(
      fc.property(anyGradients, ([gw, gb, limit]) => {
        const clipped = new Gradients([
          [w, gw],
          [b, gb],
        ]).clipByValue(limit);
        gw.data.forEach((g, i) => expect(clipped.get(w).data[i]).toBe(Math.min(Math.max(g, -limit), limit)));
      }),
    );
  });

  test('refuses limits that are none, and gradients without a direction', () => {
    const broken = new Gradients([[b, Tensor.of([NaN, 1], 'float64')]]);
    for (const limit of [0, -1, NaN]) {
      expect(() => broken.clipByNorm(limit)).toThrow(/expected a limit above 0/);
      expect(() => broken.clipByValue(limit)).toThrow(/expected a limit above 0/);
    }
    expect(() => broken.clipByNorm(1)).toThrow(/the gradients have norm NaN/);
  });
});

describe('transforms in any order, to order 3', () => {
  type Scalar = (x: Tensor) => Tensor;
  /** Each makes of a scalar function of a scalar its derivative, in a way of its own. */
  const forms: Record<string, (f: Scalar) => Scalar> = {
    grad: (f) => grad(f),
    jvp: (f) => (x) => jvp(f, [x], [Tensor.of(1, 'float64')])[1],
    jacobian: (f) => jacobian(f),
    vmap: (f) => (x) => vmap(grad(f))(x.reshape([1])).reshape([]),
    'the sum of a vmap': (f) => (x) => grad((xs: Tensor) => vmap(f)(xs).sum())(x.reshape([1])).reshape([]),
    checkpoint: (f) => grad(checkpoint(f)),
    customVjp: (f) =>
      grad(
        customVjp(
          (x: Tensor) => f(x),
          ({ xs: [x], dy }) => [grad(f)(x!).mul(dy)],
        ),
      ),
    onGradient: (f) => grad((x) => onGradient(f(x), (dy) => dy.mul(1))),
    'a tape of its own': (f) => (x) => {
      const own = x.mul(1);
      const tape = new Tape({ own });
      return tape.backward(
        tape.record(() => f(own)),
        [own],
      )[0];
    },
  };
  const form = fc.constantFrom(...Object.keys(forms));
  const anywhere = fc.integer({ min: -24, max: 24 }).map((i) => i / 8);
  const at = (f: Scalar, x: number) => f(Tensor.of(x, 'float64')).item();

  test('the third derivative of x⁴ is 24 x', () => {
    fc.assert(
      fc.property(form, form, form, anywhere, (a, b, c, x) => {
        expect(at(forms[a]!(forms[b]!(forms[c]!((x) => x.mul(x).mul(x).mul(x)))), x)).toBeCloseTo(24 * x, 9);
      }),
    );
  });

  test('perturbations are not confused: d/dx (x · d/dy (x y)) = 2 x', () => {
    fc.assert(
      fc.property(form, form, anywhere, (a, b, x) => {
        const f: Scalar = (x) => x.mul(forms[b]!((y) => x.mul(y))(Tensor.of(1, 'float64')));
        expect(at(forms[a]!(f), x)).toBeCloseTo(2 * x, 9);
      }),
    );
  });

  test('nor three deep: d/dx (x · d/dy (x y · d/dz (x y z))) = 8 x³ at z = y = x', () => {
    fc.assert(
      fc.property(form, form, form, anywhere, (a, b, c, x) => {
        const f: Scalar = (x) => x.mul(forms[b]!((y) => x.mul(y).mul(forms[c]!((z) => x.mul(y).mul(z))(y)))(x));
        expect(at(forms[a]!(f), x)).toBeCloseTo(8 * x ** 3, 8);
      }),
    );
  });
});
