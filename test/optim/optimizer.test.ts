/** What must hold for every optimizer, whatever its formula. The formulas themselves are held against PyTorch, in `golden.test.ts`. */

import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import {
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  Gradients,
  Linear,
  MemoryError,
  Optimizer,
  Parameter,
  RAdam,
  RMSprop,
  type Schedule,
  SGD,
  ShapeError,
  Tape,
  TapeError,
  Tensor,
  useBackend,
  ValueError,
} from '../../src/index.ts';
import { tensor } from '../book/lib.ts';
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

const kinds: Record<string, (model: object, learningRate: number | Schedule) => Optimizer> = {
  SGD: (model, learningRate) => new SGD(model, { learningRate, momentum: 0.9, weightDecay: 0.01 }),
  Adam: (model, learningRate) => new Adam(model, { learningRate, weightDecay: 0.01 }),
  'Adam with amsgrad': (model, learningRate) => new Adam(model, { learningRate, amsgrad: true }),
  AdamW: (model, learningRate) => new AdamW(model, { learningRate }),
  RMSprop: (model, learningRate) => new RMSprop(model, { learningRate, momentum: 0.5, weightDecay: 0.01 }),
  'centered RMSprop': (model, learningRate) => new RMSprop(model, { learningRate, centered: true, alpha: 0.5 }),
  // Its steps only become shorter, so it begins with longer ones.
  Adagrad: (model, learningRate) =>
    new Adagrad(model, {
      learningRate: typeof learningRate === 'number' ? 5 * learningRate : (step) => 5 * learningRate(step),
      learningRateDecay: 0.01,
      weightDecay: 0.01,
    }),
  Adamax: (model, learningRate) => new Adamax(model, { learningRate, weightDecay: 0.01 }),
  RAdam: (model, learningRate) => new RAdam(model, { learningRate, weightDecay: 0.01 }),
};

/** Adagrad is given five times the rate. */
const scale = (optimizer: Optimizer) => (optimizer instanceof Adagrad ? 5 : 1);

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
    expect(() => new Kind({ w }, { learningRate: 0.1, weight_decay: 0.1 })).toThrow(/weight_decay; did you mean weightDecay\?/);
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
