/** What must hold for every optimizer, whatever its formula. The formulas themselves are held against PyTorch, in `golden.test.ts`. */

import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  cyclic,
  Gradients,
  LBFGS,
  Linear,
  Lion,
  MemoryError,
  NAdam,
  Optimizer,
  oneCycle,
  Parameter,
  RAdam,
  ReduceOnPlateau,
  RMSprop,
  Rprop,
  type Schedule,
  SGD,
  ShapeError,
  Tape,
  TapeError,
  Tensor,
  useBackend,
  ValueError,
} from '../../src/index.ts';
import { machine } from '../../src/machine/backend.ts';
import { tensor } from '../book/lib.ts';
import { refuses } from '../lib/refuses.ts';
import { runs } from '../lib/runs.ts';

afterEach(() => useBackend('wasm'));

test('where there is no memory for what a step needs, nothing has moved', () => {
  const [small, large] = [new Parameter(Tensor.ones([2])), new Parameter(Tensor.ones([20]))];
  const gradients = new Gradients([
    [small, Tensor.ones([2])],
    [large, Tensor.ones([20])],
  ]);
  const full = new MemoryError('full');
  class Needy extends Optimizer<object> {
    fails = 'init';
    constructor() {
      super('Needy', { small, large }, { learningRate: 1 });
    }
    protected override init(w: Parameter): object {
      if (w === large && this.fails === 'init') throw full;
      return {};
    }
    protected override update(w: Parameter, gradient: Tensor): void {
      if (w === large && this.fails === 'update') throw full;
      w.assign(w.sub(gradient));
    }
  }
  const optimizer = new Needy();
  for (const fails of ['init', 'update']) {
    optimizer.fails = fails;
    expect(() => optimizer.step(gradients)).toThrow(full);
    expect([small.version, large.version, optimizer.steps]).toEqual([0, 0, 0]);
  }
  optimizer.fails = '';
  optimizer.step(gradients);
  expect([small.version, large.version, optimizer.steps]).toEqual([1, 1, 1]);
});

test('a step goes on with plain loops where kernels have no memory for it, to the same bits', () => {
  for (const make of [
    (model: object) => new SGD(model, { learningRate: 0.1, momentum: 0.9 }),
    (model: object) => new SGD(model, { learningRate: 0.1 }),
    (model: object) => new Adam(model),
  ]) {
    const steps = (isFull: boolean) => {
      const model = new Linear(5, 3, { seed: 1 });
      const x = Tensor.normal([4, 5], { seed: 2 });
      const optimizer = make(model);
      for (let i = 0; i < 3; i++) {
        const tape = new Tape();
        const gradients = tape.backward(tape.record(() => model.forward(x).tanh().sum()));
        const memory = machine().host!.memory;
        const allocate = isFull ? vi.spyOn(memory, 'allocate') : undefined;
        allocate?.mockImplementation(() => {
          throw new MemoryError('full');
        });
        optimizer.step(gradients);
        allocate?.mockRestore();
      }
      return [...model.weight.data, ...model.bias!.data];
    };
    expect(steps(true)).toEqual(steps(false));
  }
});

const kinds: Record<string, (model: object, learningRate: number | Schedule) => Optimizer> = {
  SGD: (model, learningRate) => new SGD(model, { learningRate, momentum: 0.9, weightDecay: 0.01 }),
  Adam: (model, learningRate) => new Adam(model, { learningRate, weightDecay: 0.01 }),
  'Adam with amsgrad': (model, learningRate) => new Adam(model, { learningRate, amsgrad: true }),
  AdamW: (model, learningRate) => new AdamW(model, { learningRate }),
  RMSprop: (model, learningRate) => new RMSprop(model, { learningRate, momentum: 0.5, weightDecay: 0.01 }),
  'centered RMSprop': (model, learningRate) => new RMSprop(model, { learningRate, centered: true, alpha: 0.5 }),
  // Its steps only become shorter, so it begins with longer ones.
  Adagrad: (model, learningRate) =>
    new Adagrad(model, { learningRate: times(5, learningRate), learningRateDecay: 0.01, weightDecay: 0.01, initialAccumulator: 0.01 }),
  'SGD with dampening': (model, learningRate) => new SGD(model, { learningRate, momentum: 0.5, dampening: 0.25, weightDecay: 0.01 }),
  'Adam with decoupled decay': (model, learningRate) => new Adam(model, { learningRate, weightDecay: 0.01, decoupledWeightDecay: true }),
  NAdam: (model, learningRate) => new NAdam(model, { learningRate, weightDecay: 0.01 }),
  'NAdam with decoupled decay': (model, learningRate) => new NAdam(model, { learningRate, weightDecay: 0.01, decoupledWeightDecay: true }),
  'RAdam with decoupled decay': (model, learningRate) => new RAdam(model, { learningRate, weightDecay: 0.01, decoupledWeightDecay: true }),
  // Its steps are factors of those that it makes by itself.
  Adadelta: (model, learningRate) => new Adadelta(model, { learningRate: times(10, learningRate), epsilon: 0.01, weightDecay: 0.01 }),
  Rprop: (model, learningRate) => new Rprop(model, { learningRate }),
  // It goes to and fro about a minimum by whole steps.
  Lion: (model, learningRate) => new Lion(model, { learningRate: times(0.25, learningRate), weightDecay: 0.01 }),
  Adamax: (model, learningRate) => new Adamax(model, { learningRate, weightDecay: 0.01 }),
  RAdam: (model, learningRate) => new RAdam(model, { learningRate, weightDecay: 0.01 }),
};

/** A rate, or each rate of a schedule, times a factor. */
const times = (factor: number, rate: number | Schedule): number | Schedule =>
  typeof rate === 'number' ? factor * rate : (step) => factor * rate(step);

/** What the rate that a kind is given is multiplied by. */
const scale = (optimizer: Optimizer) =>
  optimizer instanceof Adagrad ? 5 : optimizer instanceof Adadelta ? 10 : optimizer instanceof Lion ? 0.25 : 1;

const gradient = (w: Parameter, slope: Tensor) => new Gradients([[w, slope]]);

/** Two layers trained for some steps: all bits of their parameters. */
function train(make: (model: object, learningRate: number) => Optimizer, look: (gradient: Tensor) => void = () => {}): number[] {
  const model = [new Linear(5, 7, { seed: 1 }), new Linear(7, 3, { seed: 2 })] as const;
  const optimizer = make([...model], 0.05);
  const x = Tensor.normal([4, 5], { seed: 3 });
  for (let step = 0; step < 8; step++) {
    const tape = new Tape();
    const gradients = tape.backward(tape.record(() => model[1].forward(model[0].forward(x).tanh()).pow(2).mean()));
    look(gradients.get(model[0].weight));
    optimizer.step(gradients);
  }
  return model.flatMap(({ weight, bias }) => [...weight.data, ...bias!.data]);
}

describe.each(Object.entries(kinds))('%s', (_, make) => {
  test('reaches the minimum from any start', () => {
    fc.assert(
      fc.property(tensor([3]), (start) => {
        const w = new Parameter(start);
        const optimizer = make({ w }, 0.1);
        const goal = Tensor.of([1, -0.5, 0.25], 'float64');
        const loss = () => w.sub(goal).pow(2).sum();
        const first = loss().item();
        for (let step = 0; step < 400; step++) optimizer.minimize(loss);
        expect(loss().item()).toBeLessThan(Math.max(0.25 * first, 0.02));
      }),
      { numRuns: runs(10) },
    );
  });

  test('updates each element independently: two together change as each does alone', () => {
    fc.assert(
      fc.property(fc.array(tensor([2]), { minLength: 1, maxLength: 5 }), (slopes) => {
        const [both, first, second] = [
          new Parameter(Tensor.of([1, -2], 'float64')),
          ...[1, -2].map((x) => new Parameter(Tensor.of([x], 'float64'))),
        ];
        const [together, apart] = [make({ both }, 0.1), make({ first: first!, second: second! }, 0.1)];
        for (const slope of slopes) {
          together.step(gradient(both!, slope));
          apart.step(
            new Gradients([
              [first!, slope.slice([[0, 1]])],
              [second!, slope.slice([[1, 2]])],
            ]),
          );
        }
        expect([...both!.data]).toEqual([...first!.data, ...second!.data]);
      }),
    );
  });

  test('gives the same bits with kernels and without, and whether a gradient was read or not', () => {
    const fast = train(make);
    expect(train(make, (slope) => slope.data)).toEqual(fast);
    useBackend('plain');
    expect(train(make)).toEqual(fast);
  });

  test('gives the same in float32 and float64, up to rounding', () => {
    fc.assert(
      fc.property(fc.array(tensor([3]), { minLength: 1, maxLength: 6 }), (slopes) => {
        const [narrow, wide] = (['float32', 'float64'] as const).map((dtype) => {
          const w = new Parameter(Tensor.of([1, -2, 3], dtype));
          const optimizer = make({ w }, 0.1);
          for (const slope of slopes) optimizer.step(gradient(w, slope.add(1).cast(dtype)));
          // Copied: a parameter's own array may move when another is made.
          return [...w.data];
        });
        wide!.forEach((x, i) => expect(Math.abs(narrow![i]! - x)).toBeLessThan(2e-4));
      }),
    );
  });

  test('changes nothing at a rate of 0, nor a parameter without a gradient; shares no state with another optimizer, and changes no gradient', () => {
    const [a, b] = [new Parameter(Tensor.of([1, 2])), new Parameter(Tensor.of([3, 4]))];
    const slope = Tensor.of([5, -6]);
    make({ a, b }, 0).step(gradient(a, slope));
    expect([a.toArray(), b.toArray(), b.version]).toEqual([[1, 2], [3, 4], 0]);
    const once = (w: Parameter) => make({ w }, 0.1).step(gradient(w, slope));
    const [c, d] = [new Parameter(Tensor.of([1, 2])), new Parameter(Tensor.of([1, 2]))];
    once(c);
    once(d);
    expect(c.toArray()).toEqual(d.toArray());
    expect(c.toArray()).not.toEqual([1, 2]);
    expect(slope.toArray()).toEqual([5, -6]);
  });

  test('gives the same bits by a schedule as by the rates of its steps, which are counted from 0', () => {
    const rates = fc.array(
      fc.integer({ min: 0, max: 8 }).map((n) => n / 64),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(rates, tensor([3]), (rates, slope) => {
        const [scheduled, told] = [new Parameter(Tensor.of([1, -2, 3], 'float64')), new Parameter(Tensor.of([1, -2, 3], 'float64'))];
        const asked: number[] = [];
        const [one, other] = [make({ scheduled }, (step) => rates[step]!), make({ told }, 1)];
        rates.forEach((rate, step) => {
          expect([one.steps, other.steps]).toEqual([step, step]);
          asked.push(one.currentLearningRate);
          one.step(gradient(scheduled, slope));
          other.learningRate = typeof other.learningRate === 'number' && step % 2 ? () => rate * scale(other) : rate * scale(other);
          other.step(gradient(told, slope));
          if (step + 1 === rates.length) one.learningRate = 0;
        });
        expect(asked).toEqual(rates.map((rate) => rate * scale(one)));
        expect(scheduled.toArray()).toEqual(told.toArray());
      }),
      { numRuns: 20 },
    );
  });

  test('goes uphill as it goes downhill along the negative gradient', () => {
    fc.assert(
      fc.property(fc.array(tensor([3]), { minLength: 1, maxLength: 4 }), (slopes) => {
        const [up, down] = [new Parameter(Tensor.of([1, -2, 3], 'float64')), new Parameter(Tensor.of([1, -2, 3], 'float64'))];
        const [climber, other] = [make({ up }, 0.1), make({ down }, 0.1)];
        climber.options.maximize = true;
        for (const slope of slopes) {
          climber.step(gradient(up, slope));
          other.step(gradient(down, slope.neg()));
        }
        expect(up.toArray()).toEqual(down.toArray());
      }),
      { numRuns: runs(20) },
    );
    const optimizer = make({ w: new Parameter(Tensor.of(1)) }, 0.1);
    expect(optimizer.options.maximize).toBe(false);
    optimizer.options.maximize = 1 as never;
    expect(() => optimizer.currentLearningRate).toThrow('expected maximize to be true or false, got 1');
  });

  test('refuses what is set on it in place of its options, and misspelt options at the next step', () => {
    const w = new Parameter(Tensor.of([1, 2]));
    const optimizer = make({ w }, 0.1) as Optimizer & Record<string, unknown>;
    const { name } = optimizer.constructor;
    expect(() => {
      optimizer['lr'] = 5;
    }).toThrow(new ValueError(`${name}: lr is set by optimizer.options.learningRate`));
    for (const option of Object.keys(optimizer.options).filter((one) => one !== 'learningRate'))
      expect(() => {
        optimizer[option] = 0.5;
      }).toThrow(new ValueError(`${name}: ${option} is set by optimizer.options.${option}`));
    expect(() => {
      optimizer['rate'] = 5;
    }).toThrow(TypeError);
    (optimizer.options as Record<string, unknown>)['learningrate'] = 5;
    expect(() => optimizer.step(gradient(w, Tensor.of([1, 1])))).toThrow(
      `${name}: there is no option learningrate; did you mean learningRate?`,
    );
    expect(w.toArray()).toEqual([1, 2]);
  });

  test('may be extended by a class with properties of its own', () => {
    const w = new Parameter(Tensor.of([1, 2]));
    const Kind = make({ w }, 0.1).constructor as new (model: object, options: object) => SGD;
    class Extended extends Kind {
      momentum = 'mine';
      #secret = 1;
      get secret() {
        return this.#secret;
      }
    }
    const extended = new Extended({ w }, { learningRate: 0.1 }) as Extended & { late?: number };
    extended.late = 2;
    expect([extended.momentum, extended.secret, extended.late]).toEqual(['mine', 1, 2]);
  });

  test('names each parameter by its path in the model, also where another optimizer named it before', () => {
    const model = { layers: [new Linear(1, 1), new Linear(1, 1)] as const };
    make(model.layers[1], 0.1);
    expect(model.layers[1].weight.path).toBe('weight');
    make(model, 0.1);
    expect(model.layers[1].weight.path).toBe('layers.1.weight');
    make(model.layers[1].weight, 0.1);
    expect(model.layers[1].weight.path).toBe('layers.1.weight');
  });

  test('refuses an unknown option, and names the nearest known one', () => {
    const w = new Parameter(Tensor.of([1, 2]));
    const Kind = make({ w }, 0.1).constructor as new (model: object, options: object) => Optimizer;
    expect(() => new Kind({ w }, { lr: 0.1 })).toThrow(`${Kind.name}: there is no option lr; did you mean learningRate?`);
    expect(() => new Kind({ w }, { learningRate: 0.1, maximise: true })).toThrow(/maximise; did you mean maximize\?/);
  });

  test('refuses gradients that do not fit before it changes any parameter', () => {
    const w = new Parameter(Tensor.of([1, 2]));
    const optimizer = make({ w }, 0.1);
    expect(() => optimizer.step(gradient(w, Tensor.of([1])))).toThrow(ShapeError);
    expect(() => optimizer.step(new Gradients())).toThrow(TapeError);
    optimizer.learningRate = Number.NaN;
    expect(() => optimizer.step(gradient(w, Tensor.of([1, 1])))).toThrow(
      /learningRate to be a finite number from 0, or a schedule, got NaN/,
    );
    optimizer.learningRate = (step) => -1 - step;
    expect(() => optimizer.step(gradient(w, Tensor.of([1, 1])))).toThrow(/learningRate\(0\) to be a finite number from 0, got -1/);
    expect([w.toArray(), w.version, optimizer.steps]).toEqual([[1, 2], 0, 0]);
    expect(() => make({}, 0.1)).toThrow(/expected a model with parameters/);
    for (const [model, shown] of [
      [undefined, 'undefined'],
      [null, 'null'],
      ['model', "'model'"],
      [() => w, 'a function'],
    ])
      expect(() => make(model as never, 0.1)).toThrow(
        `${optimizer.constructor.name}: expected a model, an object that has parameters, got ${shown}`,
      );
    expect(() => make({ w }, -1)).toThrow(ValueError);
  });
});

test('the first step of an adaptive optimizer has the length of its rate, however steep it is', () => {
  const adaptive = [Adam, AdamW, Adamax, Adagrad].map((Kind) => (w: Parameter) => new Kind({ w }, { learningRate: 0.1, weightDecay: 0 }));
  fc.assert(
    fc.property(fc.constantFrom(...adaptive), fc.integer({ min: -12, max: 12 }), fc.boolean(), (make, size, down) => {
      const w = new Parameter(Tensor.of(0, 'float64'));
      make(w).step(gradient(w, Tensor.of((down ? 1 : -1) * 2 ** size, 'float64')));
      expect(w.item()).toBeCloseTo(down ? -0.1 : 0.1, 4);
    }),
  );
});

test('decoupled weight decay shrinks a parameter directly; coupled decay is part of the gradient in the averages', () => {
  const decays = (Kind: typeof Adam | typeof AdamW) => {
    const w = new Parameter(Tensor.of(1, 'float64'));
    new Kind({ w }, { learningRate: 0.5, weightDecay: 0.1 }).step(gradient(w, Tensor.of(0, 'float64')));
    return w.item();
  };
  expect(decays(AdamW)).toBeCloseTo(0.95, 12);
  expect(decays(Adam)).toBeCloseTo(0.5, 6);
});

/** For each option of each kind, another value than it begins with. */
const changes: Readonly<Record<string, unknown>> = {
  learningRate: 0.3,
  momentum: 0.5,
  dampening: 0.5,
  weightDecay: 0.5,
  nesterov: true,
  betas: [0, 0.5],
  epsilon: 5,
  amsgrad: true,
  decoupledWeightDecay: true,
  alpha: 0.5,
  centered: true,
  learningRateDecay: 0.5,
  initialAccumulator: 0.5,
  momentumDecay: 100,
  rho: 0.5,
  etas: [0.1, 3],
  stepSizes: [0.001, 0.02],
  maximize: true,
};
const plain: readonly (new (model: object, options: { learningRate: number }) => Optimizer)[] = [
  SGD,
  Adam,
  AdamW,
  NAdam,
  RAdam,
  Adamax,
  RMSprop,
  Adagrad,
  Adadelta,
  Rprop,
  Lion,
];

describe.each(plain.map((Kind) => [Kind.name, Kind] as const))('an option of %s that is changed after the first step', (_, Kind) => {
  const { frozen: _frozen, groups: _groups, ...changed } = new Kind({ w: new Parameter(Tensor.of(1)) }, { learningRate: 0.1 }).options;
  const names = Object.keys(changed);
  /** Ten steps: slopes that become smaller, then change their sign. */
  function path(change: (options: Record<string, unknown>) => void): number[] {
    const w = new Parameter(Tensor.of([1, -2], 'float64'));
    const optimizer = new Kind({ w }, { learningRate: 0.1 });
    const options = optimizer.options as Record<string, unknown>;
    // What another option needs to be seen.
    if ('momentum' in options) options['momentum'] = 0.25;
    if ('decoupledWeightDecay' in options) options['weightDecay'] = 0.1;
    const slopes = [3, 1, 0.5, -0.25, 0.5, 1, -2, 1, 0.125, 0.5];
    return slopes.flatMap((slope, step) => {
      if (step === 1) change(options);
      optimizer.step(gradient(w, Tensor.of([slope, 2 * slope], 'float64')));
      return [...w.data];
    });
  }
  const before = path(() => {});

  test.each(names)('takes effect from the next step on: %s', (name) => {
    const after = path((options) => {
      options[name] = changes[name];
    });
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after).not.toEqual(before);
    expect(after.every(Number.isFinite)).toBe(true);
  });
});

test('amsgrad that is switched off is forgotten', () => {
  const w = new Parameter(Tensor.of(0, 'float64'));
  const optimizer = new Adam({ w }, { learningRate: 1, betas: [0, 0], epsilon: 0, amsgrad: true });
  const moved = (slope: number) => {
    const before = w.item();
    optimizer.step(gradient(w, Tensor.of(slope, 'float64')));
    return before - w.item();
  };
  expect([moved(4), moved(1)]).toEqual([1, 0.25]);
  optimizer.options.amsgrad = false;
  expect(moved(1)).toBe(1);
  optimizer.options.amsgrad = true;
  expect([moved(2), moved(1)]).toEqual([1, 0.5]);
});

test('centered RMSprop stays finite where all gradients are equal, so that their variance is 0 but for rounding', () => {
  const slopes = fc
    .tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: -12, max: 6 }))
    .map(([digits, zeros]) => digits * 10 ** zeros);
  fc.assert(
    fc.property(fc.constantFrom('float32' as const, 'float64' as const), slopes, fc.boolean(), (dtype, slope, fast) => {
      useBackend(fast ? 'wasm' : 'plain');
      const w = new Parameter(Tensor.of([1], dtype));
      const optimizer = new RMSprop({ w }, { learningRate: 1e-4, centered: true, alpha: 0.5 });
      const gradients = gradient(w, Tensor.of([slope], dtype));
      for (let step = 0; step < 80; step++) optimizer.step(gradients);
      expect(Number.isFinite(w.item())).toBe(true);
      // What is no number is not taken for a variance of 0.
      optimizer.step(gradient(w, Tensor.of([Number.NaN], dtype)));
      w.assign(Tensor.of([1], dtype));
      optimizer.step(gradients);
      expect(w.item()).toBeNaN();
    }),
    { numRuns: runs(60) },
  );
});

test.each(Object.entries(kinds))('%s makes no NaN of slopes whose squares are infinite', (_, make) => {
  const largest = { float32: 1e30, float64: 1e200 };
  fc.assert(
    fc.property(
      fc.constantFrom('float32' as const, 'float64' as const),
      fc.array(fc.constantFrom(1, -0.5, 0, Infinity, -Infinity), { minLength: 1, maxLength: 6 }),
      (dtype, slopes) => {
        const w = new Parameter(Tensor.of([1], dtype));
        const optimizer = make({ w }, 0.01);
        for (const slope of slopes)
          optimizer.step(gradient(w, Tensor.of([Math.max(-largest[dtype], Math.min(slope, largest[dtype]))], dtype)));
        expect(w.item()).not.toBeNaN();
      },
    ),
    { numRuns: runs(20) },
  );
});

test('decoupled weight decay of Adam is AdamW, and shrinks a parameter as that does in the others', () => {
  fc.assert(
    fc.property(fc.array(tensor([2]), { minLength: 1, maxLength: 4 }), (slopes) => {
      const [a, b] = [new Parameter(Tensor.of([1, -2], 'float64')), new Parameter(Tensor.of([1, -2], 'float64'))];
      const options = { learningRate: 0.1, weightDecay: 0.2 };
      const [adam, adamW] = [new Adam({ a }, { ...options, decoupledWeightDecay: true }), new AdamW({ b }, options)];
      for (const slope of slopes) {
        adam.step(gradient(a, slope));
        adamW.step(gradient(b, slope));
      }
      expect(a.toArray()).toEqual(b.toArray());
    }),
    { numRuns: runs(20) },
  );
  for (const Kind of [NAdam, RAdam]) {
    const steps = (weightDecay: number) => {
      const w = new Parameter(Tensor.of(1, 'float64'));
      const optimizer = new Kind({ w }, { learningRate: 0.5, weightDecay, decoupledWeightDecay: true, betas: [0.9, 0.5] });
      // So many that RAdam divides by the average square too.
      return Array.from({ length: 12 }, () => {
        const before = w.item();
        optimizer.step(gradient(w, Tensor.of(1, 'float64')));
        return (1 - 0.5 * weightDecay) * before - w.item();
      });
    };
    steps(0).forEach((length, step) => expect(steps(0.1)[step]).toBeCloseTo(length, 12));
  }
});

test('Lion goes by whole steps along the sign of the average, and shrinks beside it', () => {
  const hundredths = fc.integer({ min: -300, max: 300 }).map((i) => i / 100);
  fc.assert(
    fc.property(fc.array(hundredths, { minLength: 1, maxLength: 8 }), hundredths, (slopes, start) => {
      const w = new Parameter(Tensor.of(start, 'float64'));
      const optimizer = new Lion({ w }, { learningRate: 0.1, betas: [0.8, 0.6], weightDecay: 0.3 });
      let [wanted, mean] = [start, 0];
      for (const slope of slopes) {
        optimizer.step(gradient(w, Tensor.of(slope, 'float64')));
        wanted = wanted * (1 - 0.1 * 0.3) - 0.1 * Math.sign(mean * 0.8 + slope * (1 - 0.8));
        mean = mean * 0.6 + slope * (1 - 0.6);
      }
      expect(w.item()).toBeCloseTo(wanted, 12);
    }),
  );
  expect(new Lion({ w: new Parameter(Tensor.of(1)) }).options).toEqual({
    learningRate: 1e-4,
    betas: [0.9, 0.99],
    weightDecay: 0,
    maximize: false,
  });
});

test('Rprop waits at a rate of 0, and scales all its steps with the rate', () => {
  const w = new Parameter(Tensor.of(0, 'float64'));
  const optimizer = new Rprop({ w }, { learningRate: 0, etas: [0.5, 2] });
  const moved = (slope: number) => {
    const before = w.item();
    optimizer.step(gradient(w, Tensor.of(slope, 'float64')));
    return before - w.item();
  };
  expect([moved(1), moved(1)]).toEqual([0, 0]);
  optimizer.learningRate = 0.5;
  // Twice as long from the second step on, also while it waited.
  expect([moved(3), moved(-1), moved(-1), moved(-1)]).toEqual([2, 0, -1, -2]);
  optimizer.learningRate = 0.25;
  expect(moved(-1)).toBe(-2);
});

test('a cycle in place of its learning rate, or where there is no momentum, is refused with what to write', () => {
  const w = new Parameter(Tensor.of(0));
  const cycle = oneCycle({ max: 1, steps: 10 });
  const words = 'a cycle is two schedules, of the learning rate and of the momentum; write';
  expect(() => new SGD({ w }, { learningRate: cycle as never })).toThrow(new ValueError(`SGD: ${words} new SGD(model, cycle)`));
  expect(() => new RMSprop({ w }, { learningRate: cyclic({ min: 0, max: 1, stepsUp: 2 }) as never })).toThrow(
    `RMSprop: ${words} new RMSprop(model, cycle)`,
  );
  for (const options of [cycle, { learningRate: cycle }])
    expect(() => new Adam({ w }, options as never)).toThrow(`Adam: ${words} new Adam(model, { learningRate: cycle.learningRate })`);
  for (const make of [SGD, Adam])
    expect(() => new make({ w }, { learningRate: new ReduceOnPlateau(0.1) as never })).toThrow(
      `${make.name}: expected a schedule, got an object that holds one; write { learningRate: it.learningRate }`,
    );
  expect(new SGD({ w }, cycle).options.momentum).toBe(cycle.momentum);
  expect(() => new Adam({ w }, { momentum: 0.5 } as never)).toThrow('Adam: there is no option momentum');
  expect(() => new SGD({ w }, undefined as never)).toThrow(
    'SGD: expected learningRate to be a finite number from 0, or a schedule, got undefined',
  );
  expect(() => new SGD({ w }, null as never)).toThrow('SGD: expected options, such as { learningRate: … }, got null');
});

test('changed settings hold from the next step, and are checked again', () => {
  const w = new Parameter(Tensor.of(0, 'float64'));
  const slope = gradient(w, Tensor.of(1, 'float64'));
  const optimizer = new SGD({ w }, { learningRate: 1, momentum: 0.5 });
  optimizer.step(slope);
  optimizer.options.momentum = 0.25;
  optimizer.step(slope);
  expect(w.item()).toBe(-2.25);
  optimizer.options.momentum = 1;
  expect(() => optimizer.step(slope)).toThrow(/momentum to be a number from 0 to below 1, or a schedule, got 1/);
  const adam = new Adam({ w });
  adam.options.betas = [0.9, 1];
  expect(() => adam.step(slope)).toThrow(/Adam: expected betas to be two numbers from 0 to below 1, such as \[0.9, 0.999\], got \[0.9,1\]/);
  expect(w.item()).toBe(-2.25);
});

test.each<[string, () => unknown, RegExp]>([
  [
    'a single beta',
    () => new Adam(new Linear(1, 1), { betas: [0.9] as never }),
    /Adam: expected betas to be two numbers from 0 to below 1, such as \[0.9, 0.999\], got \[0.9\]/,
  ],
  [
    'a beta of 1',
    () => new RAdam(new Linear(1, 1), { betas: [1, 0.9] }),
    /RAdam: expected betas to be two numbers from 0 to below 1.*got \[1,0.9\]/,
  ],
  [
    'an epsilon below 0',
    () => new Adamax(new Linear(1, 1), { epsilon: -1 }),
    /Adamax: expected epsilon to be a finite number from 0, got -1/,
  ],
  ['an alpha of 1', () => new RMSprop(new Linear(1, 1), { alpha: 1 }), /RMSprop: expected alpha to be a number from 0 to below 1, got 1/],
  [
    'a sum of squares below 0',
    () => new Adagrad(new Linear(1, 1), { initialAccumulator: -1 }),
    /Adagrad: expected initialAccumulator to be a finite number from 0/,
  ],
  [
    'text for options',
    () => new AdamW(new Linear(1, 1), 'fast' as never),
    /AdamW: expected options, such as { learningRate: … }, got 'fast'/,
  ],
  [
    'factors the wrong way round',
    () => new Rprop(new Linear(1, 1), { etas: [1.2, 0.5] }),
    /Rprop: expected etas to be two numbers, from above 0 to below 1 and above 1, such as \[0.5, 1.2\], got \[1.2,0.5\]/,
  ],
  ['a factor of 1', () => new Rprop(new Linear(1, 1), { etas: [1, 2] }), /etas/],
  ['another', () => new Rprop(new Linear(1, 1), { etas: [0.5, 1] }), /etas/],
  ['a factor of 0', () => new Rprop(new Linear(1, 1), { etas: [0, 2] }), /etas/],
  ['an infinite factor', () => new Rprop(new Linear(1, 1), { etas: [0.5, Infinity] }), /etas/],
  ['three factors', () => new Rprop(new Linear(1, 1), { etas: [0.5, 2, 3] as never }), /etas/],
  ['a text of two letters', () => new Rprop(new Linear(1, 1), { etas: '12' as never }), /etas/],
  ['factors in text', () => new Rprop(new Linear(1, 1), { etas: ['0.5', 2] as never }), /etas/],
  [
    'limits the wrong way round',
    () => new Rprop(new Linear(1, 1), { stepSizes: [50, 1] }),
    /Rprop: expected stepSizes to be \[smallest, largest\], two numbers above 0, got \[50,1\]/,
  ],
  ['a smallest step of 0', () => new Rprop(new Linear(1, 1), { stepSizes: [0, 1] }), /stepSizes/],
  [
    'dampening beside nesterov',
    () => new SGD(new Linear(1, 1), { learningRate: 1, momentum: 0.5, nesterov: true, dampening: 0.1 }),
    /SGD: nesterov looks ahead without dampening, got a dampening of 0.1/,
  ],
  [
    'a negative dampening',
    () => new SGD(new Linear(1, 1), { learningRate: 1, dampening: -1 }),
    /dampening to be a finite number from 0, got -1/,
  ],
  ['a rho of 1', () => new Adadelta(new Linear(1, 1), { rho: 1 }), /Adadelta: expected rho to be a number from 0 to below 1, got 1/],
  [
    'text for a switch',
    () => new NAdam(new Linear(1, 1), { decoupledWeightDecay: 'yes' as never }),
    /expected decoupledWeightDecay to be true or false, got 'yes'/,
  ],
  [
    'a decay that AdamW has always',
    () => new AdamW(new Linear(1, 1), { decoupledWeightDecay: false } as never),
    /AdamW: there is no option decoupledWeightDecay/,
  ],
  ['text for a rate', () => new Adam(new Linear(1, 1), { learningRate: '0.1' as never }), /or a schedule, got '0.1'/],
  [
    'a schedule of text',
    () => new Adam(new Linear(1, 1), { learningRate: (() => '0.1') as never }),
    /learningRate\(0\) to be a finite number from 0, got '0.1'/,
  ],
  [
    'a schedule where there is none',
    () => new Adam(new Linear(1, 1), { epsilon: (() => 1) as never }),
    /epsilon to be a finite number from 0, got a function/,
  ],
])('%s is refused', (_, make, message) => {
  expect(make).toThrow(ValueError);
  expect(make).toThrow(message);
});

test('a custom optimizer defines its state by init and its step by update', () => {
  class SignDescent extends Optimizer<{ steps: number }> {
    constructor(model: object, learningRate: number | Schedule) {
      super('SignDescent', model, { learningRate });
    }
    protected override init() {
      return { steps: 0 };
    }
    protected override update(w: Parameter, slope: Tensor, state: { steps: number }, { learningRate }: { learningRate: number }) {
      w.assign(w.sub(slope.sign().mul(learningRate / ++state.steps)));
    }
  }
  const w = new Parameter(Tensor.of([3, -4]));
  const optimizer = new SignDescent({ w }, 1);
  expect(optimizer.minimize(() => w.mul(w).sum())).toBe(25);
  expect(w.toArray()).toEqual([2, -3]);
  optimizer.minimize(() => w.mul(w).sum());
  expect(w.toArray()).toEqual([1.5, -2.5]);
  expect(() => new SignDescent({ w }, -1)).toThrow(/SignDescent/);
  new SignDescent({ w }, (step) => step + 1).minimize(() => w.mul(w).sum());
  expect(w.toArray()).toEqual([0.5, -1.5]);
});

describe('a parameter', () => {
  const of = (value: number) => new Parameter(Tensor.of([value], 'float64'));

  test.each(Object.entries(kinds))('without a part in the loss stays with %s, though the tape saw it', (_, make) => {
    const [a, b] = [of(1), of(1)];
    make({ a, b }, 0.1).minimize(() => {
      b.mul(3);
      return a.mul(2).sum();
    });
    expect(b.item()).toBe(1);
    expect(a.item()).toBeLessThan(1);
  });

  test('with a part in the loss that no optimizer was given is refused, and nothing moves', () => {
    class Hidden {
      readonly a = of(1);
      readonly #b = of(2);
      loss = () => this.a.mul(this.#b).sum();
    }
    const [hidden, late] = [new Hidden(), { layers: [of(1)] }];
    const optimizers = [new SGD(hidden, { learningRate: 1 }), new SGD(late, { learningRate: 1 })] as const;
    late.layers.push(of(3));
    const steps = [
      () => optimizers[0].minimize(hidden.loss),
      () => optimizers[1].minimize(() => late.layers[0]!.mul(late.layers[1]!).sum()),
    ];
    for (const step of steps) {
      expect(step).toThrow(TapeError);
      expect(step).toThrow(
        /^SGD: the loss depends on 1 parameter that no optimizer was given, the first of shape \[1\]; make .* \{ frozen: layer \}$/,
      );
    }
    expect([hidden.a.item(), late.layers[0]!.item(), optimizers[0].steps]).toEqual([1, 1, 0]);
    // It had no part in the loss.
    optimizers[1].minimize(() => {
      late.layers[1]!.mul(2);
      return late.layers[0]!.mul(2).sum();
    });
    expect(late.layers[0]!.item()).toBe(-1);
    const [x, y] = [of(1), of(1)];
    const product = x.mul(y);
    expect(product.item()).toBe(1);
    expect(() =>
      new SGD({ a: of(1) }, { learningRate: 1 }).step(
        new Gradients([
          [x, x],
          [y, y],
          [of(1), of(1)],
        ]),
      ),
    ).toThrow(/none of its 1 parameters had a part/);
  });

  test('of another optimizer is left to it', () => {
    const [generator, critic] = [of(2), of(3)];
    const [first, second] = [new SGD({ generator }, { learningRate: 1 }), new Adam({ critic })];
    first.minimize(() => generator.mul(critic).sum());
    expect([generator.item(), critic.item(), second.steps]).toEqual([-1, 3, 0]);
  });

  test('that is frozen stays, as long as it is, whether it belongs to the model or not', () => {
    const [body, head] = [of(2), of(3)];
    const loss = () => body.mul(head).sum();
    const whole = new SGD({ body, head }, { learningRate: 1, momentum: 0.5, frozen: { body } });
    whole.minimize(loss);
    expect([body.item(), head.item()]).toEqual([2, 1]);
    whole.options.frozen = undefined;
    whole.minimize(loss);
    expect([body.item(), head.item()]).toEqual([1, -2]);
    whole.options.frozen = head;
    whole.minimize(loss);
    expect(head.item()).toBe(-2);
    const [base, top] = [of(2), of(3)];
    new SGD({ top }, { learningRate: 1, frozen: [base] }).minimize(() => base.mul(top).sum());
    expect([base.item(), top.item()]).toEqual([2, 1]);
  });

  refuses('%s is no part to freeze', [
    [
      'a number',
      () => new SGD({ w: of(1) }, { learningRate: 1, frozen: 5 as never }),
      ValueError,
      /^SGD: expected frozen to be a part of the model with parameters, got 5$/,
    ],
    ['what has no parameters', () => new SGD({ w: of(1) }, { learningRate: 1, frozen: {} }), ValueError, /with parameters, got \{\}$/],
    [
      'null, later,',
      () => {
        const o = new SGD({ w: of(1) }, { learningRate: 1 });
        o.options.frozen = null as never;
        o.step(new Gradients());
      },
      ValueError,
      /^SGD: expected frozen to be .*, got null$/,
    ],
    [
      'all there is',
      () => {
        const w = of(1);
        return new SGD({ w }, { learningRate: 1, frozen: w });
      },
      ValueError,
      /^SGD: all of its parameters are frozen$/,
    ],
  ]);
});

describe('a loss to minimize', () => {
  const w = new Parameter(Tensor.of([1, 2]));
  const optimizers = [new SGD({ w }, { learningRate: 1 }), new Adam({ w }), new LBFGS({ w })];
  test.each<[unknown, string]>([
    [undefined, 'got undefined'],
    [w.sum(), 'got a tensor of shape []'],
    [() => {}, 'got one that returns undefined; is there a return?'],
    [() => w.sum().item(), 'got one that returns 3; leave out item()'],
    [async () => w.sum(), 'got one that returns a promise; it cannot be asynchronous: await the data first'],
    [() => [w.sum()], 'got one that returns [a tensor of shape []]'],
    [
      () => ({ [Symbol.for('tapegrad.Tensor')]: true, shape: [], dtype: 'float32' }),
      'got one that returns a tensor of another copy of tapegrad',
    ],
  ])('is refused where it is %s: %s, and nothing moves', (lossOf, message) => {
    for (const optimizer of optimizers) {
      const { name } = optimizer.constructor;
      const call = () => optimizer.minimize(lossOf as () => Tensor);
      expect(call).toThrow(TapeError);
      expect(call).toThrow(`${name}.minimize: expected a function that returns the loss, () => loss, ${message}`);
      expect([w.version, optimizer.steps]).toEqual([0, 0]);
    }
  });
});

refuses('%s is no model', [
  ['a tensor', () => new SGD(Tensor.ones([2]), { learningRate: 1 }), ValueError, /^SGD: expected a model, .* got a tensor of shape \[2\]$/],
  ['a class', () => new SGD(Linear, { learningRate: 1 }), ValueError, /^SGD: .* got the class Linear; write new Linear\(…\)$/],
]);
